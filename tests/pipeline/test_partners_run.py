"""Three kinds of partners and two surrogates of responses go through a whole run."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose
from surrogates.worlds import conductance

import syntony as sy
from syntony.config import Recipe
from syntony.core.errors import InputError
from syntony.core.run import TABLES
from syntony.core.seeds import rng_for
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.io.study import open_study
from syntony.io.study_write import create_study, write_session
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.corpus import synchrony_findings
from syntony.simulate.session import StudySetup
from syntony.simulate.study import make_study

PARTNERS = ("pseudo_dyads", "pseudo_sessions", "stimulus_pairs")
WITHIN = ("event_shuffle", "interval_shuffle")
CHANCE = {
    "synchrony": [{"method": "marci"}],
    "surrogates": [{"name": n} for n in PARTNERS] + [{"name": n, "count": 19} for n in WITHIN],
    "emotion": {"rotations": 19},
    "empathy": {"bootstrap": 99},
    "corpus": {"derangements": 99, "bootstrap": 99},
    "moments": {"min_session_s": 240, "skip_first_s": 20, "skip_last_s": 20},
}


def made(dyads=6, *, minutes=5, sessions=2, stimuli=("sea", "desert"), **more):
    setup = StudySetup(
        dyads=dyads, minutes=minutes, rate_hz=4.0, seed=20070301, therapists=None,
        sessions_per_dyad=sessions, stimuli=stimuli, **more,
    )  # fmt: skip
    return make_study(setup)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Six dyads that met twice, under two stimuli in turns."""
    place = tmp_path_factory.mktemp("partners") / "study"
    create_study(place, title="Partners", roles=("patient", "therapist"), simulated=True)
    for session in made().sessions:
        write_session(place, session)
    return place


@pytest.fixture(scope="module")
def run(root):
    return sy.run(root, Recipe.model_validate(CHANCE), jobs=1)


def index(run, name, session, statistic="ssi"):
    rows = run.table("pairs")
    return rows[(rows.surrogate == name) & (rows.session == session)
                & (rows.statistic == statistic)].iloc[0]  # fmt: skip


def test_the_stimulus_is_written_and_read_again(root):
    rows = open_study(root).sessions
    assert [r.stimulus for r in rows[:4]] == ["sea", "desert", "desert", "sea"]
    assert "stimulus" in (root / "sessions.tsv").read_text("utf-8").splitlines()[0]


def test_every_kind_of_partner_is_who_it_should_be(run):
    pseudo = run.table("pseudo")
    pseudo = pseudo[pseudo.statistic == "ssi"]
    stimulus = {r.id: r.stimulus for r in open_study(run.path.parents[2]).sessions}
    strangers = pseudo[pseudo.surrogate == "pseudo_dyads"]
    assert (strangers.dyad_a != strangers.dyad_b).all()
    assert (strangers.session_a.str[-3:] == strangers.session_b.str[-3:]).all()
    assert len(strangers) == 2 * 6 * 5
    sessions = pseudo[pseudo.surrogate == "pseudo_sessions"]
    assert (sessions.dyad_a == sessions.dyad_b).all()
    assert (sessions.session_a != sessions.session_b).all()
    assert len(sessions) == 6 * 2
    apart = pseudo[pseudo.surrogate == "stimulus_pairs"]
    assert (apart.session_a.map(stimulus) == apart.session_b.map(stimulus)).all()
    assert (apart.dyad_a != apart.dyad_b).all()
    assert len(apart) == 12 * 5  # a stimulus was had once by every dyad
    assert (apart.session_a.str[-3:] != apart.session_b.str[-3:]).any()


def test_a_pair_that_two_rules_allow_has_one_index(run):
    pseudo = run.table("pseudo").set_index(["session_a", "session_b", "statistic"])
    both = [pseudo[pseudo.surrogate == n].value for n in ("pseudo_dyads", "stimulus_pairs")]
    shared = both[0].index.intersection(both[1].index)
    assert len(shared)
    assert (both[0][shared] == both[1][shared]).all()


def test_strangers_are_what_they_are_without_the_other_partners(root, run):
    alone = sy.run(
        root, Recipe.model_validate(CHANCE | {"surrogates": [{"name": "pseudo_dyads"}]}), jobs=1
    )
    for table, key in (("pairs", "surrogate"), ("pseudo", "surrogate"), ("links", "surrogate")):
        less, more = alone.table(table), run.table(table)
        less, more = (t[t[key] == "pseudo_dyads"].reset_index(drop=True) for t in (less, more))
        assert len(less)
        alike = [c for c in less.columns if not c.startswith("q_")]  # q is over all tests of a run
        assert less[alike].equals(more[alike])
    moments = [r.table("links") for r in (alone, run)]
    moments = [m[m.finding == "moments"].reset_index(drop=True) for m in moments]
    assert moments[0].equals(moments[1])


def test_a_session_stands_beside_all_its_partners_and_draws(run):
    row = index(run, "pseudo_sessions", "d01s01")
    assert row.draws == 2
    assert row.p_one in (1 / 3, 2 / 3, 1.0)
    assert index(run, "pseudo_dyads", "d01s01").draws == 10
    assert index(run, "stimulus_pairs", "d01s01").draws == 10
    for name in WITHIN:
        assert (
            index(run, name, "d01s01").draws == 19 or "responses" in index(run, name, "d01s01").note
        )


