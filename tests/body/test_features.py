from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from syntony.body.features import feature, features, prepare
from syntony.config import Beats, Body, Eda, EdaQuality, Grid
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.session import Person, Session
from syntony.core.signal import Signal

PATIENT, THERAPIST = Person(id="P01", role="patient"), Person(id="T01", role="therapist")
PEOPLE = (PATIENT, THERAPIST)


def channel(person, values=None, rate_hz=4.0, start_s=0.0, kind="eda", unit="uS", n=1200):
    if values is None:
        rng = np.random.default_rng(ord(person.id[0]))
        values = 5 + np.cumsum(0.05 * rng.standard_normal(n)) / np.sqrt(rate_hz)
    return Signal(
        values=values, rate_hz=rate_hz, start_s=start_s, unit=unit, kind=kind, person=person.id
    )


def beats(person, n=300, start_s=0.0, seed=1):
    rr = (
        850 + 50 * np.sin(np.arange(n) * 1.4 + seed) + np.random.default_rng(seed).uniform(-5, 5, n)
    )
    times = start_s + np.cumsum(rr) / 1000
    return Events(times_s=times, values=rr, unit="ms", kind="rr", person=person.id)


def session(*channels):
    return Session(
        id="d01s03",
        people=PEOPLE,
        signals=tuple(c for c in channels if isinstance(c, Signal)),
        events=tuple(c for c in channels if isinstance(c, Events)),
    )


def causes(prepared, person=PATIENT):
    return {row.cause: row for row in prepared.quality if row.person == person.id}


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from([4.0, 4.0, 8.0, 16.0, 31.7, 4.0001]),
    st.sampled_from([4.0, 10.0, 32.0]),
    st.floats(-20, 20),
    st.floats(-20, 20),
    st.sampled_from([1.0, 2.0, 4.0, 5.0, 10.0]),
)
def test_both_come_onto_one_grid(rate_a, rate_b, start_a, start_b, grid_hz):
    one = channel(PATIENT, rate_hz=rate_a, start_s=start_a, n=round(120 * rate_a))
    other = channel(THERAPIST, rate_hz=rate_b, start_s=start_b, n=round(100 * rate_b))
    ready = prepare(session(one, other), PEOPLE, "eda", Body(grid=Grid(rate_hz=grid_hz)))
    a, b = ready.first, ready.second
    assert (a.rate_hz, a.start_s, a.values.size) == (b.rate_hz, b.start_s, b.values.size)
    assert a.rate_hz == grid_hz
    assert abs(a.start_s * grid_hz - round(a.start_s * grid_hz)) < 1e-9
    low, high = max(start_a, start_b), min(one.times_s[-1], other.times_s[-1])
    assert low - 1e-9 <= a.start_s < low + 1 / grid_hz
    assert high - 1 / grid_hz < a.times_s[-1] <= high + 1e-9
    assert ready.overlap_s == pytest.approx(a.values.size / grid_hz)
    assert (a.person, b.person) == ("P01", "T01")
    assert a.valid_share == b.valid_share == 1.0
    for left, source in zip(ready.left_over_s, (one, other), strict=True):
        assert left == pytest.approx(
            source.times_s[-1] - source.start_s - (a.times_s[-1] - a.start_s), abs=1e-6
        )


def test_gaps_stay_where_they_were_on_the_session_clock():
    one, other = channel(PATIENT), channel(THERAPIST, start_s=10.0)
    holes = one.values.copy()
    holes[400:440] = np.nan  # seconds 100 to 110
    ready = prepare(session(replace(one, values=holes), other), PEOPLE, "eda", Body())
    at = ready.first.times_s
    assert_array_equal(np.isnan(ready.first.values), (at >= 100) & (at < 110))
    rows = causes(ready)
    assert (rows["missing"].seconds, rows["missing"].count) == (10.0, 40)
    assert rows["missing"].share == pytest.approx(10 / 300)
    assert (rows["total"].seconds, rows["total"].count) == (300.0, 1200)
    assert rows["valid"].seconds == 290.0
    assert rows["on-grid"].share == pytest.approx(ready.first.valid_share)
    assert (rows["total"].role, rows["total"].signal) == ("patient", "eda")


