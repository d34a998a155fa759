"""The mixed model of moments as a script for R, with its data: for whoever wants to rerun it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from syntony.link.codes import CLASSES
from syntony.link.joined.seconds import SPEAKERS
from syntony.link.moment_model import MomentFit, MomentRows


def model_csv(rows: MomentRows) -> str:
    """The rows of the model as CSV: keys, outcomes, class, speaker, levels, session time.

    Numbers are written in full, so that R reads what was fitted.
    """
    degree = rows.time.shape[1]
    head = ["session", "dyad", "time_s", *rows.outcomes, "class", "speaker"]
    head += ["arousal_a", "arousal_b", *(f"time_{d + 1}" for d in range(degree))]
    lines = [",".join(head)]
    spoken = rows.speaker
    for k in range(rows.time_s.size):
        numbers = [float(v[k]) for v in rows.outcomes.values()]
        words = [CLASSES[rows.classes[k]], "" if spoken is None else SPEAKERS[spoken[k]]]
        more = [*rows.levels[k].tolist(), *rows.time[k].tolist()]
        cells = [
            _quoted(rows.sessions[rows.session[k]]),
            _quoted(rows.dyads[rows.dyad[k]]),
            f"{rows.time_s[k]:g}",
            *map(repr, numbers),
            *words,
            *map(repr, more),
        ]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",\n') else text


def model_script(fits: Sequence[MomentFit], rows: MomentRows, data: str, *, thin_s: int) -> str:
    """The same models for R: lme4 as fitted here, and glmmTMB with AR(1) residuals.

    Parameters
    ----------
    fits : sequence of MomentFit
    rows : MomentRows
        What they were fitted to.
    data : str
        Name of the CSV, beside the script.
    thin_s : int
        Seconds from one row of a session to the next.

    Returns
    -------
    str
        An R script. The lme4 part writes its fixed effects as CSV, with the estimates of this
        program in the last column; run it where the two files lie.
    """
    several = np.unique(rows.session).size > np.unique(rows.dyad).size
    parts = [_HEAD.format(data=data, columns=_columns(fits))]
    parts += [_one(fit, several=several, thin_s=thin_s) for fit in fits if fit.status == "ok"]
    return "\n".join([*parts, _FOOT.format(out=data.removesuffix(".csv") + "_r.csv")])


def _columns(fits: Sequence[MomentFit]) -> str:
    """Dummy columns as they were fitted, one line of R each."""
    terms = [t for t in fits[0].terms if t in CLASSES]
    spoken = [t for t in fits[0].terms if t.startswith("speaker_")]
    lines = [f'd${t} <- as.numeric(d$class == "{t}")' for t in terms]
    lines += [f'd${t} <- as.numeric(d$speaker == "{t.removeprefix("speaker_")}")' for t in spoken]
    return "\n".join(lines)


def _one(fit: MomentFit, *, several: bool, thin_s: int) -> str:
    """One outcome in both packages."""
    fixed = " + ".join(t for t in fit.terms if t != "intercept")
    random = f"(1 + {fit.slope} | dyad)" if fit.slope else "(1 | dyad)"
    random += " + (1 | dyad:session)" if several else ""
    ours = ", ".join(f"{v!r}" for v in fit.estimate.tolist())
    return _MODEL.format(outcome=fit.outcome, fixed=fixed, random=random, ours=ours, thin_s=thin_s)


_HEAD = """# Synchrony from moment to moment, by class of shared emotion.
# Rscript moment_model.R, in the folder where this file and {data} lie.
# One row: one second out of a thinned session. Classes are compared with the one left out.
library(lme4)
d <- read.csv("{data}", stringsAsFactors = FALSE)
d$dyad <- factor(d$dyad)
d$session <- factor(d$session)
{columns}
found <- NULL
# Variances near 0 stop the optimiser early: from three starts, the fit with the lowest criterion.
lowest <- function(formula) {{
  fits <- list(suppressWarnings(lmer(formula, data = d, REML = TRUE)))
  lower <- getME(fits[[1]], "lower")
  for (slant in c(-0.2, 0.2)) {{
    fits <- c(fits, suppressWarnings(
      lmer(formula, data = d, REML = TRUE, start = ifelse(lower == 0, 0.2, slant))))
  }}
  fits[[which.min(sapply(fits, REMLcrit))]]
}}
with_ar1 <- requireNamespace("glmmTMB", quietly = TRUE)
"""

_MODEL = """# {outcome}
fit <- lowest({outcome} ~ {fixed} + {random})
print(summary(fit))
ours <- c({ours})
found <- rbind(found, data.frame(outcome = "{outcome}", term = names(fixef(fit)),
  estimate = fixef(fit), se = sqrt(diag(as.matrix(vcov(fit)))), syntony = ours, row.names = NULL))
# The same with residuals that follow each other, AR(1) along the rows of a session.
if (with_ar1) {{
  place <- floor(d$time_s / {thin_s})
  d$step <- factor(place, levels = 0:max(place))
  ar1 <- try(glmmTMB::glmmTMB({outcome} ~ {fixed} + {random} + ar1(step + 0 | session),
    dispformula = ~0, data = d, REML = TRUE), silent = TRUE)
  if (!inherits(ar1, "try-error")) print(summary(ar1))
}}
"""

_FOOT = """write.csv(found, "{out}", row.names = FALSE)
print(found)
"""
