"""The statistics of many pairs at once are those of every pair by itself."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syntony.core.errors import InputError
from syntony.synchrony import _lagged_bulk
from syntony.synchrony.registry import get, methods

BULK = [m for m in methods().values() if m.in_bulk is not None]
RATE_HZ = 4.0


def signal(rng, n_samples, gaps=0, offset=5.0):
    """A slow walk, with gaps of up to 75 s."""
    values = offset + 0.01 * np.cumsum(rng.standard_normal(n_samples))
    for start in rng.integers(0, n_samples, gaps):
        values[start : start + rng.integers(1, 300)] = np.nan
    return values


def one_by_one(entry, first, second, pairs, **options):
    rows = []
    for i, j, samples in pairs:
        x, y = first[i][:samples], second[j][:samples]
        try:
            told = entry.summarise(entry.of_pair(x, y, rate_hz=RATE_HZ, **options))
        except InputError:
            told = {s.name: np.nan for s in entry.statistics}
        rows.append([told[s.name] for s in entry.statistics])
    return np.array(rows)


def every_pair(first, second):
    """Every first with every second person, cut to the shorter."""
    return np.array(
        [(i, j, min(x.size, y.size)) for i, x in enumerate(first) for j, y in enumerate(second)]
    )


def corpus(rng, gaps):
    """Pairs of six sessions of unequal length, each cut to the shorter."""
    sizes = [4800, 3001, 1999, 300, 121, 40]
    first, second = ([signal(rng, n, gaps if n > 300 else 0) for n in sizes] for _ in range(2))
    first[0][200:420], second[1][500:900] = 7.25, -3.0  # an electrode that came off
    return first, second, every_pair(first, second)


@pytest.mark.parametrize("entry", BULK, ids=lambda m: m.name)
@pytest.mark.parametrize("gaps", [0, 1, 6])
def test_many_pairs_give_the_figures_of_each(entry, gaps):
    first, second, pairs = corpus(np.random.default_rng(gaps), gaps)
    found = entry.of_pairs(first, second, pairs[:, :2], rate_hz=RATE_HZ)
    wanted = one_by_one(entry, first, second, pairs)
    assert np.isnan(wanted).all(axis=1).sum() >= 11  # 40 samples are too few for a window
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("lagged_correlation", {"window_s": 7.3, "step_s": 2.1, "max_lag_s": 0.0}),
        ("lagged_correlation", {"max_lag_s": 20.0, "min_coverage": 0.3}),
        ("lagged_correlation", {"window_s": 20.0, "step_s": 15.0, "max_lag_s": 31.0}),
        ("lagged_correlation", {"window_s": 5.0, "step_s": 8.0}),
        ("lagged_correlation", {"absolute": True}),
        ("lagged_correlation", {"anchor": "rmea", "min_coverage": 0.5, "identical": "nan"}),
        ("lagged_correlation", {"step_s": 1.0}),
        ("marci", {"max_lag_s": 0.0}),
        ("marci", {"max_lag_s": 250.0, "lag_step_s": 10.0}),
        ("marci", {"lag_step_s": 2.0, "slope": "ols", "cap": 1.0}),
        ("marci", {"windows": "odd_centred", "edges": "zero", "min_coverage": 1.0}),
        ("marci", {"step_s": 3.0}),
        ("marci", {"smooth": "bartlett", "slope": "endpoint", "min_coverage": 0.2}),
        ("marci", {"smooth": "bartlett_causal", "windows": "odd_centred"}),
    ],
)
def test_options_are_obeyed_in_bulk_too(name, options):
    first, second, pairs = corpus(np.random.default_rng(7), 2)
    found = get(name).of_pairs(first, second, pairs, rate_hz=RATE_HZ, **options)
    wanted = one_by_one(get(name), first, second, pairs, **options)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    gaps=st.integers(0, 8),
    still=st.integers(0, 3),
    offset=st.sampled_from([0.0, 5.0, -1e3]),
    window_s=st.floats(5.0, 40.0),
    share=st.floats(0.25, 1.5),
    max_lag_s=st.floats(0.0, 12.0),
    min_coverage=st.floats(0.4, 1.0),  # z of three samples is all rounding
)
@example(66499, 0, 2, 0.0, 5.0, 0.6796875, 2.0, 1.0).via("still at 0, the value amid")
def test_lagged_correlation_of_any_lengths_gaps_and_windows(
    seed, gaps, still, offset, window_s, share, max_lag_s, min_coverage
):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(100, 1200, (2, 3))
    first, second = ([signal(rng, n, gaps, offset) for n in row] for row in sizes)
    for v in rng.choice(3, still):
        for some in (first, second):
            begin = int(rng.integers(some[v].size))
            some[v][begin : begin + int(rng.integers(400))] = offset
    pairs = every_pair(first, second)
    pairs = np.concatenate([pairs, pairs // [1, 1, 2]])
    options = {
        "window_s": window_s,
        "step_s": share * window_s,
        "max_lag_s": max_lag_s,
        "min_coverage": min_coverage,
    }
    entry = get("lagged_correlation")
    found = entry.of_pairs(first, second, pairs, rate_hz=RATE_HZ, **options)
    wanted = one_by_one(entry, first, second, pairs, **options)
    np.testing.assert_allclose(found[:, :-1], wanted[:, :-1], rtol=0, atol=1e-11)
    same_lag = (found[:, -1] == wanted[:, -1]) | np.isnan(wanted[:, -1])
    assert same_lag.all()  # ties apart, which walks do not have
    assert (np.isnan(found) == np.isnan(wanted)).all()


@pytest.mark.parametrize("entry", BULK, ids=lambda m: m.name)
def test_the_figures_of_a_pair_do_not_depend_on_the_others(entry):
    first, second, pairs = corpus(np.random.default_rng(3), 2)
    whole = entry.of_pairs(first, second, pairs, rate_hz=RATE_HZ)
    order = np.random.default_rng(4).permutation(len(pairs))
    mixed = entry.of_pairs(first, second, pairs[order], rate_hz=RATE_HZ)
    assert mixed.tobytes() == whole[order].tobytes()
    for k, (i, j, samples) in enumerate(pairs):  # with nobody else there
        cut = np.array([[0, 0, samples]])
        alone = entry.of_pairs([first[i]], [second[j]], cut, rate_hz=RATE_HZ)
        assert alone.tobytes() == whole[k].tobytes()


@pytest.mark.parametrize("room", [1.0, 4e5])
def test_memory_is_bounded_and_changes_no_figure(monkeypatch, room):
    first, second, pairs = corpus(np.random.default_rng(3), 2)
    entry = get("lagged_correlation")
    whole = entry.of_pairs(first, second, pairs, rate_hz=RATE_HZ)
    monkeypatch.setattr(_lagged_bulk, "_ROOM_BYTES", room)
    assert entry.of_pairs(first, second, pairs, rate_hz=RATE_HZ).tobytes() == whole.tobytes()


@pytest.mark.parametrize("entry", BULK, ids=lambda m: m.name)
@pytest.mark.parametrize("gaps", [0, 4])
def test_a_pair_at_many_lengths_is_the_pair_at_each(entry, gaps):
    rng = np.random.default_rng(9)
    first, second = ([signal(rng, 4800, gaps), signal(rng, 2000)] for _ in range(2))
    lengths = [
        n
        for some in ((30, 78, 99, 125, 128, 300, 1000, 1003, 1999), range(2000, 4800, 37))
        for n in some
    ]
    pairs = np.array([(0, 0, n) for n in [*lengths, *lengths[::-1]]] + [(1, 0, 1500), (0, 1, 1500)])
    together = entry.of_pairs(first, second, pairs, rate_hz=RATE_HZ)
    apart = [
        entry.of_pairs(first, second, pairs[k : k + 1], rate_hz=RATE_HZ) for k in range(len(pairs))
    ]
    assert together.tobytes() == np.concatenate(apart).tobytes()
    wanted = one_by_one(entry, first, second, pairs)
    np.testing.assert_allclose(together, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("entry", BULK, ids=lambda m: m.name)
def test_copies_and_signals_that_do_not_vary(entry):
    rng = np.random.default_rng(4)
    x, still = signal(rng, 2000), np.full(2000, 2.5)
    people = [x, -x, still, 1e6 + x]
    pairs = np.array([(0, 0), (0, 1), (2, 0), (0, 2), (3, 0), (0, 3)])
    found = entry.of_pairs(people, people, pairs, rate_hz=RATE_HZ)
    wanted = one_by_one(entry, people, people, np.column_stack([pairs, np.full(6, 2000)]))
    assert not np.isfinite(found[2:4, :3]).any()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize("entry", BULK, ids=lambda m: m.name)
def test_a_pair_that_is_refused_is_nan_and_an_unknown_option_an_error(entry):
    x = signal(np.random.default_rng(5), 900)
    endless = x.copy()
    endless[700] = np.inf
    people = [x, endless, x[:20]]
    pairs = np.array([(0, 1, 900), (1, 0, 900), (0, 2, 20), (0, 1, 700), (0, 0, 900)])
    found = entry.of_pairs(people, people, pairs, rate_hz=RATE_HZ)
    assert np.isnan(found).all(axis=1).tolist() == [True, True, True, False, False]
    assert np.isnan(entry.of_pairs(people, people, pairs[:2], rate_hz=RATE_HZ)).all()
    assert entry.of_pairs(people, people, pairs[:0], rate_hz=RATE_HZ).size == 0
    with pytest.raises(InputError, match="windows_s"):
        entry.of_pairs([x], [x], pairs[4:], rate_hz=RATE_HZ, windows_s=3.0)
    with pytest.raises(InputError, match="at most 20 samples for pair 1"):
        entry.of_pairs(people, people, np.array([(0, 0, 9), (0, 2, 21)]), rate_hz=RATE_HZ)


def test_a_method_without_a_faster_way_is_computed_pair_by_pair():
    entry = get("window_ccf")
    assert entry.in_bulk is None
    rng = np.random.default_rng(6)
    first, second = ([signal(rng, 2400), signal(rng, 1900), np.zeros(2)] for _ in range(2))
    pairs = every_pair(first, second)
    found = entry.of_pairs(first, second, pairs[:, :2], rate_hz=RATE_HZ)
    np.testing.assert_array_equal(found, one_by_one(entry, first, second, pairs))
