import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import information as twin

from syntony.core.errors import InputError
from syntony.kernels.information import neighbour_counts, transfer_counts
from syntony.simulate.dyad import PairSetup, make_pair
from syntony.synchrony.mutual_information import (
    binned_entropies,
    bins_of,
    ksg_information,
    mutual_information,
)
from syntony.synchrony.registry import get
from syntony.synchrony.transfer_entropy import (
    ordinal_symbols,
    transfer_entropy,
    transfer_of,
)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [1, 4])
def test_nearest_neighbours_are_their_twin(seed, k):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, 151)) * [[1.0], [50.0]]
    y += x + (1e5 if seed == 3 else 0.0)
    if seed == 2:
        x = np.round(x, 1)  # equal values
    assert_allclose(ksg_information(x, y, neighbours=k), twin.ksg(x, y, k), atol=1e-10)


def test_information_of_a_normal_pair_is_the_known_one():
    rng = np.random.default_rng(5)
    x, e = rng.standard_normal((2, 6000))
    for r in (0.0, 0.5, 0.9):
        y = r * x + np.sqrt(1 - r**2) * e
        want = -0.5 * np.log(1 - r**2)
        assert_allclose(ksg_information(x, y), want, atol=0.04)
        assert_allclose(binned_entropies(x, y, 12).mutual, want, atol=0.1)


def test_neighbours_do_not_count_a_point_itself():
    x = np.arange(6.0)
    near = neighbour_counts(x, np.zeros(6), 1)
    assert_array_equal(near, [[0] * 6, [5] * 6])
    assert_array_equal(neighbour_counts(x, x, 3)[0], [2, 2, 2, 2, 2, 2])


def test_bins_and_the_correction():
    x = np.random.default_rng(6).exponential(size=1000)
    counts = np.bincount(bins_of(x, 8, "equal_count"))
    assert counts.tolist() == [125] * 8
    wide = bins_of(x, 8, "equal_width")
    want = np.histogram(x, np.linspace(x.min(), x.max(), 9))[0]
    assert np.abs(np.bincount(wide, minlength=8) - want).max() == 0
    y = np.random.default_rng(7).exponential(size=1000)
    plain = binned_entropies(x, y, 8, corrected=False)
    words = list(zip(bins_of(x, 8, "equal_count"), bins_of(y, 8, "equal_count"), strict=True))
    assert_allclose(plain.both, twin.entropy(words), atol=1e-12)
    assert_allclose(plain.first, np.log(8), atol=1e-12)
    corrected = binned_entropies(x, y, 8)
    assert abs(corrected.mutual) < 0.3 * plain.mutual


@pytest.mark.parametrize("estimator", ["ksg", "binned"])
def test_who_leads_by_two_seconds(estimator):
    setup = PairSetup(duration_s=3000.0, rate_hz=4.0, share=0.6, delay_s=2.0)
    lead, follow = (s.values for s in make_pair(np.random.default_rng(8), setup).signals)
    lead, follow = np.diff(lead), np.diff(follow)
    c = mutual_information(lead, follow, rate_hz=4.0, estimator=estimator)
    assert get("mutual_information").summarise(c)["best_lag_s"] == 2.0
    found = get("transfer_entropy").summarise(transfer_entropy(lead, follow, rate_hz=4.0))
    assert found["first_leads"] > 0
    back = get("transfer_entropy").summarise(transfer_entropy(follow, lead, rate_hz=4.0))
    assert_allclose(back["first_leads"], -found["first_leads"], atol=1e-12)


def test_counts_of_triples_are_their_twin():
    rng = np.random.default_rng(9)
    a, b = rng.integers(-1, 3, (2, 300))
    for lag in (1, 2, 7):
        found = transfer_of(transfer_counts(a, b, 3, lag))[0]
        assert_allclose(found, twin.transfer(a.tolist(), b.tolist(), lag), atol=1e-10)
    shifted = transfer_counts(a, b, 3, 2, 40)
    want = twin.transfer(np.roll(a, 40).tolist(), b.tolist(), 2)
    assert_allclose(transfer_of(shifted)[0], want, atol=1e-10)


def test_symbols_of_order_are_their_twin():
    x = np.random.default_rng(10).integers(0, 4, 200).astype(float)
    x[50] = np.nan
    found = ordinal_symbols(x)
    assert (found[48:51] == -1).all()
    for t in range(198):
        if t not in (48, 49, 50):
            assert found[t] == twin.pattern(*x[t : t + 3])


def test_effective_transfer_of_strangers_is_about_nothing():
    rng = np.random.default_rng(11)
    plain, effective = [], []
    for _ in range(40):
        x, y = np.cumsum(rng.standard_normal((2, 1200)), axis=1)
        x, y = (
            x - np.convolve(x, np.ones(31) / 31, "same"),
            y - np.convolve(y, np.ones(31) / 31, "same"),
        )
        for shifts, into in ((0, plain), (20, effective)):
            c = transfer_entropy(x, y, rate_hz=1.0, shifts=shifts)
            into.append(get("transfer_entropy").summarise(c)["mean_nats"])
    assert np.mean(plain) > 0.003
    assert abs(np.mean(effective)) < 0.2 * np.mean(plain)


def test_a_gap_leaves_only_its_own_pairs_out():
    rng = np.random.default_rng(12)
    x, y = rng.standard_normal((2, 2000))
    y[600:900] = np.nan
    c = mutual_information(x, y, rate_hz=1.0, max_lag_s=3.0)
    assert_allclose(c.coverage, 0.85, atol=0.01)
    left = np.delete(np.arange(2000), np.arange(600, 900))
    scale = [(v[np.isfinite(v)].mean(), v[np.isfinite(v)].std()) for v in (x, y)]
    a, b = ((v - m) / s for v, (m, s) in zip((x, y), scale, strict=True))
    assert_allclose(c.values[3], ksg_information(a[left], b[left]), atol=1e-12)


def test_bad_options_are_refused_by_name():
    x = np.random.default_rng(13).standard_normal(400)
    for function in (mutual_information, transfer_entropy):
        with pytest.raises(InputError, match="max_lag_s"):
            function(x, x, rate_hz=4.0, max_lag_s=99.0)
    with pytest.raises(InputError, match="symbols"):
        transfer_entropy(x, x, rate_hz=4.0, symbols="none")
    with pytest.raises(InputError, match="bins"):
        mutual_information(x, x, rate_hz=4.0, bins=1)
