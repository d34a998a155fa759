"""What the recurrence methods say of themselves: statistics, choices in words, units."""

from __future__ import annotations

import math
from collections.abc import Mapping

from syntony.synchrony.registry import Statistic

WORDS: Mapping[str, Mapping[str, str]] = {
    "threshold": {
        "rate": "within the radius that lets the given share of pairs match (fixed radius unused)",
        "radius": "within a fixed radius (rate unused)",
    },
    "norm": {"euclidean": "Euclidean", "maximum": "maximum"},
    "normalise": {
        "z": "standardised (SD with n - 1)",
        "z_population": "standardised (SD with n)",
        "unit_interval": "scaled to 0 to 1",
        "none": "in their own units",
    },
    "rescale": {
        "none": "as they are",
        "rms": "as root mean squares over the numbers of a state",
        "mean": "over their mean",
        "max": "over the largest",
        "min": "over the smallest",
        "mean_apart": "over their mean off the main diagonal",
    },
}
UNITS: Mapping[str, str] = {
    "thin_to_hz": "Hz",
    "dimension": "1",
    "delay_s": "s",
    "threshold": "choice",
    "rate": "1",
    "radius": "1",
    "norm": "choice",
    "normalise": "choice",
    "rescale": "choice",
    "theiler_s": "s",
    "min_line": "points",
    "window_s": "s",
    "step_s": "s",
    "min_coverage": "1",
}

_LINE = "diagonal lines of the recurrence plot: stretches in which both went through the same "
CRQA_STATISTICS = (
    Statistic(
        name="rr_near",
        title="Recurrence within the lags",
        explain="How often the two people are in nearly the same state within a few seconds of "
        "each other: the average, over all delays looked at, of the share of moments in which "
        "the state of one equals that of the other. By default the radius is set so that 0.05 "
        "of all moments of the session, however far apart, match; more than that means that "
        "they match when they are together in time.",
        bounds=(0.0, 1.0),
        chance=0.05,
    ),
    Statistic(
        name="peak_rr",
        title="Highest recurrence over the lags",
        explain="The share of matching moments at the delay at which it is highest. Because the "
        "best of many delays was picked it lies above the average for strangers too: read it "
        "only beside a chance distribution that was picked in the same way.",
        bounds=(0.0, 1.0),
        chance=0.066,
    ),
    Statistic(
        name="best_lag_s",
        title="Delay of the highest recurrence (s)",
        explain="The delay in seconds at which states match most often. Positive: the second "
        "person follows the first; negative: the first follows the second. It always has a "
        "value, even for strangers, so it means something only where the peak stands out.",
        bounds=(-math.inf, math.inf),
        chance=0.0,
    ),
    Statistic(
        name="leading",
        title="First leads less second leads",
        explain="Recurrence at delays at which the second person follows the first, less "
        "recurrence at delays at which the first follows the second. Above 0: the first leads.",
        bounds=(-1.0, 1.0),
        chance=0.0,
    ),
    Statistic(
        name="rr",
        title="Recurrence rate of the whole session",
        explain="The share of all pairs of moments, however far apart in time, in which the two "
        "people are in nearly the same state. With a fixed rate, the default, it is that rate "
        "for everybody and says nothing; with a fixed radius it grows with anything that makes "
        "states alike, not with synchrony alone.",
        bounds=(0.0, 1.0),
        chance=0.05,
    ),
    Statistic(
        name="det",
        title="Determinism",
        explain="The share of matching moments that lie on " + _LINE + "sequence of states, at "
        "whatever distance in time. High where both signals are smooth and regular, also for "
        "strangers.",
        bounds=(0.0, 1.0),
        chance=0.08,
    ),
    Statistic(
        name="n_lines",
        title="Number of diagonal lines",
        explain="How many " + _LINE + "sequence. It grows with the square of the length of the "
        "session.",
        bounds=(0.0, math.inf),
        chance=580.0,
    ),
    Statistic(
        name="max_line_s",
        title="Longest shared sequence (s)",
        explain="How many seconds the longest stretch lasted in which both people went through "
        "the same sequence of states, not necessarily at the same time.",
        bounds=(0.0, math.inf),
        chance=8.0,
    ),
    Statistic(
        name="mean_line_s",
        title="Mean shared sequence (s)",
        explain="How many seconds a shared sequence of states lasted on average; single matching "
        "moments are not counted.",
        bounds=(0.0, math.inf),
        chance=2.5,
    ),
    Statistic(
        name="entropy",
        title="Entropy of the line lengths",
        explain="How varied the shared sequences are in length. 0: all are equally long; the "
        "more different lengths, the higher.",
        bounds=(0.0, math.inf),
        chance=0.96,
    ),
    Statistic(
        name="relative_entropy",
        title="Relative entropy of the line lengths",
        explain="The same entropy as a share of the highest that as many different lengths "
        "could have, so that sessions of unlike length can be compared.",
        bounds=(0.0, 1.0),
        chance=0.5,
    ),
    Statistic(
        name="lam",
        title="Laminarity",
        explain="The share of matching moments in which the second person stays for a while in "
        "a state that the first had at one moment: one person dwells where the other passed.",
        bounds=(0.0, 1.0),
        chance=0.13,
    ),
    Statistic(
        name="trapping_time_s",
        title="Trapping time (s)",
        explain="How many seconds, on average, the second person dwells in a state that the "
        "first had at one moment.",
        bounds=(0.0, math.inf),
        chance=2.2,
    ),
)
WHOLE = tuple(s.name for s in CRQA_STATISTICS[4:])
"""Statistics of the whole session, not of the lags."""

MDRQA_STATISTICS = (
    Statistic(
        name="rec",
        title="Recurrence of the group",
        explain="The share of all pairs of moments at which the whole group is in nearly the "
        "same state. Where people go together fewer different states occur, and each comes back "
        "more often: with a fixed radius, the default, more than in groups of strangers means "
        "that they move together. With a fixed rate it is that rate for every group and says "
        "nothing.",
        bounds=(0.0, 1.0),
        chance=0.17,
    ),
    Statistic(
        name="det",
        title="Determinism of the group",
        explain="The share of returns to an earlier state of the whole group that belong to a "
        "longer stretch in which the group also went the same way as before: how much the group "
        "repeats its patterns. Smooth signals give high values by themselves, for strangers "
        "too: read it beside its chance distribution.",
        bounds=(0.0, 1.0),
        chance=0.3,
    ),
    Statistic(
        name="mean_line_s",
        title="Mean repeated sequence (s)",
        explain="How many seconds the group went the same way as before, on average; returns of "
        "a single moment are not counted.",
        bounds=(0.0, math.inf),
        chance=2.1,
    ),
    Statistic(
        name="mean_line_all_s",
        title="Mean repeated sequence, single moments included (s)",
        explain="The same with returns of a single moment counted as sequences of one point, as "
        "the Python package multiSyncPy counts.",
        bounds=(0.0, math.inf),
        chance=1.05,
    ),
    Statistic(
        name="max_line_s",
        title="Longest repeated sequence (s)",
        explain="How many seconds the longest stretch lasted in which the group went the same "
        "way as at another time of the session.",
        bounds=(0.0, math.inf),
        chance=3.4,
    ),
    Statistic(
        name="entropy",
        title="Entropy of the line lengths",
        explain="How varied the repeated sequences are in length. 0: all are equally long; the "
        "more different lengths, the higher.",
        bounds=(0.0, math.inf),
        chance=0.2,
    ),
)
