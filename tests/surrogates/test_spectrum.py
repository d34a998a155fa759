import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import spectral as reference
from surrogates.worlds import conductance, shared_course, slow_noise

from syntony.core.errors import InputError
from syntony.surrogates.registry import get
from syntony.surrogates.spectrum import iaaft, iaaft_told, matching_ends, phase_randomisation

NEW = ("phase_randomisation", "iaaft", "autoregressive")


def with_gaps(y):
    y = y.copy()
    y[100:160] = np.nan
    y[-30:] = np.nan
    return y


@settings(deadline=None, max_examples=40)
@given(st.integers(240, 900), st.booleans(), st.integers(0, 2**31))
def test_random_phases_keep_every_amplitude(n, gaps, seed):
    rng = np.random.default_rng(seed)
    y = slow_noise(rng, n) + 5.0
    y = np.insert(y, 100, [np.nan] * 60) if gaps else y
    drawn = phase_randomisation(y, rng, rate_hz=4.0)
    assert_array_equal(np.isnan(drawn), np.isnan(y))
    there = ~np.isnan(y)
    before, after = (np.abs(np.fft.rfft(v[there])) for v in (y, drawn))
    assert_allclose(after, before, rtol=1e-10, atol=1e-10 * before.max())
    assert abs(np.corrcoef(y[there], drawn[there])[0, 1]) < 0.99


def test_amplitudes_are_those_of_the_definition():
    y = slow_noise(np.random.default_rng(2), 241)
    drawn = phase_randomisation(y, np.random.default_rng(3), rate_hz=4.0)
    assert_allclose(reference.amplitudes(drawn), reference.amplitudes(y), rtol=1e-10, atol=1e-9)


def test_every_phase_is_as_likely():
    y = slow_noise(np.random.default_rng(2), 240)
    rng = np.random.default_rng(5)
    turned = [np.fft.rfft(phase_randomisation(y, rng, rate_hz=4.0))[1:120] for _ in range(200)]
    phases = np.array(turned) / np.abs(turned)
    assert np.abs(phases.mean(axis=0)).max() < 4 / np.sqrt(200)
    assert np.abs((phases**2).mean(axis=0)).max() < 4 / np.sqrt(200)
    across = np.abs((phases[:, 1:] * phases[:, :-1].conj()).mean(axis=0))
    assert across.max() < 4 / np.sqrt(200)


@settings(deadline=None, max_examples=25)
@given(st.integers(240, 700), st.booleans(), st.integers(0, 2**31))
def test_iaaft_keeps_every_value_and_tells_what_is_off(n, gaps, seed):
    rng = np.random.default_rng(seed)
    y = np.exp(slow_noise(rng, n) / 10)
    y = np.insert(y, 100, [np.nan] * 60) if gaps else y
    told = iaaft_told(y, rng, rate_hz=4.0, ends="keep")
    assert_array_equal(np.sort(told.values), np.sort(y))
    assert_array_equal(np.isnan(told.values), np.isnan(y))
    assert (told.start, told.stop) == (0, n)
    before, after = (np.abs(np.fft.rfft(v[~np.isnan(v)]))[1:] for v in (y, told.values))
    off = np.sqrt(((after - before) ** 2).sum() / (before**2).sum())
    assert_allclose(told.spectrum_error, off, rtol=1e-9)


def test_iaaft_nearly_keeps_the_spectrum_of_short_skewed_series():
    off = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        y = np.exp(slow_noise(rng, int(rng.integers(240, 700))) / 10)
        off.append(iaaft_told(y, rng, rate_hz=4.0, ends="keep").spectrum_error)
    assert np.median(off) < 0.02  # values and spectrum cannot both be kept exactly
    assert np.quantile(off, 0.9) < 0.04
    assert np.max(off) < 0.1


def test_iaaft_is_amplitudes_and_values_in_turns():
    y = slow_noise(np.random.default_rng(2), 243)
    order = np.random.default_rng(9).permutation(243)
    for rounds in (1, 7):
        told = iaaft_told(y, np.random.default_rng(9), rate_hz=4.0, max_rounds=rounds, ends="keep")
        assert (told.rounds, told.converged) == (rounds, False)
        assert_array_equal(told.values, reference.iaaft(y, order, rounds))


