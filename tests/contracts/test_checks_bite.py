"""Each check refuses something made to break it."""

from pathlib import Path

import numpy as np
import pytest

import syntony.synchrony  # noqa: F401  fills the list
from syntony import testing
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.synchrony.registry import Method, Statistic, get

GOOD = get("lagged_correlation")


def made_up(compute, **changes):
    """An entry around a function, complete but for what is changed."""
    facts = {
        "name": "made_up",
        "title": "Made up",
        "compute": compute,
        "summarise": lambda c: {"mean": float(np.nanmean(c.values))},
        "statistics": (
            Statistic(
                name="mean",
                title="Mean",
                explain="The plain mean of all values that are there.",
                bounds=(-1.0, 1.0),
                chance=0.0,
            ),
        ),
        "dims": ("time",),
        "bounds": (0.0, 1.0),
        "chance": 0.5,
        "swap": "same",
        "scale_free": True,
        "cites": ("Nobody2000",),
        "sentence": "",
        "lags": "none",
        "question": "Is this a made-up question?",
        "not_when": "Ever.",
        "units": {},
    }
    return Method(**facts | changes)


def altered(compute, **changes):
    """The good method with another body."""
    same = {f: getattr(GOOD, f) for f in Method.__slots__}
    return Method(**same | {"compute": compute} | changes)


