"""Files that are damaged or meant to harm: a clear error, soon, and nothing else."""

import json
import zipfile

import pytest
from code_samples import EAF, elan, noldus, table, textgrid, write_opf

import syntony as sy
from syntony.core.errors import FileError, InputError

GROWING = "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMB = f"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">{GROWING}]>
<ANNOTATION_DOCUMENT><HEADER>&i;</HEADER></ANNOTATION_DOCUMENT>
"""


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><ANNOTATION_DOCUMENT/>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
        "<ANNOTATION_DOCUMENT><HEADER>&f;</HEADER></ANNOTATION_DOCUMENT>",
    ],
)
def test_entities_are_refused_before_they_grow(tmp_path, text):
    path = tmp_path / "a.eaf"
    path.write_text(text)
    with pytest.raises(FileError, match=r"a\.eaf.*entities"):
        sy.read_codes(path)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('TIME_SLOT_REF2="ts2"', 'TIME_SLOT_REF2="ts99"', "line 15: found the time slot 'ts99'"),
        ('ANNOTATION_REF="a5"', 'ANNOTATION_REF="a99"', "refers to 'a99'"),
        ('ANNOTATION_REF="a5"', 'ANNOTATION_REF="a6"', "refers to 'a6'"),
        ('ANNOTATION_ID="a2"', 'ANNOTATION_ID="a1"', "line 17: found the annotation 'a1' twice"),
        (
            'PREVIOUS_ANNOTATION="a4"',
            'PREVIOUS_ANNOTATION="a9"',
            "PREVIOUS_ANNOTATION of the parts",
        ),
        ('TIME_UNITS="milliseconds"', 'TIME_UNITS="PAL-frames"', "times in PAL-frames"),
        ('TIME_VALUE="1000"', 'TIME_VALUE="1e3"', "whole milliseconds"),
        (
            '<TIME_SLOT TIME_SLOT_ID="ts5" TIME_VALUE="6000"/>',
            '<TIME_SLOT TIME_SLOT_ID="ts5"/>',
            "without a time",
        ),
        ('TIER_ID="P-words"', 'TIER_ID="P"', "the tier 'P' twice"),
        ("</TIER>", "</TIRE>", "mismatched tag"),
        ('encoding="UTF-8"', 'encoding="klingon"', "encoding"),
        ("positive", "positive\x01", "line 16"),
        ('TIME_VALUE="1000"', 'TIME_VALUE="-9000"', "a start at -9 s"),
    ],
)
def test_a_damaged_elan_file_names_the_place(tmp_path, old, new, found):
    path = elan(tmp_path).path
    path.write_text(EAF.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileError) as error:
        sy.read_codes(path, format="elan")
    assert found in str(error.value)


def test_an_elan_file_in_the_wrong_encoding_is_refused_by_line(tmp_path):
    path = tmp_path / "a.eaf"
    path.write_bytes(EAF.replace("positive", "müde").encode("latin-1"))
    with pytest.raises(FileError, match="line 16"):
        sy.read_codes(path)


def test_media_offsets_are_told_and_applied_when_asked(tmp_path):
    path = elan(tmp_path).path
    plain, shifted = sy.read_codes(path), sy.read_codes(path, media="patient.mp4")
    assert [m.offset_s for m in plain.media] == [0.0, 2.5]
    assert [n.code for n in plain.notes if n.code == "media-offset"] == ["media-offset"]
    assert [e.onset_s + 2.5 for e in plain.events] == [e.onset_s for e in shifted.events]
    with pytest.raises(FileError, match="media files"):
        sy.read_codes(path, media="other.mp4")


def test_annotations_nested_without_end_are_refused(tmp_path):
    refs = "".join(
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="b{i}" ANNOTATION_REF="b{i + 1}">'
        "<ANNOTATION_VALUE>x</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
        for i in range(5000)
    )
    path = tmp_path / "a.eaf"
    path.write_text(EAF.replace("</TIER>", refs + "</TIER>", 1))
    with pytest.raises(FileError, match="annotation above it"):
        sy.read_codes(path)


def test_a_zip_that_unpacks_without_end_is_refused(tmp_path):
    path = tmp_path / "a.opf"
    write_opf(path, "#4\n" + "\n" * 30_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(FileError, match=r"unpacks to 30 MB"):
        sy.read_codes(path)


@pytest.mark.parametrize("name", ["../db", "/db"])
def test_a_zip_that_names_paths_outside_is_refused(tmp_path, name):
    path = tmp_path / "a.opf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("db", "#4\n")
        archive.writestr(name, "x")
    with pytest.raises(FileError, match="names inside the zip"):
        sy.read_codes(path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#3\n", "version '#4'"),
        ("#4\n00:00:01:000,00:00:02:000,(a)\n", "line 2"),
        (
            "#4\nh (MATRIX,true,)-a|NOMINAL\n00:00:01:000,00:00:02:000,(a,b)\n",
            "line 3: found 2 values",
        ),
        ("#4\nh (MATRIX,true,)-a|NOMINAL\n00:00:01:000,00:00:02:000,(a\n", "line 3"),
        ("#4\nh (MATRIX,true,)-a|NOMINAL\nh (MATRIX,true,)-a|NOMINAL\n", "twice"),
        ("#4\n", "no columns"),
        ("", "version '#4'"),
    ],
)
def test_a_damaged_datavyu_database_names_the_line(tmp_path, text, found):
    path = tmp_path / "a.opf"
    write_opf(path, text)
    with pytest.raises(FileError, match=r"a\.opf") as error:
        sy.read_codes(path)
    assert found in str(error.value)


def test_a_datavyu_cell_without_an_offset_is_kept_and_told(tmp_path):
    path = tmp_path / "a.opf"
    write_opf(path, "#4\nh (MATRIX,true,)-a|NOMINAL\n00:00:01:000,00:00:00:000,(x)\n")
    found = sy.read_codes(path)
    assert found.events[0].duration_s != found.events[0].duration_s
    assert [(n.where, n.code) for n in found.notes] == [("a.opf, line 3", "no-stop")]


def workbook(path, rows, dimension="A1:D3"):
    openpyxl = pytest.importorskip("openpyxl", reason="the extra data is not installed")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_codes_in_a_workbook(tmp_path):
    rows = [
        ["onset", "duration", "person", "code"],
        [1.5, 2, "P", "a"],
        [None] * 4,
        [4, 0.25, "Q", "b"],
    ]
    found = sy.read_codes(workbook(tmp_path / "a.xlsx", rows))
    got = [(e.onset_s, e.duration_s, e.person, e.code, e.line) for e in found.events]
    assert got == [(1.5, 2.0, "P", "a", 2), (4.0, 0.25, "Q", "b", 4)]
    log = noldus(tmp_path).path.read_text("utf-16").splitlines()
    found = sy.read_codes(workbook(tmp_path / "b.xlsx", [x.split(",") for x in log]))
    assert (found.format, len(found.events)) == ("noldus", 3)


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["onset", "code"], [1, "a"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 60_000_000)
    with pytest.raises(FileError, match="honest workbook"):
        sy.read_codes(path, format="table")


def test_a_workbook_with_entities_or_no_sheet_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["onset", "code"], [1, "a"]])
    with zipfile.ZipFile(path) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    bomb = BOMB.replace("ANNOTATION_DOCUMENT", "worksheet").encode()
    for broken in ({"xl/worksheets/sheet1.xml": bomb}, {"xl/workbook.xml": b"<workbook"}):
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in (parts | broken).items():
                archive.writestr(name, data)
        with pytest.raises(FileError, match="damaged workbook"):
            sy.read_codes(path, format="table")


def test_a_workbook_needs_its_package(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", [["onset", "code"], [1, "a"]])
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(ImportError, match=r"syntony\[data\]"):
        sy.read_codes(path, format="table")


@pytest.mark.parametrize("name", ["boris", "whisper"])
@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"observations": 3}',
        '{"segments": 3}',
        "null",
        '{"observations": {"a": []}}',
    ],
)
def test_json_that_is_not_theirs_is_refused(tmp_path, name, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(FileError, match=r"a\.json"):
        sy.read_codes(path, format=name)


@pytest.mark.parametrize("start", ["NaN", "Infinity", "1e999", '"1"', "true", "null", "-3", "2e6"])
def test_a_time_in_json_that_is_none_is_refused_by_its_segment(tmp_path, start):
    path = tmp_path / "a.json"
    path.write_text(f'{{"segments": [{{"start": {start}, "end": 4000000, "text": "a"}}]}}')
    with pytest.raises(FileError, match="segment 1"):
        sy.read_codes(path)


def test_whisper_cpp_counts_milliseconds(tmp_path):
    path = tmp_path / "a.json"
    said = {"transcription": [{"offsets": {"from": 1500, "to": 2250}, "text": " Hm."}]}
    path.write_text(json.dumps(said))
    event = sy.read_codes(path).events[0]
    assert (event.onset_s, event.duration_s, event.comment) == (1.5, 0.75, "Hm.")


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ([1.0, "p", "unknown", "", ""], "event 4"),
        (["NaN", "p", "nod", "", ""], "without a time"),
        ([1.0], "event 4"),
        ("x", "event 4"),
    ],
)
def test_a_boris_event_that_is_none_is_named(tmp_path, event, found):
    from code_samples import boris

    path = boris(tmp_path).path
    said = json.loads(path.read_text())
    said["observations"]["pair 1"]["events"].append(event)
    path.write_text(json.dumps(said))
    with pytest.raises(FileError) as error:
        sy.read_codes(path)
    assert found in str(error.value)


def test_a_state_that_never_ends_is_kept_and_told(tmp_path):
    from code_samples import boris

    path = boris(tmp_path).path
    said = json.loads(path.read_text())
    said["observations"]["pair 1"]["events"].pop()
    path.write_text(json.dumps(said))
    found = sy.read_codes(path)
    assert [e.code for e in found.events] == ["nod", "smile"]
    assert [(n.code, n.where) for n in found.notes] == [
        ("no-stop", "lab.boris, observation 'pair 1', event 1")
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("onset,code\n1;5,a\n", "line 2, column 'onset'"),
        ("onset,code\n1,a\n2\n", "line 3"),
        ('onset,code\n1,a\n2,"b\n', "line 3"),
        ("onset,code,code\n1,a,b\n", "twice"),
        ("onset,code\n1e7,a\n", "milliseconds"),
        ("onset,code\n1_0,a\n", "'1_0'"),
        ("onset,code\nnan,a\n", "'nan'"),
        ("onset,end,code\n5,4,a\n", "line 2: found a stop at 4 s, before the start at 5 s"),
        ("onset,code\n" + "1,a\n" * 3 + "1,a,b\n", "line 5"),
    ],
)
def test_a_damaged_table_names_the_line(tmp_path, text, found):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(FileError) as error:
        sy.read_codes(path, format="table")
    assert found in str(error.value)


def test_a_table_in_latin_1_is_read_with_a_note(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("onset,code\n1,a\n2,fröhlich\n".encode("latin-1"))
    found = sy.read_codes(path)
    assert found.events[1].code == "fröhlich"
    assert [(n.where, n.code) for n in found.notes] == [("a.csv, line 3", "encoding")]


def test_a_table_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("syntony.io.codes.source.MAX_ROWS", 100)
    path = tmp_path / "a.csv"
    path.write_text("onset,code\n" + "1,a\n" * 200)
    with pytest.raises(FileError, match="too large"):
        sy.read_codes(path)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("size = 2\nitem", "size = 3\nitem", "end of the file"),
        ('class = "TextTier"', 'class = "Pitch"', "line 25: found 'Pitch'"),
        ("intervals: size = 2", "intervals: size = 1e300", "line 25"),
        ("xmin = 2.5", 'xmin = "2.5"', "line 20"),
        ('mark = "n"', "mark = 3", "a label in quotes"),
        ('"TextGrid"', '"PitchTier"', "another Praat object"),
        ("number = 3", "number = -3", "a start at -3 s"),
        ('mark = "n"', 'mark = "n', "does not close"),
    ],
)
def test_a_damaged_textgrid_names_the_line(tmp_path, old, new, found):
    path = textgrid(tmp_path).path
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(FileError) as error:
        sy.read_codes(path, format="textgrid")
    assert found in str(error.value)


def test_textgrids_of_other_kinds_say_how_to_save_them(tmp_path):
    path = tmp_path / "a.TextGrid"
    path.write_bytes(b"ooBinaryFile\x08TextGrid\x00\x00")
    with pytest.raises(FileError, match=r"binary TextGrid.*Save as text"):
        sy.read_codes(path)
    path.write_text('"Praat chronological TextGrid text file"\n0 10\n')
    with pytest.raises(FileError, match="chronological"):
        sy.read_codes(path, format="textgrid")


def test_a_textgrid_in_utf_16(tmp_path):
    path = textgrid(tmp_path).path
    path.write_bytes(path.read_text().replace("twice", "zweimal, ängstlich").encode("utf-16"))
    assert sy.read_codes(path).events[0].code.endswith("ängstlich")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("State stop", "Halt", "line 5, column 'Event_Type'"),
        ("smile,wide,State stop", "frown,,State stop", "line 5: found a stop of 'frown'"),
        ("Time_Relative_sf", "Time_Absolute", ""),
    ],
)
def test_a_damaged_log_of_the_observer_names_the_line(tmp_path, old, new, found):
    path = noldus(tmp_path).path
    path.write_text(path.read_text("utf-16").replace(old, new, 1))
    if not found:  # the other column of times will do
        assert [e.onset_s for e in sy.read_codes(path, format="noldus").events][:2] == [1.0, 2.0]
        return
    with pytest.raises(FileError) as error:
        sy.read_codes(path)
    assert found in str(error.value)


def test_the_observers_semicolons_and_decimal_commas(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text(
        "Time_Relative_sf;Duration_sf;Subject;Behavior;Event_Type;Comment\n"
        "1,5;2,25;patient;smile;State start;\n3,75;0;patient;smile;State stop;\n"
        "9,0;0;;;;the end\n"
    )
    found = sy.read_codes(path)
    assert [(e.onset_s, e.duration_s, e.comment) for e in found.events] == [
        (1.5, 2.25, ""),
        (9.0, 0.0, "the end"),
    ]
    assert [(n.where, n.code) for n in found.notes] == [("log.txt, line 4", "no-code")]


def test_wrong_words_are_refused(tmp_path):
    path = table(tmp_path).path
    with pytest.raises(InputError, match="format"):
        sy.read_codes(path, format="word")
    with pytest.raises(InputError, match="unit"):
        sy.read_codes(path, format="table", unit="min")
    with pytest.raises(FileError, match="'feeling'"):
        sy.read_codes(path, format="table", code="feeling")


def test_text_of_no_kind_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Dear diary\n")
    with pytest.raises(FileError, match="claimed by none"):
        sy.read_codes(path)


def test_carma_in_its_older_layout(tmp_path):
    path = tmp_path / "a.csv"
    head = "Filename,Lower Label,Upper Label,Minimum Value,Midpoint Value,Maximum Value,"
    rows = "".join(
        f"v.avi,bad,good,-100,0,100,9,{s},{r}\n" for s, r in ((1, 7.8), (2, 0.9), (3, 120))
    )
    path.write_text(head + "Number of Steps,Second,Rating\n" + rows)
    found = sy.read_codes(path)
    assert (found.format, found.media[0].name) == ("carma", "v.avi")
    assert found.ratings[0].values.tolist() == [7.8, 0.9, 120.0]
    assert (found.ratings[0].rate_hz, found.ratings[0].start_s) == (1.0, 0.0)
    assert "off-scale" in [n.code for n in found.notes]


def test_huge_cells_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("onset,code\n1," + "a" * 200_000 + "\n")
    with pytest.raises(FileError, match="field larger"):
        sy.read_codes(path)