def test_iaaft_of_conductance_as_the_docstring_says():
    y = conductance(np.random.default_rng(0), 600)
    short, long = (
        iaaft_told(y, np.random.default_rng(1), rate_hz=4.0, max_rounds=k) for k in (100, 3000)
    )
    assert short.spectrum_error < 0.02
    assert long.converged
    assert long.rounds < 3000
    assert long.spectrum_error <= short.spectrum_error
    again = iaaft_told(y, np.random.default_rng(1), rate_hz=4.0, max_rounds=long.rounds - 1)
    assert_array_equal(again.values, long.values)  # the last round changed nothing
    assert not again.converged


def test_ends_are_cut_to_match_and_the_draw_goes_on_as_a_circle():
    y = slow_noise(np.random.default_rng(4), 800) + 10 * shared_course(200)
    told = iaaft_told(y, np.random.default_rng(1), rate_hz=4.0)
    start, stop = told.start, told.stop
    assert (start, stop) == reference.matching_ends(y)
    assert reference.ends_apart(y, start, stop) < 0.01 * reference.ends_apart(y, 0, y.size)
    assert_array_equal(np.sort(told.values[start:stop]), np.sort(y[start:stop]))
    length = stop - start
    assert_array_equal(told.values[length:], told.values[: y.size - length])
    assert set(told.values) <= set(y)


def test_matching_ends_of_a_whole_period_leave_it_whole():
    assert matching_ends(np.sin(2 * np.pi * (np.arange(240) + 0.5) / 240))[1] <= 240
    assert matching_ends(np.full(240, 3.0)) == (0, 240)
    assert matching_ends(np.arange(19.0)) == (0, 19)


@pytest.mark.parametrize("name", NEW)
def test_gaps_stay_and_the_signal_given_is_left_as_it_was(name):
    y = with_gaps(slow_noise(np.random.default_rng(0), 1201))
    y.flags.writeable = False
    before = y.copy()
    drawn = get(name).draw(y, np.random.default_rng(0), rate_hz=4.0)
    assert_array_equal(y, before)
    assert_array_equal(np.isnan(drawn), np.isnan(y))
    same = get(name).draw(y, np.random.default_rng(0), rate_hz=4.0)
    assert_array_equal(same, drawn)


@pytest.mark.parametrize("name", NEW)
def test_what_nothing_can_be_made_of_is_refused(name):
    draw, rng = get(name).draw, np.random.default_rng(0)
    with pytest.raises(InputError, match=r"59\.75 s of valid samples"):
        draw(np.r_[np.arange(239.0), np.full(900, np.nan)], rng, rate_hz=4.0)
    with pytest.raises(InputError, match="varies"):
        draw(np.full(900, 2.0), rng, rate_hz=4.0)
    with pytest.raises(InputError, match="infinite"):
        draw(np.r_[np.arange(900.0), np.inf], rng, rate_hz=4.0)
    with pytest.raises(InputError, match="shape"):
        draw(np.zeros((9, 100)), rng, rate_hz=4.0)
    with pytest.raises(InputError, match="rate_hz"):
        draw(np.arange(900.0), rng, rate_hz=0.0)


def test_options_of_iaaft_are_checked():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="max_rounds=0"):
        iaaft(np.arange(900.0), rng, rate_hz=4.0, max_rounds=0)
    with pytest.raises(InputError, match="'trim' or 'keep'"):
        iaaft(np.arange(900.0), rng, rate_hz=4.0, ends="mirror")


def test_a_session_is_told_how_its_draws_came_out():
    from syntony.surrogates.registry import get

    y = np.random.default_rng(3).standard_normal(800).cumsum()
    y[-20:] += 30.0
    drawn = [
        get("iaaft").told(y, np.random.default_rng(k), rate_hz=4.0, max_rounds=rounds)
        for k, rounds in ((1, 5), (2, 5), (3, 2000))
    ]
    facts = {name: np.array([d.facts[name] for d in drawn]) for name in drawn[0].facts}
    said = get("iaaft").say(facts)
    assert said.startswith("IAAFT: 1 of 3 draws converged")
    assert "the others stopped after 5 rounds." in said
    left_out = 800 - (drawn[0].stop - drawn[0].start)
    assert f"{left_out} samples were left out" in said
    apart = abs(y[0] - y[-1]) / y.std()
    assert f"they differed by {apart:.2g} SD" in said
    assert drawn[0].jump < apart
    kept = get("iaaft").told(y, np.random.default_rng(1), rate_hz=4.0, max_rounds=1, ends="keep")
    said = get("iaaft").say({k: np.array([v]) for k, v in kept.facts.items()})
    assert "the others stopped after 1 rounds." in said
    assert f"Nothing was left out at the ends; they differ by {apart:.2g} SD." in said
