"""Draws of a session: lots and threads change nothing, and every draw is as by itself."""

import numpy as np
import pytest

from syntony.config import Recipe, Step, Surrogate
from syntony.core.seeds import rng_for
from syntony.pipeline import work
from syntony.pipeline.prepare import Features
from syntony.pipeline.steps import couple
from syntony.pipeline.work import BAND_DRAWS, TOGETHER, within
from syntony.synchrony import registry as method_list

DRAWS = BAND_DRAWS + TOGETHER + 7
RATE_HZ = 2.0


def step_of(method, **options):
    return Step(method=method, options=method_list.get(method).settle(options))


RECIPE = Recipe(
    synchrony=(
        step_of("marci"),
        step_of("lagged_correlation"),
        step_of("window_ccf"),  # taken one by one
    ),
    surrogates=(Surrogate(name="shift_thirds", count=DRAWS),),
)


@pytest.fixture(scope="module")
def session():
    """Ten minutes of two people who share a little; the second has a gap."""
    rng = rng_for(1, "draws of a session")
    x, y, common = rng.standard_normal((3, 1200)).cumsum(axis=1)
    second = y + common
    second[500:560] = np.nan
    return Features(session="s", first=x + common, second=second, rate_hz=RATE_HZ, start_s=0.0)


def drawn(session, threads=1):
    real = [couple(s, session.first, session.second, RATE_HZ) for s in RECIPE.synchrony]
    return within(RECIPE, RECIPE.surrogates[0], session, real, threads=threads)


def test_threads_change_no_figure(session):
    one, three = drawn(session), drawn(session, threads=3)
    assert one.keys() == three.keys()
    assert all(np.array_equal(one[k], three[k], equal_nan=True) for k in one)
    assert one["step0_null_shift_thirds"].shape == (DRAWS, 6)


def test_draws_at_once_are_the_draws_one_by_one(session, monkeypatch):
    at_once = drawn(session)
    monkeypatch.setattr(work, "couple_draws", lambda *_: None)
    one_by_one = drawn(session)
    assert at_once.keys() == one_by_one.keys()
    for name, values in at_once.items():
        np.testing.assert_allclose(values, one_by_one[name], rtol=0, atol=1e-12, err_msg=name)
    assert at_once["step1_course_shift_thirds"].shape[0] == 2
    assert np.isfinite(at_once["step1_search_shift_thirds"]).all()
