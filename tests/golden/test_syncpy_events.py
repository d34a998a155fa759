"""Figures of SyncPy's EventSync: strength and direction, whole and as they add up in time."""

import json

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load
from shared import needs_shared

from syntony.synchrony.event_synchronisation import event_synchronisation

FOLDER = GOLDEN / "syncpy"


def events(values):
    """Local maxima above the median, as the case tells them, 1 s a sample."""
    inner = values[1:-1]
    there = (inner > values[:-2]) & (inner >= values[2:]) & (inner > np.median(values))
    return np.flatnonzero(there) + 1.0


def read(case):
    """Facts of the case and the events of both people."""
    facts = json.loads((FOLDER / f"{case}.json").read_text())
    first, last = facts["rows"]
    trains = [events(v[first - 1 : last]) for v in load(facts["input"])]
    for train, name in zip(trains, ("events_s1", "events_s2"), strict=True):
        assert train.tolist() == facts["outputs"][name]
    return facts, trains


@needs_shared("golden/syncpy")
@pytest.mark.parametrize(("theirs", "ours"), [("Q", "q_strength"), ("q", "q_direction")])
def test_total(theirs, ours, agrees):
    facts, trains = read("eventsync_tot")
    found = getattr(event_synchronisation(*trains), ours)
    told = facts_of(FOLDER / "eventsync_tot.json")
    agrees(told, found, facts["outputs"][theirs], allowed=1e-12, what=theirs)


@needs_shared("golden/syncpy")
@pytest.mark.parametrize(("theirs", "ours"), [("Q", "count"), ("q", "direction")])
def test_as_it_adds_up_in_time(theirs, ours, agrees):
    facts, trains = read("eventsync_tsl")
    found = event_synchronisation(*trains)
    want = np.array(facts["outputs"][theirs])
    steps = np.bincount(
        found.times_s.astype(int) + 1, weights=getattr(found, ours), minlength=want.size
    )
    told = facts_of(FOLDER / "eventsync_tsl.json")
    agrees(told, np.cumsum(steps)[: want.size], want, allowed=0, what=f"{theirs} up to each sample")
