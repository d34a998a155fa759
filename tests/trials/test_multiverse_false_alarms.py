"""Made studies through a small grid: uncoupled ones are seldom called coupled, a coupled one is."""

import pytest
from scipy.stats import binomtest

from syntony.config import Recipe
from syntony.simulate.session import StudySetup
from syntony.simulate.study import make_study
from syntony.trials.multiverse_grid import Family, Multiverse
from syntony.trials.multiverse_memory import joint_of_sessions

STUDIES = 200
GRID = Multiverse(
    signal=("eda", "eda_phasic"),
    trim_start_s=(0.0, 120.0),
    families=(
        Family(
            method="marci",
            statistics=("ssi", "mean_abs_z", "ssi_peak"),
            options={"window_s": (15.0, 30.0)},
        ),
        Family(
            method="lagged_correlation",
            statistics=("mean_z", "lag_zero", "peak_z"),
            options={"window_s": (15.0, 30.0), "step_s": (15.0,)},
        ),
    ),
    draws=99,
    bootstrap=99,
)


def judged(seed, world, *, dyads=8, **more):
    setup = StudySetup(dyads=dyads, minutes=10.0, rate_hz=4.0, seed=seed, world=world, **more)
    return joint_of_sessions(make_study(setup).sessions, Recipe(seed=seed), GRID)


def test_a_coupled_study_is_found():
    found = judged(1, "coupled", share_median=0.6)
    assert found.median_p_one <= 0.02
    assert found.beyond_p <= 0.05
    assert found.effects.size == 48


@pytest.mark.slow
@pytest.mark.parametrize("world", ["stationary", "shared_shape"])
def test_strangers_are_called_coupled_as_often_as_they_should(world):
    """Measured with these seeds: see docs/how/multiverse.md."""
    hits = dict.fromkeys(("median", "two-sided", "same sign", "beyond"), 0)
    for k in range(STUDIES):
        found = judged(900_000 + k, world)
        for name, p in zip(
            hits,
            (found.median_p_one, found.median_p_two, found.same_sign_p, found.beyond_p),
            strict=True,
        ):
            hits[name] += p <= 0.05
    for name, count in hits.items():
        assert binomtest(count, STUDIES).proportion_ci(0.99).low < 0.05, f"{name}: {count}"