@pytest.mark.parametrize("name", ["eda", "eda_tonic", "eda_phasic"])
def test_losses_and_valid_add_up_to_the_whole(name):
    x = channel(PATIENT).values.copy()
    x[100:104], x[300:420], x[700], x[460:490] = 70.0, x[300], np.nan, np.nan
    ready = prepare(session(channel(PATIENT, x), channel(THERAPIST)), PEOPLE, name, Body())
    rows = causes(ready)
    lost = sum(r.seconds for c, r in rows.items() if c not in ("total", "valid", "on-grid"))
    assert lost + rows["valid"].seconds == pytest.approx(rows["total"].seconds)
    assert {"range", "flat", "spread", "missing"} <= set(rows)
    assert ("too-short" in rows) == (name != "eda")


def test_tonic_and_phasic_add_up_on_the_grid():
    s = session(channel(PATIENT), channel(THERAPIST))
    whole, tonic, phasic = (
        prepare(s, PEOPLE, n, Body()).first for n in ("eda", "eda_tonic", "eda_phasic")
    )
    assert_allclose(tonic.values + phasic.values, whole.values, atol=1e-9)
    assert abs(phasic.values.mean()) < 0.1 < tonic.values.mean()
    assert (phasic.kind, phasic.unit) == ("eda_phasic", "uS")


def test_a_flat_channel_becomes_missing_and_is_noted():
    s = session(channel(PATIENT, np.full(1200, 3.0)), channel(THERAPIST))
    for name in ("eda", "eda_tonic", "eda_phasic"):
        ready = prepare(s, PEOPLE, name, Body())
        assert np.isnan(ready.first.values).all()
        assert ready.second.valid_share == 1.0
        assert causes(ready)["flat"].share == 1.0
        assert [n.code for n in ready.notes] == ["no-valid-data"]
        assert ready.notes[0].where == f"d01s03/P01/{name}"
        assert "flat 300 s" in ready.notes[0].text


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_any_other_flat_or_empty_channel_too(value):
    s = session(
        channel(PATIENT, np.full(1200, value), kind="motion", unit="1"),
        channel(THERAPIST, kind="motion", unit="1"),
    )
    ready = prepare(s, PEOPLE, "motion", Body())
    assert np.isnan(ready.first.values).all()
    assert [n.code for n in ready.notes] == ["no-valid-data"]
    assert causes(ready)["flat" if value == 0.0 else "missing"].count == 1200


def test_any_other_kind_is_used_as_recorded():
    x = np.random.default_rng(0).standard_normal(1200)
    s = session(
        channel(PATIENT, x, kind="resp", unit="1"), channel(THERAPIST, kind="resp", unit="V")
    )
    ready = prepare(s, PEOPLE, "resp", Body())
    assert_array_equal(ready.first.values, x)
    assert [n.code for n in ready.notes] == ["different-units"]


def test_a_missing_channel_names_session_person_and_what_is_there():
    s = session(channel(PATIENT), beats(PATIENT), channel(THERAPIST, kind="resp"))
    with pytest.raises(InputError) as caught:
        prepare(s, PEOPLE, "eda", Body())
    text = str(caught.value)
    for word in ("T01", "therapist", "d01s03", "'eda'", "resp"):
        assert word in text
    with pytest.raises(InputError, match="rr or ecg or ibi or hr"):
        prepare(s, PEOPLE, "hr", Body())
    with pytest.raises(InputError, match="name 'hr'"):
        prepare(s, PEOPLE, "rr", Body())


def test_recordings_that_miss_each_other_say_by_how_much():
    s = session(channel(PATIENT), channel(THERAPIST, start_s=312.25))
    with pytest.raises(InputError, match=r"d01s03.*P01 from 0 to 299.75 s.*miss by 12.5 s"):
        prepare(s, PEOPLE, "eda", Body())
    s = session(channel(PATIENT), channel(THERAPIST, start_s=299.7))
    with pytest.raises(InputError, match=r"share only 0\.05 s"):
        prepare(s, PEOPLE, "eda", Body())


def test_one_sample_and_one_beat_are_refused():
    with pytest.raises(InputError, match=r"d01s03/P01/eda='1 sample"):
        prepare(session(channel(PATIENT, [1.0]), channel(THERAPIST)), PEOPLE, "eda", Body())
    with pytest.raises(InputError, match=r"d01s03/T01/hr='1 beat"):
        prepare(session(beats(PATIENT), beats(THERAPIST, n=1)), PEOPLE, "hr", Body())


def test_two_different_people_are_needed():
    with pytest.raises(InputError, match="two different people"):
        prepare(session(channel(PATIENT)), (PATIENT, PATIENT), "eda", Body())


