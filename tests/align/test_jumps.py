"""Clocks that jump amid a recording: found, cut, and never seen where there is none."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syntony.align.clocks import place
from syntony.align.common import Common
from syntony.align.jumps import LEAST, cut_at_jumps, fit_with_jumps
from syntony.align.markers import fit_markers
from syntony.core.errors import InputError
from syntony.core.events import Events
from syntony.core.recording import Recording
from syntony.core.signal import Signal

SPAN_S = 3000.0


def presses(rng, n, span_s=SPAN_S):
    """Moments at least 5 s apart."""
    return np.sort(rng.choice(int(span_s / 5), n, replace=False)) * 5.0 + rng.uniform(0, 2, n)


def on_device(times_s, jumps, rng, drift_ppm=0.0, wobble_s=0.02):
    """As a device stamps them whose clock is set back by so much at these true times."""
    offset = -100.0 - sum(np.where(times_s > at, by, 0.0) for at, by in jumps)
    return times_s / (1 + drift_ppm * 1e-6) + offset + wobble_s * rng.standard_normal(times_s.size)


@pytest.mark.parametrize("by_s", [2.5, -2.5, 40.0])
@pytest.mark.parametrize("drift_ppm", [0.0, 60.0])
@pytest.mark.parametrize("guess_s", [None, 70.0])
def test_a_planted_jump_is_found(by_s, drift_ppm, guess_s):
    rng = np.random.default_rng(1)
    true = presses(rng, 14)
    device = on_device(true, [(1400.0, by_s)], rng, drift_ppm)
    fit = fit_with_jumps(true, device, guess_s=guess_s)
    (jump,) = fit.jumps
    assert jump.by_s == pytest.approx(by_s, abs=0.15)
    last = np.flatnonzero(true < 1400.0)[-1]
    assert (jump.after_s, jump.before_s) == (device[last], device[last + 1])
    assert fit.drift_ppm == pytest.approx(drift_ppm, abs=40)
    assert fit.error_s < 0.2
    assert len(fit.pairs) == 14
    assert fit.words.endswith("its clock jumped 1 time")


def test_two_jumps_and_presses_of_one_device_alone():
    rng = np.random.default_rng(2)
    true = presses(rng, 24)
    device = on_device(true, [(900.0, 6.0), (2000.0, -3.0)], rng)
    only_one, only_other = np.delete(true, [3, 11]), np.delete(device, [6, 19])
    fit = fit_with_jumps(only_one, only_other)
    assert [j.by_s for j in fit.jumps] == pytest.approx([6.0, -3.0], abs=0.1)
    assert len(fit.pairs) == 20
    assert "jumped 2 times" in fit.words


@settings(deadline=None, max_examples=150)
@given(
    seed=st.integers(0, 2**32),
    common=st.integers(2, 20),
    more=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    offset_s=st.floats(-50.0, 50.0),
)
def test_presses_of_one_device_alone_are_no_jump(seed, common, more, offset_s):
    rng = np.random.default_rng(seed)
    both = presses(rng, common)
    one, other = (np.sort(np.append(both, rng.uniform(0, SPAN_S, n))) for n in more)
    guess_s = offset_s + rng.uniform(-5, 5)
    fit = fit_with_jumps(one, other - offset_s, guess_s=guess_s)
    assert fit.jumps == ()
    assert fit.offset_s == fit_markers(one, other - offset_s, guess_s=guess_s).offset_s


def test_strangers_presses_are_no_jumps():
    """Two devices that share no moment: 300 made pairs."""
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(300):
        one, other = (np.sort(rng.uniform(0, SPAN_S, n)) for n in rng.integers(6, 40, 2))
        with suppress(InputError):  # two offsets that fit equally well, or none
            found += bool(fit_with_jumps(one, other, guess_s=0.0).jumps)
    assert found == 0


def recording(person, marks_s, *, gap_s=None, rate_hz=4.0, stop_s=SPAN_S):
    """A signal that counts its samples, and presses; a gap has no samples."""
    values = np.arange(int(stop_s * rate_hz), dtype=float)
    if gap_s is not None:
        first, last = (int(t * rate_hz) for t in gap_s)
        values[first:last] = np.nan
    eda = Signal(values=values, rate_hz=rate_hz, start_s=0.0, unit="uS", kind="eda", person=person)
    marks = Events(times_s=marks_s, kind="marker", person=person)
    return [Recording(signals=(eda,), events=(marks,))]


def placed(by_s, gap_s=None):
    rng = np.random.default_rng(3)
    true = presses(rng, 12)
    at = (true[5] + true[6]) / 2
    device = true - np.where(true > at, by_s, 0.0)
    given = {"P": recording("P", true), "T": recording("T", device, gap_s=gap_s)}
    return true, device, place(given, together=True, common=Common(what="markers", kind="marker"))


@pytest.mark.parametrize("by_s", [7.5, -7.5])
def test_the_recording_is_cut_and_what_has_no_place_is_missing(by_s):
    _, device, found = placed(by_s)
    patient, therapist = found.signals
    zero = found.clocks["P"].offset_s
    for mark, of in ((2, device), (9, device)):
        value = int(np.ceil(of[mark] * 4))
        where = therapist.times_s[np.flatnonzero(therapist.values == value)[0]]
        assert where == pytest.approx(value / 4 + (by_s if mark > 5 else 0.0) + zero, abs=0.13)
    lost = device[6] - device[5]
    there = np.isfinite(therapist.values).sum()
    assert there == pytest.approx(patient.values.size - 4 * lost, abs=2)
    (note,) = [n for n in found.notes if n.code == "clock-jump"]
    assert f"{by_s:+.2f} s" in note.text
    assert f"{lost:.1f} s are left out" in note.text
    assert found.clocks["T"].error_s < 0.3
    both = [e.times_s for e in found.events]
    np.testing.assert_allclose(both[0], both[1], atol=0.01)


@pytest.mark.parametrize(("by_s", "gap_s"), [(7.5, 4.0), (-7.5, 20.0)])
def test_a_gap_tells_where_it_jumped(by_s, gap_s):
    _, device, _ = placed(by_s)
    middle = (device[5] + device[6]) / 2
    _, _, found = placed(by_s, gap_s=(middle - gap_s / 2, middle + gap_s / 2))
    therapist = found.signals[1]
    assert np.isfinite(therapist.values).sum() == pytest.approx(SPAN_S * 4 - gap_s * 4, abs=2)
    longest = np.diff(np.flatnonzero(np.isfinite(therapist.values))).max() / 4
    assert longest == pytest.approx(gap_s + by_s, abs=0.6)


def test_a_clock_set_back_by_more_than_the_gap_is_not_cut_there():
    _, device, _ = placed(-7.5)
    middle = (device[5] + device[6]) / 2
    lost = device[6] - device[5]
    _, _, found = placed(-7.5, gap_s=(middle - 2, middle + 2))
    there = np.isfinite(found.signals[1].values).sum()
    assert there == pytest.approx(4 * (SPAN_S - lost), abs=3)


def test_without_a_jump_nothing_is_cut():
    one = recording("T", np.array([5.0, 50.0, 500.0]))[0]
    fit = fit_markers(np.array([5.0, 50.0, 500.0]), np.array([5.0, 50.0, 500.0]))
    assert cut_at_jumps(one, fit, 0.0) == [(0.0, one)]
    assert LEAST == 3
