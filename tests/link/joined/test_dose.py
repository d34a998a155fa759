"""Dose: planted between and within dyads, apart from each other, and what is too little."""

import numpy as np
import pytest

from syntony.core.seeds import rng_for
from syntony.link.joined.dose import dose_findings, dose_parts


def made(between, within, *, dyads=30, sessions=6, seed=1):
    rng = rng_for(seed, "dose")
    of = np.repeat(np.arange(dyads), sessions)
    big, small = rng.standard_normal(dyads)[of], rng.standard_normal(of.size)
    index = between * big + within * small + 0.5 * rng.standard_normal(of.size)
    return big + 0.5 * small, index, [f"d{k}" for k in of]


@pytest.mark.parametrize(("between", "within"), [(1.0, 0.0), (0.0, 1.0), (1.0, -1.0)])
def test_between_and_within_do_not_leak_into_each_other(between, within):
    share, index, dyads = made(between, within)
    of_dyads, of_sessions = dose_findings(
        share, index, dyads, rng_for(2), label="shared_positive", draws=999
    )
    for found, planted in ((of_dyads, between), (of_sessions, within)):
        assert (found.p_two < 0.01) == (planted != 0)
        assert np.sign(found.value) == np.sign(planted) or planted == 0
        assert found.low < found.value < found.high


def test_the_parts_are_those_of_numpy():
    share, index, dyads = made(1.0, 0.5, dyads=8, sessions=3)
    between, within = dose_findings(share, index, dyads, rng_for(1), label="x", draws=99)
    x, y = share.reshape(8, 3), index.reshape(8, 3)
    assert between.value == pytest.approx(np.corrcoef(x.mean(1), y.mean(1))[0, 1])
    a, b = (x - x.mean(1)[:, None]).ravel(), (y - y.mean(1)[:, None]).ravel()
    assert within.value == pytest.approx(a @ b / np.sqrt(a @ a * (b @ b)))
    assert (between.n_dyads, within.n_sessions) == (8, 24)
    of_dyad, apart = dose_parts(share, dyads)
    assert np.allclose(of_dyad + apart, share)


def test_little_is_told_and_missing_is_left_out():
    one, none = dose_findings(
        np.array([0.1, np.nan, 0.3]), np.array([1.0, 2.0, np.nan]), ["a", "b", "c"], rng_for(1),
        label="x",
    )  # fmt: skip
    assert one.status == "not testable: 1 dyads, at least 4 are needed"
    assert none.status == "not testable: no dyad has two sessions that differ"
    same, _ = dose_findings(
        np.full(6, 0.2), np.arange(6.0), [f"d{k}" for k in range(6)], rng_for(1), label="x"
    )
    assert same.status == "not testable: every dyad has the same share or index"
