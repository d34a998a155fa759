import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import phase as reference

from syntony.kernels.phase import MEASURES, pair_matrices

rng = np.random.default_rng(1)


def made(shape):
    """Analytic-like signals that share something."""
    common = rng.standard_normal(shape[-1]) + 1j * rng.standard_normal(shape[-1])
    return common + rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


@pytest.mark.parametrize(("channels", "samples"), [(5, 7), (3, 16), (18, 33)])
@pytest.mark.parametrize("measure", MEASURES)
def test_it_does_what_the_definition_says(measure, channels, samples):
    z = made((2, channels, samples))
    z[1, 2] *= 1e-6  # volts beside microvolts
    found = pair_matrices(z, measure)
    for epoch, want in zip(z, found, strict=True):
        assert_allclose(want, reference.pair_matrix(measure, epoch), rtol=0, atol=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_missing_or_silent_channel_has_no_value_and_spoils_no_other(measure):
    z = made((1, 6, 40))
    whole = pair_matrices(z, measure)[0]
    z[0, 1, 3] = np.nan
    z[0, 4] = 0.0
    found = pair_matrices(z, measure)[0]
    kept = [0, 2, 3, 5]
    assert_allclose(found[np.ix_(kept, kept)], whole[np.ix_(kept, kept)], rtol=0, atol=1e-14)
    assert np.isnan(found[[1, 4]]).all()
    assert np.isnan(found[:, [1, 4]]).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_exchanging_channels_turns_the_sign_or_nothing(measure):
    value = pair_matrices(made((3, 4, 50)), measure)
    back = -value if measure == "imaginary_coherence" else value
    assert_allclose(value.transpose(0, 2, 1), back, rtol=0, atol=1e-13)


def test_a_copy_is_never_ahead_of_itself():
    z = made((1, 1, 64))
    both = np.concatenate([z, z, -z], axis=1)
    for measure in ("phase_lag_index", "weighted_phase_lag_index"):
        assert np.array_equal(pair_matrices(both, measure)[0], np.zeros((3, 3)))
    assert_allclose(pair_matrices(both, "phase_locking"), 1.0)
