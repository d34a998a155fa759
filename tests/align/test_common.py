from datetime import datetime, timedelta

import numpy as np
import pytest
from shared import SHARED, needs_shared

from syntony.align.clocks import place
from syntony.align.common import Common, one_in_common
from syntony.align.moments import find_claps, find_edges
from syntony.align.shared_signal import fit_shared_signal
from syntony.core.errors import InputError
from syntony.core.recording import Recording
from syntony.core.signal import Signal

TEN = datetime(2024, 5, 1, 10, 0, 0)


def later(seconds):
    return TEN + timedelta(seconds=seconds)


def signal(values, *, rate_hz=100.0, start_s=0.0, person="A", kind="acc_z"):
    return Signal(
        values=values, rate_hz=rate_hz, start_s=start_s, unit="1", kind=kind, person=person
    )


def jumps(rng, seconds, rate_hz=100.0, per_s=0.05):
    n = round(seconds * rate_hz)
    return np.convolve(rng.random(n) < per_s / rate_hz, np.hanning(round(0.3 * rate_hz)), "same")


def seen(values, times_s, rate_hz, rng, *, noise=0.02):
    """What a device saw of it at these moments of the first one's time."""
    at = np.interp(times_s * rate_hz, np.arange(values.size), values)
    return at + noise * rng.standard_normal(at.size)


@pytest.mark.parametrize("measure", ["movement", "values"])
@pytest.mark.parametrize(("offset_s", "drift_ppm"), [(17.234, 0.0), (-41.5, 0.0), (3.2, 60.0)])
def test_a_shared_signal_finds_planted_offset_and_drift(measure, offset_s, drift_ppm):
    rng = np.random.default_rng(3)
    true = jumps(rng, 1500)
    device_s = np.arange(0, 1200, 1 / 64)
    there = device_s * (1 + drift_ppm * 1e-6) + offset_s
    inside = there > 0
    device = signal(
        seen(true, there[inside], 100, rng), rate_hz=64.0, start_s=device_s[inside][0], person="B"
    )
    fit = fit_shared_signal(signal(true), device, measure=measure)
    at = device.times_s
    found = at * (1 + fit.drift_ppm * 1e-6) + fit.offset_s
    assert np.abs(found - (at * (1 + drift_ppm * 1e-6) + offset_s)).max() < 0.005
    assert fit.drift_ppm == pytest.approx(drift_ppm, abs=5)
    assert "stretches of a shared signal" in fit.words
    assert fit.error_s < 0.05


def test_worn_upside_down_movement_is_the_same_and_values_are_not():
    rng = np.random.default_rng(3)
    true = jumps(rng, 300)
    upside_down = signal(-3 * true[1234:], person="B")
    fit = fit_shared_signal(signal(true), upside_down)
    assert fit.offset_s == pytest.approx(12.34, abs=0.01)
    with pytest.raises(InputError, match="stands out"):
        fit_shared_signal(signal(true), upside_down, measure="values")


def test_missing_stretches_do_not_count():
    rng = np.random.default_rng(4)
    true = jumps(rng, 600)
    holed = true.copy()
    holed[10_000:20_000] = np.nan
    fit = fit_shared_signal(signal(holed), signal(true[777:], person="B"))
    assert fit.offset_s == pytest.approx(7.77, abs=0.01)


def strangers_course(kind, rng, n):
    made = {"jumps": 0.2, "few jumps": 0.02}
    course = np.zeros(n)
    if kind in made:
        course = jumps(rng, n / 100, per_s=made[kind])
    elif kind == "drifting":
        course = np.cumsum(rng.standard_normal(n))
    return course + 0.02 * rng.standard_normal(n)


@pytest.mark.parametrize("kind", ["jumps", "few jumps", "noise", "drifting"])
def test_what_has_nothing_in_common_gives_no_offset(kind):
    for seed in range(25):
        rng = np.random.default_rng(seed)
        made = [strangers_course(kind, rng, int(rng.integers(2000, 30000))) for _ in range(2)]
        with pytest.raises(InputError, match="stands out"):
            fit_shared_signal(*map(signal, made))


def test_a_beat_that_repeats_itself_gives_no_offset():
    beat = np.sin(np.arange(20_000) / 30)
    with pytest.raises(InputError, match="does not repeat itself"):
        fit_shared_signal(signal(beat), signal(beat[1000:], person="B"))


def test_offsets_far_from_the_stamps_are_not_tried():
    rng = np.random.default_rng(3)
    true = jumps(rng, 600)
    with pytest.raises(InputError):
        fit_shared_signal(signal(true), signal(true[20_000:]), guess_s=0.0, search_s=60)


def clapped(rng, times_s, seconds=60.0, rate_hz=1000.0):
    values = 0.05 * rng.standard_normal(round(seconds * rate_hz))
    for time in times_s:
        at = round(time * rate_hz)
        values[at : at + 80] += np.exp(-np.arange(80) / 15) * rng.choice([-1, 1], 80) * 2
    return values


