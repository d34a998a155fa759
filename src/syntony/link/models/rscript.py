"""The same analysis as a script for R, with the rows that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syntony.core.arrays import Array
from syntony.link.models.layout import Random
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


def lmer_script(
    names: Sequence[str],
    random: Sequence[Random],
    *,
    outcomes: Sequence[str] = ("outcome",),
    along: tuple[str, str] = ("number", "dyad"),
) -> str:
    """Script with lme4 (or plain ``lm``), and glmmTMB with residuals that remember.

    Parameters
    ----------
    names : sequence of str
        Coefficients, intercept included.
    random : sequence of Random
        The last is the residual.
    outcomes : sequence of str
        Columns that are each fitted in this way.
    along : (str, str)
        Column that counts rows in time, and within whom they follow each other.

    Examples
    --------
    >>> print(lmer_script(["intercept", "sync_ws"], []).splitlines()[4])
    fit <- lm(outcome ~ sync_ws, data = rows)
    """
    parts = [p for p in random if p.name != "residual"]
    right = " + ".join([n for n in names if n != "intercept"] or ["1"])
    for part in parts:
        effects = " + ".join("1" if e == "intercept" else e for e in part.effects)
        right += f" + ({effects} | {part.name})"
    if not parts:
        return HEAD + "".join(
            f"fit <- lm({o} ~ {right}, data = rows)\n" + tail("coef(fit)") for o in outcomes
        )
    levels = {n for p in parts for n in (*p.name.split(":"), *along[1].split(":"))} - {"dyad"}
    factors = "".join(f"rows${n} <- factor(rows${n})\n" for n in sorted(levels))
    fits = [
        f"fit <- lowest({o} ~ {right})\n" + tail("fixef(fit)") + _remembering(o, right, along)
        for o in outcomes
    ]
    return "".join([HEAD, factors, LOWEST, *fits])


LOWEST = """library(lme4)
# A variance near 0 can stop the search early: of three starts, the lowest criterion counts.
lowest <- function(formula) {
  fits <- list(suppressWarnings(lmer(formula, data = rows, REML = TRUE)))
  free <- getME(fits[[1]], "lower") != 0
  for (slant in c(-0.2, 0.2)) {
    fits <- c(fits, suppressWarnings(
      lmer(formula, data = rows, REML = TRUE, start = ifelse(free, slant, 0.2))))
  }
  fits[[which.min(sapply(fits, REMLcrit))]]
}
"""


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


def _remembering(outcome: str, right: str, along: tuple[str, str]) -> str:
    """The same with glmmTMB and residuals that remember the row before, when asked for."""
    count, within = along
    return (
        "# For p-values with Satterthwaite's degrees of freedom: lmerTest.\n"
        "# Do residuals remember the row before? Rscript {name}.R ar1\n"
        'if ("ar1" %in% commandArgs(TRUE)) {\n'
        f"  rows$place <- factor(rows${count}, levels = min(rows${count}):max(rows${count}))\n"
        f"  print(summary(glmmTMB::glmmTMB({outcome} ~ {right} + ar1(place + 0 | {within}),\n"
        "    dispformula = ~0, data = rows, REML = TRUE)))\n"
        "}\n"
    )
