"""Figures of the study page, each made from tables and maps, with its sentence beside it."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.seeds import rng_for
from syntony.report import labels, phrases, wording, wording_study
from syntony.report.figures.chance import (
    NullRow,
    Profile,
    Row,
    null_figure,
    profile_figure,
    rows_figure,
)
from syntony.report.figures.spectrum import Spectrum, spectrum_figure
from syntony.report.figures.study import (
    DyadPoint,
    QualityCell,
    Scatter,
    quality_figure,
    scatter_figure,
    strip_figure,
)
from syntony.report.numbers import count, reached
from syntony.report.parts import Exhibit, exhibit
from syntony.report.run_folder import Map, RunFolder, Table
from syntony.report.session_page import of_surrogate

RowList = list[dict[str, Any]]
NAN = float("nan")


def rows_of(links: RowList, finding: str, lead: RowList) -> RowList:
    """Rows of one finding that rest on the leading index, strangers first."""
    step = lead[0]["step"] if lead else 0.0
    rows = [r for r in links if r["finding"] == finding and r["step"] == step]
    return sorted(rows, key=wording.order_of)


def lead_synchrony(links: RowList, lead: RowList) -> RowList:
    """Rows of the study-level mean of the leading statistic."""
    wanted = lead[0]["statistic"] if lead else ""
    return [r for r in rows_of(links, "synchrony", lead) if r["statistic"] == wanted]


def empathy_row(links: RowList) -> dict[str, Any] | None:
    """Find the plain link of index and score, not read against a surrogate."""
    rows = [r for r in links if r["finding"] == "empathy"]
    plain = [r for r in rows if r["surrogate"] in ("permutation", "")]
    return next(iter(plain or rows), None)


def synchrony_exhibits(
    folder: RunFolder, links: RowList, lead: RowList, name: str
) -> dict[str, Exhibit]:
    """Figures of finding 1: means beside chance, real beside strangers, dyads, lag profile."""
    shown: dict[str, Exhibit] = {}
    rows = [r for r in lead_synchrony(links, lead) if r["status"] == "ok"]
    if rows:
        shown["means"] = exhibit(
            wording_study.about_means(rows),
            lambda w: rows_figure(
                [_mean_row(r) for r in rows],
                label=wording_study.short_mean_of(name),
                width=w,
            ),
        )
    if not lead:
        return shown
    same = same_statistic(folder.tables["pairs"], lead[0])
    real = same.where(surrogate=lead[0]["surrogate"]).numbers("value")
    pseudo = folder.pseudo(lead[0]["step"], lead[0]["statistic"])
    pseudo = of_surrogate(pseudo, lead[0]["surrogate"])
    if len(pseudo) and lead[0]["surrogate"] in wording.NEVER_MET:
        draws = [
            NullRow(words=count(len(real), "real pair"), draws=real),
            NullRow(
                words=count(len(pseudo), "pair of strangers", "pairs of strangers"),
                draws=pseudo.numbers("value"),
            ),
        ]
        mean = float(np.nanmean(real)) if np.isfinite(real).any() else NAN
        shown["pairs"] = exhibit(
            wording_study.about_pairs(real.tolist(), pseudo.numbers("value").tolist()),
            lambda w: null_figure(draws, mean, label=name, width=w, words="mean of real pairs"),
        )
    if len(set(same.words("dyad"))) < 2:
        return shown
    points = _dyad_points(same.where(surrogate=lead[0]["surrogate"]))
    if points:
        shown["strip"] = exhibit(
            wording_study.about_strip(lead[0]["surrogate"], len(points)),
            lambda w: strip_figure(points, label=name, width=w),
        )
    shown |= _profile_exhibit(folder, links, lead, name)
    return shown | _spectrum_exhibit(folder, lead, name)


def _mean_row(row: Mapping[str, Any]) -> Row:
    many = reached(row["p_one"], row["draws"])
    words = "" if many is None else f"{many:,} of {row['draws']:,.0f} reach it"
    return Row(
        label=labels.surrogate(row["surrogate"]),
        words=words,
        **{k: row[k] for k in ("value", "low", "high", "null_mean", "null_low", "null_high")},
    )


def same_statistic(pairs: Table, lead: Mapping[str, Any]) -> Table:
    """Rows of all sessions on the leading statistic."""
    keys = ("step", "statistic", "span", "signal_a", "signal_b")
    return pairs.where(**{k: lead[k] for k in keys})


def _dyad_points(rows: Table) -> list[DyadPoint]:
    """Values and chance of every session, by dyad."""
    points = []
    for dyad in rows.different("dyad"):
        mine = rows.where(dyad=dyad)
        points.append(
            DyadPoint(
                dyad=str(dyad),
                values=mine.numbers("value"),
                lows=mine.numbers("low"),
                highs=mine.numbers("high"),
                null_means=mine.numbers("null_mean"),
            )
        )
    return points


def _profile_exhibit(
    folder: RunFolder, links: RowList, lead: RowList, name: str
) -> dict[str, Exhibit]:
    """Mean lag profile over dyads with its interval, one faint line a dyad behind it."""
    sessions = folder.tables["sessions"]
    found = [(d, m.lag_s, m.profile) for d, m in _couplings(folder, lead)]
    lags, means = _by_dyad(found)
    if not len(means):
        return {}
    seed = int(folder.recipe.get("seed", 0))
    low, high = mean_interval(means, seed)
    profile = Profile(
        lag_s=lags, values=mean_there(means), low=low, high=high, behind=list(means), own_band=True,
        clock_error_s=_largest(sessions.numbers("clock_error_s")),
    )  # fmt: skip
    truth = folder.origin.get("study", {}).get("truth") or {}
    roles = _roles(folder)
    planted = truth.get("delay_s")
    leader = next(iter(rows_of(links, "leader", lead)), None)
    return {
        "profile": exhibit(
            wording_study.about_mean_profile(leader, len(means)),
            lambda w: profile_figure(
                profile, roles, y_label=wording_study.short_mean_of(name), width=w,
                planted=float(planted) if isinstance(planted, int | float) else NAN,
            ))
    }  # fmt: skip


def _couplings(folder: RunFolder, lead: RowList) -> list[tuple[str, Map]]:
    """Dyad and coupling of every session, of the leading method."""
    sessions = folder.tables["sessions"]
    found = [
        (dyad, folder.curves(str(session), int(lead[0]["step"])))
        for session, dyad in zip(sessions.words("session"), sessions.words("dyad"), strict=True)
    ]
    return [(dyad, held) for dyad, held in found if held is not None]


def _by_dyad(curves: list[tuple[str, Array, Array]]) -> tuple[Array, Array]:
    """Mean curve of every dyad, of the curves laid out as the first: places, (n_dyads, n)."""
    whole = [(d, at, curve) for d, at, curve in curves if curve.size == at.size > 1]
    if not whole:
        return np.empty(0), np.empty((0, 0))
    places = whole[0][1]
    by_dyad: dict[str, list[Array]] = {}
    for dyad, at, curve in whole:
        if np.array_equal(at, places):
            by_dyad.setdefault(dyad, []).append(curve)
    return places, np.array([mean_there(np.array(v)) for v in by_dyad.values()])


def _spectrum_exhibit(folder: RunFolder, lead: RowList, name: str) -> dict[str, Exhibit]:
    """Mean spectrum over dyads with its interval, one faint line a dyad behind it."""
    hz, means = _by_dyad([(d, m.frequency_hz, m.spectrum) for d, m in _couplings(folder, lead)])
    if not len(means):
        return {}
    low, high = mean_interval(means, int(folder.recipe.get("seed", 0)))
    spectrum = Spectrum(
        hz=hz, values=mean_there(means), low=low, high=high, behind=list(means), own_band=True
    )
    label = wording_study.short_mean_of(name)
    return {
        "spectrum": exhibit(
            wording_study.about_mean_spectrum(len(means)),
            lambda w: spectrum_figure(spectrum, y_label=label, width=w),
        )
    }


def mean_there(values: Array) -> Array:
    """Mean of the finite values down the first axis; NaN where there are none."""
    there = np.isfinite(values)
    number = there.sum(axis=0)
    total = np.where(there, values, 0.0).sum(axis=0)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def mean_interval(values: Array, seed: int) -> tuple[Array, Array]:
    """Central 95 % of the mean over 1,000 resamples of the dyads; NaN for fewer than three."""
    if len(values) < 3:
        none = np.full(values.shape[1], np.nan)
        return none, none
    rows = rng_for(seed, "report", "profile").integers(len(values), size=(1000, len(values)))
    weights = np.zeros((1000, len(values)))
    np.add.at(weights, (np.arange(1000)[:, None], rows), 1.0)
    there = np.isfinite(values)
    total = weights @ np.where(there, values, 0.0)
    number = weights @ there.astype(np.float64)
    draws = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    empty = np.flatnonzero(~np.isfinite(draws).any(axis=0))
    draws[:, empty] = 0.0
    low, high = np.nanquantile(draws, [0.025, 0.975], axis=0)
    low[empty] = high[empty] = np.nan
    return low, high


def _largest(values: Array) -> float:
    there = values[np.isfinite(values)]
    return float(there.max()) if there.size else NAN


def _roles(folder: RunFolder) -> tuple[str, str]:
    """Find the two roles of the study, first and second."""
    first = folder.tables["sessions"].first()
    if first:
        return str(first["role_a"]), str(first["role_b"])
    roles = folder.origin.get("study", {}).get("roles") or ("first", "second")
    return str(roles[0]), str(roles[1])


def emotion_exhibits(links: RowList) -> dict[str, Exhibit]:
    """Figures of finding 2: the classes, and high against low moments."""
    shown = {}
    emotion = [r for r in links if r["finding"] == "emotion" and isfinite(r["value"])]
    if emotion:
        rows = [_finding_row(r, labels.emotion(r["label"])) for r in emotion]
        label = wording_study.on_scale(
            "synchrony in the class less that of the other coded seconds", emotion[0]
        )
        short = wording_study.on_scale("class less the rest", emotion[0])
        shown["classes"] = exhibit(
            wording_study.about_study_classes(),
            lambda w: rows_figure(
                rows,
                label=label if w > 500 else short,
                width=w,
                zero=True,
            ),
        )
    moments = [r for r in links if r["finding"] == "moments" and isfinite(r["value"])]
    if moments:
        lines = [_finding_row(r, labels.surrogate(r["surrogate"])) for r in moments]
        text = f"{moments[0]['label']} codes, high less low moments, share of coded seconds"
        shown["moments"] = exhibit(
            wording_study.about_selection(moments),
            lambda w: rows_figure(
                lines, label=text if w > 500 else "high less low moments, share", width=w, zero=True
            ),
        )
    return shown


def _finding_row(row: Mapping[str, Any], label: str) -> Row:
    """One line of a figure from a row of the findings."""
    many = reached(row["p_one"], row["draws"])
    reach = "" if many is None else f" · {many:,} of {row['draws']:,.0f} reach it"
    words = f"{phrases.signed(row['value'])}{reach}"
    names = ("value", "low", "high", "null_mean", "null_low", "null_high")
    return Row(label=label, words=words, **{k: row[k] for k in names})


def empathy_exhibit(folder: RunFolder, links: RowList, name: str) -> Exhibit | None:
    """Draw the scatter of index and score, with the dyads that weigh most named."""
    row = empathy_row(links)
    facts = wording.detail(row) if row else {}
    if not row or not all(facts.get(k) for k in ("dyads", "index", "score")):
        return None
    x, y = (np.asarray(facts[k], dtype=np.float64) for k in ("index", "score"))
    without = {k: v for k, v in (facts.get("without") or {}).items() if isinstance(v, int | float)}
    heavy = sorted(without, key=lambda d: -abs(without[d] - row["value"]))[:3]
    points = Scatter(names=[str(d) for d in facts["dyads"]], x=x, y=y, label=frozenset(heavy))
    seed = int(folder.recipe.get("seed", 0))
    words = wording_study.about_scatter(row, {d: without[d] for d in heavy})
    return exhibit(
        words,
        lambda w: scatter_figure(
            points, labels=(name, phrases.scale_name(row["label"])), seed=seed, width=w
        ),
    )


def quality_exhibit(held: Mapping[str, Table], study: Mapping[str, Any]) -> Exhibit | None:
    """Heat strip of what is missing in all sessions."""
    sessions = list(held["sessions"].rows())
    valid = held["quality"].where(cause="valid")
    if not sessions or not len(valid):
        return None
    share = {(r["session"], r["role"]): r["share"] for r in valid.rows()}
    roles = (str(sessions[0]["role_a"]), str(sessions[0]["role_b"]))
    cells = [
        QualityCell(session=str(s["session"]), who=k, lost=1 - share.get((s["session"], s[r]), NAN))
        for s in sessions
        for k, r in enumerate(("role_a", "role_b"))
    ]
    names = [str(s["session"]) for s in sessions]
    return exhibit(
        wording_study.about_all_quality([c.lost for c in cells]),
        lambda w: quality_figure(names, cells, roles, width=w),
    )
