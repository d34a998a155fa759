"""The same analysis as a script for R, with the rows that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syntony.core.arrays import Array
from syntony.link.models.reml import Random
from syntony.link.models.values import Sessions

HEAD = """# Made by Syntony beside the table it reads; restricted maximum likelihood on both sides.
# Run it in this folder:  Rscript {name}.R
rows <- read.csv("{name}.csv")
rows$dyad <- factor(rows$dyad)
"""
PLACE = "{name}"
"""Stands for the name of the model in a script until it is written."""


def data_of(used: Sessions, columns: Mapping[str, Array]) -> dict[str, Any]:
    """Columns of the file that a script reads: who, when, and the columns of the model."""
    who: dict[str, Any] = {"dyad": list(used.dyad)}
    if used.therapist:
        who["therapist"] = list(used.therapist)
    return {**who, "number": used.number, **columns}


def lmer_script(names: Sequence[str], random: Sequence[Random]) -> str:
    """Script with lme4 (or plain ``lm``), and glmmTMB with residuals that remember.

    Examples
    --------
    >>> print(lmer_script(["intercept", "sync_ws"], []).splitlines()[4])
    fit <- lm(outcome ~ sync_ws, data = rows)
    """
    fixed = " + ".join(n for n in names if n != "intercept") or "1"
    parts = []
    for part in random:
        if part.name != "residual":
            effects = " + ".join("1" if e == "intercept" else e for e in part.effects)
            parts.append(f"({effects} | {part.name})")
    formula = " + ".join([f"outcome ~ {fixed}", *parts])
    if not parts:
        fit, take = f"fit <- lm({formula}, data = rows)\n", "coef(fit)"
    else:
        fit = f"library(lme4)\nfit <- lmer({formula}, data = rows, REML = TRUE)\n"
        take = "fixef(fit)"
    return HEAD + fit + tail(take) + (_remembering(formula) if parts else "")


def tail(take: str) -> str:
    """Print the summary, then coefficients and standard errors as a table that a program reads."""
    return (
        "print(summary(fit))\n"
        f"found <- {take}\n"
        'cat("=== terms\\n")\n'
        "write.csv(data.frame(term = names(found), estimate = found,\n"
        "                     se = sqrt(diag(as.matrix(vcov(fit))))[seq_along(found)]),\n"
        "          stdout(), row.names = FALSE)\n"
        'cat("=== terms\\n")\n'
    )


def _remembering(formula: str) -> str:
    """The same with glmmTMB and residuals that remember the session before (not run by default)."""
    return (
        "# For p-values with Satterthwaite's degrees of freedom: lmerTest.\n"
        "# Do residuals remember the session before? The same model with them:\n"
        "# library(glmmTMB)\n"
        f"# glmmTMB({formula} + ar1(factor(number) + 0 | dyad), data = rows, REML = TRUE)\n"
    )
