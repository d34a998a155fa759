"""A session whose two people share one recording: out of every index, and nobody's strangers."""

from dataclasses import replace

import numpy as np
import pytest

import syntony as sy
from syntony.config import Corpus, Recipe, Step, Surrogate
from syntony.config.body import Body, Grid
from syntony.core.errors import SyntonyError
from syntony.core.seeds import rng_for
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.io.study_write import create_study, write_session
from syntony.simulate.ratings import slow_noise

DYADS, SECONDS, TWIN = 7, 300, 3
STEP = Step(
    method="lagged_correlation", options={"window_s": 60.0, "step_s": 20.0, "max_lag_s": 2.0}
)
RECIPE = Recipe(
    signal="motion",
    body=Body(grid=Grid(rate_hz=1.0)),
    synchrony=(STEP,),
    surrogates=(Surrogate(), Surrogate(name="circular_shift", count=19)),
    corpus=Corpus(derangements=99, bootstrap=199),
)


def made_session(dyad, *, twin):
    """Movement and breath of both; of a twin session the movement is one recording."""
    people = (Person(id=f"P{dyad}", role="patient"), Person(id=f"T{dyad}", role="therapist"))
    signals = [
        Signal(
            values=slow_noise(rng_for(3, kind, p.id), SECONDS, rate_hz=1.0, memory_s=6.0),
            person=p.id,
            rate_hz=1.0,
            start_s=0.0,
            unit="1",
            kind=kind,
        )
        for p in people
        for kind in ("motion", "breath")
    ]
    if twin:
        signals[2] = replace(signals[2], values=signals[0].values)
    return Session(
        id=f"d{dyad}s1", dyad=f"d{dyad}", type="t", people=people, signals=tuple(signals)
    )


def made_study(root, dyads, twins):
    create_study(root, title="Twins", roles=("patient", "therapist"), simulated=True)
    for dyad in dyads:
        write_session(root, made_session(dyad, twin=dyad in twins))
    return root


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return made_study(tmp_path_factory.mktemp("twin") / "study", range(1, DYADS + 1), {TWIN})


@pytest.fixture(scope="module")
def run(study):
    return sy.run(study, RECIPE, jobs=1)


def test_it_is_left_out_named_and_counted(run):
    name = f"d{TWIN}s1"
    left = [n for n in run.notes if n.code == "session-left-out"]
    assert [n.where for n in left] == [name]
    assert f"P{TWIN} and T{TWIN} have the same values throughout" in left[0].text
    assert "Give each person their own file" in left[0].text
    assert "same-recording" in {n.code for n in run.notes}
    assert name not in set(run.table("pairs")["session"])
    pseudo = run.table("pseudo")
    assert name not in {*pseudo["session_a"], *pseudo["session_b"]}
    assert f"one and the same recording ({name})" in run.report.read_text("utf-8")


def test_the_others_have_the_figures_of_a_study_without_it(run, tmp_path):
    rest = [k for k in range(1, DYADS + 1) if k != TWIN]
    other = sy.run(made_study(tmp_path / "study", rest, set()), RECIPE, jobs=1)
    for name in ("pairs", "links", "pseudo"):
        assert run.table(name).equals(other.table(name)), name
    assert np.isfinite(other.table("links")["value"]).any()
    assert "one and the same recording" not in other.report.read_text("utf-8")


def test_another_feature_of_the_same_people_is_used(study):
    found = sy.run(study, RECIPE.model_copy(update={"signal": "breath"}), jobs=1, name="breath")
    assert f"d{TWIN}s1" in set(found.table("pairs")["session"])
    assert not [n for n in found.notes if n.code == "session-left-out"]


def test_a_study_of_nothing_else_is_refused_with_what_to_do(tmp_path):
    root = made_study(tmp_path / "study", (1, 2), {1, 2})
    with pytest.raises(SyntonyError, match=r"No session can be used.*P1 and T1.*their own file"):
        sy.run(root, RECIPE, jobs=1)
