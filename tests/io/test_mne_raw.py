"""MNE objects: units, annotations, epochs; there and back."""

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from shared import SHARED, needs_shared

from syntony.core.errors import FileError, InputError
from syntony.core.events import Events
from syntony.core.recording import Recording
from syntony.core.signal import Signal
from syntony.io.mne_raw import from_mne, to_mne

mne = pytest.importorskip("mne", reason="the extra brain is not installed")
DYAD = "data/hypyp-eeg-dyad/preproc_S{}-epo.fif"
DATE = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def signal(kind, unit, values, *, start_s=3.0, rate_hz=4.0, person="P01"):
    facts = {"rate_hz": rate_hz, "start_s": start_s, "person": person}
    return Signal(values=values, unit=unit, kind=kind, **facts)


def made(started_at=DATE, start_s=2.5):
    beats = Events(times_s=[2.6, 3.55], values=[800.25, np.nan], unit="ms", kind="rr", person="P01")
    return Recording(
        signals=(
            signal("eda", "uS", [1, 2, np.nan, np.nan, 5, 6], start_s=start_s),
            signal("resp", "1", [1, 2, 3, 4, 5.5], start_s=start_s + 0.5),
            signal("cz", "uV", [-50, 10, 3, 4, 5.0], start_s=start_s + 0.5),
        ),
        events=(beats, Events(times_s=[2.6, 3.9], kind="marker", person="P01")),
        started_at=started_at,
        started_at_error_s=0.5 if started_at else float("nan"),
    )


def test_mne_sees_siemens_and_volts():
    raw = to_mne(made())
    assert raw.get_channel_types() == ["gsr", "misc", "eeg"]
    table = raw.get_data()
    assert_allclose(table[0], [1e-6, 2e-6, np.nan, np.nan, 5e-6, 6e-6, np.nan], rtol=1e-12)
    assert_allclose(table[1], [np.nan, np.nan, 1, 2, 3, 4, 5.5])
    assert_allclose(table[2, 2:], [-50e-6, 10e-6, 3e-6, 4e-6, 5e-6], rtol=1e-12)
    assert raw.info["subject_info"]["his_id"] == "P01"
    assert raw.info["meas_date"] == DATE


@pytest.mark.parametrize("started_at", [DATE, None])
@pytest.mark.parametrize("start_s", [2.5, 2.6])
def test_there_and_back(started_at, start_s):
    given = made(started_at, start_s)
    back = from_mne(to_mne(given), person="P01")
    moved = start_s - 2.5  # MNE counts whole samples: its zero moves instead
    assert [(s.kind, s.unit, s.rate_hz) for s in back.signals] == [
        ("eda", "uS", 4.0),
        ("resp", "1", 4.0),
        ("cz", "uV", 4.0),
    ]
    for one, other in zip(given.signals, back.signals, strict=True):
        there = other.between(one.start_s - moved, one.stop_s - moved)
        assert_allclose(there.values, one.values, rtol=1e-12)
        assert there.start_s == pytest.approx(one.start_s - moved)
    found = {e.kind: e for e in back.events}
    assert set(found) == {"rr", "marker"}
    assert_array_equal(found["rr"].values, [800.25, np.nan])
    assert found["rr"].unit == "ms"
    assert_allclose(found["rr"].times_s, np.array([2.6, 3.55]) - moved)
    assert_allclose(found["marker"].times_s, np.array([2.6, 3.9]) - moved)
    if started_at:
        assert (back.started_at - started_at).total_seconds() == pytest.approx(moved)


def test_two_people_two_rates_or_no_common_grid_are_refused():
    eda = signal("eda", "uS", [1.0, 2.0])
    for other, what in (
        (signal("ecg", "mV", [1.0, 2.0], person="P02"), "one person"),
        (signal("ecg", "mV", [1.0, 2.0], rate_hz=8.0), "one rate"),
        (signal("ecg", "mV", [1.0, 2.0], start_s=3.1), "whole samples"),
        (signal("eda", "uS", [1.0, 2.0]), "each kind once"),
    ):
        with pytest.raises(InputError, match=what):
            to_mne(Recording(signals=(eda, other)))
    with pytest.raises(InputError, match="no signal"):
        to_mne(Recording())


def test_channels_of_two_people_are_told_apart_by_name():
    info = mne.create_info(["skin A", "skin B"], 4.0, ["gsr", "gsr"])
    raw = mne.io.RawArray(np.array([[1e-6, 2e-6], [3e-6, 4e-6]]), info, verbose="error")
    (one,) = from_mne(raw, person="B", channels={"skin B": "eda"}).signals
    assert (one.kind, one.unit, one.person) == ("eda", "uS", "B")
    assert_allclose(one.values, [3, 4])
    with pytest.raises(FileError, match="skin C"):
        from_mne(raw, person="B", channels=["skin C"])
    with pytest.raises(InputError, match="MNE Raw"):
        from_mne("a.fif", person="B")


@needs_shared(DYAD.format(1))
def test_epochs_of_a_real_dyad_lie_on_one_clock():
    found = {}
    for who in (1, 2):
        epochs = mne.read_epochs(SHARED / DYAD.format(who), verbose="error")
        found[who] = from_mne(epochs, person=f"P{who}")
        signals = found[who].signals
        assert len(signals) == 31
        assert {(s.rate_hz, s.unit) for s in signals} == {(500.0, "uV")}
        first = (epochs.events[0, 0] - 250) / 500  # an epoch begins half a second before
        assert signals[0].start_s == first
        assert_allclose(signals[0].values[:501], epochs.get_data(copy=False)[0, 0] * 1e6)
        assert 0.1 < signals[0].valid_share < 0.3
        assert {n.code for n in found[who].notes} == {"epochs-on-one-axis", "epochs-overlap"}
    assert found[1].clock == found[2].clock
    assert found[1].started_at == found[2].started_at
    assert [s.kind for s in found[1].signals] == [s.kind for s in found[2].signals]
