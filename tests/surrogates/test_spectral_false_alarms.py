"""Strangers beside the surrogates by spectrum and by autoregression."""

import numpy as np
import pytest
from scipy.stats import binomtest
from surrogates.worlds import conductance, mean_correlation, mean_lagged, shared_course, slow_noise

from syntony.core.seeds import rng_for
from syntony.surrogates.decision import p_values
from syntony.surrogates.registry import get

NEW = ("phase_randomisation", "iaaft", "autoregressive")


def called_synchronous(name, runs, *, gaps=False, draws=19, **options):
    """Strangers with the Gaussian noise that all three take for granted."""
    draw, hits = get(name).draw, 0
    for i in range(runs):
        rng = rng_for(51, name, i)
        x, y = slow_noise(rng, 1200), slow_noise(rng, 1200)
        if gaps:
            y[200:260] = y[700:820] = np.nan
        null = [mean_correlation(x, draw(y, rng, rate_hz=4.0, **options)) for _ in range(draws)]
        hits += bool(p_values(mean_correlation(x, y), null)[0] <= 0.05)
    return hits


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("name", NEW)
def test_strangers_are_rarely_called_synchronous(name, gaps):
    options = {"max_rounds": 10} if name == "iaaft" else {}
    hits = called_synchronous(name, 60, gaps=gaps, **options)
    assert binomtest(hits, 60, 0.05).pvalue > 0.001, f"{hits} of 60"


@pytest.mark.slow
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("name", NEW)
def test_strangers_are_called_synchronous_five_times_in_a_hundred(name, gaps):
    hits = called_synchronous(name, 600, gaps=gaps)
    assert binomtest(hits, 600, 0.05).pvalue > 0.001, f"{hits} of 600"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pairs", "draws"),
    [("phase_randomisation", 306, 99), ("autoregressive", 306, 99), ("iaaft", 97, 19)],
)
def test_a_shared_course_passes_for_synchrony_as_the_pitfall_says(name, pairs, draws):
    hits = {0: 0, 1: 0}
    for i in range(pairs):
        rng = rng_for(43, "conductance", i)
        first, second = conductance(rng), conductance(rng)
        for course in hits:
            x, y = (v + course * shared_course() for v in (first, second))
            stream = rng_for(43, "draws", i, name, course)
            null = [mean_lagged(x, get(name).draw(y, stream, rate_hz=4.0)) for _ in range(draws)]
            hits[course] += bool(p_values(mean_lagged(x, y), null)[0] <= 0.05)
    pitfall = get(name).pitfall
    assert f"{100 * hits[1] / pairs:.0f} % of {pairs}" in pitfall, hits
    assert f" {100 * hits[0] / pairs:.0f} %" in pitfall, hits
