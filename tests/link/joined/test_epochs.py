"""Random epochs: exact counts, no overlap, everywhere alike; the observed mean; ties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syntony.core.seeds import rng_for
from syntony.link.joined.epochs import compare_epochs, random_epochs


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(0, 60), st.integers(0, 99)
)
def test_every_draw_has_the_same_epochs_and_none_over_another(lengths, more, seed):
    room = sum(lengths) + len(lengths) - 1 + more
    starts, stops = random_epochs(np.array(lengths), room, np.random.default_rng(seed), 20)
    for a, b in zip(starts, stops, strict=True):
        inside = np.zeros(room, dtype=int)
        for start, stop in zip(a, b, strict=True):
            assert 0 <= start < stop <= room
            inside[start:stop] += 1
        assert inside.max() == 1
        assert sorted((b - a).tolist()) == sorted(lengths)
        edges = np.count_nonzero(np.diff(np.r_[0, inside, 0]) == 1)
        assert edges == len(lengths)  # none touches another: as many epochs as there were


def test_random_epochs_lie_everywhere_alike():
    starts, stops = random_epochs(np.array([10]), 100, rng_for(1), 20_000)
    often = np.bincount(starts[:, 0], minlength=91)
    assert often.min() > 0.7 * often.mean()
    assert often.max() < 1.3 * often.mean()
    assert stops.max() == 100


def test_the_mean_is_over_valid_seconds_and_the_planted_class_passes():
    rng = np.random.default_rng(2)
    z = 0.2 * rng.standard_normal(1200)
    inside = np.zeros(1200, dtype=bool)
    for t in range(60, 1100, 130):
        inside[t : t + 15] = True
    z[inside] += 0.3
    z[::7] = np.nan
    found = compare_epochs("shared_positive", z, inside, rng_for(1))
    assert found.value == pytest.approx(float(np.nanmean(z[inside])))
    assert (found.epochs, found.seconds) == (8, 120)
    row = found.to_row(session="s", dyad="d", step=0)
    assert row["p_one"] == 0.001
    assert row["draws"] == 999


def test_what_cannot_be_compared_says_how_much_there_was():
    inside = np.zeros(300, dtype=bool)
    inside[100:104] = True
    few = compare_epochs("unshared", np.zeros(300), inside, rng_for(1))
    assert few.status == "not testable: 4 s of the class found, 10 s are needed"
    assert np.isnan(few.value)
    full = compare_epochs("unshared", np.zeros(300), np.ones(300, dtype=bool), rng_for(1))
    assert "nothing is left" in full.status
    empty = compare_epochs("unshared", np.full(300, np.nan), inside, rng_for(1))
    assert empty.status == "not testable: no synchrony in this session"


def test_flat_synchrony_is_never_significant():
    inside = np.zeros(300, dtype=bool)
    inside[100:140] = True
    row = compare_epochs("x", np.full(300, 0.4), inside, rng_for(1)).to_row(
        session="s", dyad="d", step=0
    )
    assert (row["p_one"], row["p_two"]) == (1.0, 1.0)
