"""A pilot of the benchmark: intervals hold what was planted. The 2,000 studies are a benchmark."""

from dataclasses import replace

import numpy as np

from syntony.trials.accuracy_coverage import (
    NOTHING,
    PLANTED,
    RatedDyads,
    alarms_of,
    intervals_of,
    shared_intervals_of,
    truth_of,
)


def test_intervals_hold_what_was_planted():
    true, held = truth_of(PLANTED), {}
    for seed in range(40):
        for name, (_, low, high) in intervals_of(seed, PLANTED, RatedDyads(minutes=6.0)).items():
            held.setdefault(name, []).append(low <= true[name] <= high)
    assert set(held) == set(true)
    for name, inside in held.items():  # of 40 at 95 %: fewer than 33 once in a thousand
        assert sum(inside) >= 33, (name, sum(inside))


def test_a_search_for_the_lag_is_paid_for():
    p = np.array(
        [
            list(alarms_of(k, NOTHING, RatedDyads(dyads=8, minutes=5.0), lag="best").values())
            for k in range(40)
        ]
    )
    assert ((p <= 0.05).sum(axis=0) <= 7).all()  # more than 7 of 40 once in a thousand


def test_perceivers_in_several_dyads_are_paid_for():
    size, held = RatedDyads(minutes=4.0, per_perceiver=4, habit=0.5), {"dyads": 0, "blocks": 0}
    for seed in range(60):
        for name, (_, low, high) in shared_intervals_of(seed, PLANTED, size).items():
            held[name] += low <= PLANTED.accuracy <= high
    assert held["blocks"] >= 51  # of 60 at 95 %: fewer than 51 once in a thousand
    assert held["dyads"] < held["blocks"]


def test_what_is_true_is_so_where_the_two_feel_alike():
    alike = replace(PLANTED, shared=0.4, accuracy_spread=0.0)
    true, size = truth_of(alike), RatedDyads(dyads=40, minutes=60.0)
    found = intervals_of(1, alike, size)
    for name in ("truth_force", "bias_force"):
        value, low, high = found[name]
        assert abs(value - true[name]) < high - low, name  # two half-widths
        assert abs(value - truth_of(PLANTED)[name]) > high - low, name  # those of strangers
