"""The mixed model of moments: its rows, recovery, rotation, R, and what is too little."""

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from syntony.core.seeds import rng_for
from syntony.link.joined.seconds import CodedSeconds, standardised
from syntony.link.moment_model import design, fit_moments, rotation_test
from syntony.link.moment_model_r import model_data, model_script
from syntony.link.moment_rows import OUTCOMES, moment_rows
from syntony.pipeline.rerun import write_script


def session(rng, dyad, number=1, *, effect=0.0, speak=True, seconds=1200, arousal=0.0):
    """A session whose synchrony is higher in shared positive seconds, by ``effect``."""
    classes = np.empty(0, dtype=np.int64)
    while classes.size < seconds:
        stay = 1 + rng.geometric(1 / 20)
        classes = np.append(classes, np.full(stay, rng.choice([0, 1, 2, 2, 3, 4])))
    classes = classes[:seconds]
    levels = [standardised(np.cumsum(rng.standard_normal(seconds))) for _ in range(2)]
    z = np.convolve(rng.standard_normal(seconds), np.ones(15) / 15**0.5, "same") * 0.4
    z += effect * (classes == 0) + arousal * levels[0]
    z[:7] = z[-7:] = np.nan
    speaker = np.repeat(rng.integers(0, 4, seconds // 10 + 1), 10)[:seconds]
    return CodedSeconds(
        session=f"{dyad}s{number}", dyad=dyad, r=np.tanh(z), scale="fisher_z",
        levels=(levels[0], levels[1]), classes=classes, tracks=(classes, classes),
        speaker=speaker if speak else None, window_s=15.0,
    )  # fmt: skip


def study(seed, *, dyads=10, sessions=1, effect=0.4, spread=0.2, **more):
    rng = rng_for(seed, "moment_model")
    return [
        session(rng, f"d{d}", s, effect=own, **more)
        for d in range(dyads)
        for own in [effect + spread * rng.standard_normal()]
        for s in range(sessions)
    ]


def test_rows_are_thinned_and_lack_what_is_not_coded():
    made = study(1, dyads=6)
    rows = moment_rows(made, thin_s=15, degree=3)
    assert set(np.diff(rows.time_s[rows.session == 2]) % 15) == {0.0}
    assert 4 not in rows.classes
    for k, one in enumerate(made):
        mine = rows.session == k
        second = rows.time_s[mine].astype(int)
        assert_allclose(rows.outcomes["synchrony"][mine], one.z[second])
        assert_allclose(
            rows.outcomes["in_phase"][mine] - rows.outcomes["anti_phase"][mine], one.r[second]
        )
        t = second[3]
        assert_allclose(rows.levels[mine][3, 1], one.levels[1][t - 7 : t + 8].mean())
    names, columns, reference = design(rows)
    assert reference == "shared_neutral"
    assert names[1:4] == ("shared_positive", "shared_negative", "unshared")
    assert [n for n in names if n.startswith("speaker_")] == [
        "speaker_first", "speaker_second", "speaker_both"
    ]  # fmt: skip
    assert np.linalg.matrix_rank(columns) == len(names)


def test_a_planted_effect_and_that_of_arousal_are_recovered():
    rows = moment_rows(study(2, dyads=16, arousal=0.15), thin_s=15, degree=3)
    fit = fit_moments(rows, "synchrony")
    value, se = fit.of("shared_positive")
    assert value - fit.reach * se < 0.4 < value + fit.reach * se
    assert value > 4 * se
    arousal, error = fit.of("arousal_a")
    assert abs(arousal - 0.15) < 3 * error
    assert 0.05 < fit.random["sd_slope"] < 0.4
    assert fit.p("shared_positive") < 0.001
    assert fit.p("unshared") > 0.001


def test_rotation_agrees_with_least_squares_and_finds_the_effect():
    made = study(3, spread=0.0)
    rows = moment_rows(made, thin_s=15, degree=3)
    found = rotation_test(
        made, rows, seed=1, thin_s=15, rotations=99, min_rotation_s=60.0
    )  # fmt: skip
    names, columns, _ = design(rows)
    places = [k for k, n in enumerate(names) if n != "intercept"]
    x, y = columns[:, places].copy(), np.stack([rows.outcomes[o] for o in OUTCOMES], axis=1)
    for k in range(len(made)):
        mine = rows.session == k
        x[mine] -= x[mine].mean(axis=0)
        y[mine] -= y[mine].mean(axis=0)
    plain = np.linalg.lstsq(x, y, rcond=None)[0]
    for o, outcome in enumerate(OUTCOMES):
        observed, null = found[outcome]["shared_positive"]
        assert_allclose(observed, plain[names.index("shared_positive") - 1, o], atol=1e-5)
        assert null.shape == (99,)
    observed, null = found["synchrony"]["shared_positive"]
    assert observed > null.max()
    again = rotation_test(made, rows, seed=1, thin_s=15, rotations=99, min_rotation_s=60.0)
    assert_allclose(again["synchrony"]["shared_positive"][1], null)


def test_too_little_says_how_much():
    rows = moment_rows(study(4, dyads=5), thin_s=15, degree=3)
    assert fit_moments(rows, "synchrony").status == "not testable: 5 dyads, at least 6 are needed"
    none = moment_rows([], thin_s=15, degree=3)
    assert fit_moments(none, "synchrony").status.startswith("not testable: 0 dyads")
    made = study(4, dyads=6, speak=False)
    flat = [
        CodedSeconds(
            session=s.session, dyad=s.dyad, r=np.where(np.isfinite(s.r), 0.2, np.nan),
            scale="fisher_z", levels=s.levels, classes=s.classes, tracks=s.tracks,
        )
        for s in made
    ]  # fmt: skip
    assert (
        "does not vary" in fit_moments(moment_rows(flat, thin_s=15, degree=2), "synchrony").status
    )


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("sessions", [1, 2])
def test_r_gives_the_same_estimates(tmp_path, sessions):
    has = subprocess.run(
        ["Rscript", "-e", "cat(requireNamespace('lme4', quietly = TRUE))"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "TRUE" not in has.stdout:
        pytest.skip("lme4 is not installed")
    rows = moment_rows(study(5, dyads=9, sessions=sessions), thin_s=15, degree=3)
    fits = [fit_moments(rows, outcome) for outcome in OUTCOMES]
    write_script(tmp_path, "m", model_script(fits, rows), model_data(rows, thin_s=15))
    done = subprocess.run(
        ["Rscript", "m.R"], cwd=tmp_path / "models", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    tables = done.stdout.split("=== terms\n")[1::2]
    assert len(tables) == len(OUTCOMES)
    for fit, table in zip(fits, tables, strict=True):
        cells = [line.split(",") for line in table.splitlines()[1:]]
        names = [c[0].strip('"').replace("(Intercept)", "intercept") for c in cells]
        assert names == list(fit.terms)
        theirs = np.array([[float(c) for c in row[1:]] for row in cells])
        assert_allclose(theirs[:, 0], fit.estimate, atol=1e-3)
        assert_allclose(theirs[:, 1], fit.se, atol=1e-3)


def test_predictors_that_cannot_be_told_apart_are_no_fit():
    rows = moment_rows(study(6, dyads=7), thin_s=15, degree=3)
    twice = np.column_stack([rows.time, rows.time[:, 0] * 2])
    status = fit_moments(replace(rows, time=twice), "synchrony").status
    assert status.startswith("not testable:")
    assert "do not tell" in status
