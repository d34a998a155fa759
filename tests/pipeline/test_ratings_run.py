"""Ratings through the whole chain: tables, findings, report; physiology against ratings."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from reference import accuracy as naive

import syntony as sy
from syntony.config import Corpus, Empathy, RatedPair, Ratings, Recipe, Step, Surrogate
from syntony.config.body import Body, Grid
from syntony.core.errors import FileError, InputError, RecipeError
from syntony.core.rated import ratings_of
from syntony.core.run import TABLES
from syntony.core.seeds import rng_for
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.io.study_write import create_study, write_session
from syntony.link.accuracy.pooling import pooled
from syntony.report.wording_ratings import accuracy_words
from syntony.simulate.ratings import RatingSetup, rate_session, slow_noise

DYADS, SECONDS = 8, 420
SETUP = RatingSetup(
    accuracy=0.6, accuracy_spread=0.4, perceiver_lag_s=0.0, reaction_lag_s=0.0, rate_hz=2.0
)
PAIRS = (
    RatedPair(physiology="therapist", about="patient"),
    RatedPair(physiology="patient", about="patient"),
)
RECIPE = Recipe(
    signal="motion",
    body=Body(grid=Grid(rate_hz=1.0)),
    synchrony=(
        Step(
            method="lagged_correlation",
            options={"window_s": 60.0, "step_s": 20.0, "max_lag_s": 2.0},
        ),
    ),
    surrogates=(Surrogate(), Surrogate(name="circular_shift", count=19)),
    corpus=Corpus(derangements=199, bootstrap=199),
    empathy=Empathy(bootstrap=199),
    ratings=Ratings(rotations=99, physiology_against=PAIRS),
)


def made_session(dyad):
    """The therapist's movement follows the patient's own rating, the more so the more accurate."""
    people = (Person(id=f"P{dyad}", role="patient"), Person(id=f"T{dyad}", role="therapist"))
    bare = Session(id=f"d{dyad}s1", dyad=f"d{dyad}", type="therapy", people=people)
    rated, row = rate_session(bare, SETUP, seed=7, duration_s=SECONDS)
    felt = rated.signals[0].values[::2]
    weight = math.tanh(max(0.0, row["accuracy_z"]))
    bodies = []
    for k, person in enumerate(people):
        rng = rng_for(7, "body", person.id)
        noise = slow_noise(rng, SECONDS, rate_hz=1.0, memory_s=6.0)
        own = weight * (felt - felt.mean()) / felt.std() if k else 0.0
        values = own + math.sqrt(1 - weight**2 * k) * noise
        facts = {"rate_hz": 1.0, "start_s": 0.0, "unit": "1", "kind": "motion"}
        bodies.append(Signal(values=values, person=person.id, **facts))
    return replace(rated, signals=(*bodies, *rated.signals)), row


@pytest.fixture(scope="module")
def sessions():
    made = [made_session(k) for k in range(1, DYADS + 1)]
    plain = [s for s, _ in made]
    gone = plain[1].signals[4].values.copy()
    gone[100:140] = np.nan
    signals = (*plain[1].signals[:4], replace(plain[1].signals[4], values=gone))
    plain[1] = replace(plain[1], signals=signals)
    return [replace(s, signals=(*s.signals, *_outside(s))) for s in plain]


def _outside(session):
    """Two outside raters: one sees what was felt, a point higher; one what the therapist saw."""
    felt, seen = session.signals[2], session.signals[4].values
    return [
        replace(felt, kind=f"valence_by_R{k}", values=v)
        for k, v in enumerate((felt.values + 1, seen), 1)
    ]


@pytest.fixture(scope="module")
def study(sessions, tmp_path_factory):
    root = tmp_path_factory.mktemp("rated") / "study"
    create_study(root, title="Rated", roles=("patient", "therapist"), simulated=True)
    for session in sessions:
        write_session(root, session)
    judged = [
        f"d{d}s1\ttherapist\tpatient\t{k}\t{k if real else k + 1}\t{j}\t{2 if real else j % 2}"
        for d in range(1, DYADS + 1)
        for k in range(6)
        for j in (1, 2)
        for real in (True, False)
        if not (real and (d + k) % 4 == 0)
    ]
    head = "session_id\tperceiver\ttarget\tstop\tthought_of\tjudge\tpoints"
    (root / "inferences.tsv").write_text("\n".join([head, *judged]) + "\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def run(study):
    return sy.run(study, RECIPE, jobs=1, name="a")


def of(run, table, **equal):
    held = run.table(table)
    for name, value in equal.items():
        held = held[held[name] == value]
    return held


def test_accuracy_of_a_session_is_that_of_its_ratings(run, sessions):
    for index in (0, 3):
        rows = of(run, "accuracy", session=sessions[index].id, measure="accuracy")
        assert set(rows["surrogate"]) == {"pseudo_dyads", "rating_rotation"}
        values = {r.rater: r.signal.values for r in ratings_of(sessions[index].signals[:3], ())}
        assert not values  # nobody is known without the people
        told = ratings_of(sessions[index].signals[:5], sessions[index].people)
        own = next(r for r in told if (r.rater, r.about.role) == ("self", "patient"))
        seen = next(r for r in told if r.rater == "therapist")
        z = naive.z_at(seen.signal.values, own.signal.values, 0, 60)
        assert rows["fisher_z"].iloc[0] == pytest.approx(z, abs=0.06)  # 2 Hz here, 1 Hz there
        assert rows["seconds"].iloc[0] == SECONDS
        assert rows["draws"].tolist() == [DYADS - 1, 99]


def test_missing_ratings_are_counted_and_not_filled(run, sessions):
    row = of(run, "accuracy", session=sessions[1].id, measure="accuracy").iloc[0]
    assert row["seconds"] == pytest.approx(SECONDS - 20, abs=6)
    held = of(run, "ratings", session=sessions[1].id, rater="therapist").iloc[0]
    assert held["missing"] == pytest.approx(40 / 840)


def test_outside_raters_have_a_mean_and_an_agreement(run, sessions):
    row = of(run, "ratings", session=sessions[0].id, rater="raters").iloc[0]
    assert row["raters"] == 2
    told = ratings_of(sessions[0].signals, sessions[0].people)
    one, two = (r.signal.values for r in told if r.rater.startswith("R"))
    assert row["agreement"] == pytest.approx(np.corrcoef(one, two)[0, 1], abs=0.05)


def test_agreement_of_outside_raters_stands_over_sessions(run, sessions):
    rows = of(run, "ratings", session="").set_index("icc_of")
    assert rows.index.tolist() == ["courses", "levels"]
    assert set(rows["role"]) == {"patient"}
    by_session = of(run, "ratings", icc_of="moments")
    courses = rows.loc["courses"]
    assert courses["icc_units"] == len(by_session) == DYADS
    assert courses["icc_2_1"] == pytest.approx(by_session["icc_2_1"].mean())
    assert courses["icc_2_1_low"] < courses["icc_2_1"] < courses["icc_2_1_high"]
    assert (rows["icc_status"] == ["only 8 dyads", "only 8 sessions"]).all()
    page = run.report.read_text("utf-8")
    assert "2 outside raters of the patient’s valence agree on how the rating runs" in page
    assert "That is few: read the interval, not the number." in page


def test_judges_of_inferences_have_alpha_and_icc(run):
    facts = json.loads(of(run, "links", label="therapist.inferences").iloc[0]["detail"])
    agree = facts["judges_agree"]
    assert (agree["inferences"], agree["judges"], agree["groups"]) == (36, 2, DYADS)
    assert agree["alpha"][0] is None  # every real inference got 2: nothing varies


def test_findings_say_what_was_planted(run):
    links = of(run, "links", finding="accuracy", label="therapist.accuracy")
    assert (links["status"] == "ok").all()
    assert (links["p_one"] <= 0.01).all()
    assert (links["low"] < 0.6).all()
    assert (links["high"] > 0.3).all()
    bias = of(run, "links", finding="accuracy", label="therapist.bias").iloc[0]
    assert bias["low"] < SETUP.bias < bias["high"]
    model = of(run, "links", finding="truth_and_bias").set_index("label")
    assert model.loc["therapist.bias_force", "low"] < 0.8 * 0.2
    assert of(run, "links", finding="reaction_lag").iloc[0]["low"] < 0.3


def test_physiology_against_ratings_has_the_same_chance(run):
    rows = of(run, "rated_pairs", statistic="mean_z", role_a="patient", role_b="therapist")
    rows = rows[rows["signal_a"] == "valence_by_self"]
    assert len(rows) == 2 * DYADS
    assert set(rows["surrogate"]) == {"pseudo_dyads", "circular_shift"}
    assert set(rows["leader"]) == {""}
    same = of(run, "rated_pairs", role_a="patient", role_b="patient")
    assert (same["person_a"] == same["person_b"]).all()
    found = of(run, "links", finding="physiology_rating", statistic="lag_zero")
    linked = found[found["label"].str.contains("therapist motion")]
    assert (linked["p_one"] <= 0.05).all()  # it was planted
    inner = found[found["label"].str.contains("patient motion")]
    assert (inner["p_one"] > 0.01).all()  # and here it was not


def test_what_goes_with_accuracy_stands_side_by_side(run):
    links = of(run, "links", finding="accuracy_link")
    assert len(links) == 5  # three indices, two differences
    told = links["detail"].tolist()
    assert sum("is_difference" in t for t in told) == 2
    planted = links[[("therapist motion with patient valence" in t) for t in told]].iloc[0]
    plain = links.iloc[0]
    assert planted["value"] > plain["value"]


def test_inferences_stand_beside_re_paired_stops(run):
    rows = of(run, "accuracy", measure="inferences")
    assert len(rows) == DYADS
    assert (rows["value"] == 100.0).all()
    assert (rows["null_mean"] == 25.0).all()  # one judge gives 1, the other 0
    found = of(run, "links", label="therapist.inferences").iloc[0]
    assert found["surrogate"] == "re_paired_stops"
    assert found["null_mean"] == 25.0


def test_the_report_says_it(run):
    page = (run.path / "report" / "index.html").read_text("utf-8")
    section = page[page.index('<section id="ratings"') :]
    for words in (
        "Accuracy of the therapist about the patient",
        "Truth-and-bias model",
        "Physiology against rated emotion",
        "The difference of the two correlations",
        "inferred 100",
    ):
        assert words in section, words
    methods = (run.path / "methods.md").read_text("utf-8")
    assert "@WestKenny2011" in methods
    assert "WestKenny2011" in (run.path / "references.bib").read_text("utf-8")
    session = (run.path / "report" / "d1s1.html").read_text("utf-8")
    assert "continuous ratings on the session clock" in session


@pytest.mark.slow
def test_resumed_and_with_more_workers_it_is_the_same(study, run):
    again = sy.run(study, RECIPE, jobs=2, name="b")
    for name in ("accuracy", "ratings", "rated_pairs", "links"):
        one, two = (r.path / f"{name}.parquet" for r in (run, again))
        assert one.read_bytes() == two.read_bytes(), name
    before = (again.path / "links.parquet").read_bytes()
    resumed = sy.run(study, RECIPE, jobs=1, name="b", resume=True)
    assert (resumed.path / "links.parquet").read_bytes() == before


def test_further_pairs_are_told_as_progress(study):
    told = []
    steps = RECIPE.model_copy(update={"surrogates": (Surrogate(),)})
    sy.run(study, steps, jobs=1, name="told", on_progress=lambda *now: told.append(now))
    total = 3 * DYADS * (1 + len(PAIRS)) + 1 + DYADS
    assert {t for _, t in told} == {total}
    done = [d for d, _ in told]
    assert done == sorted(done)
    assert done[-1] == total
    beside = range(3 * DYADS + 1, 3 * DYADS * (1 + len(PAIRS)) + 1)
    assert len(set(done) & set(beside)) > len(beside) // 2  # not one jump


class Killed(BaseException):
    """The process ends here: nothing of ours catches it."""


@pytest.mark.parametrize("left", ["blocks", "strangers"])
def test_a_run_killed_between_further_pairs_resumes_to_the_same_bytes(study, run, left):
    """Stopped inside the second further pair: in its sessions, or in its pseudo-pairs."""
    name = f"killed-{left}"
    home = run.path.parent / name

    def kill(done, total):
        blocks = list((home / "beside" / "01" / "blocks").glob("*.npz"))
        pairs = list((home / "beside" / "01" / "blocks" / "strangers").glob("*.npz"))
        if pairs if left == "strangers" else len(blocks) >= DYADS // 2:
            raise Killed

    with pytest.raises(Killed):
        sy.run(study, RECIPE, jobs=1, name=name, on_progress=kill)
    assert not json.loads((home / "origin.json").read_text("utf-8"))["finished"]
    assert not (home / "links.parquet").exists()
    first = {p: p.stat().st_mtime_ns for p in (home / "beside" / "00").rglob("*.npz")}
    first |= {p: p.stat().st_mtime_ns for p in (home / "blocks").rglob("*.npz")}
    resumed = sy.run(study, RECIPE, jobs=1, name=name, resume=True)
    assert first == {p: p.stat().st_mtime_ns for p in first}  # nothing done is done again
    for table in TABLES:
        one, two = (r.path / f"{table}.parquet" for r in (run, resumed))
        assert one.read_bytes() == two.read_bytes(), table


def test_a_study_without_ratings_says_nothing_of_them(sessions, tmp_path):
    root = tmp_path / "bare"
    create_study(root, title="Bare", roles=("patient", "therapist"), simulated=True)
    for session in sessions:
        write_session(root, replace(session, signals=session.signals[:2]))
    bare = RECIPE.model_copy(update={"ratings": Ratings()})
    run = sy.run(root, bare, jobs=1)
    assert not len(run.table("accuracy"))
    page = (run.path / "report" / "index.html").read_text("utf-8")
    assert 'id="ratings"' not in page
    asked = sy.run(root, RECIPE, jobs=1)
    found = of(asked, "links", finding="physiology_rating")
    assert (found["status"] == "not testable: no session has both signals").all()


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        (RatedPair(physiology="nobody", about="patient"), "physiology"),
        (RatedPair(physiology="patient", about="nobody"), "about"),
        (RatedPair(physiology="patient", about="patient", rating="valence"), "rating"),
    ],
)
def test_a_pair_that_cannot_be_asked_is_refused_before_work(study, pair, says):
    recipe = RECIPE.model_copy(update={"ratings": Ratings(physiology_against=(pair,))})
    with pytest.raises(InputError, match=f"physiology_against.{says}"):
        sy.run(study, recipe, jobs=1, name="refused")
    assert not (study / "derivatives" / "syntony" / "refused").exists()


def test_a_lag_without_its_mode_is_refused(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text("[ratings]\nlag_s = 2.0\n")
    with pytest.raises(RecipeError, match="needs lag = 'fixed'"):
        sy.read_recipe(path)


def test_a_judgement_of_an_unknown_session_is_refused(study, tmp_path):
    table = study / "inferences.tsv"
    kept = table.read_text("utf-8")
    table.write_text(kept + "d99s1\ttherapist\tpatient\t1\t1\t1\t2\n", encoding="utf-8")
    try:
        with pytest.raises(FileError, match="d99s1"):
            sy.run(study, RECIPE, jobs=1, name="judged")
    finally:
        table.write_text(kept, encoding="utf-8")


def test_dyads_of_one_therapist_are_one_case(sessions, tmp_path):
    create_study(tmp_path / "study", title="Shared", roles=("patient", "therapist"), simulated=True)
    for k, session in enumerate(sessions):
        own, other = session.people[1].id, f"Shared{k // 2}"
        people = (session.people[0], replace(session.people[1], id=other))
        signals = [replace(s, person=other) if s.person == own else s for s in session.signals]
        write_session(tmp_path / "study", replace(session, people=people, signals=tuple(signals)))
    ratings = Ratings(rotations=19)
    run = sy.run(tmp_path / "study", RECIPE.model_copy(update={"ratings": ratings}), jobs=1)
    rows = of(run, "accuracy", measure="accuracy", surrogate="rating_rotation")
    wanted = pooled(rows["fisher_z"].to_numpy(), blocks=[k // 2 for k in range(DYADS)])
    found = of(run, "links", finding="accuracy", label="therapist.accuracy")
    assert len(found) == 2
    for row in found.to_dict("records"):
        assert (row["low"], row["high"]) == pytest.approx((wanted.low, wanted.high))
        assert json.loads(row["detail"])["blocks"] == 4
    lag = of(run, "links", finding="reaction_lag").iloc[0]
    assert json.loads(lag["detail"])["blocks"] == 4
    assert "over 8 dyads in 4 groups that share people" in accuracy_words(found.to_dict("records"))
