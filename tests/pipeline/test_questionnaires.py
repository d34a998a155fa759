"""Tables of questionnaires: who counts, what is refused, over sessions and over two people."""

import json
from datetime import datetime

import numpy as np
import pytest
from click.testing import CliRunner
from shared import SHARED, needs_shared

import syntony as sy
from syntony.cli import main
from syntony.config import Recipe
from syntony.core.errors import FileError, InputError
from syntony.core.seeds import rng_for
from syntony.core.session import Answers
from syntony.link.instruments.registry import get, instruments
from syntony.pipeline.filled import Filled
from syntony.pipeline.questionnaires import questionnaire_tables, score_filled

RECIPE = Recipe.model_validate({"questionnaires": {"bootstrap": 199, "permutations": 99}})
CLOSE = get("demo_closeness")
DYSEM = "data/dysem-couples-items/commitmentM.csv"


def one(values, *, dyad="d01", session=1, person="P01", about="T01", role="patient", **more):
    answers = Answers(
        instrument="demo_closeness",
        person=person,
        about=about,
        items=dict(zip(CLOSE.items, map(float, values), strict=False)),
        rated_at=more.pop("rated_at", ""),
        once=more.pop("once", False),
    )
    return Filled(
        answers=answers,
        session=f"{dyad}s{session}",
        dyad=dyad,
        number=session,
        role=role,
        about_role="therapist" if role == "patient" else "patient",
        **more,
    )


def course(dyads=20, sessions=4, gain=0.5, seed=1):
    """Both people of every dyad over sessions; both follow one course."""
    rng = rng_for(seed, "course")
    made = []
    for d in range(dyads):
        level = rng.normal(0, 1.2)
        for s in range(1, sessions + 1):
            shared = level + gain * s + rng.normal(0, 0.2)
            for role, person, about in (
                ("patient", f"P{d}", f"T{d}"),
                ("therapist", f"T{d}", f"P{d}"),
            ):
                raw = shared + rng.normal(0, 0.5, 4)
                items = np.clip(np.round(3 + raw), 1, 7)
                items[2] = 8 - items[2]
                made.append(
                    one(items, dyad=f"d{d:02d}", session=s, person=person, about=about, role=role)
                )
    return made


def tables(filled, recipe=RECIPE, known=None):
    return questionnaire_tables(
        filled, known or dict(instruments()), recipe, roles=("patient", "therapist")
    )


def test_scores_say_role_session_range_and_time():
    ended = datetime(2024, 3, 1, 15, 0)
    filled = one([7, 1, 1, 4], rated_at="2024-03-01 15:05", ended_at=ended)
    row = tables([filled]).scores[0]
    assert (row["role"], row["about_role"], row["number"], row["items"]) == (
        "patient", "therapist", 1, 4,
    )  # fmt: skip
    assert (row["low"], row["high"], row["value"]) == (1, 7, (7 + 1 + 7 + 4) / 4)
    assert row["minutes_after"] == 5


@pytest.mark.parametrize(
    ("stamp", "code", "text"),
    [
        ("2024-03-02 09:00", "rated-later", "1 calendar day after"),
        ("2024-03-05 09:00", "rated-later", "4 calendar days after"),
        ("2024-03-01 14:50", "rated-before-the-end", "10 min before the session ended"),
        ("soon", "rating-time-unreadable", "'soon'"),
        ("2024-03-01T15:05+01:00", "rating-time-zone", "only one of rating and session"),
    ],
)
def test_the_time_of_rating_is_noted_where_it_matters(stamp, code, text):
    made = one([7, 1, 1, 4], rated_at=stamp, ended_at=datetime(2024, 3, 1, 15, 0))
    found = [n for n in tables([made]).notes if n.code == code]
    assert [n.where for n in found] == ["d01s1"]
    assert text in found[0].text


def test_reliability_is_over_the_first_questionnaire_of_everybody():
    filled = course()
    found = tables(filled).reliability
    assert [(r["role"], r["people"], r["clusters"]) for r in found] == [
        ("patient", 20, 20),
        ("therapist", 20, 20),
    ]
    first = [f for f in filled if f.number == 1]
    assert tables(first).reliability[0]["omega"] == found[0]["omega"]
    assert found[0]["omega_low"] < found[0]["omega"] < found[0]["omega_high"]


def test_patients_of_one_therapist_are_drawn_together():
    made = []
    for d, f in enumerate(x for x in course(sessions=1) if x.role == "therapist"):
        items = list(f.answers.items.values())
        made.append(one(items, dyad=f.dyad, person=f"T{d % 5}", about=f"P{d}", role="therapist"))
    row = tables(made).reliability[0]
    assert (row["people"], row["clusters"]) == (20, 5)


