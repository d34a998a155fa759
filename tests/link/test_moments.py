"""Synchrony by emotion class: the twin, planted effects, ties, and the rate of false alarms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import link as reference

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.link.codes import CLASSES
from syntony.link.moments import CODED, SessionClasses, class_findings, class_synchrony
from syntony.surrogates.codes import rotation_offsets


def blocks(rng, seconds, *, kinds=5, mean_s=20):
    """Classes that last: the same one for a random while."""
    out = np.empty(0, dtype=np.int64)
    while out.size < seconds:
        out = np.append(out, np.full(1 + rng.geometric(1 / mean_s), rng.integers(kinds)))
    return out[:seconds]


def slow_r(rng, n, smooth=15):
    """A windowed correlation of strangers: autocorrelated over ``smooth`` values."""
    z = np.convolve(rng.standard_normal(n + smooth), np.ones(smooth) / smooth**0.5, "same")[:n]
    return np.tanh(0.45 * z)


@pytest.mark.parametrize("least", [1.0, 10.0])
@pytest.mark.parametrize(("missing", "step_s"), [(0.0, 1.0), (0.3, 1.0), (0.1, 2.5), (0.0, 0.5)])
def test_every_rotation_is_that_of_the_definition(missing, step_s, least):
    rng = np.random.default_rng(5)
    seconds = 163
    classes = blocks(rng, seconds)
    time_s = 9.5 + step_s * np.arange(int((seconds - 19) / step_s))
    r = slow_r(rng, time_s.size)
    r[rng.random(r.size) < missing] = np.nan
    found = class_synchrony(
        time_s, r, classes, rng=np.random.default_rng(1), rotations=40, min_class_s=least
    )
    turns = rotation_offsets(seconds, 40, np.random.default_rng(1), min_shift_s=60.0)
    enough = max(1, int(np.ceil(least / step_s)))
    for k in range(len(CODED)):
        all_turns = [
            reference.class_means(time_s, r, classes, k, t, enough) for t in range(seconds)
        ]
        level, apart = np.array(all_turns).T
        assert_allclose(found[k].contrast, apart[0], atol=1e-9)
        assert_allclose(found[k].mean, reference.class_means(time_s, r, classes, k)[0], atol=1e-9)
        assert_allclose(found[k].null, reference.null(apart, turns), atol=1e-9)
        assert_allclose(found[k].null_means, reference.null(level, turns), atol=1e-9)


def test_seconds_shares_and_phases_are_counted_by_class():
    classes = np.array([0] * 30 + [1] * 20 + [4] * 50)
    r = np.where(np.arange(100) < 15, 0.5, -0.25)
    r[49] = np.nan
    found = {c.name: c for c in class_synchrony(np.arange(100.0), r, classes, rng=rng_for(1))}
    positive, uncoded = found["shared_positive"], found["uncoded"]
    assert (positive.seconds, positive.share) == (30.0, 0.3)
    assert (positive.in_phase, positive.anti_phase) == (0.25, 0.125)
    assert_allclose(positive.mean, (np.arctanh(0.5) - np.arctanh(0.25)) / 2)
    assert (uncoded.seconds, uncoded.share) == (50.0, 0.5)
    assert_allclose(uncoded.mean, -np.arctanh(0.25))
    assert np.isnan(uncoded.contrast)
    assert np.isnan(found["unshared"].mean)
    assert found["unshared"].null.size == 0 == uncoded.null.size  # 100 s cannot be turned by 60


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(130, 400))
def test_the_mirrored_r_mirrors_every_contrast(seed, seconds):
    rng = np.random.default_rng(seed)
    classes, r = blocks(rng, seconds), slow_r(rng, seconds)
    up, down = (
        class_synchrony(np.arange(seconds) + 0.5, s * r, classes, rng=rng_for(1), rotations=19)
        for s in (1, -1)
    )
    for a, b in zip(up, down, strict=True):
        assert_allclose(a.null, -b.null, atol=1e-9)
        assert_allclose([a.contrast, a.mean], [-b.contrast, -b.mean], atol=1e-9)
        assert_allclose([a.in_phase, a.anti_phase], [b.anti_phase, b.in_phase], atol=1e-12)


def test_a_second_without_a_code_is_in_no_class():
    rng = np.random.default_rng(2)
    classes, r = blocks(rng, 600, kinds=4), slow_r(rng, 600)
    coded = classes < 4
    holes = np.where(rng.random(600) < 0.3, 4, classes)
    wild = np.where(holes == 4, 0.99, r)
    calm = class_synchrony(np.arange(600.0), r, holes, rng=rng_for(1))
    loud = class_synchrony(np.arange(600.0), wild, holes, rng=rng_for(1))
    assert coded.all()
    for a, b in zip(calm[:4], loud[:4], strict=True):
        assert_allclose([a.mean, a.contrast], [b.mean, b.contrast], atol=1e-9)


def test_constant_synchrony_is_significant_in_no_class():
    classes = blocks(np.random.default_rng(4), 1201)
    rows = [
        c.to_row(session="s", dyad="d", coder="k", step=0)
        for c in class_synchrony(np.arange(1201) + 0.5, np.full(1201, 0.3), classes, rng=rng_for(1))
    ]
    assert [r["p_two"] for r in rows[:4]] == [1.0] * 4
    assert [r["class"] for r in rows] == list(CLASSES)


def test_a_planted_class_is_found_and_perfect_r_stays_finite():
    rng = np.random.default_rng(7)
    classes = blocks(rng, 3000, kinds=4)
    r = np.clip(slow_r(rng, 3000) + 0.3 * (classes == 0), -1, 1)
    row = class_synchrony(np.arange(3000) + 0.5, r, classes, rng=rng_for(2))[0].to_row(
        session="s", dyad="d", coder="k", step=0
    )
    assert np.isfinite(row["mean"])
    assert row["p_one"] == 0.001
    assert row["contrast"] > row["contrast_high"] > 0 > row["contrast_low"]
    assert row["low"] < row["null_mean"] < row["high"] < row["mean"]


def test_what_is_no_correlation_is_refused():
    classes = np.zeros(10, dtype=int)
    with pytest.raises(InputError, match=r"r=1.5: expected correlations"):
        class_synchrony(np.arange(10.0), np.full(10, 1.5), classes, rng=rng_for(1))
    with pytest.raises(InputError, match="shape of time_s"):
        class_synchrony(np.arange(9.0), np.zeros(10), classes, rng=rng_for(1))


def study(seed, dyads, *, seconds=900, effect=0.0, sessions=1, rotations=199):
    """Sessions with independent r and codes, and ``effect`` added where both are positive."""
    out = []
    for d in range(dyads):
        for s in range(sessions):
            rng = rng_for(11, seed, d, s)
            classes = blocks(rng, seconds, kinds=4)
            r = np.tanh(np.arctanh(slow_r(rng, seconds)) + effect * (classes == 0))
            found = class_synchrony(
                np.arange(seconds) + 0.5, r, classes, rng=rng, rotations=rotations
            )
            out.append(SessionClasses(session=f"d{d}s{s}", dyad=f"d{d}", classes=found))
    return out


def test_the_study_averages_sessions_within_dyads_and_draws_within_draws():
    sessions = study(3, 4, sessions=2)[:-1]
    found = class_findings(sessions, rng_for(1))[0]
    by_dyad = {}
    for s in sessions:
        by_dyad.setdefault(s.dyad, []).append(s.classes[0])
    want = np.mean([np.mean([c.contrast for c in cs]) for cs in by_dyad.values()])
    null = np.mean([np.mean([c.null for c in cs], axis=0) for cs in by_dyad.values()], axis=0)
    assert_allclose([found.value, found.null_mean], [want, null.mean()])
    assert_allclose(found.p_one, (1 + np.sum(null >= want)) / 200)
    assert (found.n_dyads, found.n_sessions, found.draws) == (4, 7, 199)
    assert found.low < found.value < found.high


def test_a_planted_effect_is_found_in_the_study_and_only_there():
    found = {f.label: f for f in class_findings(study(5, 12, effect=0.3), rng_for(1), step=2)}
    assert found["shared_positive"].p_two == 0.01
    assert found["shared_positive"].detail["p_max"] <= 0.02
    assert found["shared_positive"].low < 0.3 < found["shared_positive"].high
    assert found["shared_negative"].value < 0
    row = found["shared_positive"].to_row()
    assert (row["finding"], row["surrogate"], row["step"]) == ("emotion", "rotation", 2)


def test_a_study_without_coded_seconds_says_that_it_cannot_be_tested():
    classes = class_synchrony(
        np.arange(600.0), np.zeros(600), np.full(600, 4), rng=rng_for(1), rotations=19
    )
    found = class_findings([SessionClasses(session="s", dyad="d", classes=classes)], rng_for(1))
    assert [f.status.split(":")[0] for f in found] == ["not testable"] * 4
    assert class_findings([], rng_for(1))[0].n_dyads == 0


def test_sessions_turned_different_numbers_of_times_are_refused():
    with pytest.raises(InputError, match=r"sessions=\[99, 199\]"):
        class_findings(study(1, 1) + study(1, 1, rotations=99), rng_for(1))


def hits(seed, runs, seconds=900):
    """How often one session of strangers passes at .05, two-sided, in each class."""
    count = np.zeros(len(CODED))
    for i in range(runs):
        for k, c in enumerate(study(f"{seed}-{i}", 1, seconds=seconds)[0].classes[:4]):
            p = c.to_row(session="", dyad="", coder="", step=0)["p_two"]
            count[k] += p <= 0.05
    return count


def test_independent_codes_pass_rarely():
    assert hits("fast", 60).max() <= 9  # 9 of 60 at a true rate of .05: p = .003


@pytest.mark.slow
def test_independent_codes_pass_five_times_in_a_hundred():
    from scipy.stats import binomtest

    runs = 400
    for count in hits("slow", runs):
        assert binomtest(int(count), runs, 0.05).pvalue > 0.001, f"{count} of {runs}"


@pytest.mark.slow
def test_studies_of_independent_codes_pass_five_times_in_a_hundred():
    from scipy.stats import binomtest

    runs = 400
    found = [class_findings(study(f"st{i}", 6, seconds=600), rng_for(i)) for i in range(runs)]
    for k in range(len(CODED)):
        count = sum(f[k].p_two <= 0.05 for f in found)
        assert binomtest(count, runs, 0.05).pvalue > 0.001, f"{CODED[k]}: {count} of {runs}"
    count = sum(min(f.detail["p_max"] for f in fs) <= 0.05 for fs in found)
    assert binomtest(count, runs, 0.05).pvalue > 0.001, f"any class: {count} of {runs}"
