"""A method of any layout goes through the whole chain: run, analyse, tables, both pages."""

import re

import numpy as np
import pytest
from made_methods import LAYOUTS, made_method, put_on_list

import syntony as sy
from syntony.config import Recipe
from syntony.core.errors import InputError
from syntony.core.run import TABLES
from syntony.io.study_write import create_study, write_session
from syntony.report import labels
from syntony.report.run_folder import RunFolder
from syntony.report.session_page import session_context
from syntony.report.study_page import study_context
from syntony.simulate.study import demo_setup, make_study

FIGURES = {
    "made_time_lag": {"course", "profile", "map"},
    "made_time": {"course"},
    "made_lag": {"profile"},
    "made_frequency": {"spectrum"},
    "made_time_frequency": {"course", "bands", "spectrum"},
    "made_once": set(),
}
OF_COURSE = (
    *("moments", "codes", "events", "event_locked", "epochs", "emotion_lag", "dose"),
    "moment_model",
)
NOT_HERE = {
    *("groups", "agreement", "disagreements", "sequences"),  # one site, one coder, none asked
    *("ratings", "accuracy", "rated_pairs", "likeness"),  # nobody rates; one of two answers
    *("change", "models", "model_checks"),  # one session a dyad
}
QUICK = {
    "surrogates": [{"name": "pseudo_dyads"}, {"name": "shift_thirds", "count": 19}],
    "emotion": {"rotations": 19},
    "empathy": {"bootstrap": 99},
    "corpus": {"derangements": 19, "bootstrap": 99},
    "moments": {"min_session_s": 300, "skip_first_s": 20, "skip_last_s": 20},
}


@pytest.fixture(scope="module")
def short_study(tmp_path_factory):
    """Six dyads, seven minutes each, with codes and answers."""
    root = tmp_path_factory.mktemp("layouts") / "study"
    made = make_study(demo_setup(dyads=6, minutes=7))
    create_study(root, title="Layouts", roles=("patient", "therapist"), simulated=True)
    for session in made.sessions:
        write_session(root, session)
    return root


@pytest.fixture
def listed(monkeypatch):
    """Every layout on the list; one of them for many people."""
    entries = [
        made_method(name, people="many" if name == "made_lag" else "two") for name in LAYOUTS
    ]
    put_on_list(monkeypatch, *entries)
    yield
    for cached in (labels.method, labels.statistic, labels.explained, labels.delays):
        cached.cache_clear()


@pytest.fixture(params=LAYOUTS)
def led_by(request, listed, short_study):
    """Run of a study whose leading method has this layout, all the others behind it."""
    order = [request.param, *(n for n in LAYOUTS if n != request.param)]
    recipe = Recipe.model_validate(QUICK | {"synchrony": [{"method": n} for n in order]})
    return request.param, sy.run(short_study, recipe, jobs=1)


def test_the_chain_carries_it(led_by):
    name, run = led_by
    wants_course = "time" in LAYOUTS[name]
    empty = {table for table in TABLES if not len(run.table(table))}
    of_course = empty & set(OF_COURSE)
    assert not (of_course and wants_course), of_course
    assert sorted(empty - of_course) == sorted(NOT_HERE)
    pairs = run.table("pairs")
    assert set(pairs["method"]) == set(LAYOUTS)
    assert pairs["value"].notna().all()
    assert pairs[["t_start_s", "t_stop_s", "coverage", "p_one"]].notna().all().all()
    has_lags = [n for n, dims in LAYOUTS.items() if "lag" in dims]
    assert set(pairs[pairs["lag_s"].notna()]["method"]) == set(has_lags)
    led = pairs[pairs["leader"] != ""]  # ten strangers are too few to search beside
    assert set(led[led["surrogate"] == "pseudo_dyads"]["leader"]) == {"not tested"}
    words = {"patient", "therapist", "not above chance", "lead not above chance"}
    assert set(led[led["surrogate"] == "shift_thirds"]["leader"]) <= words
    links = run.table("links")
    assert set(links[links["finding"] == "leader"]["method"]) == set(has_lags)
    assert ("emotion" in set(links["finding"])) == wants_course
    folder = RunFolder(run.path)
    session = folder.tables["sessions"].words("session")[0]
    shown = session_context(folder, session)
    assert set(shown["exhibits"]) - {"signals", "classes", "nulls"} == FIGURES[name]
    assert {"signals", "nulls"} <= set(shown["exhibits"])
    assert len(shown["others"]) == len(LAYOUTS) - 1
    if "bands" in FIGURES[name]:
        assert "0.01 to 0.1 Hz" in shown["exhibits"]["bands"].wide
    assert all(step["exhibits"] and step["key_rows"] for step in shown["others"])
    over_dyads = study_context(folder, {})
    curves = {"profile", "spectrum"} & FIGURES[name]
    assert set(over_dyads["synchrony"]) == {"means", "pairs", "strip"} | curves
    pages = {p.stem: p.read_text("utf-8") for p in (run.path / "report").glob("*.html")}
    for page in pages.values():
        assert "NaN" not in re.sub(r"base64,[\w+/=]+", "", page)
        assert ">nan" not in page
    assert ("gives one value for the whole session" in pages[session]) == (not wants_course)
    for page in (pages[session], pages["index"]):
        assert ("has no profile over lags" in page) == (name not in has_lags)


