"""Coherence of SyncPy, coherence and sum-normalised spectra of multiSyncPy."""

import json
from itertools import combinations

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load, table
from shared import needs_shared

from syntony.synchrony.coherence import MULTISYNC, coherence, csd

TEAM = ("s1", "s2", "s3", "s4")


@needs_shared("golden/syncpy")
def test_syncpy(agrees):
    path = GOLDEN / "syncpy" / "coherence.json"
    wanted = json.loads(path.read_text())["outputs"]
    x, y = (v[2400:3600] for v in load("a_ar4hz_50min.csv"))
    c = coherence(x, y, rate_hz=4.0, segment_s=64.0, low_hz=0.0, high_hz=2.0)
    told = facts_of(path)
    agrees(told, c.coords["frequency"], wanted["Frequency"], allowed=1e-12, what="frequencies")
    agrees(told, c.values[0], wanted["Coherence"], allowed=1e-12, what="coherence")


def over_pairs(measure, people, **options):
    return np.mean(
        [measure(a, b, rate_hz=1.0, **options).values.mean() for a, b in combinations(people, 2)]
    )


@needs_shared("golden/multisync")
@pytest.mark.parametrize(("name", "segment_s"), [("default", 256.0), ("nperseg128", 128.0)])
def test_coherence_of_a_team(name, segment_s, agrees):
    path = GOLDEN / "multisync" / "coherence_team.json"
    wanted = json.loads(path.read_text())["outputs"][name]
    people = [np.ascontiguousarray(table("g_multi.csv")[s]) for s in TEAM]
    found = over_pairs(coherence, people, **MULTISYNC | {"segment_s": segment_s})
    agrees(facts_of(path), found, wanted, allowed=1e-12, what=f"{name}, mean over pairs")


@needs_shared("golden/multisync")
def test_sum_normalised_spectrum_of_a_team(agrees):
    path = GOLDEN / "multisync" / "sum_normalized_csd.json"
    wanted = json.loads(path.read_text())["outputs"]["value"]
    people = [np.ascontiguousarray(table("g_multi.csv")[s]) for s in TEAM]
    found = over_pairs(csd, people, **MULTISYNC)
    agrees(facts_of(path), found, wanted, allowed=1e-12, what="mean over pairs")


@needs_shared("golden/multisync")
def test_both_of_a_dyad(agrees):
    path = GOLDEN / "multisync" / "dyad_a.json"
    wanted = json.loads(path.read_text())["outputs"]
    x, y = (v[2400:3600] for v in load("a_ar4hz_50min.csv"))
    for name, measure in (("coherence_team", coherence), ("sum_normalized_csd", csd)):
        found = over_pairs(measure, (x, y), **MULTISYNC)
        agrees(facts_of(path), found, wanted[name], allowed=1e-12, what=name)
