"""EDF files of ours, read by edfio: values, times, gaps, limits."""

from datetime import datetime

import edfio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from syntony.core.errors import InputError
from syntony.core.signal import Signal
from syntony.io.edf_write import plan_edf, write_edf


def signal(values, *, rate_hz=4.0, start_s=0.0, unit="uS", kind="eda"):
    facts = {"rate_hz": rate_hz, "start_s": start_s, "person": "P01"}
    return Signal(values=values, unit=unit, kind=kind, **facts)


def onsets(path, records):
    """Beginnings of the records, as the annotations have them."""
    data = path.read_bytes()[768:]
    size = len(data) // records
    blocks = [data[i * size : (i + 1) * size] for i in range(records)]
    return [float(b[b.index(b"+") :].split(b"\x14")[0]) for b in blocks]


@pytest.mark.parametrize("rate_hz", [4.0, 20.033, 32.0, 128.0, 1000.0, 1 / 3, 0.5])
def test_a_whole_signal_comes_back_to_its_resolution(tmp_path, rate_hz):
    values = np.cumsum(np.random.default_rng(1).standard_normal(400)) / 7
    path = tmp_path / "a.edf"
    made = write_edf(path, signal(values, rate_hz=rate_hz))
    (back,) = edfio.read_edf(path).signals
    assert_allclose(back.data, values[: made.samples], atol=made.resolution * 0.5001)
    assert back.sampling_frequency == pytest.approx(rate_hz, rel=1e-6)
    assert (back.label, back.physical_dimension) == ("eda", "uS")
    assert made.left_out == 400 - made.samples < 3 * max(1, rate_hz) + 41
    assert edfio.read_edf(path).is_continuous


def test_start_and_zero_of_the_session_clock_are_kept(tmp_path):
    path = tmp_path / "a.edf"
    write_edf(
        path,
        signal(np.arange(40.0), start_s=61.25),
        started_at=datetime(2024, 5, 6, 7, 8, 9),
        session="s01",
    )
    edf = edfio.read_edf(path)
    assert edf.startdatetime.isoformat() == "2024-05-06T07:09:10.250000"
    (note,) = edf.annotations
    # edfio counts annotations from the first record, which begins a quarter second later
    assert (note.text, note.onset) == ("zero of the session clock", pytest.approx(-61.25))
    assert edf.patient.code == "P01"


def test_gaps_become_records_that_are_not_there(tmp_path):
    values = np.arange(100.0)
    values[41:47] = np.nan  # in the records of seconds 10 and 11
    path = tmp_path / "a.edf"
    made = write_edf(path, signal(values, start_s=0.5))
    assert (made.samples, made.missing, made.left_out, made.has_gaps) == (92, 6, 2, True)
    edf = edfio.read_edf(path)
    assert not edf.is_continuous
    kept = np.r_[0:40, 48:100]
    assert_allclose(edf.signals[0].data, values[kept], atol=made.resolution * 0.5001)
    assert onsets(path, 23) == [0.5 + k for k in range(25) if k not in {10, 11}]


def test_a_constant_signal_and_one_that_is_all_missing(tmp_path):
    write_edf(tmp_path / "a.edf", signal(np.full(8, 5.0)))
    back = edfio.read_edf(tmp_path / "a.edf").signals[0]
    assert_allclose(back.data, 5.0, atol=1e-4)
    with pytest.raises(InputError, match="no missing samples"):
        plan_edf(signal(np.full(8, np.nan)))
    with pytest.raises(InputError, match="eight characters"):
        plan_edf(signal(np.array([1e9, 2e9, 3e9, 4e9])))


def test_a_limit_that_rounding_would_put_inside_goes_one_step_out(tmp_path):
    low, high = np.nextafter(0.0035, 0), np.nextafter(0.0036, 1)
    write_edf(tmp_path / "a.edf", signal([low, high, low, high]))
    limits = edfio.read_edf(tmp_path / "a.edf").signals[0].physical_range
    assert limits[0] <= low
    assert high <= limits[1]
    assert limits[1] - limits[0] < 0.00011


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-9.9e6, 9.9e6, allow_subnormal=False), min_size=4, max_size=40),
    st.sampled_from([1.0, 1e-3, 1e-6]),
)
def test_nothing_is_clipped(tmp_path_factory, values, scale):
    path = tmp_path_factory.mktemp("edf") / "a.edf"
    numbers = np.array(values) * scale
    made = write_edf(path, signal(numbers, rate_hz=2.0))
    back = edfio.read_edf(path).signals[0]
    low, high = back.physical_range
    used = numbers[: made.samples]
    assert low <= used.min()
    assert used.max() <= high
    assert_allclose(back.data, used, atol=made.resolution * 0.51, rtol=1e-12)
