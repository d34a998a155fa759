"""What was marked as artefact reaches no figure, and is counted by its own cause."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from syntony.body.features import prepare
from syntony.config import Body
from syntony.core.events import Events
from syntony.core.session import Mark, Person, Session
from syntony.core.signal import Signal

PEOPLE = Person(id="P01", role="patient"), Person(id="T01", role="therapist")


def two(values, other, rate_hz=8.0, **about):
    known = {"rate_hz": rate_hz, "start_s": 3.0, "unit": "uS", "kind": "eda"} | about
    signals = [
        Signal(values=v, person=p.id, **known) for v, p in zip((values, other), PEOPLE, strict=True)
    ]
    return Session(id="d01s01", people=PEOPLE, signals=tuple(signals))


def eda(k, n=800):
    return 4.0 + np.sin(np.arange(n) / (31 + k)) + 0.3 * np.sin(np.arange(n) / 11)


@pytest.mark.parametrize("name", ["eda", "eda_phasic", "acc"])
def test_an_artefact_that_is_marked_gives_what_a_gap_gives(name):
    kind = "acc" if name == "acc" else "eda"
    first, second = eda(1), eda(2)
    first[5] = np.nan
    broken, gap = first.copy(), first.copy()
    broken[200:260] += 0.2 * np.random.default_rng(3).standard_normal(60)
    gap[200:260] = np.nan
    mark = Mark(person="P01", kind=kind, start_s=3.0 + 200 / 8, stop_s=3.0 + 260 / 8)
    marked = replace(two(broken, second, kind=kind), marks=(mark,))
    got = prepare(marked, PEOPLE, name, Body())
    wanted = prepare(two(gap, second, kind=kind), PEOPLE, name, Body())
    assert_array_equal(got.first.values, wanted.first.values)
    assert_array_equal(got.second.values, wanted.second.values)
    rows = {r.cause: r for r in got.quality if r.person == "P01"}
    before = {r.cause: r for r in wanted.quality if r.person == "P01"}
    assert rows["marked"].count == 60
    assert rows["marked"].seconds == 7.5
    assert rows["missing"].count == before["missing"].count - 60 == 1
    assert not [r for r in got.quality if r.person == "T01" and r.cause == "marked"]
    assert [n.code for n in got.notes if n.code == "marked-by-hand"] == ["marked-by-hand"]


def test_a_mark_of_another_channel_or_person_changes_nothing():
    plain = two(eda(1), eda(2))
    marks = (Mark(person="P01", kind="ecg", start_s=5, stop_s=9),)
    got = prepare(replace(plain, marks=marks), PEOPLE, "eda", Body())
    wanted = prepare(plain, PEOPLE, "eda", Body())
    assert_array_equal(got.first.values, wanted.first.values)
    assert got.quality == wanted.quality


def test_a_mark_of_every_channel_takes_this_one_too():
    marks = (Mark(person="T01", kind="*", start_s=20, stop_s=30),)
    got = prepare(replace(two(eda(1), eda(2)), marks=marks), PEOPLE, "eda", Body())
    inside = (got.second.times_s >= 20.5) & (got.second.times_s < 29.5)
    assert np.isnan(got.second.values[inside]).all()
    assert np.isfinite(got.first.values[inside]).all()


def beats(person, seed):
    rr = 800 + 60 * np.sin(np.arange(150) / (5 + seed))
    return Events(times_s=np.cumsum(rr) / 1000, values=rr, unit="ms", kind="rr", person=person)


def test_beats_that_are_marked_leave_a_gap_that_is_not_drawn_over():
    session = Session(id="d01s01", people=PEOPLE, events=(beats("P01", 0), beats("T01", 3)))
    mark = Mark(person="P01", kind="rr", start_s=40.0, stop_s=52.0)
    got = prepare(replace(session, marks=(mark,)), PEOPLE, "hr", Body())
    plain = prepare(session, PEOPLE, "hr", Body())
    times = got.first.times_s
    inside, apart = (times > 40.0) & (times < 52.0), (times < 36.0) | (times > 58.0)
    assert np.isnan(got.first.values[inside]).all()
    assert_allclose(got.first.values[apart], plain.first.values[apart], atol=1e-9)
    row = next(r for r in got.quality if r.cause == "marked")
    taken = beats("P01", 0)
    began = taken.times_s - taken.values / 1000
    wanted = int(((taken.times_s >= 40.0) & (began < 52.0)).sum())
    assert row.count == wanted


def test_marking_one_of_two_equal_recordings_does_not_hide_that_they_are_one():
    session = two(eda(1), eda(1))
    marked = replace(session, marks=(Mark(person="P01", kind="eda", start_s=10, stop_s=12),))
    codes = [n.code for n in prepare(marked, PEOPLE, "eda", Body()).notes]
    assert "same-recording" in codes


def test_everything_marked_leaves_nothing_and_says_so():
    marks = (Mark(person="P01", kind="eda", start_s=0, stop_s=1e6),)
    got = prepare(replace(two(eda(1), eda(2)), marks=marks), PEOPLE, "eda", Body())
    assert np.isnan(got.first.values).all()
    assert "no-valid-data" in [n.code for n in got.notes]
