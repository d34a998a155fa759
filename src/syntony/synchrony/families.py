"""Families of methods: what the members share, and how each differs from its neighbours.

A new method of ours gets its name into one family; the lists, the manual and the page on choosing
are made from here. Methods from outside stand in a family of their own, ``OUTSIDE``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from syntony.synchrony.registry import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Methods that look at two signals in one way.

    ``looks_at``: what they share, in words for a psychologist; ``apart``: how the members differ
    from one another and from the nearest other family; ``members``: names of methods.
    """

    title: str
    looks_at: str
    apart: str
    members: tuple[str, ...]


FAMILIES = (
    Family(
        title="Concordance of slopes",
        looks_at="Whether the two rise and fall together from one few seconds to the next. The "
        "level of a signal and its slow drift fall away, since only slopes are compared.",
        apart="`marci` is the index of the 2007 study: balance of windows that go together and "
        "windows that go apart, for the whole session. `kleinbub` takes the same slopes with one "
        "person's window held and the other's moved. If you correlate the signals themselves, "
        "slow drift comes in: see windowed correlation.",
        members=("marci", "kleinbub"),
    ),
    Family(
        title="Surrogate synchrony",
        looks_at="Whether segments of the same moment correlate more than segments that were dealt "
        "to other moments of the same session. The comparison with chance is a part of the index.",
        apart="`susy` correlates the signals, `suco` their slopes, `mvsusy` many signals "
        "at once. Their effect size compares a session with its own shuffled self; it is not the "
        "z against draws that every method here gets, and not the d over dyads.",
        members=("susy", "suco", "mvsusy"),
    ),
    Family(
        title="Windowed correlation",
        looks_at="How strongly the two are correlated in one stretch of the session after the "
        "other, and at which delay.",
        apart="`lagged_correlation` keeps the whole map over time and delay, and averages it. "
        "`peak_picking` follows the one best delay through the session, and `best_lag` lets the "
        "delay stretch within a limit. `window_ccf` is the classical estimate, both persons in the "
        "same seconds, as R's ccf and synchr give it; it shrinks as the delay grows. "
        "`rank_correlation` asks only for the same order (outliers weigh little), "
        "`derivative_correlation` for the same changes, `prewhitened_correlation` for what neither "
        "person's own past explains: the strictest against slow drift. "
        "`cross_lagged_regression` asks what one adds to the other's own past, window by window.",
        members=(
            "lagged_correlation",
            "peak_picking",
            "window_ccf",
            "best_lag",
            "rank_correlation",
            "derivative_correlation",
            "prewhitened_correlation",
            "cross_lagged_regression",
        ),
    ),
    Family(
        title="Matching of shapes and events",
        looks_at="Which response of one person belongs to which response of the other, when the "
        "delay between them is not the same all the time.",
        apart="`amico1` and `amico2` match peaks and correlate what lies between them; the second "
        "is experimental. `scr_coincidence` only counts responses that follow one another within "
        "some seconds, and `dtw` bends time until the two shapes fit best, which makes "
        "strangers alike too.",
        members=("amico1", "amico2", "scr_coincidence", "dtw"),
    ),
    Family(
        title="By frequency",
        looks_at="In which ups and downs, slow or fast, the two go together, whatever the shift "
        "between them.",
        apart="`coherence` gives one value a frequency for the whole session, `wavelet_coherence` "
        "also says when, at the price of many values to test, and `wavelet_significance` "
        "marks which of them red noise would seldom give. `csd` weighs shared power rather "
        "than its regularity. A shift inside a cycle is told as a phase, not as a delay in "
        "seconds: for that see windowed correlation.",
        members=("coherence", "csd", "wavelet_coherence", "wavelet_significance"),
    ),
    Family(
        title="Phase and amplitude in a band",
        looks_at="Whether two rhythms of one narrow band keep a steady phase, or wax and wane "
        "together. Made for EEG; for slow bodies only where a rhythm is there.",
        apart="`phase_locking` and `band_coherence` count steady phase of any size, also none: a "
        "common source or movement gives that. `imaginary_coherence`, `phase_lag_index` and "
        "`weighted_phase_lag_index` leave out phase differences of 0 and half a cycle, so that "
        "what both pick up at once does not count. `circular_correlation` and "
        "`adjusted_circular_correlation` ask whether phases vary together. "
        "`envelope_correlation` and `power_correlation` look at strength and ignore phase.",
        members=(
            "phase_locking",
            "circular_correlation",
            "adjusted_circular_correlation",
            "band_coherence",
            "imaginary_coherence",
            "phase_lag_index",
            "weighted_phase_lag_index",
            "envelope_correlation",
            "power_correlation",
        ),
    ),
    Family(
        title="Recurrence",
        looks_at="How often, and for how long, the two come into the same state, in any order and "
        "without a straight-line relation.",
        apart="`crqa` is for two people and tells who leads by its profile over delays; `mdrqa` "
        "takes everybody as one system. Both depend on a radius that has no natural size: keep it "
        "the same in all sessions.",
        members=("crqa", "mdrqa"),
    ),
    Family(
        title="Information and direction",
        looks_at="Whether one person's past tells something about the other that the other's own "
        "past does not, or how much the two share beyond a straight line.",
        apart="`mutual_information` has no direction by itself. `transfer_entropy` is the same "
        "question as `granger` without a straight line, and needs far more data. "
        "`stability_influence` and `oscillator` fit a small model with names for its parts: "
        "pull of the own level, pull of the other. Direction here means prediction, not cause.",
        members=(
            "mutual_information",
            "transfer_entropy",
            "granger",
            "stability_influence",
            "oscillator",
        ),
    ),
    Family(
        title="Groups",
        looks_at="Two people or many at once: what a whole group has in common.",
        apart="`inter_subject` compares each person with the others' mean, `shared_component` "
        "asks how much one common course explains, `kuramoto` and `cluster_phase` how closely "
        "phases bunch, `symbolic_entropy` how few patterns the group visits, and `driver_empath` "
        "who moves whom.",
        members=(
            "inter_subject",
            "shared_component",
            "kuramoto",
            "cluster_phase",
            "symbolic_entropy",
            "driver_empath",
        ),
    ),
)
"""Every family, in the order in which a reader meets them."""

OUTSIDE = Family(
    title="From outside",
    looks_at="Methods of installed plug-ins.",
    apart="What sets them apart, their own pages say.",
    members=(),
)


def family_of(name: str) -> Family:
    """Find the family of a method; ``OUTSIDE`` where none has it.

    Examples
    --------
    >>> family_of("marci").title
    'Concordance of slopes'
    >>> family_of("lab_measure").title
    'From outside'
    """
    return next((f for f in FAMILIES if name in f.members), OUTSIDE)


def by_family(entries: Iterable[Method]) -> list[tuple[Family, list[Method]]]:
    """Methods in the order of their families; a family without any is left out."""
    listed = list(entries)
    groups = []
    for family in (*FAMILIES, OUTSIDE):
        mine = [m for m in listed if family_of(m.name) is family]
        order = {name: k for k, name in enumerate(family.members)}
        if mine:
            groups.append((family, sorted(mine, key=lambda m: (order.get(m.name, 0), m.name))))
    return groups
