"""Write made-up Run folders: simulated signals, invented draws. For tests of the report only."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from syntony.config import Recipe
from syntony.report.methods import bibliography, cited_keys

LAGS = np.arange(-7.0, 8.0)
STATS = ("ssi", "mean_z", "share_positive")
LC_STATS = ("grand_mean_z", "best_lag_z")
CLASSES = ("shared_positive", "shared_negative", "shared_neutral", "unshared", "uncoded")
METHODS = (
    "Concordance was computed as in 2007 [@Marci2007], with *p* counted [@PhipsonSmyth2010].\n\n"
    "Second paragraph, `code` and <b>no bold</b>.\n"
)
CAUSES = ("range", "slope", "flat", "spread", "missing")
TRUTH = {
    "world": "coupled",
    "is_coupled": True,
    "seed": 7,
    "r_planted": 0.47,
    "r_expected": 0.41,
    "delay_s": 2.0,
    "leader": "patient",
    "emotion_effect": 0.25,
    "sessions": [],
}


@dataclass(frozen=True)
class Plan:
    """What kind of run to make up."""

    dyads: int = 8
    per_dyad: int = 1
    minutes: float = 20.0
    codes: bool = True
    scores: bool = True
    strangers: bool = True
    truth: bool = True
    roles: tuple[str, str] = ("patient", "therapist")
    dyad_names: tuple[str, ...] = ()
    empty: tuple[int, ...] = ()
    capped: tuple[int, ...] = ()
    clock_error_s: float = 0.1
    contrast: bool = False
    draws: int = 199
    simulated: bool = True
    seed: int = 7


def write_run(path: Path, plan: Plan | None = None) -> Path:
    """Write a whole Run folder and give its path."""
    plan = plan or Plan()
    maker = _Maker(path, plan)
    maker.make()
    return path


class _Maker:
    """Fills the tables session by session."""

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path, self.plan = path, plan
        self.rng = np.random.default_rng(plan.seed)
        self.tables: dict[str, list[dict[str, object]]] = {
            n: []
            for n in [
                "pairs",
                "pseudo",
                "moments",
                "survivors",
                "searches",
                "quality",
                "codes",
                "scores",
                "links",
                "spans",
                "sessions",
            ]
        }
        self.index: dict[str, float] = {}
        self.dyad_of: dict[str, str] = {}
        for folder in ("signals", "couplings", "tables"):
            (path / folder).mkdir(parents=True, exist_ok=True)

    def make(self) -> None:
        plan = self.plan
        for d in range(plan.dyads):
            dyad = plan.dyad_names[d] if d < len(plan.dyad_names) else f"d{d + 1:02d}"
            strength = float(np.clip(self.rng.normal(0.45, 0.2), 0.05, 0.9))
            for s in range(plan.per_dyad):
                self.session(d, s, dyad, strength)
        if plan.strangers and plan.dyads > 1:
            self.pseudo()
        if plan.scores:
            self.scores()
        self.links()
        self.write()

    def session(self, d: int, s: int, dyad: str, strength: float) -> None:
        plan, rng = self.plan, self.rng
        name = f"{dyad}s{s + 1:02d}"
        self.dyad_of[name] = dyad
        rate, n = 4.0, int(plan.minutes * 60 * 4)
        time = np.arange(n) / rate
        common = _responses(rng, time, 5 * strength)
        a = 4 + common + _responses(rng, time, 5 * (1 - strength)) + 2 * np.exp(-time / 500)
        b = 7 + np.roll(common, 8) + _responses(rng, time, 5 * (1 - strength)) + np.exp(-time / 700)
        a[int(n * 0.31) : int(n * 0.33)] = np.nan
        b[int(n * 0.70) : int(n * 0.705)] = np.nan
        a[int(n * 0.55)] += 6.0
        if d in plan.empty:
            b[:] = np.nan
        roles = plan.roles
        _table(
            self.path / "signals" / f"{name}.parquet", {"time_s": time, roles[0]: a, roles[1]: b}
        )
        slopes = [_slopes(v, rate) for v in (a, b)]
        values = np.stack([_rolling(*slopes, int(lag)) for lag in LAGS], axis=1)
        centres = np.arange(len(values)) + 9.5
        self.people(name, dyad, d, s)
        self.maps(name, d, centres, values)
        self.spans_and_codes(name, dyad, centres, values)
        self.moments(name, dyad, centres, values)
        self.searched(name, dyad, d)

    def people(self, name: str, dyad: str, d: int, s: int) -> None:
        plan, rng, total = self.plan, self.rng, self.plan.minutes * 60
        kind = ("therapy", "interview")[s % 2] if plan.contrast else "therapy"
        people = (f"P{d + 1:02d}", f"T{d // 2 + 1:02d}")
        self.tables["sessions"].append(
            {
                "session": name,
                "dyad": dyad,
                "type": kind,
                "number": float(s + 1),
                "role_a": plan.roles[0],
                "role_b": plan.roles[1],
                "person_a": people[0],
                "person_b": people[1],
                "duration_s": total,
                "overlap_s": total - 12.0,
                "left_over_a_s": 4.0,
                "left_over_b_s": 8.0,
                "clock_error_s": plan.clock_error_s,
                "clock_source": "start stamps",
                "signal_a": "eda",
                "unit_a": "uS",
                "signal_b": "eda",
                "unit_b": "uS",
            }
        )
        for k, (person, role) in enumerate(zip(people, plan.roles, strict=True)):
            empty = d in plan.empty and k == 1
            lost = dict(zip(CAUSES, rng.exponential(total * 0.008, len(CAUSES)), strict=True))
            if empty:
                lost = {"missing": total}
            rows = {**lost, "valid": total - sum(lost.values()), "total": total}
            for cause, sec in rows.items():
                self.tables["quality"].append(
                    {
                        "session": name,
                        "dyad": dyad,
                        "person": person,
                        "role": role,
                        "signal": "eda",
                        "cause": cause,
                        "seconds": float(sec),
                        "count": math.nan,
                        "share": float(sec / total),
                    }
                )

    def maps(self, name: str, d: int, centres: np.ndarray, values: np.ndarray) -> None:
        plan, rng = self.plan, self.rng
        profile = np.array([_ssi(values[:, k]) for k in range(len(LAGS))])
        if d in plan.capped:
            profile = np.minimum(10.0, np.abs(profile) * 40)
        null = {
            s: rng.normal(m, sd, plan.draws)
            for s, m, sd in zip(STATS, (0.07, 0.02, 0.52), (0.17, 0.05, 0.04), strict=True)
        }
        held = {f"null__shift_thirds__{k}": v for k, v in null.items()}
        if d in plan.empty:
            held = {k: np.full(plan.draws, np.nan) for k in held}
        np.savez(
            self.path / "couplings" / f"{name}_0.npz",
            time_s=centres,
            lag_s=LAGS,
            values=values,
            course=values[:, 7],
            coverage=np.isfinite(values) * 1.0,
            profile=profile,
            profile_low=np.full(15, -0.25),
            profile_high=np.full(15, 0.42),
            course_low=np.full(len(centres), -0.86),
            course_high=np.full(len(centres), 0.88),
            band_surrogate=np.array("shift_thirds"),
            **held,
        )
        coarse = values[::30] * 0.6
        np.savez(
            self.path / "couplings" / f"{name}_1.npz",
            time_s=centres[::30],
            lag_s=LAGS,
            values=coarse,
            course=coarse[:, 7],
            coverage=np.ones_like(coarse),
            profile=np.nanmean(coarse, axis=0) if d not in plan.empty else np.full(15, np.nan),
            profile_low=np.full(15, np.nan),
            profile_high=np.full(15, np.nan),
            course_low=np.full(len(coarse), np.nan),
            course_high=np.full(len(coarse), np.nan),
            band_surrogate=np.array(""),
            null__shift_thirds__grand_mean_z=rng.normal(0, 0.04, plan.draws),
        )
        self.pair_rows(name, d, values, profile, null)

    def pair_rows(self, name, d, values, profile, null):
        plan, rng = self.plan, self.rng
        zero = values[:, 7]
        ok = np.isfinite(zero)
        seen = {
            "ssi": float(profile[7]),
            "mean_z": float(np.arctanh(np.clip(zero[ok], -0.999, 0.999)).mean())
            if ok.any()
            else math.nan,
            "share_positive": float((zero[ok] > 0).mean()) if ok.any() else math.nan,
            "grand_mean_z": float(rng.normal(0.1, 0.05)) if ok.any() else math.nan,
            "best_lag_z": float(rng.normal(0.2, 0.05)) if ok.any() else math.nan,
        }
        self.index[name] = seen["ssi"]
        lag = float(LAGS[np.nanargmax(profile)]) if ok.any() else math.nan
        partners = 2 * (plan.dyads - 1)
        kinds = [("shift_thirds", plan.draws)] + (
            [("pseudo_dyads", partners)] if plan.strangers and plan.dyads > 1 else []
        )
        for step, method, stats in ((0, "marci", STATS), (1, "lagged_correlation", LC_STATS)):
            for stat in stats:
                for surrogate, draws in kinds:
                    mean, sd = {"ssi": (0.07, 0.17), "share_positive": (0.52, 0.04)}.get(
                        stat, (0.02, 0.05)
                    )
                    drawn = (
                        null[stat]
                        if surrogate == "shift_thirds" and stat in null
                        else rng.normal(mean, sd, draws)
                    )
                    self.tables["pairs"].append(
                        _pair(self, name, step, method, stat, seen[stat], drawn, surrogate, lag, d)
                    )

    def spans_and_codes(self, name, dyad, centres, values):
        plan, rng = self.plan, self.rng
        total = plan.minutes * 60
        self.tables["spans"].append(_span(name, "opening", 0.0, 120.0))
        self.tables["spans"].append(_span(name, "conversation", 120.0, total))
        if not plan.codes:
            return
        for role in plan.roles:
            t = 60.0
            while t < total - 60:
                stop = min(total - 30, t + float(rng.exponential(40)) + 8)
                label = str(rng.choice(["positive", "neutral", "negative"], p=[0.35, 0.45, 0.2]))
                self.tables["spans"].append(_span(name, label, t, stop, role=role))
                t = stop + (30.0 if rng.random() < 0.1 else 0.0)
        shares = rng.dirichlet([3, 2, 4, 5, 1])
        for kind, share in zip(CLASSES, shares, strict=True):
            gone = kind == "uncoded"
            mean = (
                math.nan
                if gone
                else float(rng.normal(0.1 + 0.15 * (kind == "shared_positive"), 0.08))
            )
            p = float(rng.integers(1, plan.draws)) / (plan.draws + 1)
            self.tables["codes"].append(
                {
                    "session": name,
                    "dyad": dyad,
                    "coder": "c1",
                    "step": 0.0,
                    "class": kind,
                    "seconds": float(share * total),
                    "share": float(share),
                    "mean": mean,
                    "scale": "fisher_z",
                    "in_phase": abs(mean),
                    "anti_phase": abs(mean) / 2,
                    "null_mean": 0.1,
                    "low": -0.05,
                    "high": 0.25,
                    "z_surrogate": (mean - 0.1) / 0.08,
                    "p_one": math.nan if gone else p,
                    "p_two": math.nan if gone else min(1.0, 2 * p),
                    "draws": float(plan.draws),
                }
            )

    def moments(self, name, dyad, centres, values):
        if self.plan.minutes < 20:
            return
        for k, kind in enumerate(["high", "low"] * 3):
            start = 310.0 + 130 * k
            self.tables["moments"].append(
                {
                    "session": name,
                    "dyad": dyad,
                    "step": 0.0,
                    "kind": kind,
                    "start_s": start,
                    "stop_s": start + 35,
                    "strength": 0.7 if kind == "high" else -0.5,
                    "third": float(1 + k // 2),
                    "coverage": 1.0,
                    "lag_s": 1.0 if kind == "high" else 0.0,
                    "leader": self.plan.roles[0] if kind == "high" else "neither",
                }
            )

    def searched(self, name, dyad, d):
        """Give every other session a stretch beside each kind of chance, and one low one."""
        plan = self.plan
        kinds = [("shift_thirds", plan.draws)]
        kinds += [("pseudo_dyads", 38)] if plan.strangers and plan.dyads > 1 else []
        for step, method in ((0, "marci"), (1, "lagged_correlation")):
            for surrogate, draws in kinds:
                many = 2 * (d % 2) * (step == 0)
                base = {
                    "session": name,
                    "dyad": dyad,
                    "step": float(step),
                    "method": method,
                    "surrogate": surrogate,
                    "clock_error_s": plan.clock_error_s,
                }
                for k in range(many):
                    self.tables["survivors"].append(
                        base
                        | {
                            "start_s": 100.0 + 150 * k,
                            "stop_s": 160.0 + 150 * k,
                            "strength": 1.25 - 2.5 * k,
                            "scale": "fisher_z",
                            "sign": float(1 - 2 * k),
                            "phase": "anti-phase" if k else "in phase",
                            "lag_s": 2.0,
                            "leader": "lead not above chance" if k else plan.roles[0],
                            "lead": 0.5,
                            "p_lead": 0.3 if k else 0.01,
                            "coverage": 0.9,
                            "mass": 12.0,
                            "p": 1 / (draws + 1),
                            "draws": float(draws),
                        }
                    )
                self.tables["searches"] += self.search_rows(base, draws, many)

    def search_rows(self, base, draws, many):
        """Rows over time and over lags of one session, step and surrogate."""
        nothing = dict.fromkeys(
            ("start_s", "stop_s", "found", "value", "lag_s", "p", "lead", "lead_low", "lead_high",
             "p_lead", "frequency_hz"),
            math.nan,
        )  # fmt: skip
        shared = base | nothing | {"status": "ok", "draws": float(draws), "draws_missing": 0.0}
        time = {"over": "time", "places": 900.0, "found": float(many), "lag_s": 2.0, "leader": ""}
        if base["step"]:
            time |= {"status": "not searched: the windows do not lie evenly", "found": math.nan}
        lag = {
            "over": "lag",
            "places": 15.0,
            "value": 0.8,
            "lag_s": 2.0,
            "p": 3 / (draws + 1),
            "lead": 0.5,
            "lead_low": -0.4,
            "lead_high": 0.4,
            "p_lead": 0.02,
            "leader": self.plan.roles[0],
        }
        return [shared | time, shared | lag]

    def pseudo(self) -> None:
        names = list(self.index)
        for a in names:
            for b in names:
                if self.dyad_of[a] == self.dyad_of[b]:
                    continue
                for step, method, stats in (
                    (0, "marci", STATS),
                    (1, "lagged_correlation", LC_STATS),
                ):
                    for stat in stats:
                        mean, sd = {"ssi": (0.07, 0.17), "share_positive": (0.52, 0.04)}.get(
                            stat, (0.02, 0.05)
                        )
                        self.tables["pseudo"].append(
                            {
                                "session_a": a,
                                "session_b": b,
                                "dyad_a": self.dyad_of[a],
                                "dyad_b": self.dyad_of[b],
                                "role_a": self.plan.roles[0],
                                "role_b": self.plan.roles[1],
                                "step": float(step),
                                "method": method,
                                "statistic": stat,
                                "value": float(self.rng.normal(mean, sd)),
                                "value_a": self.index[a],
                                "value_b": self.index[b],
                                "seconds": self.plan.minutes * 60,
                            }
                        )

    def scores(self) -> None:
        """Give every dyad a score that goes with its index."""
        for row in self.tables["sessions"]:
            index = self.index[row["session"]]
            level = 14 + 9 * (index if math.isfinite(index) else 0.4) + self.rng.normal(0, 5)
            self.tables["scores"].append(
                {
                    "session": row["session"],
                    "dyad": row["dyad"],
                    "person": row["person_a"],
                    "about": row["person_b"],
                    "instrument": "demonstration",
                    "scale": "empathic_understanding",
                    "value": float(np.round(level)),
                    "missing": 0.0,
                }
            )

    def links(self) -> None:
        plan, n = self.plan, self.plan.dyads
        status = "ok" if n >= 6 else f"not testable: {n} dyads, 6 are needed"
        there = [v for v in self.index.values() if math.isfinite(v)]
        mean = float(np.mean(there)) if there else math.nan
        kinds = ["shift_thirds"] + (["pseudo_dyads"] if plan.strangers and n > 1 else [])

        def add(*a, **k):
            self.tables["links"].append(_link(*a, n=n, status=status, **k))

        for step, method, stats in ((0, "marci", STATS), (1, "lagged_correlation", LC_STATS)):
            for stat in stats:
                for surrogate in kinds:
                    add("synchrony", stat, step, method, stat, surrogate, value=mean, null=0.07)
        add(
            "leader",
            "lag_s",
            0,
            "marci",
            "ssi",
            "sign_flip",
            value=1.8,
            null=0.0,
            detail={"leader": plan.roles[0], "clock_error_s": plan.clock_error_s},
        )
        for surrogate in kinds:
            self.stretches(surrogate)
        if plan.codes:
            self.emotion(add)
        if plan.scores:
            self.empathy(add)
        if plan.contrast:
            add(
                "contrast",
                "therapy - interview",
                0,
                "marci",
                "ssi",
                "sign_flip",
                value=0.2,
                null=0.0,
            )

    def stretches(self, surrogate) -> None:
        n = self.plan.dyads
        found = n // 2
        self.tables["links"].append(
            _link(
                "stretches",
                "sessions with a surviving stretch",
                0,
                "marci",
                "",
                surrogate,
                n=n,
                status="ok",
                value=found / n,
                null=0.05,
                detail={
                    "sessions_found": found,
                    "sessions_expected": 0.05 * n,
                    "stretches": 2 * found,
                    "alpha": 0.05,
                },
            )
        )

    def emotion(self, add) -> None:
        for k, kind in enumerate(CLASSES[:4]):
            add(
                "emotion",
                kind,
                0,
                "marci",
                "class_minus_rest",
                "rotation",
                value=0.12 - 0.07 * k,
                null=0.0,
                detail={
                    "seconds": 900.0 * (4 - k),
                    "mean": 0.3 - 0.05 * k,
                    "p_max": 0.01 * (k + 1),
                },
            )
        add(
            "moments",
            "positive",
            0,
            "marci",
            "high_minus_low",
            "sign_flip",
            value=0.12,
            null=0.0,
        )
        add(
            "moments",
            "positive",
            0,
            "marci",
            "high_minus_low",
            "selection_null",
            value=0.12,
            null=0.02,
            detail={
                "excess": 0.1,
                "excess_low": 0.03,
                "excess_high": 0.17,
                "excess_p_one": 0.004,
                "strangers": 14,
            },
        )

    def empathy(self, add) -> None:
        names, index, score = [], [], []
        rows = self.tables["scores"]
        for dyad in dict.fromkeys(self.dyad_of.values()):
            x = [self.index[s] for s, d in self.dyad_of.items() if d == dyad]
            y = [r["value"] for r in rows if r["dyad"] == dyad]
            if np.isfinite(x).all():
                names.append(dyad), index.append(float(np.mean(x))), score.append(float(np.mean(y)))
        if len(names) < 3:
            return
        x, y = np.array(index), np.array(score)
        r = float(np.corrcoef(x, y)[0, 1])
        keep = ~np.eye(len(x), dtype=bool)
        without = {
            d: float(np.corrcoef(x[k], y[k])[0, 1]) for d, k in zip(names, keep, strict=True)
        }
        most = max(without, key=lambda d: abs(without[d] - r))
        detail = {
            "t": 2.3,
            "df": len(x) - 2,
            "p_t": 0.03,
            "spearman": r - 0.03,
            "spearman_p_two": 0.04,
            "bootstrap_low": r - 0.3,
            "bootstrap_high": r + 0.2,
            "without": without,
            "largest_change_without": most,
            "largest_change": without[most] - r,
            "power": {"0.47": 0.97, "0.32": 0.71, "0.19": 0.31},
            "dyads_for_80_percent": {"0.47": 34, "0.32": 75, "0.19": 216},
            "dyads": names,
            "index": index,
            "score": score,
        }
        label = "demonstration.empathic_understanding"
        add("empathy", label, 0, "marci", "ssi", "permutation", value=r, null=0.0, detail=detail)
        for surrogate in ("pseudo_dyads", "shift_thirds"):
            for read_as in ("minus_null_mean", "z"):
                add(
                    "empathy",
                    label,
                    0,
                    "marci",
                    "ssi",
                    surrogate,
                    value=r - 0.01,
                    null=0.0,
                    detail={"read_as": read_as, **detail},
                )

    def write(self) -> None:
        for name, rows in self.tables.items():
            if rows:
                columns = {k: [r.get(k) for r in rows] for k in rows[0]}
                _table(self.path / f"{name}.parquet", columns)
                csv.write_csv(pa.table(columns), self.path / "tables" / f"{name}.csv")
        plan = self.plan
        (self.path / "methods.md").write_text(METHODS, encoding="utf-8")
        bib = bibliography(cited_keys(METHODS))
        (self.path / "references.bib").write_text(bib, encoding="utf-8")
        recipe = Recipe(roles=plan.roles).model_dump(mode="json")
        (self.path / "recipe.json").write_text(json.dumps(recipe, indent=1), encoding="utf-8")
        origin = {
            "syntony": "0.1.0",
            "python": "3.11.2",
            "numpy": "2.4.0",
            "numba": "0.61.0",
            "platform": "Linux-x86_64",
            "made_at": "2025-11-23T03:00:00+00:00",
            "seconds": 41.2,
            "study": {
                "title": "A made-up study",
                "root_name": "made-up",
                "roles": list(plan.roles),
                "simulated": plan.simulated,
                "sessions": len(self.index),
                "dyads": plan.dyads,
                "people": 2 * plan.dyads,
                "truth": TRUTH if plan.truth else None,
            },
            "inputs": [
                {"path": f"sub-P{k}/physio.tsv.gz", "sha256": f"{k:064x}", "bytes": 1000 + k}
                for k in range(4)
            ],
        }
        if not plan.strangers:
            origin["pair"] = {
                "shared_shape_rate": {"rate": 0.31, "low": 0.27, "high": 0.35, "runs": 500}
            }
        (self.path / "origin.json").write_text(json.dumps(origin, indent=1), encoding="utf-8")
        first = next(iter(self.index))
        notes = [
            {
                "where": f"{first}/P01/eda",
                "code": "spread",
                "text": "Dropped 5.0 s on both sides of 3 artefacts.",
            },
            {
                "where": first,
                "code": "left-over",
                "text": "8.0 s of one person have no partner <b>there</b>.",
            },
            {
                "where": "study",
                "code": "same-therapist",
                "text": "4 therapists met more than one patient.",
            },
        ]
        (self.path / "notes.jsonl").write_text(
            "\n".join(json.dumps(x) for x in notes) + "\n", encoding="utf-8"
        )


def _pair(maker, name, step, method, stat, value, drawn, surrogate, lag, d):
    plan = maker.plan
    if not math.isfinite(value):
        drawn = np.full(len(drawn), np.nan)
    row = maker.tables["sessions"][-1]
    hi = (1 + np.sum((drawn >= value) | np.isnan(drawn))) / (len(drawn) + 1)
    lo = (1 + np.sum((drawn <= value) | np.isnan(drawn))) / (len(drawn) + 1)
    there = drawn[np.isfinite(drawn)]
    low, high = np.quantile(there, [0.025, 0.975]) if there.size else (math.nan, math.nan)
    mean = float(there.mean()) if there.size else math.nan
    resolved = abs(lag) > plan.clock_error_s
    leader = plan.roles[0] if lag > 0 else plan.roles[1]
    leader = "neither" if lag == 0 else leader if resolved else "not resolvable"
    return {
        "session": name,
        "dyad": maker.dyad_of[name],
        "session_type": row["type"],
        "span": "whole",
        "signal_a": "eda",
        "signal_b": "eda",
        "role_a": plan.roles[0],
        "role_b": plan.roles[1],
        "person_a": row["person_a"],
        "person_b": row["person_b"],
        "step": float(step),
        "method": method,
        "statistic": stat,
        "value": value,
        "fisher_z": value if stat.endswith("_z") else math.nan,
        "low": float(low),
        "high": float(high),
        "t_start_s": 0.0,
        "t_stop_s": plan.minutes * 60,
        "lag_s": lag,
        "leader": leader if math.isfinite(lag) else "",
        "clock_error_s": plan.clock_error_s,
        "coverage": 0.97 if math.isfinite(value) else 0.0,
        "surrogate": surrogate,
        "draws": float(len(drawn)),
        "null_mean": mean,
        "z_surrogate": float((value - mean) / there.std()) if there.size else math.nan,
        "p_one": float(hi),
        "p_two": float(min(1, 2 * min(hi, lo))),
        "capped": bool(d in plan.capped and stat == "ssi"),
        "note": "",
    }


def _link(finding, label, step, method, stat, surrogate, *, n, status, value, null, detail=None):
    ok = status == "ok"
    half = 0.6 / math.sqrt(max(n, 2))
    return {
        "finding": finding,
        "label": label,
        "step": float(step),
        "method": method,
        "statistic": stat,
        "surrogate": surrogate,
        "n_dyads": float(n),
        "n_sessions": float(n),
        "value": value,
        "low": value - half if ok else math.nan,
        "high": value + half if ok else math.nan,
        "null_mean": null,
        "null_low": null - half / 3,
        "null_high": null + half / 3,
        "z": (value - null) / (half / 6),
        "d": 0.9,
        "d_low": 0.4,
        "d_high": 1.4,
        "p_one": 0.001 if ok else math.nan,
        "p_two": 0.002 if ok else math.nan,
        "draws": 999.0,
        "status": status,
        "detail": json.dumps(detail or {}),
    }


def _span(session, label, start, stop, role=""):
    return {
        "session": session,
        "label": label,
        "start_s": start,
        "stop_s": stop,
        "person": "P" if role else "",
        "role": role,
        "coder": "c1" if role else "",
    }


def _responses(rng, time, per_minute):
    """Skin conductance responses at random times, drawn by one convolution."""
    onsets = rng.random(len(time)) < per_minute / 60 * (time[1] - time[0])
    train = onsets * rng.lognormal(-1.2, 0.8, len(time))
    t = time[:120]
    kernel = np.exp(-t / 2.0) - np.exp(-t / 0.7)
    return np.convolve(train, kernel / kernel.max())[: len(time)] + np.cumsum(
        rng.normal(0, 0.003, len(time))
    )


def _slopes(values, rate):
    """Mean gradient in 5-s windows, one a second."""
    window, step = int(5 * rate), int(rate)
    seen = np.lib.stride_tricks.sliding_window_view(np.gradient(values), window)[::step]
    return seen.mean(axis=1) * rate


def _rolling(x, y, lag):
    """Correlation in windows of 15 slopes, the second shifted by ``lag`` seconds."""
    n = len(x)
    moved = np.full(n, np.nan)
    if lag >= 0:
        moved[: n - lag] = y[lag:]
    else:
        moved[-lag:] = y[:lag]
    a, b = (np.lib.stride_tricks.sliding_window_view(v, 15) for v in (x, moved))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    below = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return (a * b).sum(axis=1) / np.where(below > 0, below, np.nan)


def _ssi(r):
    r = r[np.isfinite(r)]
    return float(np.log(r[r > 0].sum() / abs(r[r < 0].sum()))) if r.size else math.nan


def _table(path: Path, columns: dict[str, object]) -> None:
    pq.write_table(pa.table({k: pa.array(v) for k, v in columns.items()}), path)