def test_errors_inside_name_session_and_person():
    slow = channel(PATIENT, rate_hz=1.5, n=400)
    with pytest.raises(InputError, match=r"d01s03/P01/eda: cutoff_hz=1.0.*0.75 Hz") as caught:
        prepare(session(slow, channel(THERAPIST)), PEOPLE, "eda", Body())
    assert caught.value.got == 1.0
    s = session(channel(PATIENT, unit="V"), channel(THERAPIST))
    with pytest.raises(InputError, match=r"d01s03/P01/eda: unit='V'"):
        prepare(s, PEOPLE, "eda", Body())


def test_the_same_recording_under_two_names_is_noted():
    one = channel(PATIENT)
    s = session(one, replace(one, person="T01", start_s=2.0))
    assert "same-recording" in [n.code for n in prepare(s, PEOPLE, "eda", Body()).notes]
    twin = beats(PATIENT)
    s = session(twin, replace(twin, person="T01"))
    assert "same-recording" in [n.code for n in prepare(s, PEOPLE, "hr", Body()).notes]
    s = session(channel(PATIENT), channel(THERAPIST))
    assert not prepare(s, PEOPLE, "eda", Body()).notes


def test_much_loss_is_noted():
    x = channel(PATIENT).values.copy()
    x[:300] = np.nan
    s = session(channel(PATIENT, x), channel(THERAPIST))
    ready = prepare(s, PEOPLE, "eda", Body())
    assert [n.code for n in ready.notes] == ["much-invalid"]
    assert "25.0 %" in ready.notes[0].text
    assert not prepare(s, PEOPLE, "eda", Body(note_invalid=0.3)).notes


@pytest.mark.parametrize("kind", ["eda", "motion"])
def test_parts_are_joined_with_a_gap_and_never_glued(kind):
    whole = channel(PATIENT, n=1600, kind=kind)
    first, second = whole.between(0, 150), whole.between(210, 400)
    other = channel(THERAPIST, n=1600, kind=kind)
    ready = prepare(session(second, first, other), PEOPLE, kind, Body())
    at = ready.first.times_s
    assert ready.overlap_s == 400.0
    assert_array_equal(np.isnan(ready.first.values), (at >= 150) & (at < 210))
    rows = causes(ready)
    assert (rows["total"].seconds, rows["missing"].seconds) == (400.0, 60.0)
    overlapping = replace(second, start_s=140.0)
    with pytest.raises(InputError, match=r"starts at 140 s while another lasts to 150 s"):
        prepare(session(first, overlapping, other), PEOPLE, kind, Body())


def test_heart_rate_from_beats_lies_on_the_common_grid():
    s = session(beats(PATIENT), beats(THERAPIST, start_s=3.3, seed=2))
    ready = prepare(s, PEOPLE, "hr", Body())
    assert (ready.first.kind, ready.first.unit) == ("hr", "/min")
    assert ready.first.valid_share == ready.second.valid_share == 1.0
    assert 60 < ready.first.values.mean() < 80
    rows = causes(ready)
    assert (rows["beats"].count, rows["total"].signal) == (300, "rr")
    first = next(e for e in s.events if e.person == "T01")
    assert first.times_s[0] <= ready.first.start_s < first.times_s[0] + 0.25


def test_beats_in_parts_follow_one_another():
    one, two = beats(PATIENT, 100), beats(PATIENT, 100, start_s=140.0, seed=3)
    ready = prepare(session(two, one, beats(THERAPIST)), PEOPLE, "hr", Body())
    at = ready.first.times_s
    gap = (at > one.times_s[-1]) & (at < two.times_s[0])
    assert_array_equal(np.isnan(ready.first.values), gap)
    again = beats(PATIENT, 100, start_s=40.0)
    with pytest.raises(InputError, match="while another lasts"):
        prepare(session(one, again, beats(THERAPIST)), PEOPLE, "hr", Body())


def test_a_slow_grid_does_not_alias_beats():
    s = session(beats(PATIENT, 600), beats(THERAPIST, 600, seed=2))
    slow = prepare(s, PEOPLE, "hr", Body(grid=Grid(rate_hz=0.5)))
    fast = prepare(s, PEOPLE, "hr", Body())
    # The planted wave (one in 4.5 beats, 0.26 Hz) cannot live at 0.5 Hz; it would fold.
    assert fast.first.values.std() > 2.5
    assert np.nanstd(slow.first.values[5:-5]) < 0.3


