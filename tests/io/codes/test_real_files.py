"""The counts of real files, to the event, by other roads than our readers."""

import csv
import json
from collections import Counter

import pytest
from shared import SHARED, needs_shared

import syntony as sy
from syntony.io.codes.registry import find_code_reader

DATA = SHARED / "data"
ELAN = DATA / "elan-eaf" / "example_solis.eaf"
BORIS = DATA / "boris"
PRAAT = DATA / "praat-textgrid"
DATAVYU = DATA / "datavyu-opf"
COUPLES = DATA / "dyseq-coded-couples" / "couplescope_first40.csv"


@needs_shared("data/elan-eaf")
def test_elan_has_the_counts_of_its_readme_and_the_times_of_another_reader():
    found = sy.read_codes(ELAN)
    counts = Counter(e.tier for e in found.events)
    assert [counts[t] for t in ("CHI", "FA1", "FA2", "MC1", "MA1")] == [67, 58, 51, 41, 5]
    speakers = {"CHI", "FA1", "FA2", "MC1", "MA1"}
    spoken = [e for e in found.events if e.tier in speakers]
    vcm = {(e.tier, e.onset_s): e.code for e in found.events if e.tier.startswith("vcm@")}
    with (DATA / "elan-eaf" / "example_solis_expected.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(spoken) == 222
    wanted = sorted((int(r["segment_onset"]), r["speaker_id"]) for r in rows)
    got = sorted((round(e.onset_s * 1000), e.tier) for e in spoken)
    assert all(a[1] == b[1] and abs(a[0] - b[0]) <= 1 for a, b in zip(wanted, got, strict=True))
    at = {(e.tier, round(e.onset_s * 1000)): e for e in spoken}
    for row in rows:
        near = [at.get((row["speaker_id"], int(row["segment_onset"]) + d)) for d in (0, 1, -1)]
        event = next(e for e in near if e is not None)
        assert abs(round(event.stop_s * 1000) - int(row["segment_offset"])) <= 1
        if row["vcm_type"] not in ("", "NA"):
            assert vcm["vcm@" + event.tier, event.onset_s] == row["vcm_type"]
    assert {e.person for e in found.events if e.tier == "CHI"} == {"Child"}
    assert len(found.tiers) == 14
    assert found.media[0].name.endswith(".wav")


@needs_shared("data/elan-eaf")
def test_every_annotation_of_the_elan_file_is_an_event_at_its_line():
    text = ELAN.read_text("utf-8")
    events = sy.read_codes(ELAN).events
    assert len(events) == text.count("<ALIGNABLE_ANNOTATION ") + text.count("<REF_ANNOTATION ")
    lines = text.splitlines()
    for event in events:
        name = event.element.removeprefix("annotation ")
        assert f'ANNOTATION_ID="{name}"' in lines[event.line - 1]


@needs_shared("data/boris")
def test_the_boris_project_holds_what_its_json_says():
    found = sy.read_codes(BORIS / "test.boris")
    said = json.loads((BORIS / "test.boris").read_text("utf-8"))["observations"]
    for name, about in said.items():
        mine = [e for e in found.events if e.session == name]
        points = [e for e in about["events"] if e[2] in "pq"]
        states = Counter((e[1], e[2], e[3]) for e in about["events"] if e[2] not in "pq")
        assert sum(e.is_point for e in mine) == len(points)
        spans = Counter()
        for key in states:
            times = sorted(e[0] for e in about["events"] if tuple(e[1:4]) == key)
            spans.update((*key, a, b) for a, b in zip(times[::2], times[1::2], strict=False))
        whole = [e for e in mine if e.duration_s > 0]
        got = Counter((e.person, e.code, e.modifier, e.onset_s, e.stop_s) for e in whole)
        assert got == spans
        assert len(mine) - sum(e.is_point for e in mine) == sum(-(-n // 2) for n in states.values())
    assert len(found.events) == 92
    open_ = [n for n in found.notes if n.code == "no-stop"]
    assert [n.where for n in open_] == ["test.boris, observation 'live not paired', event 12"]
    modified = [e for e in found.events if e.session == "modifiers"]
    assert [e.modifier for e in modified] == ["m1", "m2", "m3", "m1", "None"]


@needs_shared("data/boris")
def test_the_exports_say_the_same_as_the_project():
    project = sy.read_codes(BORIS / "test.boris")

    def facts(events):
        return Counter((e.session, e.onset_s, e.duration_s, e.code, e.person) for e in events)

    one = facts(e for e in project.events if e.session == "observation #1")
    two = facts(e for e in project.events if e.session == "observation #2")
    for kind in ("tsv", "csv", "xlsx"):
        if kind == "xlsx":
            pytest.importorskip("openpyxl", reason="the extra data is not installed")
        path = BORIS / f"test_export_events_tabular.{kind}"
        assert find_code_reader(path).name == "boris_tabular"
        found = sy.read_codes(path)
        assert facts(found.events) == one
        assert len(found.events) == 4
        assert [m.name for m in found.media] == ["video_test_25fps_360s.mp4"]
    found = sy.read_codes(BORIS / "test_export_aggregated_events_test_full_1.tsv")
    assert facts(found.events) == two
    assert (len(found.events), sum(e.is_point for e in found.events)) == (18, 8)


@needs_shared("data/praat-textgrid")
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("mary", {"phone": 14, "word": 4, "pitch": 4}),
        ("bobby_words", {"word": 4, "phrase": 1}),
        ("bobby_phones_elan", {"phone": 13}),
        ("textgrid_to_merge_longfile", {"bob": 4, "mary": 4, "sarah": 3}),
        (
            "childproject_example",
            {"CHI*": 1, "MOT*": 1, "C1": 1, "C2": 1, "LF2P": 1}
            | dict.fromkeys(("FA1", "FA2", "MA1", "MA2", "2POPMT", "Autre"), 0),
        ),
    ],
)
def test_textgrids_long_and_short(name, counts):
    found = sy.read_codes(PRAAT / f"{name}.TextGrid")
    assert {t.name: t.count for t in found.tiers} == counts
    assert Counter(e.tier for e in found.events) == Counter({k: v for k, v in counts.items() if v})
    text = (PRAAT / f"{name}.TextGrid").read_text("utf-8")
    quoted = [x for x in text.split('"')[1::2] if x]
    known = {"ooTextFile", "TextGrid", "IntervalTier", "TextTier"}
    labels = Counter(x for x in quoted if x not in known and x.strip() not in counts)
    assert labels == Counter(e.code for e in found.events)


@needs_shared("data/praat-textgrid")
def test_the_points_of_mary():
    pitch = [e for e in sy.read_codes(PRAAT / "mary.TextGrid").events if e.tier == "pitch"]
    assert [(e.code, e.is_point) for e in pitch] == [(c, True) for c in ("120", "85", "97", "104")]
    assert pitch[0].onset_s == pytest.approx(0.5978689404359245, abs=1e-9)


@needs_shared("data/datavyu-opf")
@pytest.mark.parametrize(("dyad", "cells"), [("dyad1", (50, 50)), ("dyad2", (33, 100))])
@pytest.mark.parametrize("argument", ["hand", "look"])
def test_datavyu_says_the_same_as_its_export(dyad, cells, argument):
    found = sy.read_codes(DATAVYU / f"{dyad}.opf", argument=argument)
    assert {t.name: t.count for t in found.tiers} == dict(
        zip(("childhands", "parenthands"), cells, strict=True)
    )
    for column in ("childhands", "parenthands"):
        exported = sy.read_codes(
            DATAVYU / f"{column}__{dyad}.csv", format="table", code=argument, stop="offset",
            tier="column", unit="ms",
        )  # fmt: skip
        mine = [e for e in found.events if e.tier == column]
        assert [(e.onset_s, e.duration_s, e.code, e.tier) for e in mine] == [
            (e.onset_s, e.duration_s, e.code, e.tier) for e in exported.events
        ]


@needs_shared("data/dyseq-coded-couples")
def test_couples_coded_interval_by_interval():
    found = sy.read_codes(COUPLES, interval_s=10.0)
    assert len(found.sessions) == 40
    assert len({e.onset_s for e in found.events}) == 48
    counts = Counter(e.code for e in found.events)
    assert [round(counts[c] / (40 * 48), 2) for c in ("IKCB", "DCCB")] == [0.59, 0.58]
    assert [n.text for n in found.notes] == ["Columns ['EDCm'] were not read."]
    with COUPLES.open(newline="") as file:
        ones = sum(v == "1" for r in csv.DictReader(file) for k, v in r.items() if k[:4] in counts)
    assert len(found.events) == ones
