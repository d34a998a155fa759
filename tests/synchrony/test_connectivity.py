import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import phase as reference

from syntony.core.errors import InputError
from syntony.kernels.phase import MEASURES
from syntony.synchrony.connectivity import connectivity


def brains(epochs=4, channels=(2, 3), n=512, seed=1):
    """Noise; the second person's first channel follows the first's by a quarter of 10 Hz."""
    rng = np.random.default_rng(seed)
    first, second = (rng.standard_normal((epochs, c, n)) for c in channels)
    t = np.arange(n) / 256.0
    for e in range(epochs):
        start = rng.random()
        first[e, 0] += 3 * np.sin(20 * np.pi * (t + start))
        second[e, 0] += 3 * np.sin(20 * np.pi * (t + start - 0.025))
    return first, second


@pytest.mark.parametrize("measure", MEASURES)
def test_blocks_epochs_and_means_are_what_the_definition_says(measure):
    from scipy.signal import hilbert

    first, second = brains()
    c = connectivity(first, second, rate_hz=256.0, band=None, measure=measure, average=False)
    z = hilbert(np.concatenate([first, second], axis=1))
    z = hilbert(z.real - z.real.mean(axis=2, keepdims=True))
    want = np.array([reference.pair_matrix(measure, e) for e in z])
    assert_allclose(c.values, want, rtol=0, atol=1e-12)
    mean = connectivity(first, second, rate_hz=256.0, band=None, measure=measure)
    assert_allclose(mean.values, want.mean(axis=0), rtol=0, atol=1e-12)
    assert_array_equal(mean.between, mean.values[:2, 2:])
    assert_array_equal(mean.within_first, mean.values[:2, :2])
    assert_array_equal(mean.within_second, mean.values[2:, 2:])
    assert c.between.shape == (4, 2, 3)


def test_a_band_finds_who_is_ahead_in_it_and_nowhere_else():
    first, second = brains(epochs=12)
    options = {"rate_hz": 256.0, "measure": "imaginary_coherence"}
    alpha = connectivity(first, second, band=(8.0, 12.0), **options).between
    beta = connectivity(first, second, band=(18.0, 28.0), **options).between
    assert alpha[0, 0] > 0.8
    assert np.abs(np.delete(alpha.ravel(), 0)).max() < 0.35
    assert np.abs(beta).max() < 0.35


def test_epochs_with_missing_samples_or_flat_are_left_out_and_counted():
    first, second = brains()
    first[1, 0, 5] = np.nan
    second[2, 2] = 4.2
    second[:, 1] = np.nan
    options = {"rate_hz": 256.0, "band": None, "measure": "band_coherence"}
    every = connectivity(first, second, average=False, **options)
    mean = connectivity(first, second, **options)
    assert np.isnan(every.values[1, 0]).all()
    assert np.isnan(every.values[2, 4]).all()
    assert mean.epochs_used.tolist() == [
        [3, 3, 3, 0, 2],
        [3, 4, 4, 0, 3],
        [3, 4, 4, 0, 3],
        [0, 0, 0, 0, 0],
        [2, 3, 3, 0, 3],
    ]
    there = [every.values[e, 0, 4] for e in (0, 3)]
    assert_allclose(mean.values[0, 4], np.mean(there))
    assert np.isnan(mean.values[3]).all()
    assert np.isnan(first[1, 0, 5])


def test_sign_and_square_are_taken_in_every_epoch():
    first, second = brains()
    options = {"rate_hz": 256.0, "band": None}
    every = connectivity(
        first, second, measure="imaginary_coherence", average=False, **options
    ).values
    sizes = connectivity(first, second, measure="imaginary_coherence", absolute=True, **options)
    assert_allclose(sizes.values, np.abs(every).mean(axis=0))
    every = connectivity(first, second, measure="band_coherence", average=False, **options).values
    squares = connectivity(first, second, measure="band_coherence", squared=True, **options)
    assert_allclose(squares.values, (every**2).mean(axis=0))


def test_analytic_signals_are_taken_as_they_are():
    from scipy.signal import hilbert

    first, second = brains()
    options = {"rate_hz": 256.0, "band": None, "measure": "phase_locking"}
    made = connectivity(hilbert(first), hilbert(second), **options).values
    assert_array_equal(made, connectivity(first, second, centre=False, **options).values)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"measure": "plv"}, "measure='plv': expected one of"),
        ({"band": (12.0, 8.0)}, "high_hz=8.0: expected above low_hz, 12 Hz"),
        ({"band": (8.0, 200.0)}, "high_hz=200.0: expected above 0 and below 128 Hz"),
        ({"rate_hz": 0.0}, "rate_hz=0.0: expected a finite number"),
        ({"second": np.zeros((3, 2, 512))}, "4 epochs of 512 samples, as first"),
        ({"second": np.zeros((2, 512))}, "shape"),
        ({"second": np.full((4, 2, 512), np.inf)}, "second='inf'"),
        ({"second": np.tile([np.inf, -np.inf, np.nan, 1.0], (4, 2, 128))}, "second='inf'"),
        ({"second": np.ones((4, 2, 512), complex)}, "None where second holds analytic signals"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(change, says):
    first, second = brains()
    given = {"first": first, "second": second, "rate_hz": 256.0, "band": (8.0, 12.0)}
    given |= {"measure": "phase_locking"} | change
    with pytest.raises(InputError, match=says):
        connectivity(given.pop("first"), given.pop("second"), **given)
