"""Simulated ratings hold what was planted."""

from dataclasses import replace

import numpy as np
import pytest

from syntony.core.errors import InputError
from syntony.core.rated import SELF, ratings_of, split_kind
from syntony.simulate.ratings import RatingSetup, make_ratings, rate_study, slow_noise
from syntony.simulate.session import StudySetup
from syntony.simulate.study import make_study


def test_planted_correlations_level_and_lag():
    setup = RatingSetup(rate_hz=1.0, shared=0.4, own=0.3, perceiver_lag_s=2.0, reaction_lag_s=3.0)
    made = make_ratings(np.random.default_rng(1), setup, accuracy=0.6, duration_s=60_000)
    late = made.perceived[2:]
    assert np.corrcoef(late, made.target[:-2])[0, 1] == pytest.approx(np.tanh(0.6), abs=0.05)
    assert np.corrcoef(made.target, made.own)[0, 1] == pytest.approx(0.4, abs=0.06)
    assert (made.perceived - made.target).mean() == pytest.approx(setup.bias, abs=0.08)
    assert made.perceived.std() == pytest.approx(setup.slope * setup.sd, rel=0.03)
    np.testing.assert_allclose(made.target[3:], made.felt[:-3])


def test_noise_has_the_memory_asked_for():
    x = slow_noise(np.random.default_rng(2), 200_000, rate_hz=2.0, memory_s=10.0)
    assert x.std() == pytest.approx(1.0, abs=0.03)
    r = [np.corrcoef(x[:-k], x[k:])[0, 1] for k in (10, 20)]  # beyond the smoothing
    assert r[1] / r[0] == pytest.approx(np.exp(-0.5), abs=0.06)


def test_a_study_is_rated_without_touching_the_rest():
    made = make_study(StudySetup(dyads=3, minutes=2.0, rate_hz=4.0, seed=5))
    rated = rate_study(made, RatingSetup(missing=0.2))
    for one, two in zip(made.sessions, rated.sessions, strict=True):
        assert one.signals == two.signals[: len(one.signals)]
        told = {(r.about.role, r.rater) for r in ratings_of(two.signals, two.people)}
        assert told == {("patient", SELF), ("therapist", SELF), ("patient", "therapist")}
        assert all(0.7 < s.valid_share < 0.95 for s in two.signals if split_kind(s.kind))
    assert rated.truth["ratings"]["accuracy"] == 0.6
    z = [row["accuracy_z"] for row in rated.truth["sessions"]]
    assert len(set(z)) == 3


def test_a_dyad_is_the_same_whatever_else_is_made():
    small, large = (
        rate_study(make_study(StudySetup(dyads=n, minutes=1.0, rate_hz=4.0, seed=5)))
        for n in (2, 3)
    )
    for one, two in zip(small.sessions[1].signals, large.sessions[1].signals, strict=True):
        np.testing.assert_array_equal(one.values, two.values)


@pytest.mark.parametrize("change", [{"rate_hz": 0.0}, {"missing": 1.0}, {"shared": 1.0}])
def test_what_cannot_be_made_is_refused(change):
    with pytest.raises(InputError):
        RatingSetup(**change)


def test_correlations_that_leave_no_room_for_noise_are_refused():
    setup = replace(RatingSetup(), own=0.9)
    with pytest.raises(InputError, match="leave room"):
        make_ratings(np.random.default_rng(1), setup, accuracy=1.5, duration_s=60)