def test_a_planted_gain_comes_back_with_its_interval_and_its_people():
    found = tables(course(dyads=40, gain=0.4)).change
    roles = [r for r in found if not r["person"]]
    assert [(r["role"], r["people"], r["sessions"]) for r in roles] == [
        ("patient", 40, 160),
        ("therapist", 40, 160),
    ]
    for row in roles:
        assert row["slope_low"] < 0.4 < row["slope_high"] + 0.03
        assert row["slope_low"] > 0.25
    people = [r for r in found if r["person"]]
    assert len(people) == 80
    assert {r["rests_on"] for r in people} == {"omega"}
    assert np.mean([r["beyond_error"] == "up" for r in people]) > 0.4
    assert all(r["first_session"].endswith("s1") for r in people)


def test_change_rests_on_alpha_where_asked():
    recipe = Recipe.model_validate({"questionnaires": {"bootstrap": 99, "reliability": "alpha"}})
    rows = tables(course(dyads=12), recipe).change
    assert {r["rests_on"] for r in rows if r["person"]} == {"alpha"}


def test_what_was_filled_in_once_has_no_change():
    twice = [one([5, 5, 3, 5], session=s, once=True) for s in (1, 2, 3)]
    assert tables(twice).change == []
    assert len(tables(twice).scores) == 3


def test_likeness_keeps_ratings_of_the_other_apart_from_those_of_oneself():
    filled = course(sessions=2)
    own = [
        one(list(f.answers.items.values()), dyad=f.dyad, session=f.number, person=f.answers.person,
            about=f.answers.person, role=f.role)
        for f in filled
    ]  # fmt: skip
    found = tables([*filled, *own]).likeness
    assert [(r["target"], r["dyads"], r["sessions"]) for r in found] == [
        ("self", 20, 40),
        ("other", 20, 40),
    ]
    row = found[1]
    assert (row["role_a"], row["role_b"]) == ("patient", "therapist")
    assert 0.8 < row["r_low"] < row["r"] < 1
    assert row["p_r"] == 0.02  # the floor of 99 permutations, two-sided


def test_doubled_unknown_refused_and_keyless_questionnaires_are_told():
    same = [one([7, 1, 1, 4]), one([7, 1, 1, 4])]
    assert len(tables(same).scores) == 1
    twice = tables([one([7, 1, 1, 4]), one([7, 1, 2, 4])])
    assert twice.scores == []
    assert [n.code for n in twice.notes] == ["questionnaire-doubled"]
    off = tables([one([9, 1, 1, 4])])
    assert [n.code for n in off.notes] == ["questionnaire-refused"]
    gone = tables([one([7, 1, 1])])
    assert "no column for c4" in gone.notes[0].text
    strange = Filled(
        answers=Answers(instrument="x", person="P"), session="s", dyad="d", number=1, role=""
    )
    assert [n.code for n in tables([strange, strange]).notes] == ["questionnaire-unknown"]
    keyless = [
        Filled(
            answers=Answers(instrument="blri_eu", person="P"),
            session=s,
            dyad="d",
            number=1,
            role="",
        )
        for s in ("s1", "s2")
    ]
    notes = tables(keyless).notes
    assert [(n.where, n.code) for n in notes] == [("study", "questionnaire-without-key")]
    assert "phenotype/blri_eu_key.toml" in notes[0].text


def test_one_dyad_has_scores_and_says_that_no_more_can_be_had():
    found = tables(course(dyads=1, sessions=1))
    assert len(found.scores) == 2
    assert all("not testable" in r["status"] for r in [*found.reliability, *found.likeness])
    assert found.change == []


def test_the_order_of_rows_changes_nothing():
    filled = course(dyads=10, sessions=2)
    again = [filled[k] for k in rng_for(2, "order").permutation(len(filled))]
    _, scores, _ = score_filled(again, dict(instruments()))
    assert len(scores) == 40
    a, b = tables(filled), tables(again)
    key = lambda r: tuple(str(r[k]) for k in ("role", "dyad", "person"))  # noqa: E731
    for x, y in zip(sorted(a.change, key=key), sorted(b.change, key=key), strict=True):
        assert x["difference"] == pytest.approx(y["difference"], nan_ok=True)


@pytest.fixture(scope="module")
def couples(tmp_path_factory):
    """The 282 couples of dySEM, imported and read."""
    made = tmp_path_factory.mktemp("dysem") / "couples"
    sy.import_answers(
        SHARED / DYSEM,
        made,
        instrument="ims",
        new=True,
        roles=("woman", "man"),
        suffixes={"_f": "woman", "_m": "man"},
        map={"sat.g*": "sat*", "com*": "com*"},
        session="c{row:03}",
        person="c{row:03}{role}",
    )
    return sy.questionnaires(made)


@needs_shared(DYSEM)
def test_the_couples_of_dysem(couples):
    table = couples.table("reliability").set_index(["scale", "role"])
    assert table.people.tolist() == [280, 278, 278, 275]
    want = {  # ours; loadings agree with those that dySEM publishes, below
        ("satisfaction", "woman"): (0.968, 0.967),
        ("satisfaction", "man"): (0.962, 0.961),
        ("commitment", "woman"): (0.685, 0.720),
        ("commitment", "man"): (0.740, 0.758),
    }
    for key, (omega, alpha) in want.items():
        row = table.loc[key]
        assert row.omega == pytest.approx(omega, abs=5e-4)
        assert row.alpha == pytest.approx(alpha, abs=5e-4)
        assert row.omega_low < row.omega < row.omega_high
        assert row.weakest_r > 0.3  # com3 and com4 are turned the right way
    alike = couples.table("likeness").set_index("scale")
    assert alike.loc["satisfaction", "r"] == pytest.approx(0.70, abs=0.01)
    assert alike.loc["commitment", "r"] == pytest.approx(0.63, abs=0.01)
    assert (alike.p_r == 0.002).all()
    assert (alike.r_low > 0.5).all()


