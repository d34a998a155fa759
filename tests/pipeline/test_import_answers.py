"""Answers brought into a study: whose they are, what is refused, and that nothing is half done."""

import json

import pytest
from click.testing import CliRunner
from made_files import tree
from shared import SHARED, needs_shared

import syntony as sy
from syntony.cli import main
from syntony.core.errors import FileError, InputError
from syntony.io.hashing import sha256_of
from syntony.io.study import load_answers, open_study
from syntony.io.study_write import create_study

DYSEM = "data/dysem-couples-items/commitmentM.csv"
RTIES = "data/rties-couples-dial/rties_short.csv"
HEAD = "pid,when,at,c1,c2,c3,c4\n"
ROWS = "P01,d01s01,2024-03-01T15:00,5,6,2,7\nP02,d02s01,2024-03-02T15:00,4,,3,4\n"


@pytest.fixture
def root(tmp_path):
    """A study of two dyads without recordings."""
    create_study(tmp_path / "study", title="Pairs", roles=["patient", "therapist"])
    study = tmp_path / "study"
    (study / "sessions.tsv").write_text(
        "session_id\tdyad\tnumber\nd01s01\td01\t1\nd02s01\td02\t1\n"
    )
    (study / "people.tsv").write_text(
        "session_id\tparticipant_id\trole\n"
        "d01s01\tsub-P01\tpatient\nd01s01\tsub-T01\ttherapist\n"
        "d02s01\tsub-P02\tpatient\nd02s01\tsub-T01\ttherapist\n"
    )
    (study / "participants.tsv").write_text("participant_id\nsub-P01\nsub-P02\nsub-T01\n")
    return study


def export(tmp_path, text, name="answers.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def go(path, study, **more):
    options = {
        "instrument": "demo_closeness",
        "person": "{pid}",
        "session": "{when}",
        "about": "other",
        "rated_at": "at",
    }
    return sy.import_answers(path, study, **{**options, **more})


def answers(study, session):
    return load_answers(open_study(study, recordings=False), session)


def test_answers_come_in_with_their_original(root, tmp_path):
    path = export(tmp_path, HEAD + ROWS)
    plan = go(path, root)
    assert plan.done
    assert (len(plan.new), plan.there, plan.missing) == (2, 0, 1)
    one = answers(root, "d01s01")[0]
    assert (one.person, one.about, one.rated_at) == ("P01", "T01", "2024-03-01T15:00:00")
    assert dict(one.items) == {"c1": 5, "c2": 6, "c3": 2, "c4": 7}
    two = answers(root, "d02s01")[0]
    assert two.items["c2"] != two.items["c2"]
    kept = root / "sourcedata" / "answers" / "demo_closeness"
    assert (kept / "answers.csv").read_bytes() == path.read_bytes()
    assert sha256_of(path) in (kept / "sources.tsv").read_text()
    about = json.loads((root / "phenotype" / "demo_closeness.json").read_text())
    assert "rated_at" in about


def test_a_dry_run_writes_nothing_and_the_same_again_changes_nothing(root, tmp_path):
    path = export(tmp_path, HEAD + ROWS)
    before = tree(root)
    plan = go(path, root, dry_run=True)
    assert not plan.done
    assert "nothing written" in plan.lines[-1]
    assert tree(root) == before
    go(path, root)
    after = tree(root)
    again = go(path, root)
    assert (len(again.new), again.there) == (0, 2)
    assert tree(root) == after


def test_more_answers_are_added_and_old_ones_never_written_over(root, tmp_path):
    go(export(tmp_path, HEAD + ROWS.splitlines()[0] + "\n"), root)
    go(export(tmp_path, HEAD + ROWS, "more.csv"), root)
    assert len(answers(root, "d01s01")) == len(answers(root, "d02s01")) == 1
    before = tree(root)
    changed = export(tmp_path, HEAD + ROWS.replace("5,6,2,7", "5,6,3,7"), "changed.csv")
    with pytest.raises(FileError, match=r"demo_closeness.tsv, line 2, column 'c3'.*never written"):
        go(changed, root)
    assert tree(root) == before


@pytest.mark.parametrize(
    ("rows", "options", "found"),
    [
        ("P01,d01s01,,5,6,2,9\n", {}, r"line 2, column 'c4': found 9, expected one of 1, 2"),
        ("P01,d01s01,,5,6,often,9\n", {}, r"column 'c3': found 'often', expected one of 1"),
        ("P01,d01s01,,5.5,6,2,7\n", {}, r"column 'c1': found 5.5"),
        ("P09,d01s01,,5,6,2,7\n", {}, r"line 2: found 1 questionnaires of people.*'P09' in ses"),
        ("P01,d09s01,,5,6,2,7\n", {}, r"session 'd09s01' \(1\)"),
        ("P02,d01s01,,5,6,2,7\n", {}, r"'P02' in session 'd01s01'"),
        (",d01s01,,5,6,2,7\n", {}, r"line 2, column 'pid': found an empty cell"),
        ("P01,d01s01,,5,6,2,7\nP01,d01s01,,5,6,2,6\n", {}, r"line 3: found another questionnaire"),
        ("P01,d01s01,,,,,\n", {}, "no answers"),
        ("P01,d01s01,,5,6,2,7\n", {"person": "{who}"}, "no column 'who'"),
        ("P01,d01s01,,5,6,2,7\n", {"instrument": "demo_empathy"}, "a column for an item of demo"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(root, tmp_path, rows, options, found):
    before = tree(root)
    with pytest.raises(FileError, match=found) as error:
        go(export(tmp_path, HEAD + rows), root, **options)
    assert "answers.csv" in str(error.value)
    assert tree(root) == before


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"instrument": "demo_closenes"}, "Define your own in questionnaires"),
        ({"map": {"Q1": "c1"}}, "map='Q1=c1'"),
        ({"map": {"c1": "x1"}}, "The items are"),
        ({"map": {"c1": "c1", "c2": "c1"}}, "one column for item c1"),
        ({"rated_at": "later"}, "rated_at='later'"),
        ({"zone": "Mars"}, "zone='Mars'"),
        ({"format": "spss"}, "format='spss'"),
    ],
)
def test_wrong_use_is_named(root, tmp_path, options, found):
    with pytest.raises(InputError, match=found):
        go(export(tmp_path, HEAD + ROWS), root, **options)


