"""Figures of multiSyncPy 0.1.2 for groups: order parameter, cluster phase, entropy, influence."""

import json

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load, numbers, table
from shared import needs_shared

from syntony.synchrony.driver_empath import influence
from syntony.synchrony.group_phase import cluster_phase, kuramoto_weak_null, order_parameter
from syntony.synchrony.registry import get
from syntony.synchrony.symbolic import joint_entropy, thirds

pytestmark = needs_shared("golden/multisync")


def case(name):
    path = GOLDEN / "multisync" / f"{name}.json"
    return facts_of(path), json.loads(path.read_text())["outputs"]


def rows(prefix):
    t = table("g_multi.csv")
    return np.array([t[f"{prefix}{k}"] for k in range(1, 5)])


def test_order_parameter(agrees):
    told, want = case("kuramoto_order")
    found = order_parameter(rows("phase"))
    for name, value in want.items():
        wanted = numbers(value if isinstance(value, list) else [value])
        ours = found[: wanted.size] if wanted.size > 1 else np.array([found.mean()])
        agrees(told, ours, wanted, allowed=1e-12, what=name)


def test_weak_null(agrees):
    told, want = case("kuramoto_weak_null")
    phases = rows("phase")
    parts = [phases[:, k * 300 : k * 300 + 300] for k in range(4)]
    found = kuramoto_weak_null(parts, ddof=0)
    note = "with ddof=0; ours divides by n - 1"
    agrees(told, found.t, want["t"], allowed=1e-9, what="t", note=note)
    agrees(told, found.p_one, want["p"], allowed=1e-9, what="p", note=note)


@pytest.mark.parametrize("name", ["rho", "rho_hilbert"])
def test_cluster_phase(name, agrees):
    from scipy.signal import hilbert

    told, want = case(name)
    signals = rows("s")
    centred = signals - signals.mean(axis=1, keepdims=True)
    found = cluster_phase(rows("phase") if name == "rho" else np.angle(hilbert(centred)))
    agrees(told, found.rho, want["rho_group"], allowed=1e-12, what="rho_group")
    track = next(np.array(v) for v in want.values() if isinstance(v, list))
    agrees(told, found.group[: track.size], track, allowed=1e-12, what="over time")


def test_symbolic_entropy(agrees):
    told, want = case("symbolic_entropy")
    agrees(told, joint_entropy(thirds(rows("s"))), want["value"], allowed=1e-12, what="entropy")
    told, want = case("symbolic_entropy_windowed")
    entry = get("symbolic_entropy")
    c = entry.compute(rows("s"), rate_hz=1.0, window_s=120.0, step_s=40.0)
    agrees(told, c.parts["entropy_nats"], numbers(want["values"]), allowed=1e-12, what="windows")
    told, want = case("dyad_a")
    pair = np.array(load("a_ar4hz_50min.csv"))[:, 2400:3600]
    found = joint_entropy(thirds(pair))
    agrees(told, found, want["symbolic_entropy"], allowed=1e-12, what="symbolic entropy")


def test_influence(agrees):
    told, want = case("sync_coef")
    found = influence(rows("s"), 10, diagonal="halved")
    agrees(told, found.matrix, np.array(want["matrix"]), allowed=1e-12, what="matrix")
    agrees(told, found.driver, np.array(want["driver"]), allowed=1e-12, what="driver")
    agrees(told, found.empath, np.array(want["empath"]), allowed=1e-12, what="empath")
    note = "theirs is rounded to four decimals on the way; ours is not"
    agrees(told, found.sync, want["sync_index"], allowed=5e-5, what="sync index", note=note)