@needs_shared(DYSEM)
def test_the_key_of_commitment_shows_in_the_data(couples):
    """Unturned, com3 or com4 goes against the others in both partners."""
    from dataclasses import replace

    from syntony.io.study import load_answers, open_study
    from syntony.pipeline.bearing import items_table

    study = open_study(couples.path.parents[2], recordings=False)
    ims = get("ims")
    for reverse in ({"com3"}, {"com4"}, set()):
        scale = replace(ims.scales[1], reverse=frozenset(reverse))
        answers = [a for s in study.sessions for a in load_answers(study, s.id)]
        table = items_table(answers, ims, scale)
        whole = table[np.isfinite(table).all(axis=1)]
        rest = [np.corrcoef(whole[:, k], whole.sum(axis=1) - whole[:, k])[0, 1] for k in range(5)]
        assert min(rest) < 0


@needs_shared(DYSEM)
def test_the_factor_agrees_with_the_loadings_that_dysem_publishes():
    """Its test of equal loadings: 1.929, 1.742, 2.087, 1.985, 2.082 for both partners."""
    import csv

    from syntony.link.questionnaires.factor import one_factor

    with (SHARED / DYSEM).open() as file:
        rows = list(csv.DictReader(file))
    found = []
    for end in "fm":
        names = [f"sat.g{k}_{end}" for k in range(1, 6)]
        cells = [[r[n] for n in names] for r in rows]
        table = np.array(
            [[float(c) for c in row] for row in cells if "NA" not in row and "" not in row]
        )
        found.append(one_factor(np.cov(table.T, ddof=0)[None]).loadings[0])
    np.testing.assert_allclose(
        np.mean(found, axis=0), [1.929, 1.742, 2.087, 1.985, 2.082], atol=0.012
    )


@needs_shared(DYSEM)
def test_the_page_of_the_couples(couples):
    page = couples.report.read_text("utf-8")
    for words in (
        "Satisfaction (ims), woman: omega = .97 [.96, .98], alpha = .97",
        "scores of woman and man of the same dyad go together, r = .70 [",
        "McDonald",
        "<svg",
        "No number here is a verdict",
    ):
        assert words in page
    assert "http" not in page.replace("https://doi.org", "").replace("http://www.w3.org", "")


def test_the_verb_in_the_shell_and_its_errors(tmp_path):
    made = tmp_path / "study"
    lines = ["dyad,n,c1_p,c2_p,c3_p,c4_p,c1_t,c2_t,c3_t,c4_t"]
    rng = rng_for(3, "shell")
    lines += [
        f"d{d},{s}," + ",".join(str(v) for v in rng.integers(1, 8, 8))
        for d in range(8)
        for s in (1, 2)
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n")
    run = CliRunner().invoke
    done = run(main, [
        "import-answers", str(path), "--study", str(made), "--instrument", "demo_closeness",
        "--new", "--role", "patient", "--role", "therapist", "--suffix", "_p=patient",
        "--suffix", "_t=therapist", "--person", "{dyad}{role}", "--session", "{dyad}s{n}",
        "--dyad", "{dyad}", "--number", "{n}",
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    told = run(main, ["questionnaires", str(made), "--json"])
    assert told.exit_code == 0, told.output
    found = json.loads(told.output)
    assert {r["role"] for r in found["change"]} == {"patient", "therapist"}
    words = run(main, ["questionnaires", str(made), "--name", "second"])
    assert "points a session" in words.output
    assert words.output.rstrip().endswith("second/report/index.html")
    assert run(main, ["questionnaires", str(made), "--name", "second"]).exit_code == 2
    again = run(main, ["report", str(made / "derivatives" / "syntony" / "second")])
    assert again.exit_code == 0, again.output
    with pytest.raises(InputError, match="plain folder name"):
        sy.questionnaires(made, name="../x")
    (made / "phenotype" / "demo_closeness.tsv").unlink()
    with pytest.raises(FileError, match="no answers"):
        sy.questionnaires(made)


def test_a_run_holds_the_same_tables(made_run):
    assert made_run.table("reliability").people.tolist() == [8]
    scores = made_run.table("scores")
    assert set(scores.role) == {"patient"}
    assert made_run.table("change").empty
    page = made_run.report.read_text("utf-8")
    assert 'id="questionnaires"' in page
    assert '<a href="#questionnaires">Questionnaires</a> <a href="#calibration">' in page
    assert "That is few people" in page
    assert "McDonald1999" in (made_run.path / "references.bib").read_text()
