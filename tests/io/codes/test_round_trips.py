"""What is written is read back the same."""

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from code_samples import elan
from hypothesis import given, settings
from hypothesis import strategies as st

import syntony as sy
from syntony.core.errors import InputError
from syntony.io.codes.registry import code_writers

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"])
    | st.sampled_from("\n\t\",;|'&<>"),
    max_size=8,
)
NAMES = st.sampled_from(["", "P01", "patient, the", 'a "b"', "ä<ß>&"])
TIMES = st.integers(0, 10**12).map(lambda n: n / 1e9) | st.integers(0, 10**5).map(lambda n: n / 4)


@st.composite
def events(draw):
    code = draw(WORDS.filter(lambda t: t.strip()))
    return sy.CodeEvent(
        onset_s=draw(TIMES),
        duration_s=draw(st.just(0.0) | TIMES),
        code=code,
        person=draw(NAMES),
        coder=draw(NAMES),
        tier=draw(NAMES),
        modifier=draw(WORDS),
        comment=draw(WORDS),
        session=draw(NAMES),
    )


def bare(found):
    """Events without their place in a file, as a bag."""
    return Counter(replace(e, line=0, element="") for e in found)


def without_equal_overlap(given_):
    """Leave out equal states that overlap: BORIS cannot tell them apart, and writing refuses."""
    last, kept = {}, []
    for e in sorted(given_, key=lambda e: e.onset_s):
        key = (e.session, e.coder, e.person, e.code, e.tier, e.modifier)
        if e.is_point or e.onset_s >= last.get(key, 0.0):
            kept.append(e)
            last[key] = max(last.get(key, 0.0), 0.0 if e.is_point else e.stop_s)
    return kept


@pytest.mark.parametrize(
    ("name", "file"),
    [("elan", "a.eaf"), ("boris_tabular", "a.tsv"), ("boris_tabular", "a.csv"), ("table", "a.tsv"),
     ("table", "a.csv")],
)  # fmt: skip
@given(given_=st.lists(events(), max_size=12))
@settings(max_examples=40, deadline=None)
def test_nothing_is_lost_in_a_round_trip(tmp_path_factory, name, file, given_):
    path = tmp_path_factory.mktemp("trip") / file
    if name == "boris_tabular":
        given_ = without_equal_overlap(given_)
    found = sy.read_codes(sy.write_codes(path, given_, format=name), format=name)
    assert bare(found.events) == bare(given_)


def test_every_writer_is_tried():
    assert set(code_writers()) == {"elan", "boris_tabular", "table"}


def test_the_suffix_decides_and_the_content_is_known_again(tmp_path):
    given_ = [sy.CodeEvent(onset_s=1.0, duration_s=2.0, code="a", person="P")]
    assert sy.read_codes(sy.write_codes(tmp_path / "x.eaf", given_)).format == "elan"
    assert sy.read_codes(sy.write_codes(tmp_path / "x.csv", given_)).format == "table"
    made = sy.write_codes(tmp_path / "y.csv", given_, format="boris_tabular")
    assert sy.read_codes(made).format == "boris_tabular"


def test_elan_gets_a_file_of_its_own_rules(tmp_path):
    given_ = [
        sy.CodeEvent(onset_s=1.0, duration_s=2.0, code="a", tier="T", comment="why"),
        sy.CodeEvent(onset_s=2.0, duration_s=2.0, code="b", tier="T"),
        sy.CodeEvent(onset_s=2.5, duration_s=0.0, code="c", tier="T"),
    ]
    root = ElementTree.parse(sy.write_codes(tmp_path / "x.eaf", given_)).getroot()
    slots = {s.get("TIME_SLOT_ID"): int(s.get("TIME_VALUE")) for s in root.iter("TIME_SLOT")}
    assert list(slots.values()) == sorted(slots.values())
    tiers = {t.get("TIER_ID"): t for t in root.iter("TIER")}
    assert len(tiers) == 4  # three that overlap, one of comments
    ids = [a.get("ANNOTATION_ID") for a in root.iter() if a.get("ANNOTATION_ID")]
    assert len(set(ids)) == len(ids) == 4
    for tier in tiers.values():
        times = [
            (slots[a.get("TIME_SLOT_REF1")], slots[a.get("TIME_SLOT_REF2")])
            for a in tier.iter("ALIGNABLE_ANNOTATION")
        ]
        assert all(start < stop for start, stop in times)
        assert all(a[1] <= b[0] for a, b in pairwise(times))


def test_an_annotation_that_elan_moved_has_the_time_of_elan(tmp_path):
    given_ = [sy.CodeEvent(onset_s=1.00025, duration_s=2.0, code="a", tier="T")]
    path = sy.write_codes(tmp_path / "x.eaf", given_)
    assert sy.read_codes(path).events[0].onset_s == 1.00025
    path.write_text(
        path.read_text("utf-8").replace('TIME_VALUE="1000"', 'TIME_VALUE="1700"'), "utf-8"
    )
    assert sy.read_codes(path).events[0].onset_s == 1.7


def test_what_a_format_cannot_hold_is_refused(tmp_path):
    endless = sy.CodeEvent(onset_s=1.0, duration_s=math.nan, code="a")
    with pytest.raises(InputError, match="known length"):
        sy.write_codes(tmp_path / "x.eaf", [endless])
    with pytest.raises(InputError, match="known length"):
        sy.write_codes(tmp_path / "x.eaf", [sy.CodeEvent(onset_s=-1.0, duration_s=2.0, code="a")])
    twice = [sy.CodeEvent(onset_s=t, duration_s=2.0, code="a") for t in (1.0, 2.0)]
    with pytest.raises(InputError, match="do not overlap"):
        sy.write_codes(tmp_path / "x.tsv", twice, format="boris_tabular")
    with pytest.raises(InputError, match="format"):
        sy.write_codes(tmp_path / "x.tsv", twice, format="textgrid")
    assert not list(tmp_path.iterdir())
    for name in ("boris_tabular", "table"):
        found = sy.read_codes(sy.write_codes(tmp_path / "x.tsv", [endless], format=name))
        assert math.isnan(found.events[0].duration_s)
        assert [n.code for n in found.notes if n.code == "no-stop"] == ["no-stop"]


def test_a_real_tree_of_tiers_goes_through_every_writer(tmp_path):
    found = sy.read_codes(elan(tmp_path).path)
    for name in code_writers():
        made = sy.write_codes(tmp_path / f"{name}.tsv", found.events, format=name)
        again = sy.read_codes(made, format=name)
        assert bare(again.events) == bare(found.events)


def test_a_code_event_is_a_plain_value():
    event = sy.CodeEvent(onset_s=1.0, duration_s=0.1 + 0.2, code=" a\r\nb ", person="n/a")
    assert (event.code, event.person, event.duration_s, event.stop_s) == ("a\nb", "", 0.3, 1.3)
    for wrong in ({"onset_s": math.nan}, {"onset_s": 2e6}, {"onset_s": 0.0, "duration_s": -1.0}):
        with pytest.raises(InputError):
            sy.CodeEvent(code="a", **wrong)
    with pytest.raises(InputError, match="control"):
        sy.CodeEvent(onset_s=0.0, code="a\x00b")


def test_writing_fails_whole(tmp_path, monkeypatch):
    path = sy.write_codes(tmp_path / "a.csv", [sy.CodeEvent(onset_s=1.0, code="a")])
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="space"):
        sy.write_codes(path, [sy.CodeEvent(onset_s=2.0, code="b")])
    assert path.read_bytes() == before
