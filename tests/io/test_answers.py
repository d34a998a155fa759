"""Exports of answers: Qualtrics' three heads, REDCap's forms, plain tables, and broken ones."""

import pytest

import syntony as sy
from syntony.core.errors import FileError, InputError
from syntony.io.answers import answer_readers
from syntony.io.answers.redcap import read_dictionary

QUALTRICS = (
    "StartDate,EndDate,Status,Finished,ResponseId,pid,Q5_1,Q5_2\n"
    "Start Date,End Date,Response Type,Finished,Response ID,Who?,"
    '"How, ""close""\nwere you?",Again\n'
    '"{""ImportId"":""startDate"",""timeZone"":""America/Denver""}",'
    '"{""ImportId"":""endDate"",""timeZone"":""America/Denver""}","{""ImportId"":""status""}",'
    '"{""ImportId"":""finished""}","{""ImportId"":""_recordId""}","{""ImportId"":""QID1_TEXT""}",'
    '"{""ImportId"":""QID5_1""}","{""ImportId"":""QID5_2""}"\n'
    "2024-03-01 10:00:00,2024-03-01 10:05:00,{ip},{yes},R_1,P01,5,6\n"
    "2024-03-01 11:00:00,2024-03-01 11:05:00,{preview},{yes},R_2,test,1,1\n"
    '2024-03-02 10:00:00,2024-03-02 10:05:00,{ip},{no},R_3,"P02\n(late)",3,\n'
)
TEXTS = {"ip": "IP Address", "preview": "Survey Preview", "yes": "True", "no": "False"}
NUMBERS = {"ip": "0", "preview": "1", "yes": "1", "no": "0"}


def fill(text, words):
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text


def write(tmp_path, text, name="export.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("words", [TEXTS, NUMBERS], ids=["texts", "numbers"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_qualtrics_heads_previews_zone_and_lines(tmp_path, words, encoding):
    table = sy.read_answers(write(tmp_path, fill(QUALTRICS, words), encoding=encoding))
    assert table.format == "qualtrics"
    assert (table.rated_at, table.zone) == ("EndDate", "America/Denver")
    assert [(r.line, r.cells["pid"], r.cells["Q5_1"]) for r in table.rows] == [
        (5, "P01", "5"),
        (7, "P02\n(late)", "3"),
    ]
    assert table.texts["Q5_1"] == 'How, "close"\nwere you?'
    told = {n.code: n.text for n in table.notes}
    assert "1 previews, tests or spam were left aside (line 6)" in told["previews-left-aside"]
    assert "(line 7)" in told["unfinished"]


@pytest.mark.parametrize(("status", "kept"), [("0", 1), ("1", 0), ("2", 1), ("8", 1), ("17", 1)])
def test_numeric_states_of_qualtrics_that_are_not_known_are_kept_and_told(tmp_path, status, kept):
    text = fill(QUALTRICS, {**NUMBERS, "preview": status})
    table = sy.read_answers(write(tmp_path, text))
    assert sum(r.cells["ResponseId"] == "R_2" for r in table.rows) == kept
    told = {n.code: n.text for n in table.notes}
    assert ("status-not-known" in told) == (status not in "01")
    if status == "8":
        assert "1 answers have a Status of 8" in told["status-not-known"]
        assert "line 6" in told["status-not-known"]


REDCAP = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,"
    "closeness_timestamp,c1,c2,sym___1,sym___2,closeness_complete\n"
    "P01,s1_arm_1,,,2024-03-01 10:05:00,5,6,1,0,2\n"
    "P01,s1_arm_1,diary,1,,,,,,\n"
    "P02,s2_arm_1,,,[not completed],3,,0,0,0\n"
)


def test_redcap_forms_that_are_not_complete_are_told(tmp_path):
    table = sy.read_answers(write(tmp_path, REDCAP))
    assert table.format == "redcap"
    assert table.rated_at == "closeness_timestamp"
    assert [r.cells["c1"] for r in table.rows] == ["5", "", "3"]
    assert [n.text for n in table.notes] == ["1 of form closeness are not complete (line 4)."]


def test_the_dictionary_says_what_labels_count_as(tmp_path):
    text = (
        '"Variable / Field Name","Form Name","Choices, Calculations, OR Slider Labels"\n'
        'c1,closeness,"1, Never | 2, Now, and then | 7, Always"\nname,closeness,\n'
        'odd,closeness,"a, First | b, Second"\n'
    )
    found = read_dictionary(write(tmp_path, text))
    assert found == {"c1": {"Never": 1.0, "Now, and then": 2.0, "Always": 7.0}}
    with pytest.raises(FileError, match="Variable / Field Name"):
        read_dictionary(write(tmp_path, REDCAP))


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_plain_tables_by_any_separator(tmp_path, mark):
    table = sy.read_answers(write(tmp_path, f"who{mark}c1\r\nP01{mark}5\r\n\r\nP02{mark}6\r\n"))
    assert [(r.line, r.cells) for r in table.rows] == [
        (2, {"who": "P01", "c1": "5"}),
        (4, {"who": "P02", "c1": "6"}),
    ]
    assert table.format == "plain"


def test_another_encoding_is_told_by_line(tmp_path):
    table = sy.read_answers(write(tmp_path, "who,c1\nP01,5\nJosé,6\n", encoding="latin-1"))
    assert table.rows[1].cells["who"] == "José"
    assert [n.code for n in table.notes] == ["encoding"]
    assert "Line 3 is not UTF-8" in table.notes[0].text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("who,c1\n", "a head and nothing under it"),
        ("who,c1,c1\nP,1,2\n", "stand twice"),
        ("who,,c1\nP,1,2\n", "no name for column 2"),
        ("who,c1\nP,1\nP,1,2\n", "line 3: found 3 cells"),
        ('who,c1\nP,"1\nQ,2\n', "unexpected end of data"),
        ("who\nP\n", "one column"),
        ("\n\n", "nothing but blanks"),
        ("who,c1\nP\0,1\n", "binary"),
    ],
)
def test_broken_tables_are_refused_by_name(tmp_path, text, found):
    with pytest.raises(FileError, match=found) as error:
        sy.read_answers(write(tmp_path, text))
    assert "export.csv" in str(error.value)


def test_the_list_of_readers():
    assert set(answer_readers()) == {"plain", "qualtrics", "redcap"}
    assert all(r.title and r.source for r in answer_readers().values())
    with pytest.raises(InputError, match="spss"):
        sy.read_answers("x.csv", format="spss")