def test_many_corrected_beats_are_noted_and_too_many_are_not_used():
    def with_faults(count):
        rhythm = beats(PATIENT, 400)
        times = rhythm.times_s.copy()
        times[np.linspace(20, 380, count).astype(int)] += 0.3
        return replace(rhythm, times_s=times, values=np.diff(1000 * times, prepend=np.nan))

    other = beats(THERAPIST, 400, seed=2)
    few = prepare(session(with_faults(10), other), PEOPLE, "hr", Body())
    assert [n.code for n in few.notes] == ["corrected-beats"]
    assert few.first.valid_share > 0.99
    many = prepare(session(with_faults(24), other), PEOPLE, "hr", Body())
    assert [n.code for n in many.notes] == ["too-many-corrected-beats", "no-valid-data"]
    assert np.isnan(many.first.values).all()
    assert causes(many)["too-many-corrected"].seconds > 300
    kept = prepare(session(with_faults(24), other), PEOPLE, "hr", Body(beats=Beats(correct=False)))
    assert kept.first.valid_share > 0.99
    assert not kept.notes


def test_dropped_intervals_count_as_well():
    doubled = beats(PATIENT, 400)
    times = np.sort(np.append(doubled.times_s, doubled.times_s[::5] + 0.2))
    doubled = replace(doubled, times_s=times, values=np.diff(1000 * times, prepend=np.nan))
    s = session(doubled, beats(THERAPIST, 400, seed=2))
    ready = prepare(s, PEOPLE, "hr", Body())
    assert "too-many-corrected-beats" in [n.code for n in ready.notes]


def test_the_first_source_of_heart_rate_is_taken_and_a_mixture_is_noted():
    ibi = channel(THERAPIST, np.full(1200, 800.0) + np.arange(1200) % 7, kind="ibi", unit="ms")
    decoy = channel(PATIENT, kind="hr", unit="/min")
    ready = prepare(session(beats(PATIENT), decoy, ibi), PEOPLE, "hr", Body())
    assert [n.code for n in ready.notes] == ["different-sources"]
    assert (causes(ready)["total"].signal, causes(ready, THERAPIST)["total"].signal) == (
        "rr",
        "ibi",
    )
    assert_allclose(ready.second.values.mean(), 74.7, atol=0.1)


def test_temperature_of_the_same_person_is_used_where_asked():
    cold = channel(PATIENT, np.full(300, 20.0), rate_hz=1.0, kind="temperature", unit="Cel")
    s = session(channel(PATIENT), channel(THERAPIST), cold)
    assert prepare(s, PEOPLE, "eda", Body()).first.valid_share == 1.0
    asked = Body(eda=Eda(quality=EdaQuality(use_temperature=True)))
    ready = prepare(s, PEOPLE, "eda", asked)
    assert causes(ready)["temperature"].share > 0.99
    assert ready.second.valid_share == 1.0


def test_swapping_the_people_swaps_the_result():
    s = session(channel(PATIENT), channel(THERAPIST, rate_hz=10.0, start_s=1.03, n=2000))
    there, back = prepare(s, PEOPLE, "eda", Body()), prepare(s, PEOPLE[::-1], "eda", Body())
    assert_array_equal(there.first.values, back.second.values)
    assert_array_equal(there.second.values, back.first.values)
    assert there.left_over_s == back.left_over_s[::-1]


@pytest.mark.parametrize("name", [*features(), "motion"])
def test_every_feature_tells_its_options(name):
    entry = feature(name)
    default = entry.tell(Body())
    assert "{" not in default
    assert default.endswith(".")
    assert entry.cites(Body())
    other = Body(
        eda=Eda(
            quality=EdaQuality(low_us=0.123, spread_s=7.0, use_temperature=True),
            low_pass_hz=0.77,
            tonic="median",
        ),
        beats=Beats(max_gap_s=2.5, correct=False, interpolation="linear"),
        grid=Grid(rate_hz=5.0),
    )
    told = entry.tell(other)
    assert told != default
    wanted = {"eda": ("0.123", "7 s", "0.77 Hz", "30-40"), "hr": ("2.5 s", "straight", "not corr")}
    for word in (*wanted.get(name.split("_")[0], ()), "5 Hz"):
        assert word in told
    if name in ("eda_tonic", "eda_phasic"):
        assert "median of 4 s" in told


def test_an_empty_name_is_refused():
    with pytest.raises(InputError, match="eda_phasic"):
        feature("")
