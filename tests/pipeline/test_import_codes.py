"""Code files brought into a study, and the check that holds them to its book."""

import json
import math

import pytest
from click.testing import CliRunner
from made_files import tree

import syntony as sy
from syntony.cli import main
from syntony.core.errors import FileError, InputError
from syntony.io.hashing import sha256_of
from syntony.io.study import load_session

SESSION = "d01s01"


@pytest.fixture
def people(study):
    return [p.id for p in sy.open_study(study).session(SESSION).people]


@pytest.fixture
def eaf(tmp_path):
    made = [
        sy.CodeEvent(onset_s=0.5, duration_s=4.0, code="positive", tier="A"),
        sy.CodeEvent(onset_s=6.25, duration_s=2.0, code="negative", tier="A", comment="two\nlines"),
        sy.CodeEvent(onset_s=1.0, duration_s=3.0, code="neutral", tier="B"),
        sy.CodeEvent(onset_s=1.0, duration_s=3.0, code="remark", tier="C"),
    ]
    return sy.write_codes(tmp_path / "codes of kim.eaf", made)


def go(eaf, study, ids, **more):
    options = {
        "session": SESSION,
        "coder": "kim",
        "people": {"A": ids[0], "B": ids[1]},
        "without": ["C"],
    }
    return sy.import_codes([eaf], study, **{**options, **more})


def codes_of(study, coder):
    session = load_session(sy.open_study(study), SESSION)
    return [(s.start_s, s.stop_s, s.label, s.person) for s in session.codes if s.coder == coder]


def test_codes_come_to_the_session_clock_with_their_original(eaf, study, people):
    plan = go(eaf, study, people, offset_s=100.5)
    assert plan.done
    assert codes_of(study, "kim") == [
        (101.0, 105.0, "positive", people[0]),
        (101.5, 104.5, "neutral", people[1]),
        (106.75, 108.75, "negative", people[0]),
    ]
    kept = study / "sourcedata" / SESSION / "codes"
    assert (kept / eaf.name).read_bytes() == eaf.read_bytes()
    table = (kept / "sources.tsv").read_text().splitlines()
    assert sha256_of(eaf) in table[1]
    assert table[1].endswith("kim\t100.5")
    assert "1 events of ['C'] were left aside" in "\n".join(plan.lines)


def test_a_dry_run_writes_nothing_and_the_same_again_changes_nothing(eaf, study, people):
    before = tree(study)
    assert not go(eaf, study, people, dry_run=True).done
    assert tree(study) == before
    go(eaf, study, people)
    after = tree(study)
    assert go(eaf, study, people).there == ("kim",)
    assert tree(study) == after


def test_codes_are_never_written_over(eaf, study, people):
    go(eaf, study, people)
    before = tree(study)
    with pytest.raises(FileError, match="never written over"):
        go(eaf, study, people, offset_s=1.0)
    with pytest.raises(InputError, match="kim"):
        go(eaf, study, people, coder="Kim")
    assert tree(study) == before
    go(eaf, study, people, coder="lee", offset_s=1.0)  # a second coder beside the first
    assert len(codes_of(study, "kim")) == len(codes_of(study, "lee")) == 3
    assert len(list((study / "sourcedata" / SESSION / "codes").glob("*.eaf"))) == 1


