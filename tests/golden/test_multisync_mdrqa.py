"""Figures of multiSyncPy 0.1.2: recurrence of a group."""

import json
import re

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load, table
from shared import needs_shared

from syntony.synchrony.group_recurrence import MULTISYNCPY, mdrqa

NAMES = {
    "rec": "rec",
    "det": "det",
    "mean_length": "mean_line_all_s",
    "max_length": "max_line_s",
}
NOTE = "pairs below the radius: ours with the next smaller radius"


def of_group(signals, radius, **options):
    """Our measures by their names; signals at 1 Hz, so that a second is a sample."""
    radius = float(np.nextafter(radius, 0.0))
    parts = mdrqa(signals, rate_hz=1.0, radius=radius, **MULTISYNCPY, **options).parts
    return {theirs: float(parts[ours]) for theirs, ours in NAMES.items()}


@needs_shared("golden/multisync")
@pytest.mark.parametrize("case", ["mdrqa", "mdrqa_embedded"])
def test_mdrqa(case, agrees):
    path = GOLDEN / "multisync" / f"{case}.json"
    facts, told = json.loads(path.read_text()), facts_of(path)
    call = facts["call"]
    t = table(facts["input"])
    signals = np.array([t[f"s{i}"] for i in (1, 2, 3, 4)])
    options = {"min_line": int(re.search(r"min_length=(\d+)", call)[1])}
    if "embedding" in call:
        options["dimension"] = int(re.search(r"embedding_dimension=(\d+)", call)[1])
        options["delay_s"] = float(re.search(r"embedding_delay=(\d+)", call)[1])
    found = of_group(signals, float(re.search(r"data, ([\d.]+)", call)[1]), **options)
    for name, value in found.items():
        agrees(told, value, facts["outputs"][name], allowed=1e-12, what=name, note=NOTE)


@needs_shared("golden/multisync")
def test_a_dyad(agrees):
    path = GOLDEN / "multisync" / "dyad_a.json"
    facts, told = json.loads(path.read_text()), facts_of(path)
    first, last = map(int, re.search(r"rows (\d+)\.\.(\d+)", facts["call"]).groups())
    signals = np.array(load(facts["input"]))[:, first:last]
    found = of_group(signals, 0.5, min_line=2)
    wanted = np.array(facts["outputs"]["mdrqa_radius0.5"])
    agrees(
        told,
        np.array(list(found.values())),
        wanted,
        allowed=1e-12,
        what=f"MdRQA: {', '.join(found)}",
        note=NOTE,
    )