def test_words_count_as_numbers_where_it_is_said(root, tmp_path):
    text = HEAD + "P01,d01s01,,Very much,6,2,99\n"
    go(export(tmp_path, text), root, choices={"Very much": 7}, missing=["99"])
    items = answers(root, "d01s01")[0].items
    assert items["c1"] == 7
    assert items["c4"] != items["c4"]


def test_strangers_are_left_aside_only_when_asked(root, tmp_path):
    path = export(tmp_path, HEAD + ROWS + "P77,d01s01,,1,1,1,1\n")
    plan = go(path, root, leave_out_strangers=True)
    assert len(plan.new) == 2
    assert "line 4" in next(n.text for n in plan.notes if n.code == "strangers")


def test_rows_said_twice_count_once_and_empty_ones_not_at_all(root, tmp_path):
    plan = go(export(tmp_path, HEAD + ROWS + ROWS + "T01,d01s01,,,,,\n"), root)
    assert len(plan.new) == 2
    assert {n.code for n in plan.notes} >= {"same-again", "empty"}


def test_items_without_a_column_and_times_that_are_none_are_told(root, tmp_path):
    text = "pid,when,at,c1,c2,c3\nP01,d01s01,soon,5,6,2\n"
    plan = go(export(tmp_path, text), root)
    told = {n.code: n.text for n in plan.notes}
    assert "No column for c4" in told["items-missing"]
    assert "line 2" in told["rating-time-unreadable"]
    assert answers(root, "d01s01")[0].rated_at == ""