def test_roles_will_do_for_ids_and_names_of_the_file(study, tmp_path, people):
    roles = [p.role for p in sy.open_study(study).session(SESSION).people]
    made = [
        sy.CodeEvent(onset_s=1.0, duration_s=1.0, code="positive", person=roles[0], coder="ann"),
        sy.CodeEvent(onset_s=3.0, duration_s=1.0, code="negative", person=people[1], coder="bea"),
        sy.CodeEvent(onset_s=4.0, duration_s=1.0, code="silence", person="both", coder="bea"),
    ]
    path = sy.write_codes(tmp_path / "a.csv", made)
    plan = sy.import_codes([path], study, session=SESSION, people={"both": "dyad"})
    assert sorted(plan.tables) == ["ann", "bea"]
    assert codes_of(study, "ann") == [(1.0, 2.0, "positive", people[0])]
    about_both = (4.0, 5.0, "silence", "")
    assert codes_of(study, "bea") == [(3.0, 4.0, "negative", people[1]), about_both]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (
            {"people": {}},
            "line 20: found 3 codes of nobody in the session, by tier or person: 'A' (2), 'B' (1)",
        ),
        ({"people": {"A": "nobody", "B": "nobody"}}, "'A' as 'nobody' (2)"),
        ({"people": {"Z": "x"}}, "'Z'"),
        ({"without": ["Z"]}, "'Z'"),
        ({"session": "d99s01"}, "d99s01"),
        ({"coder": ""}, "who coded"),
        ({"coder": "../kim"}, "letters, digits"),
        ({"coder": "phases"}, "letters, digits"),
        ({"offset_s": math.nan}, "offset_s"),
        ({"offset_s": 1e5}, "outside the session"),
        ({"offset_s": -50.0}, "outside the session"),
        ({"observation": "x"}, "'x' among them"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_written(eaf, study, people, more, found):
    before = tree(study)
    with pytest.raises((FileError, InputError)) as error:
        go(eaf, study, people, **more)
    assert found in str(error.value)
    assert tree(study) == before


def test_unknown_lengths_and_missing_codes_are_refused_by_line(study, tmp_path, people):
    for row, found in (
        (f"5,n/a,{people[0]},positive", "no stop"),
        (f"5,1,{people[0]},", "no code"),
    ):
        path = tmp_path / "a.csv"
        path.write_text(f"onset,duration,person,code\n1,1,{people[0]},neutral\n{row}\n")
        with pytest.raises(FileError, match=r"a\.csv, line 3") as error:
            sy.import_codes([path], study, session=SESSION, coder="kim")
        assert found in str(error.value)


def test_one_of_several_observations_must_be_named(study, tmp_path, people):
    made = [
        sy.CodeEvent(onset_s=1.0, duration_s=1.0, code="neutral", person=people[0], session=s)
        for s in ("one", "two", "two")
    ]
    path = sy.write_codes(tmp_path / "a.csv", made)
    with pytest.raises(FileError, match="2 observations"):
        sy.import_codes([path], study, session=SESSION, coder="kim")
    plan = sy.import_codes([path], study, session=SESSION, coder="kim", observation="one")
    assert len(plan.tables["kim"]) == 1
    assert "2 events of other observations were left aside." in [n.text for n in plan.notes]


def test_events_of_nobody_can_be_left_aside_and_no_others_are(study, tmp_path, people):
    made = [
        sy.CodeEvent(onset_s=1.0, duration_s=1.0, code="neutral", tier="A"),
        sy.CodeEvent(onset_s=2.0, duration_s=1.0, code="neutral"),
    ]
    path = sy.write_codes(tmp_path / "a.csv", made)
    with pytest.raises(FileError, match=r"'' \(1\)"):
        sy.import_codes([path], study, session=SESSION, coder="kim", people={"A": people[0]})
    plan = sy.import_codes(
        [path], study, session=SESSION, coder="kim", people={"A": people[0]}, without=[""]
    )
    assert [e.tier for e in plan.tables["kim"]] == ["A"]


def test_a_coder_whom_the_file_contradicts_is_refused(study, tmp_path, people):
    made = [
        sy.CodeEvent(onset_s=1.0, duration_s=1.0, code="neutral", person=people[0], coder="lee")
    ]
    path = sy.write_codes(tmp_path / "a.csv", made)
    with pytest.raises(FileError, match=r"line 2.*'lee'"):
        sy.import_codes([path], study, session=SESSION, coder="kim")


def test_a_rating_is_sent_to_the_other_door(study, tmp_path):
    from io_samples import carma_rating

    path = carma_rating(tmp_path).path
    with pytest.raises(FileError, match="carma_rating"):
        sy.import_codes([path], study, session=SESSION, coder="kim")


def book(study, text):
    (study / "codes" / "book.toml").write_text(text)


def test_the_book_of_the_study_speaks_at_import_and_check(eaf, study, people):
    assert sy.check(study).whole
    book(study, "title = 'ours'\n[codes.positive]\n[codes.neutral]\n[codes.bored]\n")
    plan = go(eaf, study, people)
    noted = [n for n in plan.notes if n.code == "code-outside-book"]
    assert ["negative" in n.text for n in noted] == [True]
    assert noted[0].where.startswith("codes of kim.eaf, line ")
    found = sy.check(study)
    assert not found.whole
    mine = [x for x in found.lines if x.startswith(f"codes/{SESSION}_kim.tsv")]
    assert mine == [
        f"codes/{SESSION}_kim.tsv, line 4: 'negative' of {people[0]} at 6.25 to 8.25 s: "
        "the book 'ours' has no such code."
    ]


def test_study_toml_may_name_the_book(study):
    toml = study / "study.toml"
    said = toml.read_text()
    toml.write_text('code_book = "three_valence"\n' + said)
    assert sy.check(study).whole
    toml.write_text('code_book = "talk_turns"\n' + said)
    assert not sy.check(study).whole
    toml.write_text('code_book = "none.toml"\n' + said)
    with pytest.raises(FileError, match=r"none\.toml"):
        sy.check(study)


def test_check_sees_two_coders_under_one_name_and_strays(study, people):
    table = study / "codes" / f"{SESSION}_kim.tsv"
    rows = [f"1\t1\t{people[0]}\tneutral\tkim", f"3\t1\t{people[0]}\tneutral\tlee"]
    table.write_text("onset\tduration\tperson\tcode\tcoder\n" + "\n".join(rows) + "\n")
    (study / "codes" / "d99s01_kim.tsv").write_text(table.read_text())
    found = sy.check(study)
    assert not found.whole
    assert "codes/d99s01_kim.tsv: codes of a session that the study does not have" in found.lines
    assert any(f"{SESSION}_kim.tsv, line 3: The coder 'lee'" in x for x in found.lines)


def test_an_import_that_is_cut_off_leaves_nothing(eaf, study, people, monkeypatch):
    before = tree(study)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("syntony.pipeline.import_codes.shutil.copy2", full)
    with pytest.raises(FileError, match="full disk"):
        go(eaf, study, people)
    assert tree(study) == before


def test_the_shell_says_the_same(eaf, study, people):
    words = ["import-codes", eaf, "--study", study, "--session", SESSION, "--coder", "kim"]
    words += ["--person", f"A={people[0]}", "--person", f"B={people[1]}", "--without", "C"]
    told = CliRunner().invoke(main, [*map(str, words), "--dry-run", "--json"])
    assert told.exit_code == 0, told.output
    said = json.loads(told.output)
    assert said["tables"]["kim"]["events"] == 3
    assert not said["done"]
    told = CliRunner().invoke(main, list(map(str, words)))
    assert told.exit_code == 0, told.output
    assert "1 tables written" in told.output
    assert len(codes_of(study, "kim")) == 3
    told = CliRunner().invoke(main, [*map(str, words), "--offset-s", "3"])
    assert told.exit_code == 1
    assert "never written over" in told.output
    told = CliRunner().invoke(main, [*map(str, words), "--person", "nonsense"])
    assert told.exit_code == 2


def test_the_shell_hands_options_to_the_reader(study, people, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("couple," + ",".join(f"neutral{i}" for i in range(1, 7)) + "\n1,0,1,1,0,0,0\n")
    words = ["import-codes", path, "--study", study, "--session", SESSION, "--coder", "kim"]
    words += ["--person", f"neutral={people[0]}", "--option", "interval_s=10"]
    told = CliRunner().invoke(main, list(map(str, words)))
    assert told.exit_code == 0, told.output
    assert [c[:2] for c in codes_of(study, "kim")] == [(10.0, 20.0), (20.0, 30.0)]
