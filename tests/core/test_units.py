import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from syntony.core.errors import InputError
from syntony.core.units import KINDS, convert, implausible_share, units_for


@pytest.mark.parametrize(
    ("value", "unit", "kind", "want", "ours"),
    [
        (2000, "nS", "eda", 2.0, "uS"),
        (2e-6, "S", "eda", 2.0, "uS"),
        (0.002, "mS", "eda", 2.0, "uS"),
        (2.0, "µS", "eda", 2.0, "uS"),
        (2.0, "μS", "eda", 2.0, "uS"),
        (2.0, "microsiemens", "eda", 2.0, "uS"),
        (2.0, "us", "eda", 2.0, "uS"),
        (500, "kOhm", "eda", 2.0, "uS"),
        (500, "kohm", "eda", 2.0, "uS"),
        (500, "kΩ", "eda", 2.0, "uS"),
        (0.5, "MOhm", "eda", 2.0, "uS"),
        (500_000, "Ohm", "eda", 2.0, "uS"),
        (1500, "uV", "ecg", 1.5, "mV"),
        (0.0015, "V", "ecg", 1.5, "mV"),
        (0.02, "mV", "eeg", 20.0, "uV"),
        (0.8, "s", "rr", 800.0, "ms"),
        (800, "ms", "rr", 800.0, "ms"),
        (1.2, "Hz", "hr", 72.0, "/min"),
        (72, "bpm", "hr", 72.0, "/min"),
        (91.4, "degF", "temperature", 33.0, "Cel"),
        (306.15, "K", "temperature", 33.0, "Cel"),
        (33, "°C", "temperature", 33.0, "Cel"),
        (9.80665, "m/s2", "acc_x", 1.0, "g"),
        (7, "px", "motion", 7.0, "px"),
        (7, "V", "resp", 7.0, "V"),
        (2048, "1", "eda", 2048.0, "1"),
        (5, "mm", "pupil", 5.0, "mm"),
    ],
)
def test_units_come_to_ours(value, unit, kind, want, ours):
    got, name = convert([value, np.nan], unit, kind)
    assert_allclose(got, [want, np.nan], rtol=1e-12)
    assert name == ours


@pytest.mark.parametrize(
    ("unit", "kind"), [("mV", "eda"), ("uS", "ecg"), ("", "eda"), ("", "resp"), ("ohm!", "eda")]
)
def test_a_unit_of_something_else_is_refused(unit, kind):
    with pytest.raises(InputError, match="unit="):
        convert([1.0], unit, kind)


def test_no_conductance_is_made_of_a_zero_resistance():
    with pytest.raises(InputError, match="resistances above 0 kOhm"):
        convert([1.0, 0.0], "kOhm", "eda")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_takes_its_own_unit(kind):
    known = KINDS[kind]
    got, unit = convert([1.0], known.unit, kind)
    assert (got[0], unit) == (1.0, known.unit)
    assert known.low < known.high
    assert not units_for(kind) or known.unit in units_for(kind)


@given(st.lists(st.floats(1e-3, 1e6), min_size=1), st.sampled_from(["uS", "nS", "kOhm", "MOhm"]))
def test_a_resistance_turned_twice_is_itself(values, unit):
    once, _ = convert(values, unit, "eda")
    if unit.endswith("Ohm"):
        back = 1e6 / once / {"kOhm": 1e3, "MOhm": 1e6}[unit]
        assert_allclose(back, values, rtol=1e-12)
    else:
        assert_array_equal(np.argsort(once, kind="stable"), np.argsort(values, kind="stable"))


def test_what_does_not_fit_is_counted():
    values = np.array([0.8, 0.9, 800.0, np.nan])
    assert implausible_share(values, "ms", "rr") == pytest.approx(2 / 3)
    assert implausible_share(values, "1", "rr") == 0.0
    assert implausible_share(values * np.nan, "ms", "rr") == 0.0
    assert implausible_share(np.append(values, np.inf), "ms", "rr") == pytest.approx(2 / 3)
