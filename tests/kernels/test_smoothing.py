import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import peaks as reference

from syntony.kernels.smoothing import (
    half_steps_matrix,
    interpolated_loess_matrix,
    loess_matrix,
    neighbours,
)

SIZES = [(9, 0.5), (17, 0.25), (17, 1.0), (33, 0.25), (41, 0.4), (120, 0.1)]


@pytest.mark.parametrize(("n", "span"), SIZES)
def test_loess_does_what_the_definition_says(n, span):
    y = np.random.default_rng(n).standard_normal(n)
    assert_allclose(loess_matrix(n, span) @ y, reference.loess(y, span), atol=1e-12)


@pytest.mark.parametrize(("n", "span"), SIZES)
def test_interpolated_loess_does_what_the_definition_says(n, span):
    y = np.random.default_rng(n).standard_normal(n)
    want = reference.interpolated_loess(y, span)
    assert_allclose(interpolated_loess_matrix(n, span) @ y, want, atol=1e-8)


@pytest.mark.parametrize("n", [4, 5, 18, 41])
def test_the_spline_does_what_the_definition_says(n):
    y = np.random.default_rng(n).standard_normal(n)
    assert_allclose(half_steps_matrix(n) @ y, reference.half_steps(y), atol=1e-11)


@settings(deadline=None, max_examples=40)
@given(st.integers(5, 60), st.floats(0.1, 1.0), st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_parabolas_stay_as_they_are(n, span, parts):
    if neighbours(n, span) < 4:
        return
    t = np.arange(n) / n
    y = parts[0] + parts[1] * t + parts[2] * t**2
    for matrix in (loess_matrix, interpolated_loess_matrix):
        assert_allclose(matrix(n, span) @ y, y, atol=1e-9)


def test_only_regression_at_every_point_is_symmetric():
    plain, theirs = loess_matrix(33, 0.25), interpolated_loess_matrix(33, 0.25)
    assert_allclose(plain, plain[::-1, ::-1], atol=1e-12)
    assert np.abs(theirs - theirs[::-1, ::-1]).max() > 1e-6
