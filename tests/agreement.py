"""Agreement with other tools: what a golden test compared, and the table made of it.

A golden test calls the fixture ``agrees``, which holds our figures to theirs and writes the
comparison down. ``pytest tests/golden --agreement docs/methods/agreement.md`` writes the table.
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
APART = HERE / "golden" / "apart"


@dataclass(frozen=True)
class Comparison:
    """One figure, or array of figures, beside the same of another tool."""

    peer: str
    version: str
    case: str
    what: str
    cells: int
    difference: float
    allowed: float
    relative: bool
    note: str


def largest_difference(found, wanted, *, relative=False):
    """Largest difference of two arrays whose cells without a value are the same."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape, f"shape {found.shape}, theirs is {wanted.shape}"
    ours, theirs = np.isnan(found), np.isnan(wanted)
    assert np.array_equal(ours, theirs), f"{(ours != theirs).sum()} cells are NaN in one only"
    with np.errstate(invalid="ignore"):  # infinite in both
        apart = np.where((found == wanted) | ours, 0.0, np.abs(found - wanted))
    if relative:
        apart = apart / np.where(wanted == 0, 1.0, np.abs(wanted))
    return float(np.max(apart, initial=0.0))


def compare(facts, found, wanted, *, allowed, relative=False, what="values", note=""):
    """Hold ``found`` to ``wanted``; ``facts`` are (peer, version, case) of the golden file."""
    peer, version, case = facts
    difference = largest_difference(found, wanted, relative=relative)
    cells = int(np.size(wanted))
    return Comparison(peer, version, case, what, cells, difference, allowed, relative, note)


def facts_of(path, case=None):
    """Peer, version and case of a golden JSON file."""
    told = json.loads(Path(path).read_text("utf-8"))
    return told["peer"], told["version"], case or Path(path).stem


def explained():
    """Cases that are not compared, or not wholly: ``folder/case`` to the reason.

    Where two families say why of one case, both reasons stand, one after the other.
    """
    reasons = {}
    for path in sorted(APART.glob("*.toml")):
        for case, told in tomllib.loads(path.read_text("utf-8")).items():
            held = reasons.setdefault(case, {})
            for key, words in told.items():
                held[key] = f"{held[key]} {words}" if key in held else words
    return reasons
