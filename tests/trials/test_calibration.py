"""Five hundred made studies: what is planted comes back, and where nothing is, little is claimed.

Minutes to half an hour: run by ``make slow``. The figures are printed; ``-rA`` shows them.
"""

from functools import partial

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from syntony.config import Recipe
from syntony.pipeline.executors import cores, each
from syntony.simulate.worlds import WORLDS
from syntony.trials.calibration import claims_of, expected_link, recovered
from syntony.trials.demo import expected_r

SEEDS = 500
UNCOUPLED = sorted(name for name, world in WORLDS.items() if world.strangers_share)
BASE = {"emotion": {"rotations": 199}, "corpus": {"derangements": 199, "bootstrap": 199}}
STRANGERS = Recipe.model_validate(BASE | {"surrogates": [{"name": "pseudo_dyads"}]})
INDEX = Recipe.model_validate(BASE | {"surrogates": [], "synchrony": [{"method": "marci"}]})


def of_seeds(do, seeds):
    return [found for _, found in sorted(each(do, seeds, jobs=cores()), key=lambda pair: pair[0])]


@pytest.mark.slow
@pytest.mark.parametrize("world", UNCOUPLED)
def test_an_uncoupled_world_is_claimed_five_times_in_a_hundred(world):
    do = partial(claims_of, world=world, recipe=STRANGERS)
    found = of_seeds(do, range(10_000, 10_000 + SEEDS))
    limit = binom.ppf(0.99, SEEDS, 0.05)
    kinds = sorted({kind for claims in found for kind in claims})
    hits = {kind: sum(claims.get(kind, False) for claims in found) for kind in kinds}
    print(f"{world}: claims in {SEEDS} studies (at most {limit:.0f}): {hits}")
    assert {"emotion", "empathy/marci", "leader/marci"} <= set(kinds)
    assert all(count <= limit for count in hits.values()), (world, limit, hits)


@pytest.fixture(scope="module")
def studies():
    return of_seeds(partial(recovered, recipe=INDEX), range(20_000, 20_000 + SEEDS))


@pytest.mark.slow
def test_intervals_cover_the_expected_r(studies):
    expected = expected_r()["r"]
    covered = np.mean([s["low"] <= expected <= s["high"] for s in studies])
    mean = np.tanh(np.mean(np.arctanh([s["r"] for s in studies])))
    print(f"r expected {expected:.3f}, mean of {SEEDS} studies {mean:.3f}, covered {covered:.3f}")
    assert 0.93 <= covered <= 0.97


@pytest.mark.slow
def test_the_leader_is_named_right(studies):
    right = sum(s["leader"] == "patient" for s in studies)
    wrong = sum(s["leader"] == "therapist" for s in studies)
    print(f"leader right {right}, wrong {wrong} of {SEEDS}")
    assert wrong == 0
    assert right >= 0.99 * SEEDS


@pytest.mark.slow
def test_the_emotion_effect_is_found_with_its_power(studies):
    hits = sum(s["emotion_p"] <= 0.05 for s in studies)
    low = binomtest(hits, SEEDS).proportion_ci(0.99).low
    print(f"emotion effect found in {hits} of {SEEDS}")
    assert low > 0.9


@pytest.mark.slow
def test_the_r_to_be_expected_is_that_of_other_dyads_too():
    one = Recipe.model_validate({"synchrony": [{"method": "marci"}], "surrogates": []})
    fresh = expected_link(2000, seed=5, recipe=one)
    apart = abs(np.arctanh(fresh["r"]) - np.arctanh(expected_r()["r"]))
    print(f"fresh 2,000 dyads: {fresh}")
    assert apart < 3 * np.sqrt(2 / 1997)


def test_a_small_study_gives_every_kind_of_claim_once():
    small = Recipe.model_validate(
        {
            "surrogates": [{"name": "pseudo_dyads"}, {"name": "shift_thirds", "count": 19}],
            "emotion": {"rotations": 19},
            "corpus": {"derangements": 19, "bootstrap": 99},
        }
    )
    claims = claims_of(3, world="stationary", recipe=small, dyads=7, minutes=21)
    wanted = {"synchrony/marci/pseudo_dyads", "synchrony/marci/shift_thirds", "leader/marci"}
    assert wanted | {"emotion", "empathy/marci", "empathy/lagged_correlation"} <= set(claims)
    assert claims == claims_of(3, world="stationary", recipe=small, dyads=7, minutes=21)
