"""Figures of SyncPy's GrangerCausality: F, p, ratio and order."""

import json

from agreement import facts_of
from golden_inputs import GOLDEN, load
from shared import needs_shared

from syntony.synchrony.granger import granger_pair


@needs_shared("golden/syncpy")
def test_granger(agrees):
    path = GOLDEN / "syncpy" / "granger.json"
    told, want = facts_of(path), json.loads(path.read_text())["outputs"]
    x, y = (v[2400:3600] for v in load("a_ar4hz_50min.csv"))
    found = granger_pair(x, y, order=int(want["optimal_lag"]))
    note = "its first series predicted from its second; its two fitted curves are not compared"
    ours = found.second_to_first
    agrees(told, ours.log_ratio, want["ratio"], allowed=1e-12, what="ratio", note=note)
    agrees(told, ours.f, want["F_value"], allowed=1e-10, what="F")
    agrees(told, ours.p, want["p_value"], allowed=1e-10, what="p")