def phase_of_raw_signals(x, y, *, rate_hz, window=30.0):
    """Phase agreement without removing the mean first: always high for rates such as 70 and 80."""

    def phase(v):
        spectrum = np.fft.fft(np.nan_to_num(v))
        spectrum[1 : len(v) // 2] *= 2
        spectrum[len(v) // 2 + 1 :] = 0
        return np.angle(np.fft.ifft(spectrum))

    values = 1 - np.sin(np.abs(phase(x) - phase(y)) / 2)
    return Coupling(values=values, dims=("time",), coords={"time": np.arange(len(x)) / rate_hz})


@pytest.mark.parametrize(
    "check",
    [
        testing.page_is_complete,
        testing.options_carry_their_unit,
        testing.sentence_tells_every_option,
        testing.coupling_is_as_declared,
        testing.scale_freedom_is_as_declared,
        testing.strangers_do_not_look_alike,
        testing.gaps_stay_gaps,
        testing.nothing_gives_nothing,
        testing.bad_input_is_refused,
    ],
    ids=lambda c: c.__name__,
)
def test_a_naive_phase_method_is_refused(check):
    with pytest.raises((AssertionError, ValueError)) as refusal:
        check(made_up(phase_of_raw_signals))
    assert not isinstance(refusal.value, InputError)


def changed(c, **parts):
    """A coupling with other parts."""
    fields = {f: getattr(c, f) for f in Coupling.__slots__}
    return Coupling(**fields | parts)


def sign_turned(x, y, *, rate_hz, **options):
    c = GOOD.compute(x, y, rate_hz=rate_hz)
    return changed(c, values=c.values[:, ::-1])


def seconds_taken_for_samples(x, y, *, rate_hz, **options):
    c = GOOD.compute(x, y, rate_hz=rate_hz)
    return changed(c, coords={"time": c.coords["time"], "lag": c.coords["lag"] * rate_hz / 4.0})


def gaps_read_as_zero(x, y, *, rate_hz, **options):
    return GOOD.compute(np.nan_to_num(x), np.nan_to_num(y), rate_hz=rate_hz)


def gaps_bridged(x, y, *, rate_hz, **options):
    def bridged(v):
        there = np.isfinite(v)
        return np.interp(np.arange(v.size), np.flatnonzero(there), v[there]) if there.any() else v

    return GOOD.compute(bridged(x), bridged(y), rate_hz=rate_hz)


def time_closed_up(x, y, *, rate_hz, **options):
    both = np.isfinite(x) & np.isfinite(y)
    return GOOD.compute(x[both], y[both], rate_hz=rate_hz)


def values_off_bounds(x, y, *, rate_hz, **options):
    c = GOOD.compute(x, y, rate_hz=rate_hz)
    return changed(c, values=c.values * 1.2)


def input_centred_in_place(x, y, *, rate_hz, **options):
    x -= np.nanmean(x)
    return GOOD.compute(x, y, rate_hz=rate_hz)


def coverage_made_up(x, y, *, rate_hz, **options):
    c = GOOD.compute(x, y, rate_hz=rate_hz)
    return changed(c, coverage=np.ones_like(c.values))


def covariance(x, y, *, rate_hz, **options):
    c = GOOD.compute(x, y, rate_hz=rate_hz)
    return changed(c, values=np.clip(c.values * np.nanstd(x) * np.nanstd(y), -1, 1))


def infinities_mended(x, y, *, rate_hz, **options):
    return GOOD.compute(np.nan_to_num(x, nan=np.nan, posinf=0.0), y, rate_hz=rate_hz)


def noise_added(x, y, *, rate_hz, **options):
    c = GOOD.compute(x, y, rate_hz=rate_hz)
    return changed(c, values=c.values + 1e-6 * np.random.default_rng().random(c.values.shape))


def summary_of_other_names(coupling):
    return {"something": 0.0}


@pytest.mark.parametrize(
    ("compute", "check"),
    [
        (sign_turned, testing.lag_points_from_leader_to_follower),
        (seconds_taken_for_samples, testing.lag_points_from_leader_to_follower),
        (gaps_read_as_zero, testing.missing_is_not_zero),
        (gaps_read_as_zero, testing.gaps_stay_gaps),
        (gaps_bridged, testing.gaps_stay_gaps),
        (time_closed_up, testing.gaps_stay_gaps),
        (values_off_bounds, testing.values_stay_within_bounds),
        (input_centred_in_place, testing.input_is_not_changed),
        (coverage_made_up, testing.gaps_stay_gaps),
        (covariance, testing.scale_freedom_is_as_declared),
        (infinities_mended, testing.bad_input_is_refused),
        (noise_added, testing.coupling_is_as_declared),
    ],
    ids=lambda v: v.__name__,
)
def test_a_broken_body_is_refused(compute, check):
    with pytest.raises(AssertionError):
        check(altered(compute))


@pytest.mark.parametrize(
    ("facts", "check"),
    [
        ({"question": " "}, testing.page_is_complete),
        ({"cites": ()}, testing.page_is_complete),
        ({"statistics": ()}, testing.page_is_complete),
        ({"units": {"window_s": "s"}}, testing.options_carry_their_unit),
        ({"units": {**GOOD.units, "window_s": "samples"}}, testing.options_carry_their_unit),
        ({"sentence": "Windows of {window_s:g} s."}, testing.sentence_tells_every_option),
        ({"cites": ("Nobody2000",)}, testing.sentence_tells_every_option),
        ({"dims": ("time",)}, testing.coupling_is_as_declared),
        ({"name": "another"}, testing.coupling_is_as_declared),
        ({"summarise": summary_of_other_names}, testing.summary_is_as_declared),
        ({"profile": None}, testing.summary_is_as_declared),
        ({"profile": lambda c: np.zeros(3)}, testing.summary_is_as_declared),
        ({"swap": "mirror_lag"}, testing.swapping_is_as_declared),
        ({"swap": "same"}, testing.swapping_is_as_declared),
        ({"scale_free": False}, testing.scale_freedom_is_as_declared),
        ({"chance": 0.5}, testing.strangers_do_not_look_alike),
        ({"bounds": (0.0, 1.0)}, testing.values_stay_within_bounds),
    ],
    ids=lambda v: v.__name__ if callable(v) else next(iter(v)),
)
def test_a_broken_promise_is_refused(facts, check):
    same = {f: getattr(GOOD, f) for f in Method.__slots__}
    with pytest.raises(AssertionError):
        check(Method(**same | facts))


def test_a_citation_that_nobody_can_look_up_is_refused():
    cites = ("Nobody2000",)
    with pytest.raises(InputError, match="Nobody2000"):
        testing.citations_resolve(altered(GOOD.compute, cites=cites))
    own = "@misc{Nobody2000,\n  year = {2000}\n}\n"
    testing.citations_resolve(altered(GOOD.compute, cites=cites, bib=own))


def test_every_check_is_shown_to_bite():
    here = Path(__file__).read_text(encoding="utf-8")
    silent = [c.__name__ for c in testing.METHOD_CHECKS if f"testing.{c.__name__}" not in here]
    assert not silent
