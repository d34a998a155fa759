"""Figures of PyRQA 8.1.0, which computes in single precision: 1e-5 of each."""

import json
import re

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load
from shared import needs_shared

from syntony.synchrony.recurrence import crqa

CASES = sorted(p.stem for p in (GOLDEN / "pyrqa").glob("*.json"))
DIAGONAL = {
    "determinism": "det",
    "average_diagonal_line": "mean_line_s",
    "longest_diagonal_line": "max_line_s",
    "entropy_diagonal_lines": "entropy",
}
WITHOUT_THEILER = {
    "recurrence_rate": "rr",
    "laminarity": "lam",
    "trapping_time": "trapping_time_s",
    "longest_vertical_line": "max_vertical_s",
    "entropy_vertical_lines": "vertical_entropy",
    "average_white_vertical_line": "mean_white_s",
}


@needs_shared("golden/pyrqa")
def test_all_cases_are_there():
    assert len(CASES) == 3


@needs_shared("golden/pyrqa")
@pytest.mark.parametrize("case", CASES)
def test_pyrqa(case, agrees):
    path = GOLDEN / "pyrqa" / f"{case}.json"
    facts, told = json.loads(path.read_text()), facts_of(path)
    call, wanted = facts["call"], facts["outputs"]
    x, y = load(facts["input"])
    x, y = (v[facts["rows"][0] - 1 : facts["rows"][1]] for v in (x, y))
    dimension, delay = (int(re.search(rf"{w} (\d+)", call)[1]) for w in ("embedding", "delay"))
    options = {
        "thin_to_hz": 0.0,
        "threshold": "radius",
        "dimension": dimension,
        "delay_s": float(delay),
        "radius": float(re.search(r"FixedRadius\(([\d.]+)\)", call)[1]),
        "norm": "maximum" if "MaximumMetric" in call else "euclidean",
    }
    other = x if "Classic" in call else y
    theiler = float(re.search(r"theiler_corrector=(\d+)", call)[1])
    lines = crqa(x, other, rate_hz=1.0, theiler_s=theiler, **options).parts
    rest = crqa(x, other, rate_hz=1.0, **options).parts
    note = "its Theiler corrector is for diagonal lines only" if theiler else ""
    for names, parts in ((DIAGONAL, lines), (WITHOUT_THEILER, rest)):
        for theirs, ours in names.items():
            agrees(
                told,
                parts[ours],
                wanted[theirs],
                allowed=1e-5,
                relative=True,
                what=theirs,
                note=note if parts is rest else "",
            )
    divergence = 1.0 / lines["max_line_s"]
    agrees(told, divergence, wanted["divergence"], allowed=1e-5, relative=True, what="divergence")
    assert np.isfinite(lines["radius"])
