"""How often codes that have nothing to do with synchrony pass, and how often a planted link does.

    python benchmarks/moments_false_alarms.py --world settling --studies 2000

Studies are made at the level of seconds: a course of synchrony as windows leave it, both
people's level, and the codes of the simulator. One line a study is kept in ``--out``, so that it
goes on where it was stopped. ``--report`` prints what is there.

Worlds: ``plain``: windowed noise; ``settling``: synchrony drifts over minutes and is higher at
the start of every session, as both levels are; ``planted``: as settling, and synchrony is higher
by .2 (Fisher z, SD over dyads .1) in seconds of shared positive emotion; ``early``: as settling,
and synchrony rises 30 s before shared positive emotion begins.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe
from syntony.core.arrays import Array, Ints
from syntony.core.seeds import rng_for
from syntony.link.codes import four_classes
from syntony.link.intervals import share_interval, tail
from syntony.link.joined.seconds import CodedSeconds, standardised
from syntony.link.moment_model import fit_moments
from syntony.link.moment_rows import moment_rows
from syntony.pipeline.joined import joined_rows
from syntony.simulate.emotion import UNCODED, emotion_tracks, mask_uncoded

WORLDS = ("plain", "settling", "planted", "early")
EFFECT, SPREAD, EARLY_S, WINDOW_S = 0.2, 0.1, 30, 15
INTERVAL = "moment_model/shared_positive/synchrony/interval"
_VALENCE = {1: 0, 0: 1, -1: 2, UNCODED: -1}
ROLES = ("patient", "therapist")


def _smooth(values: Array, width: int) -> Array:
    """Running mean that keeps the variance."""
    kernel = np.ones(width) / np.sqrt(width)
    return np.convolve(values, kernel, "same")


def make_session(rng: np.random.Generator, world: str, dyad: str, seconds: int) -> CodedSeconds:
    """One session whose synchrony has, or has not, to do with its codes."""
    seen = mask_uncoded(rng, emotion_tracks(rng, duration_s=float(seconds)))
    a, b = (np.array([_VALENCE[int(v)] for v in track], dtype=np.int64) for track in seen)
    classes: Ints = four_classes(a, b)
    z = 0.1 + 0.45 * _smooth(rng.standard_normal(seconds), WINDOW_S)
    levels = [_smooth(rng.standard_normal(seconds), 40) for _ in range(2)]
    if world != "plain":
        settle = np.exp(-np.arange(seconds) / 300.0)
        z += 0.25 * _smooth(rng.standard_normal(seconds), 120) + 0.5 * settle
        levels = [v + 3 * settle for v in levels]
    inside = (classes == 0).astype(np.float64)
    if world == "planted":
        z += rng.normal(EFFECT, SPREAD) * inside
    if world == "early":
        z += 2 * EFFECT * np.roll(inside, -EARLY_S)
    z[: WINDOW_S // 2] = z[-(WINDOW_S // 2) :] = np.nan
    return CodedSeconds(
        session=f"{dyad}s1",
        dyad=dyad,
        r=np.tanh(z),
        scale="fisher_z",
        levels=(standardised(levels[0]), standardised(levels[1])),
        classes=classes,
        tracks=(a, b),
        window_s=float(WINDOW_S),
        index=float(np.nanmean(z)),
    )


def make_sessions(world: str, number: int, *, dyads: int, minutes: float) -> list[CodedSeconds]:
    """All sessions of one study, one a dyad."""
    rng = rng_for(20070301, "moments_false_alarms", world, number)
    return [make_session(rng, world, f"d{k:02d}", int(60 * minutes)) for k in range(dyads)]


def one_interval(world: str, number: int, *, dyads: int, minutes: float) -> dict[str, Any]:
    """The interval of the planted effect alone, the same as in ``one_study``."""
    joined = Recipe().joined
    sessions = make_sessions(world, number, dyads=dyads, minutes=minutes)
    rows = moment_rows(sessions, thin_s=joined.thin_s, degree=joined.time_degree)
    fit = fit_moments(rows, "synchrony", slope=joined.slope)
    if fit.status != "ok" or "shared_positive" not in fit.terms:
        return {"study": number}
    value, se = fit.of("shared_positive")
    return {"study": number, INTERVAL: [value - fit.reach * se, value + fit.reach * se]}


def one_study(world: str, number: int, *, dyads: int, minutes: float) -> dict[str, Any]:
    """Every p of one study, and the intervals of the planted effect."""
    sessions = make_sessions(world, number, dyads=dyads, minutes=minutes)
    recipe = Recipe.model_validate(
        {
            "seed": number,
            "emotion": {"rotations": 199},
            "joined": {"model_rotations": 199},
            "corpus": {"bootstrap": 199},
        }
    )
    found = joined_rows(sessions, recipe, roles=ROLES)
    told: dict[str, Any] = {"study": number}
    for f in found.findings:
        if f.status != "ok":
            continue
        key = f"{f.finding}/{f.label}/{f.statistic}"
        told[f"{key}/p"] = f.p_two
        for name in ("p_max", "p_model"):
            if name in f.detail:
                told[f"{key}/{name}"] = f.detail[name]
        if f.finding == "moment_model" and f.label == "shared_positive":
            told[f"{key}/interval"] = [f.low, f.high]
        if f.finding == "emotion_lag":
            told[f"{key}/first"] = f.detail["first"]
            told[f"{key}/lag"] = [f.value, f.low, f.high]
    return told


def report(path: Path, world: str) -> None:
    """Print, for every p, how many studies pass at .05, and the verdict on that."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    keys = sorted({k for r in rows for k in r if k.endswith(("/p", "/p_max", "/p_model"))})
    print(f"{world}: {len(rows)} studies")
    groups: dict[str, list[float]] = {}
    for key in keys:
        values = [r[key] for r in rows if key in r and r[key] == r[key]]
        parts = key.split("/")
        groups.setdefault(f"{parts[0]} {parts[2]} {parts[-1]}", []).extend(values)
        hits, n = sum(v <= 0.05 for v in values), len(values)
        low, high = share_interval(hits, n)
        over = " ABOVE" if tail(hits, n, 0.05) < 0.01 else ""
        print(f"  {key}: {hits}/{n} = {hits / n:.3f} [{low:.3f}, {high:.3f}]{over}")
    print("  together, one row a kind (its p's of one study are not independent):")
    for name, values in groups.items():
        print(f"  {name}: {np.mean(np.array(values) <= 0.05):.3f} of {len(values)}")
    key = INTERVAL
    true = EFFECT if world == "planted" else 0.0
    inside = [r[key][0] <= true <= r[key][1] for r in rows if key in r]
    if inside and world != "early":
        low, high = share_interval(sum(inside), len(inside))
        print(f"  model interval holds {true:g}: {np.mean(inside):.3f} [{low:.3f}, {high:.3f}]")
    key = "emotion_lag/shared_positive/lag_s/first"
    said = [r[key] for r in rows if key in r]
    print("  who comes first:", {w: said.count(w) for w in sorted(set(said))})


def main() -> None:
    """Make the studies that are not there yet, or print those that are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--world", choices=WORLDS, default="settling")
    parser.add_argument("--studies", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="number of the first study")
    parser.add_argument("--dyads", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out/moments_false_alarms"))
    parser.add_argument("--intervals", action="store_true", help="the model's interval alone")
    parser.add_argument("--report", action="store_true")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    kind = "intervals_" * chosen.intervals
    path = chosen.out / f"{kind}{chosen.world}_{chosen.dyads}x{chosen.minutes:g}.jsonl"
    make = one_interval if chosen.intervals else one_study
    if chosen.report:
        report(path, chosen.world)
        return
    done = set()
    if path.exists():
        done = {json.loads(line)["study"] for line in path.read_text("utf-8").splitlines()}
    for number in range(chosen.first, chosen.first + chosen.studies):
        if number in done:
            continue
        told = make(chosen.world, number, dyads=chosen.dyads, minutes=chosen.minutes)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
    report(path, chosen.world)


if __name__ == "__main__":
    main()
