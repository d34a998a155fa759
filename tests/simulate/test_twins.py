"""Twins agree with their study, share nothing unless it is planted, and come by their seed."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import lfilter
from simulate.likenesses import study

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.simulate.likeness import fit_likeness
from syntony.simulate.noise import fit_noise, noise_pair, normal_scores
from syntony.simulate.responses import find_responses
from syntony.simulate.twins import make_twins
from syntony.simulate.worlds import shared_shape
from syntony.surrogates.memory import memory_s


def slopes(values):
    return np.diff(np.convolve(values, np.ones(20) / 20, mode="valid"))


def peak_lag_s(twins, rate_hz=4.0):
    """Lag at which the mean correlation of slopes is highest; positive: the second follows."""
    lags = np.arange(-24, 25)
    total = np.zeros(lags.size)
    for twin in twins:
        x, y = slopes(twin.first), slopes(twin.second)
        both = slice(30, -30)
        total += [np.corrcoef(x[both], np.roll(y, -k)[both])[0, 1] for k in lags]
    return float(lags[int(np.argmax(total))] / rate_hz), float(total.max() / len(twins))


@pytest.fixture(scope="module")
def coupled():
    """Likeness of a study that is strongly coupled."""
    return fit_likeness(study(share=0.9, delay_s=1.0, seed=3), model="responses", seed=1)


def test_twins_of_a_coupled_study_are_not_coupled(coupled):
    made = study(share=0.9, delay_s=1.0, seed=3)
    assert peak_lag_s(made)[1] > 0.4
    twins = [t for k in range(4) for t in make_twins(coupled, seed=1, path=(k,))]
    assert peak_lag_s(twins)[1] < 0.06


@pytest.mark.parametrize("delay_s", [0.0, 2.0, -3.0])
def test_a_planted_share_is_found_at_its_delay(coupled, delay_s):
    lag, high = peak_lag_s(make_twins(coupled, seed=1, share=0.5, delay_s=delay_s))
    assert lag == pytest.approx(delay_s, abs=0.5)
    assert high > 0.15


def test_the_same_seed_and_path_give_the_same_twins_whatever_else_is_made(coupled):
    one = make_twins(coupled, seed=7, path=("null", 3))
    make_twins(coupled, seed=7, path=("null", 4))
    again = make_twins(coupled, seed=7, path=("null", 3))
    other = make_twins(coupled, seed=7, path=("null", 5))
    assert all(
        np.array_equal(a.first, b.first, equal_nan=True) for a, b in zip(one, again, strict=True)
    )
    assert not np.allclose(one[0].first, other[0].first)


def heart(seed, gaps):
    """A study of heart rate: everybody settles in the first minutes, and breathes."""
    made = []
    for k, one in enumerate(study(seed=seed, seconds=1200.0)):
        values = []
        for who in (0, 1):
            rng = rng_for(seed, "heart", k, who)
            slow = lfilter([0.05], [1.0, -0.98], rng.standard_normal(4800))
            breath = np.sin(np.cumsum(0.4 + 0.1 * rng.standard_normal(4800)))
            y = 70 + 15 * slow + breath + 12 * np.exp(-np.arange(4800) / 4 / 150.0)
            for start, stop in gaps if (k + who) % 2 else ():
                y[round(4 * start) : round(4 * stop)] = np.nan
            values.append(y)
        made.append(replace(one, first=values[0], second=values[1]))
    return made


def settling(times, length):
    return np.interp(times, np.arange(int(np.ceil(length))), shared_shape(length))


def between_strangers(bodies):
    """Mean correlation of one session's first with the next one's second person."""
    return np.mean(
        [
            np.corrcoef(np.nan_to_num(a.first - np.nanmean(a.first)), other)[0, 1]
            for a, b in pairwise(bodies)
            for other in [np.nan_to_num(b.second - np.nanmean(b.second))]
        ]
    )


@pytest.mark.parametrize("model", ["responses", "noise"])
def test_twins_agree_with_the_recordings(model):
    gaps = ((300.0, 420.0), (1000.0, 1010.0))
    made = study(shape=settling, seed=4, gaps=gaps) if model == "responses" else heart(4, gaps)
    like = fit_likeness(made, model=model, seed=1)
    twins = [t for k in range(3) for t in make_twins(like, seed=1, path=(k,))]

    def of(look):
        data = np.median([look(v) for s in made for v in s.both])
        return np.median([look(v) for t in twins for v in (t.first, t.second)]), data

    sd, wanted = of(lambda v: float(np.nanstd(v)))
    assert sd == pytest.approx(wanted, rel=0.2)
    fast, wanted = of(lambda v: memory_s(np.diff(v), 4.0))
    assert fast == pytest.approx(wanted, abs=0.3)
    missing = [np.isnan(v).mean() for t in twins for v in (t.first, t.second)]
    assert np.mean(missing) == pytest.approx(130 / made[0].duration_s / 2, rel=1e-9)
    if model == "responses":
        rate, wanted = of(lambda v: find_responses(v, 4.0).onsets_s.size)
        assert rate == pytest.approx(wanted, rel=0.1)
    # what strangers share, strangers among the twins share to the same degree
    assert between_strangers(twins) == pytest.approx(between_strangers(made), abs=0.15)
    assert between_strangers(made) > 0.3


def test_gaps_stay_with_the_place_in_the_pair():
    like = fit_likeness(study(dyads=6, gaps=((10.0, 40.0),)), model="noise", seed=1)
    twins = make_twins(like, seed=2)
    assert sum(np.isnan(t.first).any() for t in twins) == 3
    assert sum(np.isnan(t.second).any() for t in twins) == 3


@pytest.mark.parametrize("rate_hz", [1.0, 4.0])
def test_noise_keeps_values_spectrum_and_a_rhythm(rate_hz):
    rng = np.random.default_rng(5)
    times = np.arange(6000) / rate_hz
    beat = np.exp(0.3 * (np.sin(2 * np.pi * 0.1 * times) + rng.standard_normal(6000)))
    like = fit_noise(beat, normal_scores(beat), rate_hz)
    first, _ = noise_pair(rng, (like, like), samples=6000, rate_hz=rate_hz)
    assert first.std() == pytest.approx(1.0, abs=0.1)
    hz = np.fft.rfftfreq(6000, 1 / rate_hz)
    power = np.abs(np.fft.rfft(first)) ** 2
    near = np.abs(hz - 0.1) < 0.03
    assert power[near].mean() > 3 * power[~near & (hz > 0.2)].mean()


def test_noise_with_a_common_source_correlates_by_the_share_and_follows():
    rng = np.random.default_rng(6)
    like = fit_noise(rng.standard_normal(4000), rng.standard_normal(4000), 2.0)
    first, second = noise_pair(
        rng, (like, like), samples=20_000, rate_hz=2.0, share=0.4, delay_s=3.0
    )
    assert np.corrcoef(first[:-6], second[6:])[0, 1] == pytest.approx(0.4, abs=0.05)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.1


def test_a_share_out_of_range_is_refused(coupled):
    with pytest.raises(InputError, match="share"):
        make_twins(coupled, seed=1, share=1.2)