def test_people_by_role_once_for_all_sessions_and_about_themselves(root, tmp_path):
    text = "role,when,c1,c2,c3,c4\ntherapist,d01s01,5,6,2,7\n"
    path = export(tmp_path, text)
    go(path, root, person="{role}", about="patient", rated_at="")
    assert answers(root, "d01s01")[0].about == "P01"
    trait = export(tmp_path, "pid,c1,c2,c3,c4\nT01,1,1,1,1\n", "trait.csv")
    go(trait, root, session="", about="self", rated_at="")
    once = [a for a in answers(root, "d02s01") if a.once]
    assert [(a.person, a.about) for a in once] == [("T01", "T01")]
    assert not answers(root, "d01s01")[0].once


def test_qualtrics_comes_in_with_its_time_zone(root, tmp_path):
    ids = [f'"{{""ImportId"":""{n}"",""timeZone"":""America/Denver""}}"' for n in "abcdefg"]
    text = (
        "EndDate,Status,pid,Q5_1,Q5_2,Q5_3,Q5_4\n"
        "End Date,Response Type,Who?,a,b,c,d\n" + ",".join(ids) + "\n"
        "2024-03-01 08:00:00,0,P01,5,6,2,7\n2024-03-01 08:00:00,1,P01,1,1,1,1\n"
    )
    go(export(tmp_path, text), root, session="d01s01", map={"Q5_*": "c*"}, rated_at="")
    assert [a.rated_at for a in answers(root, "d01s01")] == ["2024-03-01T08:00:00-07:00"]


def test_redcap_events_name_the_session_and_labels_count(root, tmp_path):
    text = (
        "record_id,redcap_event_name,c1,c2,c3,c4,closeness_complete\n"
        "P01,first_arm_1,Never,2,3,4,2\nP02,first_arm_1,Always,2,3,4,1\n"
    )
    words = export(
        tmp_path,
        '"Variable / Field Name","Choices, Calculations, OR Slider Labels"\n'
        'c1,"1, Never | 7, Always"\n',
        "dictionary.csv",
    )
    plan = go(
        export(tmp_path, text),
        root,
        person="patient",
        session="{record_id}{redcap_event_name}",
        values={
            "record_id": {"P01": "d01", "P02": "d02"},
            "redcap_event_name": {"first_arm_1": "s01"},
        },
        dictionary=words,
        rated_at="",
    )
    assert plan.format == "redcap"
    assert [answers(root, s)[0].items["c1"] for s in ("d01s01", "d02s01")] == [1, 7]
    assert "unfinished" in {n.code for n in plan.notes}


def test_a_study_with_recordings_takes_no_new_people(study, tmp_path):
    path = export(tmp_path, HEAD + ROWS)
    with pytest.raises(InputError, match="a study without recordings"):
        go(path, study, new=True)


def test_the_labs_own_definition(root, tmp_path):
    home = root / "questionnaires"
    home.mkdir()
    text = (
        'title = "Warmth"\nsource = "our lab"\nlow = 1\nhigh = 4\n'
        'choices = { often = 4 }\n[scales.warmth]\nitems = ["w1", "w2", "w3"]\nreverse = ["w3"]\n'
    )
    (home / "warmth.toml").write_text(text)
    path = export(tmp_path, "pid,when,w1,w2,w3\nP01,d01s01,often,3,1\n")
    go(path, root, instrument="warmth", rated_at="")
    run = sy.questionnaires(root)
    assert run.table("scores").value.tolist() == [(4 + 3 + 4) / 3]
    assert run.recipe["questionnaires"]["definitions"]["warmth"]["source"] == "our lab"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("low = 1", "lo = 1"), "unknown key 'lo'"),
        (("reverse", "reversed"), "unknown key 'scales.warmth.reversed'.*'max_missing'"),
        (('reverse = ["w3"]', 'reverse = ["w9"]'), r"reverse = \['w9'\]"),
        (("high = 4", 'high = "four"'), "high = 'four'"),
        (("low = 1", "low = 9"), "low below high"),
        (('title = "Warmth"\n', ""), "title"),
        (("[scales", "[scales"), "is on the list"),
        (("title", "title = ="), "definition of a questionnaire in TOML"),
    ],
)
def test_a_definition_that_does_not_fit_is_named_by_file_and_field(root, change, found):
    home = root / "questionnaires"
    home.mkdir()
    text = (
        'title = "Warmth"\nsource = "our lab"\nlow = 1\nhigh = 4\n'
        '[scales.warmth]\nitems = ["w1", "w2", "w3"]\nreverse = ["w3"]\n'
    )
    name = "demo_empathy" if "on the list" in found else "warmth"
    (home / f"{name}.toml").write_text(text.replace(*change))
    with pytest.raises(FileError, match=found) as error:
        sy.questionnaires(root)
    assert f"{name}.toml" in str(error.value)


