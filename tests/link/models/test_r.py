"""Every model's R script runs as it is, and gives the same coefficients and standard errors.

REML on both sides.
"""

import csv
import io
import shutil
import subprocess
from functools import cache

import numpy as np
import pytest

from syntony.link.models.registry import get
from syntony.pipeline.rerun import write_script
from syntony.trials.model_studies import WORLDS, made_within_between

RSCRIPT = shutil.which("Rscript")
LIBRARIES = {"lme4", "nlme", "glmmTMB"}


@cache
def lacking():
    if RSCRIPT is None:
        return "R is not installed (Debian: r-base, r-cran-lme4, r-cran-glmmtmb)"
    lines = "".join(
        f'if (!requireNamespace("{p}", quietly = TRUE)) cat("{p} ")\n' for p in sorted(LIBRARIES)
    )
    told = subprocess.run(
        [RSCRIPT, "-e", lines], capture_output=True, text=True, timeout=120, check=False
    )
    return f"R lacks {told.stdout.strip()}" if told.stdout.strip() else ""


def in_r(folder, name, *asked):
    """Run the script in its folder; coefficients and standard errors by term."""
    told = subprocess.run(
        [RSCRIPT, f"{name}.R", *asked],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    rows = csv.DictReader(io.StringIO(told.stdout.split("=== terms\n")[1]))
    found = {r["term"]: (float(r["estimate"]), float(r["se"])) for r in rows}
    return {("intercept" if k == "(Intercept)" else k): v for k, v in found.items()}, told.stdout


@pytest.mark.parametrize("world", WORLDS)
def test_the_r_script_gives_the_same(world, tmp_path):
    if lacking():
        pytest.skip(lacking())
    name, make = WORLDS[world]
    made = make(np.random.default_rng(21), True)
    entry = get(name)
    fitted = entry.fit(made.sessions, np.random.default_rng(1), **entry.settle(made.options))
    assert fitted.status == "ok"
    write_script(tmp_path, "m", fitted.script, fitted.data)
    there, told = in_r(tmp_path / "models", "m")
    if name == "mediation":
        shown = float(told.split("indirect:")[1].split()[0])
        assert shown == pytest.approx(fitted.term("indirect").estimate, rel=1e-3)
        assert there["mediator"][0] == pytest.approx(fitted.term("b").estimate, rel=1e-3)
        return
    if name == "threshold":
        assert there["sync"][0] == pytest.approx(fitted.term("slope_below").estimate, rel=1e-3)
        return
    (behind,) = fitted.behind
    assert set(there) == set(behind.names)
    plain = np.sqrt(np.diag(behind.fit.phi))
    for place, term in enumerate(behind.names):
        estimate, se = there[term]
        assert behind.fit.beta[place] == pytest.approx(estimate, abs=1e-3), term
        assert plain[place] == pytest.approx(se, abs=1e-3), term


def test_a_singular_fit_is_the_same_in_r(tmp_path):
    """Where a variance is 0 both search along the bound: the estimates still agree."""
    if lacking():
        pytest.skip(lacking())
    entry = get("within_between")
    for seed in range(40):
        made = made_within_between(
            np.random.default_rng(seed), True, therapists=6, dyads=18, sessions=4
        )
        fitted = entry.fit(made.sessions, np.random.default_rng(1), slopes=True)
        if fitted.behind[0].fit.singular:
            break
    write_script(tmp_path, "m", fitted.script, fitted.data)
    there, _ = in_r(tmp_path / "models", "m")
    for place, term in enumerate(fitted.behind[0].names):
        assert fitted.behind[0].fit.beta[place] == pytest.approx(there[term][0], abs=1e-3)


def test_residuals_that_remember_are_fitted_when_asked_for(tmp_path):
    """``Rscript m.R ar1``: the same model, and after it the one with AR(1) residuals."""
    if lacking():
        pytest.skip(lacking())
    made = made_within_between(np.random.default_rng(4), True, therapists=4, dyads=12, sessions=6)
    fitted = get("within_between").fit(made.sessions, np.random.default_rng(1), slopes=False)
    write_script(tmp_path, "m", fitted.script, fitted.data)
    plain, silent = in_r(tmp_path / "models", "m")
    again, told = in_r(tmp_path / "models", "m", "ar1")
    assert plain == again
    assert "ar1(place + 0 | dyad)" not in silent
    after = told.split("=== terms\n")[2]
    assert "ar1(place + 0 | dyad)" in after
    assert "(ar1)" in after  # the correlation of neighbours, in the summary