def test_a_band_of_chance_lies_beside_every_curve(listed, short_study):
    recipe = Recipe.model_validate(QUICK | {"synchrony": [{"method": n} for n in LAYOUTS]})
    run = sy.run(short_study, recipe, jobs=1)
    folder = RunFolder(run.path)
    session = folder.tables["sessions"].words("session")[0]
    for step, dims in enumerate(LAYOUTS.values()):
        held = folder.coupling(session, step)
        for curve, dim in (("profile", "lag"), ("course", "time"), ("spectrum", "frequency")):
            value, low, high = (getattr(held, curve + end) for end in ("", "_low", "_high"))
            assert (value.size > 0) == (dim in dims)
            assert low.shape == high.shape == value.shape
            assert np.all(low <= high)
    assert sy.check(run.path).whole


def test_two_arrays_go_through(listed):
    rng = np.random.default_rng(3)
    x, y = 5 + np.cumsum(rng.standard_normal((2, 2400)), axis=1) / 50
    recipe = Recipe.model_validate(
        {
            "synchrony": [{"method": n} for n in LAYOUTS],
            "surrogates": [{"name": "shift_thirds", "count": 19}],
        }
    )
    found = sy.analyse(x, y, rate_hz=4.0, kind="eda", unit="uS", recipe=recipe)
    assert [c.dims for c in found.couplings] == list(LAYOUTS.values())
    assert len(found.rows) == 2 * len(LAYOUTS)


def test_indices_stand_beside_one_another(listed, short_study):
    recipe = Recipe.model_validate(QUICK | {"synchrony": [{"method": n} for n in LAYOUTS]})
    twice = recipe.model_copy(update={"synchrony": (*recipe.synchrony, recipe.synchrony[0])})
    run = sy.run(short_study, twice, jobs=1)
    found = sy.convergence(run)
    matrix = found.matrix()
    n = len(LAYOUTS) + 1
    assert matrix.shape == (n, n)
    assert "made_time_lag.strength (step 0)" in matrix.index
    first, again = (f"made_time_lag.strength (step {k})" for k in (0, n - 1))
    assert matrix.loc[first, again] == 1.0
    pairs = run.table("pairs").drop_duplicates(["session", "step", "statistic"])
    wide = pairs[pairs["statistic"] == "strength"].pivot(
        index="session", columns="step", values="value"
    )
    np.testing.assert_allclose(matrix.to_numpy(), wide.corr("spearman").to_numpy(), atol=1e-9)
    pearson = found.matrix("pearson").to_numpy()
    np.testing.assert_allclose(pearson, wide.corr("pearson").to_numpy(), atol=1e-9)
    assert "known not to agree" in repr(found)
    everything = sy.convergence(run, statistics="all").table()
    assert len(everything) == len(run.table("convergence")) == 2 * n * (2 * n - 1) // 2
    np.testing.assert_allclose(
        everything["pearson"].to_numpy(), run.table("convergence")["pearson"].to_numpy()
    )
    page = (run.path / "report" / "index.html").read_text("utf-8")
    assert "Do the indices agree?" in page
    both = sy.convergence([run, run.path])
    assert both.rows[0]["n_sessions"] == 2 * found.rows[0]["n_sessions"]


def test_two_indices_get_no_matrix(listed, short_study):
    recipe = Recipe.model_validate(
        QUICK | {"synchrony": [{"method": "made_time"}, {"method": "made_once"}]}
    )
    run = sy.run(short_study, recipe, jobs=1)
    assert len(sy.convergence(run).rows) == 1
    assert "Do the indices agree?" not in (run.path / "report" / "index.html").read_text("utf-8")
    one = sy.run(short_study, recipe_of_one(), jobs=1)
    with pytest.raises(InputError, match="two indices"):
        sy.convergence(one)


def recipe_of_one():
    return Recipe.model_validate(QUICK | {"synchrony": [{"method": "made_once"}]})