def test_claps_are_found_and_a_hum_is_none():
    rng = np.random.default_rng(5)
    found = find_claps(signal(clapped(rng, [5.0, 7.5, 40.0]), rate_hz=1000, start_s=100.0))
    np.testing.assert_allclose(found, [105, 107.5, 140], atol=0.003)
    assert find_claps(signal(np.sin(np.arange(9000) / 9), rate_hz=1000)).size == 0
    assert find_claps(signal(np.full(100, np.nan))).size == 0
    assert find_claps(signal(np.zeros(100))).size == 0


def test_edges_of_a_trigger_with_a_hole_and_with_noise():
    rng = np.random.default_rng(5)
    level = np.repeat([0.0, 5, 0, 5, 0, 5, 0], 100) + 0.05 * rng.standard_normal(700)
    level[290:310] = np.nan  # hides the second rise
    np.testing.assert_allclose(find_edges(signal(level)), [0.995, 4.995], atol=0.001)
    with pytest.raises(InputError, match="two levels"):
        find_edges(signal(np.sin(np.arange(500) / 20)))
    with pytest.raises(InputError, match="two levels"):
        find_edges(signal(np.zeros(5)))


def recorded(values, at, *, person, rate_hz=1000.0):
    return Recording(
        signals=(signal(values, rate_hz=rate_hz, person=person),),
        started_at=at,
        started_at_error_s=0.5,
    )


def test_stamps_that_contradict_what_both_heard_are_told():
    rng = np.random.default_rng(6)
    a = recorded(clapped(rng, [10.0, 12.0, 30.0]), TEN, person="A")
    b = recorded(clapped(rng, [3.0, 5.0, 23.0]), later(11.43), person="B")
    placed = place({"A": [a], "B": [b]}, common=Common(what="claps", kind="acc_z"))
    (note,) = [n for n in placed.notes if n.code == "clock-contradiction"]
    assert note.where == "B"
    assert "put B 11.43 s after A" in note.text
    assert "put it 7.00 s after" in note.text
    assert "4.43 s off" in note.text
    starts = {s.person: s.start_s for s in placed.signals}
    assert starts["B"] - starts["A"] == pytest.approx(7.0, abs=0.005)
    assert placed.clocks["B"].source == "3 shared markers over 20 s, offset only"


def test_stamps_that_agree_within_their_error_are_not_blamed():
    rng = np.random.default_rng(6)
    a = recorded(clapped(rng, [10.0, 12.0, 30.0]), TEN, person="A")
    b = recorded(clapped(rng, [3.0, 5.0, 23.0]), later(7.6), person="B")
    placed = place({"A": [a], "B": [b]}, common=Common(what="claps", kind="acc_z"))
    assert "clock-contradiction" not in {n.code for n in placed.notes}


def test_a_trigger_that_both_have():
    level = np.repeat([0.0, 1, 0, 1, 0, 1, 0], [300, 10, 700, 10, 1500, 10, 400])
    a = recorded(level, None, person="A", rate_hz=100.0)
    b = recorded(level[100:], None, person="B", rate_hz=100.0)
    placed = place({"A": [a], "B": [b]}, common=Common(what="edges", kind="acc_z"))
    starts = {s.person: s.start_s for s in placed.signals}
    assert starts["B"] - starts["A"] == pytest.approx(1.0, abs=1e-9)


def test_a_device_that_stamps_late_is_moved_back():
    a, b = (recorded(np.arange(60_000.0), TEN, person=p) for p in "AB")
    placed = place({"A": [a], "B": [b]}, latencies_s={"B": 0.25})
    starts = {s.person: s.start_s for s in placed.signals}
    assert starts["A"] - starts["B"] == 0.25
    with pytest.raises(InputError, match="latencies_s"):
        place({"A": [a], "B": [b]}, latencies_s={"C": 0.25})


def test_one_thing_in_common_and_a_kind():
    assert one_in_common(markers="", claps="") is None
    assert one_in_common(claps="acc_z") == Common(what="claps", kind="acc_z")
    with pytest.raises(InputError, match="common"):
        one_in_common(claps="acc_z", markers="marker")
    with pytest.raises(InputError, match="common"):
        Common(what="smells", kind="x")
    a = recorded(np.arange(600.0), TEN, person="A")
    with pytest.raises(InputError, match=r"A has \['acc_z'\].*a signal of kind 'sound'"):
        place(
            {"A": [a], "B": [a]},
            common=Common(what="signal", kind="sound"),
        )


@needs_shared("data/opensignals")
@pytest.mark.parametrize("axis", [2, 3, 4])
def test_two_people_who_jumped_together_although_their_headers_disagree(axis):
    folder = SHARED / "data" / "opensignals"
    a, b = (np.loadtxt(folder / f"sync_acc_{k}.txt", usecols=axis) for k in (1, 2))
    placed = place(
        {
            "A": [recorded(a, TEN.replace(minute=55, second=4, microsecond=491000), person="A")],
            "B": [recorded(b, TEN.replace(minute=55, second=26, microsecond=528000), person="B")],
        },
        common=Common(what="signal", kind="acc_z"),
    )
    starts = {s.person: s.start_s for s in placed.signals}
    assert starts["B"] - starts["A"] == pytest.approx(17.60, abs=0.01)
    (note,) = [n for n in placed.notes if n.code == "clock-contradiction"]
    assert "22.04 s" in note.text
    assert "17.60 s" in note.text or "17.61 s" in note.text
