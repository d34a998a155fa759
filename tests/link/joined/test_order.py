"""Who comes first: the twin, planted lags with their sign, what cannot be resolved."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import joined as reference

from syntony.core.seeds import rng_for
from syntony.link.joined.findings import order_finding
from syntony.link.joined.order import order_table
from syntony.link.joined.pool import pool
from syntony.surrogates.codes import rotation_offsets


def blocks(rng, seconds, mean_s=20):
    out = np.empty(0, dtype=np.int64)
    while out.size < seconds:
        out = np.append(out, np.full(1 + rng.geometric(1 / mean_s), rng.integers(5)))
    return out[:seconds]


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_every_lag_of_every_turn_is_that_of_the_definition(missing):
    rng = np.random.default_rng(6)
    z, classes, reach = rng.standard_normal(170), blocks(rng, 170), 12
    z[rng.random(170) < missing] = np.nan
    n = 170 + reach
    shifts = rotation_offsets(n, 9, rng, min_shift_s=60.0 + reach)
    found = order_table(z, classes, "shared_positive", shifts, reach_s=reach, min_class_s=5)
    for place, lag in ((0, -12), (12, 0), (15, 3), (24, 12)):
        every = [reference.order(z, classes, 0, lag, t, reach, 5) for t in range(n)]
        assert_allclose(found[:, place], reference.all_turns(every, shifts), atol=1e-8)


def study(lag_s, *, dyads=10, seed=1, window=15):
    """Synchrony that is higher ``lag_s`` before the class, averaged over a window."""
    tables = []
    for d in range(dyads):
        rng = rng_for(seed, "order", d)
        classes = blocks(rng, 1500)
        z = 0.8 * np.roll((classes == 0).astype(float), -lag_s) + rng.standard_normal(1500)
        z = np.convolve(z, np.ones(window) / window, "same")
        shifts = rotation_offsets(1560, 299, rng, min_shift_s=120.0)
        tables.append((f"d{d}", order_table(z, classes, "shared_positive", shifts)))
    return order_finding(
        pool(tables), rng_for(2), label="shared_positive", reach_s=60, window_s=15.0
    )


@pytest.mark.parametrize(("lag_s", "first"), [(30, "synchrony"), (-30, "emotion")])
def test_who_comes_first_is_found_with_its_sign(lag_s, first):
    found, rows = study(lag_s)
    assert found.detail["first"] == first
    assert abs(found.value - lag_s) <= 3
    assert found.low <= lag_s <= found.high
    assert len(rows) == 121
    assert rows[0]["lag_s"] == -60


def test_a_lag_within_the_window_is_not_resolvable():
    for lag_s in (0, 6):
        found, _ = study(lag_s)
        assert found.p_two < 0.05
        assert found.detail["first"] == "not resolvable"


def test_nobody_comes_first_where_nothing_is_linked():
    tables = []
    for d in range(8):
        rng = rng_for(3, d)
        shifts = rotation_offsets(1260, 199, rng, min_shift_s=120.0)
        z = np.convolve(rng.standard_normal(1200), np.ones(15), "same")
        tables.append((f"d{d}", order_table(z, blocks(rng, 1200), "shared_positive", shifts)))
    found, _ = order_finding(pool(tables), rng_for(4), label="x", reach_s=60, window_s=15.0)
    assert found.p_two > 0.05
    assert found.detail["first"] == ""


def test_one_dyad_has_no_interval_and_no_order():
    found, _ = study(30, dyads=1)
    assert np.isnan(found.low)
    assert found.detail["first"] in ("", "not resolvable")
