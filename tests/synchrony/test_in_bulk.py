"""The statistics of many pairs at once are those of every pair by itself."""

import numpy as np
import pytest

from syntony.core.errors import InputError
from syntony.synchrony.registry import get, methods

BULK = [m for m in methods().values() if m.in_bulk is not None]
RATE_HZ = 4.0


def signal(rng, n_samples, gaps=0, offset=5.0):
    """A slow walk, with gaps of up to 75 s."""
    values = offset + 0.01 * np.cumsum(rng.standard_normal(n_samples))
    for start in rng.integers(0, n_samples, gaps):
        values[start : start + rng.integers(1, 300)] = np.nan
    return values


def one_by_one(entry, xs, ys, **options):
    rows = []
    for x, y in zip(xs, ys, strict=True):
        try:
            told = entry.summarise(entry.of_pair(x, y, rate_hz=RATE_HZ, **options))
        except InputError:
            told = {s.name: np.nan for s in entry.statistics}
        rows.append([told[s.name] for s in entry.statistics])
    return np.array(rows)


def corpus(rng, gaps):
    """Pairs of six sessions of unequal length, each cut to the shorter."""
    sizes = [4800, 3001, 1999, 300, 121, 40]
    first, second = ([signal(rng, n, gaps if n > 300 else 0) for n in sizes] for _ in range(2))
    first[0][200:420], second[1][500:900] = 7.25, -3.0  # an electrode that came off
    pairs = [(a, b) for a in first for b in second]
    size = [min(a.size, b.size) for a, b in pairs]
    return [a[:n] for (a, _), n in zip(pairs, size, strict=True)], [
        b[:n] for (_, b), n in zip(pairs, size, strict=True)
    ]


@pytest.mark.parametrize("entry", BULK, ids=lambda m: m.name)
@pytest.mark.parametrize("gaps", [0, 1, 6])
def test_many_pairs_give_the_figures_of_each(entry, gaps):
    xs, ys = corpus(np.random.default_rng(gaps), gaps)
    found = entry.of_pairs(xs, ys, rate_hz=RATE_HZ)
    wanted = one_by_one(entry, xs, ys)
    assert np.isnan(wanted).all(axis=1).sum() >= 11  # 40 samples are too few for a window
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("lagged_correlation", {"window_s": 7.3, "step_s": 2.1, "max_lag_s": 0.0}),
        ("lagged_correlation", {"max_lag_s": 20.0, "min_coverage": 0.3}),
        ("lagged_correlation", {"absolute": True}),
        ("lagged_correlation", {"anchor": "rmea", "min_coverage": 0.5, "identical": "nan"}),
        ("lagged_correlation", {"step_s": 1.0}),
        ("marci", {"max_lag_s": 0.0}),
        ("marci", {"lag_step_s": 2.0, "slope": "ols", "cap": 1.0}),
        ("marci", {"windows": "odd_centred", "edges": "zero", "min_coverage": 1.0}),
        ("marci", {"step_s": 3.0}),
        ("marci", {"smooth": "bartlett", "slope": "endpoint", "min_coverage": 0.2}),
    ],
)
def test_options_are_obeyed_in_bulk_too(name, options):
    xs, ys = corpus(np.random.default_rng(7), 2)
    found = get(name).of_pairs(xs, ys, rate_hz=RATE_HZ, **options)
    wanted = one_by_one(get(name), xs, ys, **options)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("entry", BULK, ids=lambda m: m.name)
def test_the_figures_of_a_pair_do_not_depend_on_the_others(entry):
    xs, ys = corpus(np.random.default_rng(3), 2)
    whole = entry.of_pairs(xs, ys, rate_hz=RATE_HZ)
    parts = [
        entry.of_pairs(xs[k : k + step], ys[k : k + step], rate_hz=RATE_HZ)
        for step in (1, 5)
        for k in range(0, len(xs), step)
    ]
    assert np.vstack(parts).tobytes() == np.vstack([whole, whole]).tobytes()


@pytest.mark.parametrize("entry", BULK, ids=lambda m: m.name)
def test_copies_and_signals_that_do_not_vary(entry):
    rng = np.random.default_rng(4)
    x, still = signal(rng, 2000), np.full(2000, 2.5)
    xs, ys = [x, x, still, x, 1e6 + x], [x, -x, x, still, x]
    found = entry.of_pairs(xs, ys, rate_hz=RATE_HZ)
    wanted = one_by_one(entry, xs, ys)
    assert not np.isfinite(found[2:4, :3]).any()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize("entry", BULK, ids=lambda m: m.name)
def test_a_pair_that_is_refused_is_nan_and_an_unknown_option_an_error(entry):
    x = signal(np.random.default_rng(5), 900)
    endless = x.copy()
    endless[3] = np.inf
    found = entry.of_pairs([x, x, endless, x], [x[:800], endless, x, x], rate_hz=RATE_HZ)
    assert np.isnan(found).all(axis=1).tolist() == [True, True, True, False]
    with pytest.raises(InputError, match="windows_s"):
        entry.of_pairs([x], [x], rate_hz=RATE_HZ, windows_s=3.0)


def test_a_method_without_a_faster_way_is_computed_pair_by_pair():
    entry = get("phase_synchrony") if "phase_synchrony" in methods() else get("window_ccf")
    assert entry.in_bulk is None
    rng = np.random.default_rng(6)
    xs, ys = [signal(rng, 2400)] * 2 + [np.zeros(2)], [signal(rng, 2400), signal(rng, 2400)]
    ys.append(np.zeros(2))
    found = entry.of_pairs(xs, ys, rate_hz=RATE_HZ)
    np.testing.assert_array_equal(found, one_by_one(entry, xs, ys))
