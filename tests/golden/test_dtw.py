"""Figures of tslearn 0.10.0 and dtaidistance 2.5.1: warping distance and path."""

import json

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load
from shared import needs_shared

from syntony.synchrony.warping import warping_path

PATH = GOLDEN / "dtw" / "dtw_a_400.json"


def pair(facts):
    """Rows 2401 to 2800, z-scored with divisor n."""
    x, y = (v[2400:2800] for v in load(facts["input"]))
    return tuple((v - v.mean()) / v.std() for v in (x, y))


@needs_shared("golden/dtw")
@pytest.mark.parametrize(
    ("name", "max_lag_s"),
    [
        ("tslearn_dtw", None),
        ("dtaidistance", None),
        ("tslearn_dtw_sakoe20", 5.0),
        ("dtaidistance_window20", 4.75),  # their window is one sample more than the largest lag
    ],
)
def test_distance(name, max_lag_s, agrees):
    facts = json.loads(PATH.read_text())
    distance, _ = warping_path(*pair(facts), rate_hz=4.0, max_lag_s=max_lag_s)
    peer, version, case = facts_of(PATH)
    if name.startswith("dtaidistance"):
        peer, version = "dtaidistance", facts["dtaidistance_version"]
    want = facts["outputs"][name]
    agrees((peer, version, case), distance, want, allowed=1e-12, what=name)


@needs_shared("golden/dtw")
def test_path(agrees):
    facts = json.loads(PATH.read_text())
    _, path = warping_path(*pair(facts), rate_hz=4.0)
    want = np.array(facts["outputs"]["tslearn_path"])
    agrees(facts_of(PATH), path, want, allowed=0, what="path: samples laid on each other")
