"""Figures of AMICo v2 RC 0.4 in DyadSync 1.3.2: peaks, matches, likeness, every sample."""

import csv
import json
import re

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load
from shared import needs_shared

from syntony.synchrony._features import find_features, matches, plan_features
from syntony.synchrony.amico2 import amico2

CASES = sorted(p.stem for p in (GOLDEN / "dyadsync").glob("amico_*.json"))


def read(case):
    """Facts, both signals, and the call's options under our names."""
    facts = json.loads((GOLDEN / "dyadsync" / f"{case}.json").read_text())

    def told(name):
        return re.search(rf"{name}=([\w.]+)", facts["call"])[1]

    rate_hz = float(re.search(r"frequency ([\d.]+) Hz", facts["call"])[1])
    options = {
        "max_lag_s": float(told("lagSec")),
        "malus": float(told("weightMalus")) / 100,
        "min_similarity": float(told("match_threshold")),
        "min_size_s": float(told("minSizeSec")),
        "piece_s": float(told("interval_sec")),
        "smooth_s": float(told("sgol_n")) / rate_hz,
        "smooth_order": int(told("sgol_p")),
        "correction_s": float(told("correctionRangeSeconds")),
        "min_amplitude_us": float(told("minPeakAmplitude")),
    }
    longest = told("maxPeakDuration")
    if longest != "hrt":
        options |= {"end": "duration", "end_s": float(longest)}
    return facts, load(facts["input"]), rate_hz, options


def cells(path, columns):
    """Columns of a table of theirs, NA as NaN."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return np.array([[np.nan if r[c] == "NA" else float(r[c]) for c in columns] for r in rows])


@needs_shared("golden/dyadsync")
def test_all_cases_are_there():
    assert len(CASES) == 4


@needs_shared("golden/dyadsync")
@pytest.mark.parametrize("case", CASES)
def test_peaks(case, agrees):
    facts, pair, rate_hz, options = read(case)
    told = facts_of(GOLDEN / "dyadsync" / f"{case}.json")
    names = ("max_lag_s", "smooth_s", "smooth_order", "correction_s", "min_amplitude_us")
    asked = {name: options[name] for name in names}
    plan = plan_features(*pair, rate_hz, min_coverage=0.8, **asked)
    for values, person in zip(pair, ("peaks_s1", "peaks_s2"), strict=True):
        want = facts["outputs"][person]
        found = find_features(values, plan)
        agrees(told, found.at + 1, want["samples"], allowed=0, what=f"{person}: samples")
        kind = [-1 if c == "v" else 1 for c in want["class"]]
        agrees(told, found.kind, kind, allowed=0, what=f"{person}: valley or peak")


@needs_shared("golden/dyadsync")
@pytest.mark.parametrize("case", CASES)
def test_matches_and_every_sample(case, agrees):
    facts, (x, y), rate_hz, options = read(case)
    told = facts_of(GOLDEN / "dyadsync" / f"{case}.json")
    outputs = facts["outputs"]
    c = amico2(x, y, rate_hz=rate_hz, **options)
    table = matches(c)
    ends = ("start", "peak", "end")
    places = [f"{who}_{end}_s" for who in ("first", "second") for end in ends]
    theirs = GOLDEN / "dyadsync" / outputs["xbest_csv"]
    want = cells(theirs, ("a1", "p1", "b1", "a2", "p2", "b2"))
    samples = np.column_stack([table[name] for name in places]) * rate_hz + 1
    agrees(told, samples, want, allowed=0, what="matches and rests: samples")
    similarity, lag, row = cells(theirs, ("similarity", "lag", "row")).T
    agrees(told, table["similarity"], similarity, allowed=1e-10, what="similarity")
    agrees(told, table["lag_s"] * rate_hz, lag, allowed=0, what="lag of matches and rests")
    assert np.array_equal(table["is_match"] == 1, ~np.isnan(row))
    sync, lags = cells(GOLDEN / "dyadsync" / outputs["sync_csv"], ("sync", "lag")).T
    agrees(told, c.values, sync, allowed=1e-10, what="synchrony at every sample")
    agrees(told, c.parts["lag_s"] * rate_hz, lags, allowed=0, what="lag at every sample")
    from syntony.synchrony._features import summary

    found = summary(c)
    for ours, name in (
        ("mean_sync", "mean_sync"),
        ("median_sync", "median_sync"),
        ("index", "kleinbubIndex"),
    ):
        agrees(told, found[ours], outputs[name], allowed=1e-10, what=name)
    assert int(table["is_match"].sum()) == outputs["n_matched"]
