import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import segments as reference

from syntony.core.errors import InputError
from syntony.synchrony.registry import get
from syntony.synchrony.suco import suco


def smooth(seed, n):
    rng = np.random.default_rng(seed)
    return np.array([np.convolve(v, np.ones(8) / 8, "same") for v in rng.standard_normal((2, n))])


def index(r):
    r = r[~np.isnan(r)]
    with np.errstate(divide="ignore"):
        return np.log(r[r > 0].sum() / abs(r[r < 0].sum()))


@pytest.mark.parametrize("missing", [0.0, 0.05])
@pytest.mark.parametrize("rate_hz", [4.0, 5.3])
def test_it_does_what_the_definition_says(rate_hz, missing):
    x, y = smooth(1, 500)
    x[np.random.default_rng(2).random(500) < missing] = np.nan
    x[80:130] = np.nan
    y[300:360] = 2.0
    c = suco(x, y, rate_hz=rate_hz)
    segment, length = round(10 * rate_hz), int(2 * rate_hz + 0.5)
    starts = [int(k * rate_hz + 0.5) for k in range(9)]
    starts = [s for s in starts if s + length <= segment]
    table = reference.suco(x, y, segment, starts, length, 0.8)
    n = len(table)
    assert_allclose(c.values, np.diag(table), rtol=0, atol=1e-12, equal_nan=True)
    assert np.isnan(c.values).any()
    turned = [np.array([table[i, (i + k) % n] for i in range(n)]) for k in range(1, n)]
    z = [np.nanmean(reference.fisher(r)) for r in turned]
    strong = [np.nanmean(np.abs(reference.fisher(r))) for r in turned]
    assert_allclose(c.parts["shuffled_mean_z"], z, atol=1e-12)
    assert_allclose(c.parts["shuffled_mean_abs_z"], strong, atol=1e-12)
    ci = np.clip([index(r) for r in turned], -10, 10)
    assert_allclose(c.parts["shuffled_concordance_index"], ci, atol=1e-12)
    found, own = get("suco").summarise(c), np.diag(table)
    assert_allclose(found["mean_z"], np.nanmean(reference.fisher(own)))
    assert_allclose(found["concordance_index"], index(own))
    assert_allclose(found["es_mean_z"], (found["mean_z"] - np.mean(z)) / np.std(z, ddof=1))
    ratio = (found["concordance_index"] - ci.mean()) / ci.std(ddof=1)
    assert_allclose(found["es_concordance_index"], ratio)


def test_it_finds_those_who_climb_together_and_those_who_climb_apart():
    x, noise = smooth(3, 2400)
    for sign in (1, -1):
        found = get("suco").summarise(suco(x, sign * x + 0.3 * noise, rate_hz=4.0))
        assert sign * found["mean_z"] > 0.5
        assert sign * found["concordance_index"] > 1.0
        assert sign * found["es_mean_z"] > 5.0
        assert sign * found["es_concordance_index"] > 5.0
        assert found["es_mean_abs_z"] > 5.0


def test_it_does_not_see_who_follows_two_seconds_later():
    x, _ = smooth(4, 4800)
    together, late = (
        get("suco").summarise(suco(x, np.roll(x, lag), rate_hz=4.0)) for lag in (0, 8)
    )
    assert together["mean_z"] == 10.0
    assert late["mean_z"] < 0.0
    assert late["es_concordance_index"] < 0.0


def test_strangers_are_as_their_own_shuffles():
    es = [
        get("suco").summarise(suco(*smooth(100 + i, 1600), rate_hz=4.0))["es_mean_z"]
        for i in range(60)
    ]
    assert abs(np.mean(es)) < 0.5
    assert 0.8 < np.std(es) < 1.4


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"segment_s": 3.0}, r"segment_s=3.0: expected room for 3 slopes or more"),
        ({"segment_s": 40.0}, r"segment_s=40.0: expected 4 segments or more in 150 s"),
        ({"cap": 0.0}, r"cap=0.0: expected a finite number above 0"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    with pytest.raises(InputError, match=says):
        suco(*smooth(5, 600), rate_hz=4.0, **options)