@needs_shared(DYSEM)
def test_the_couples_of_dysem_come_in_by_the_shell(tmp_path):
    made = tmp_path / "couples"
    call = [
        "import-answers", str(SHARED / DYSEM), "--study", str(made), "--instrument", "ims", "--new",
        "--suffix", "_f=woman", "--suffix", "_m=man", "--role", "woman", "--role", "man",
        "--map", "sat.g*=sat*", "--map", "com*=com*", "--session", "c{row:03}",
        "--person", "c{row:03}{role}",
    ]  # fmt: skip
    done = CliRunner().invoke(main, [*call, "--json"])
    assert done.exit_code == 0, done.output
    plan = json.loads(done.output)
    assert (plan["new"], plan["missing"]) == (563, 16)  # one man answered nothing: 10 of 26 gaps
    assert len(open_study(made, recordings=False).sessions) == 282
    again = json.loads(CliRunner().invoke(main, [*call, "--json"]).output)
    assert (again["new"], again["there"]) == (0, 563)
    wrong = CliRunner().invoke(main, [*call[:5], *call[5:], "--suffix", "_x=child"])
    assert wrong.exit_code == 2
    assert "The columns that end with _x are []" in wrong.output


@needs_shared(RTIES)
def test_the_couples_of_rties_have_scores_of_each_person(tmp_path):
    made = tmp_path / "couples"
    create_study(made, title="rties", roles=["woman", "man"])
    (made / "questionnaires").mkdir()
    names = ["love", "conflict", "ambiv"]
    parts = "".join(f'[scales.{n}]\nitems = ["{n}"]\n' for n in names)
    (made / "questionnaires" / "relation.toml").write_text(
        'title = "Relationship"\nsource = "column of the data set"\nlow = 0\nhigh = 9\n'
        f"whole = false\n{parts}"
    )
    plan = sy.import_answers(
        SHARED / RTIES,
        made,
        instrument="relation",
        new=True,
        person="{person}",
        session="c{couple}",
        role="{female}",
        values={"female": {"1": "woman", "0": "man"}},
    )
    assert len(plan.new) == 40  # 17,884 rows say the same of a person again and again
    assert "17844 rows say the same again" in {n.code: n.text for n in plan.notes}["same-again"]
    run = sy.questionnaires(made)
    scores = run.table("scores").set_index(["person", "scale"]).value
    assert scores["2", "love"] == 5.8
    assert scores["502", "conflict"] == 1.4
    alike = run.table("likeness").set_index("scale")
    assert (alike.dyads == 20).all()
    assert set(run.table("reliability").status) == {"not testable: one item"}


def test_minutes_from_the_end_of_the_session_to_the_rating(root, tmp_path):
    (root / "sessions.tsv").write_text(
        "session_id\tdyad\tnumber\tstarted_at\n"
        "d01s01\td01\t1\t2024-03-01T14:05:00\nd02s01\td02\t1\t2024-03-01T14:00:00\n"
    )
    (root / "clocks").mkdir()
    for session in ("d01s01", "d02s01"):
        text = '{"overlap": {"people": {"P01": {"stop_s": 3000.0}, "T01": {"stop_s": 2990.0}}}}'
        (root / "clocks" / f"{session}.json").write_text(text)
    go(export(tmp_path, HEAD + ROWS), root)
    run = sy.questionnaires(root)
    assert run.table("scores").minutes_after.tolist() == [5.0, 24 * 60 + 10.0]
    assert [(n.where, n.code) for n in run.notes] == [("d02s01", "rated-later")]
    assert "1 was given on another day" in run.report.read_text("utf-8")