def test_dyads_are_tested_beside_each(run):
    links = run.table("links")
    first = links[(links.finding == "synchrony") & (links.statistic == "ssi")]
    found = {r.surrogate: r for r in first.itertuples()}
    assert set(found) == {*PARTNERS, *WITHIN}
    sessions = found["pseudo_sessions"]
    assert sessions.status == "ok"
    assert sessions.draws == 2**6 - 1
    detail = json.loads(sessions.detail)
    assert detail["all_re_pairings"]
    assert_allclose(detail["sign_flip"]["p_one"], sessions.p_one)
    assert found["stimulus_pairs"].draws == 99
    rows = run.table("pairs")
    real = rows[(rows.surrogate == "pseudo_sessions") & (rows.statistic == "ssi")]
    assert_allclose(sessions.value, real.groupby("dyad").value.mean().mean())


def test_the_words_name_every_kind_of_chance(run):
    told = (run.path / "methods.md").read_text("utf-8")
    for words in ("Pseudo-sessions", "Stimulus-only pairs", "Responses at random times",
                  "dealing the second person", "threshold 0.05 µS"):  # fmt: skip
        assert words in told
    for page in ("index.html", "d01s01.html"):
        text = (run.path / "report" / page).read_text("utf-8")
        assert "Pseudo-sessions" in text
    assert "across sessions of these two" in (run.path / "report" / "d01s01.html").read_text(
        "utf-8"
    )
    notes = (run.path / "notes.jsonl").read_text("utf-8")
    assert "responses of the second person were shuffled" in notes


@pytest.mark.slow
def test_the_number_of_workers_does_not_matter(root, run):
    again = sy.run(root, Recipe.model_validate(CHANCE), jobs=2)
    for name in TABLES:
        path = f"{name}.parquet"
        assert (run.path / path).read_bytes() == (again.path / path).read_bytes()
    for block in (run.path / "blocks").glob("*.npz"):
        assert block.read_bytes() == (again.path / "blocks" / block.name).read_bytes()


def test_moments_are_chosen_beside_strangers_alone():
    from syntony.pipeline import emotions

    recipe = Recipe.model_validate(CHANCE | {"surrogates": [{"name": name} for name in PARTNERS]})
    results, _ = analyse_sessions(made(3, minutes=5, faults=False).sessions, recipe)
    assert len(results.blocks[0]["partners"]) == 2 + 1 + 1
    _, case = emotions._moments(results, 0, emotions.course_of(results, 0), results.coded[0])
    assert len(case.first_with_strangers) == len(case.second_with_strangers) == 2


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("pseudo_sessions", {"sessions": 1}, "here no dyad did"),
        ("stimulus_pairs", {"stimuli": ()}, "Add a column stimulus to sessions.tsv"),
        ("stimulus_pairs", {"stimuli": tuple("abcdef"), "sessions": 1}, "belongs to one dyad"),
        ("rotation", {}, "emotion.rotations"),
    ],
)
def test_a_study_without_such_partners_is_refused_with_what_to_do(name, more, words):
    sessions = made(3, minutes=1, faults=False, **more).sessions
    with pytest.raises(InputError, match=words):
        analyse_sessions(sessions, Recipe.model_validate({"surrogates": [{"name": name}]}))


def test_responses_are_not_looked_for_in_heart_rate():
    sessions = made(2, minutes=1, heart=True, faults=False).sessions
    recipe = {"signal": "hr", "surrogates": [{"name": "event_shuffle"}]}
    with pytest.raises(InputError, match=r"'hr'.*shift_thirds"):
        analyse_sessions(sessions, Recipe.model_validate(recipe))


def test_a_dyad_that_met_once_stays_out_and_says_so():
    study = [s for s in made(7, faults=False, minutes=3).sessions if s.id != "d07s02"]
    recipe = CHANCE | {"surrogates": [{"name": "pseudo_sessions"}]}
    results, _ = analyse_sessions(study, Recipe.model_validate(recipe))
    found = next(iter(synchrony_findings(results)))
    assert (found.status, found.n_dyads, found.n_sessions) == ("ok", 6, 12)
    assert found.detail["dyads_with_one_session"] == 1
    from syntony.pipeline.pairs import pair_rows

    alone = [r for r in pair_rows(results) if r["session"] == "d07s01"]
    assert all(r["draws"] == 0 and np.isnan(r["p_one"]) for r in alone)
    assert all("no other usable session" in r["note"] for r in alone)


def watched(rng, dyads, *, stimuli, minutes=10):
    """Dyads who respond to their film alone: both to the same moments of it, not to each other."""
    seconds = minutes * 60
    films = {name: conductance(rng, seconds) for name in stimuli}
    for k in range(dyads):
        name = stimuli[k % len(stimuli)]
        people = tuple(Person(id=f"{role}{k}", role=role) for role in ("first", "second"))
        signals = tuple(
            Signal(values=5.0 + films[name] + conductance(rng, seconds), rate_hz=4.0, start_s=0.0,
                   unit="uS", kind="eda", person=p.id)
            for p in people
        )  # fmt: skip
        yield Session(
            id=f"s{k}", dyad=f"d{k}", people=people, type="film", stimulus=name, signals=signals
        )


def test_what_a_stimulus_does_is_found_by_strangers_and_not_by_its_own_pairs():
    recipe = {
        "synchrony": [{"method": "marci"}],
        "surrogates": [{"name": "pseudo_dyads"}, {"name": "stimulus_pairs"}],
        "corpus": {"derangements": 199, "bootstrap": 99},
    }
    hits = dict.fromkeys(("pseudo_dyads", "stimulus_pairs"), 0)
    for k in range(5):
        sessions = tuple(watched(rng_for(4, "films", k), 16, stimuli=tuple("abcd")))
        results, _ = analyse_sessions(sessions, Recipe.model_validate(recipe))
        for found in synchrony_findings(results):
            if found.statistic == "ssi":
                hits[found.surrogate] += found.p_one <= 0.05
    assert hits["pseudo_dyads"] == 5, hits
    assert hits["stimulus_pairs"] <= 1, hits
