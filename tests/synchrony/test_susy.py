import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import segments as reference

from syntony.core.errors import InputError
from syntony.synchrony.registry import get
from syntony.synchrony.susy import susy, susy_curves, susy_profile


def walks(seed, n=600):
    return np.cumsum(np.random.default_rng(seed).standard_normal((2, n)), axis=1)


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("rate_hz", [4.0, 3.7])
def test_curves_are_as_the_definition_says(rate_hz, missing):
    x, y = walks(1)
    x[np.random.default_rng(2).random(x.size) < missing] = np.nan
    x[100:180] = np.nan
    y[300:400] = 5.0
    c = susy(x, y, rate_hz=rate_hz, segment_s=10.0, max_lag_s=2.0)
    length, lag = round(10 * rate_hz), int(2 * rate_hz)
    n = x.size // length
    a, b = (v[: n * length].reshape(n, length) for v in (x, y))
    assert c.values.shape == (n, 2 * lag + 1)
    want, found = reference.susy_curves(a, b, lag, 0.8), susy_curves(c)
    for ours, theirs in (("real_", ""), ("pseudo_", "pseudo_")):
        for scale in ("z", "abs_z"):
            assert_allclose(found[ours + scale], want[theirs + scale], rtol=0, atol=1e-12)
    assert np.isnan(c.values).any()


def test_the_summary_reads_the_curves():
    x, y = walks(3, 1200)
    c = susy(x, y, rate_hz=4.0, segment_s=15.0, max_lag_s=3.0)
    k, found = susy_curves(c), get("susy").summarise(c)
    assert_allclose(found["mean_z"], k["real_z"].mean(), atol=1e-15)
    over = k["real_abs_z"][13:].mean() - k["pseudo_abs_z"][13:].mean()
    assert_allclose(found["es_first_leads"], over / k["pseudo_abs_z"][13:].std(ddof=1))
    assert_allclose(found["second_leads"], k["real_abs_z"][:12].mean())
    assert found["in_phase_count"] == (k["real_z"] >= 0).sum()
    assert found["in_phase_count"] + found["anti_phase_count"] == 25
    assert_allclose(found["share_above_pseudo"], (k["real_z"] > k["pseudo_z"]).mean())


@pytest.mark.parametrize("leader", ["first", "second"])
def test_the_leader_is_found_two_seconds_ahead(leader):
    rng = np.random.default_rng(4)
    ahead = np.convolve(rng.standard_normal(4800), np.ones(12) / 12, "same")
    behind = np.roll(ahead, 8) + 0.1 * rng.standard_normal(4800)
    x, y = (ahead, behind) if leader == "first" else (behind, ahead)
    c = susy(x, y, rate_hz=4.0)
    found = get("susy").summarise(c)
    lag = c.coords["lag"][np.argmax(susy_profile(c))]
    assert lag == (2.0 if leader == "first" else -2.0)
    larger, smaller = ("first", "second") if leader == "first" else ("second", "first")
    assert found[f"{larger}_leads"] > 2 * found[f"{smaller}_leads"]
    assert found[f"es_{larger}_leads"] > 10 > found[f"es_{smaller}_leads"]


def test_time_is_not_spliced_unless_asked_for():
    x, y = walks(5, 2400)
    x[600:840] = np.nan
    ours, theirs = (susy(x, y, rate_hz=4.0, legacy=old) for old in (False, True))
    assert ours.values.shape[0] == 20
    assert_array_equal(np.flatnonzero(np.isnan(ours.values[:, 0])), [5, 6])
    assert_array_equal(ours.coverage[5:7], 0.0)
    assert theirs.values.shape[0] == 18
    spliced = susy(np.delete(x, slice(600, 840)), np.delete(y, slice(600, 840)), rate_hz=4.0)
    assert_allclose(theirs.values, spliced.values, rtol=0, atol=0)
    assert_allclose(theirs.coords["time"][:6], [15, 45, 75, 105, 135, 225])


def test_legacy_counts_what_does_not_vary_and_cuts_numbers():
    x, y = walks(6, 1500)
    x[:120] = 3.0
    found = susy(x, y, rate_hz=4.9, segment_s=30.9, max_lag_s=3.9, legacy=True)
    assert found.values.shape == (12, 25)
    assert np.isnan(found.values[0]).all()
    z = np.arctanh(found.values[1:])
    assert_allclose(susy_curves(found)["real_z"], z.sum(axis=0) / 12, atol=1e-14)
    plain = susy(x, y, rate_hz=4.0, segment_s=30.0, max_lag_s=3.0)
    assert_allclose(susy_curves(plain)["real_z"], z.mean(axis=0), atol=1e-14)
    ratio = found.parts["pseudo_z"] / plain.parts["pseudo_z"]
    assert_allclose(ratio, 11 * 11 / (12 * 11), rtol=1e-10)


def test_one_lag_has_no_effect_size_over_lags():
    x, y = walks(7)
    found = get("susy").summarise(susy(x, y, rate_hz=4.0, max_lag_s=0.0))
    assert np.isfinite(found["mean_z"])
    assert all(np.isnan(found[k]) for k in ("es_over_lags", "first_leads", "es_second_leads"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"segment_s": 60.0}, r"segment_s=60.0: expected 4 segments or more in 150 s"),
        ({"max_lag_s": 16.0}, r"max_lag_s=16.0: expected at most half of a segment, 15 s"),
        ({"min_coverage": 1.5}, r"min_coverage=1.5: expected a share from 0 to 1"),
        ({"segment_s": 0.9, "legacy": True}, r"segment_s=0.9: expected 3 samples or more"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    x, y = walks(8)
    with pytest.raises(InputError, match=says):
        susy(x, y, rate_hz=4.0, **options)
