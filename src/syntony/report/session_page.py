"""What the page of one session shows: every figure with its sentence, every table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count
from math import isfinite
from typing import Any

import numpy as np
from markupsafe import Markup

from syntony.report import labels, phrases, tables, wording
from syntony.report.card import session_line
from syntony.report.figures.chance import (
    NullRow,
    Profile,
    Row,
    null_figure,
    profile_figure,
    rows_figure,
)
from syntony.report.figures.spectrum import (
    Spectrum,
    band_map_figure,
    bands_of,
    spectrum_figure,
)
from syntony.report.figures.time import (
    Frame,
    colour_limit,
    course_figure,
    map_figure,
    shown_gaps,
    signals_figure,
)
from syntony.report.joined import epochs_table
from syntony.report.numbers import digits, fixed, minutes, p_value, reached
from syntony.report.parts import Exhibit, common_context, exhibit
from syntony.report.ratings import session_ratings
from syntony.report.run_folder import Map, RunFolder, Table, Tables
from syntony.report.stretches import ribbons, search_words, session_stretches
from syntony.report.wording_stretches import ribbon_words

RowList = list[dict[str, Any]]


def session_context(folder: RunFolder, session: str) -> dict[str, Any]:
    """Everything the template of a session page needs."""
    mine = Tables(folder.tables, lambda name: folder.tables[name].where(session=session))
    facts = mine["sessions"].first()
    roles = (str(facts["role_a"]), str(facts["role_b"]))
    pairs = mine["pairs"]
    first = first_rows(pairs)
    signals = folder.signals(session)
    frame = _frame(facts, roles, signals)
    notes = [n for n in folder.notes if n.where == session or n.where.startswith(f"{session}/")]
    signals_compared = signals_of(facts)
    return {
        **common_context(folder, strangers=has_strangers(folder.tables["pairs"])),
        "session": session,
        "number": partial(next, count(1)),
        "facts": _facts(facts),
        "roles": roles,
        "headline": wording.headline(
            first, roles, signals=signals_compared, index=index_name(first)
        ),
        "agreement": wording.do_nulls_agree(first),
        "calibration": session_line(folder),
        "leader": wording.lead(first[0]) if first and isfinite(first[0]["lag_s"]) else "",
        "peak": wording.about_peak(_same_step(pairs, first)),
        "key_rows": [_key_row(r) for r in first],
        "index_name": index_name(first),
        "exhibits": _exhibits(folder, session, frame, mine, signals),
        "ratings": session_ratings(folder, session, frame),
        "lacks": _lacking(folder, session, first),
        "others": _other_steps(folder, session, frame, mine),
        "quality_words": wording.about_quality(list(mine["quality"].rows())),
        "quality": tables.quality_table(list(mine["quality"].rows())),
        "moments": _moments(folder, mine["moments"]),
        "stretches": session_stretches(mine, folder.recipe, first[0]["step"] if first else 0.0),
        "codes": tables.html_table(
            mine["codes"].rows(), tables.CODES, none="No emotion codes in this session."
        ),
        "epochs": epochs_table(mine["epochs"]),
        "scores": tables.html_table(
            mine["scores"].rows(), tables.SCORES, none="No questionnaire scores in this session."
        ),
        "pairs": tables.html_table(
            pairs.rows(),
            tables.PAIRS,
            none="No result was computed for this session.",
            group=_group_of,
        ),
        "runs": tables.html_table(tables.run_rows(pairs.rows()), tables.RUNS),
        "clock": tables.html_table([facts], tables.CLOCKS),
        "notes": notes,
    }


def signals_of(facts: Mapping[str, Any]) -> tuple[str, str]:
    """Feature of the first and of the second person of a session."""
    return str(facts["signal_a"]), str(facts["signal_b"])


def _lane(facts: Mapping[str, Any], who: str, compared: tuple[str, str]) -> str:
    """Unit of one person's lane, and what it is where the two differ."""
    unit = str(facts[f"unit_{who}"])
    unit = labels.UNITS.get(unit, unit) or "no unit"
    name = "" if compared[0] == compared[1] else labels.signal(str(facts[f"signal_{who}"]))
    return ", ".join(part for part in (name, unit) if part)


def first_rows(pairs: Table) -> RowList:
    """Rows of the first statistic of the first step, strangers first: what a page leads with."""
    rows = list(pairs.rows())
    if not rows:
        return []
    lead = min(rows, key=lambda r: r["step"])
    same = [
        r
        for r in rows
        if all(r[k] == lead[k] for k in ("step", "statistic", "span", "signal_a", "signal_b"))
    ]
    return sorted(same, key=lambda r: (not r["draws"] >= 1, wording.order_of(r)))


def has_strangers(pairs: Table) -> bool:
    """Whether anybody was compared with people who never met."""
    return any(
        bool((pairs.where(surrogate=name).numbers("draws") >= 1).any())
        for name in wording.NEVER_MET
    )


def index_name(rows: Sequence[Mapping[str, Any]]) -> str:
    """Title of the index that a page leads with, as it stands inside a sentence."""
    if not rows:
        return "index"
    title = labels.statistic(rows[0]["method"], rows[0]["statistic"]).split(" (")[0]
    return phrases.lower(title)


def _group_of(row: Mapping[str, Any]) -> str:
    """Name the method, and the span where it is not the whole session."""
    span = str(row.get("span") or "")
    more = f" · {span}" if span not in ("", "whole") else ""
    return f"{labels.method(row['method'])}{more}"


def _frame(facts: Mapping[str, Any], roles: tuple[str, str], signals: Table) -> Frame:
    """Minutes that all figures of the session share: from 0 or before to the end."""
    time_s = signals.numbers("time_s")
    there = time_s[np.isfinite(time_s)]
    duration = facts.get("duration_s", float("nan"))
    ends = [0.0, *([float(there.min()), float(there.max())] if there.size else [])]
    if isfinite(duration):
        ends.append(float(duration))
    stop = max(ends)
    return Frame(
        roles=roles,
        people=(str(facts["person_a"]), str(facts["person_b"])),
        start_s=min(ends),
        stop_s=stop if stop > min(ends) else min(ends) + 60,
    )


def _facts(facts: Mapping[str, Any]) -> str:
    """Write one line under the title."""
    parts = [f"dyad {facts['dyad']}"] if facts.get("dyad") else []
    if facts.get("type"):
        parts.append(str(facts["type"]))
    if isfinite(facts.get("number", float("nan"))):
        parts.append(f"session {facts['number']:.0f}")
    parts.append(f"{minutes(facts['duration_s'])}, {minutes(facts['overlap_s'])} of both people")
    return " · ".join(parts)


def _value(row: Mapping[str, Any]) -> str:
    """Write the index with as many decimals as it has beside its chance."""
    return fixed(row["value"], digits(row["value"], row["low"], row["high"]))


def _key_row(row: Mapping[str, Any]) -> dict[str, str]:
    """One line of the small table under the headline."""
    many = reached(row["p_one"], row["draws"])
    n = digits(row["value"], row["low"], row["high"])
    return {
        "chance": labels.surrogate(row["surrogate"]) if row["surrogate"] else "none",
        "value": fixed(row["value"], n) + (" (capped)" if row["capped"] is True else ""),
        "range": f"{fixed(row['low'], n)} to {fixed(row['high'], n)}",
        "mean": fixed(row["null_mean"], n),
        "reach": "–" if many is None else f"{many:,} of {row['draws']:,.0f}",
        "p": p_value(row["p_one"]),
        "floor": "" if many != 0 else f"the floor, 1/{row['draws'] + 1:,.0f}",
    }


def _exhibits(
    folder: RunFolder, session: str, frame: Frame, mine: Mapping[str, Table], signals: Table
) -> dict[str, Exhibit]:
    """Figures of the first step, each with its sentence."""
    first = first_rows(mine["pairs"])
    step = int(first[0]["step"]) if first else 0
    coupling = folder.coupling(session, step)
    facts = mine["sessions"].first()
    compared = signals_of(facts)
    phases = mine["spans"].where(person="", coder="")
    shown: dict[str, Exhibit] = {}
    if signals.there and len(signals):
        words = wording.about_signals(shown_gaps(signals, frame.roles), compared)
        lanes = [_lane(facts, k, compared) for k in ("a", "b")]
        shown["signals"] = exhibit(
            words, lambda w: signals_figure(signals, frame, phases, lanes=lanes, width=w)
        )
    if coupling is not None:
        shown |= _coupling_exhibits(folder, coupling, frame, mine, first)
    rows = [r for r in mine["codes"].rows() if r["step"] == step]
    if rows:
        shown["classes"] = exhibit(wording.about_classes(rows), lambda w: _classes_figure(rows, w))
    return shown


def _coupling_exhibits(
    folder: RunFolder, coupling: Map, frame: Frame, mine: Mapping[str, Table], first: RowList
) -> dict[str, Exhibit]:
    """Figures drawn from one coupling file: course, profile, map, draws."""
    shown: dict[str, Exhibit] = {}
    step = first[0]["step"] if first else 0.0
    under = ribbons(mine["survivors"], step)
    marks = {
        "moments": mine["moments"].where(step=step),
        "codes": _codes_of(folder, mine["spans"]),
    }
    book = folder.recipe.get("emotion", {}).get("code_book", {})
    smooth_s = float(folder.recipe.get("moments", {}).get("smooth_s", 0.0))
    if coupling.time_s.size:
        words = wording.about_course(
            coupling.band_surrogate if np.isfinite(coupling.course_low).any() else "",
            moments=len(marks["moments"]),
            codes=bool(len(marks["codes"])),
            smooth_s=smooth_s,
            of=_piece(coupling),
        ) + ribbon_words([name for name, _ in under])
        shown["course"] = exhibit(
            words,
            lambda w: course_figure(
                coupling, frame, marks, code_book=book, smooth_s=smooth_s, width=w, under=under
            ),
        )
    shown |= lag_exhibits(coupling, frame, first, mine)
    shown |= frequency_exhibits(coupling, frame, first, _edges(folder, first), mine["searches"])
    return shown | _null_exhibit(folder, coupling, first)


def _null_exhibit(folder: RunFolder, coupling: Map, rows: RowList) -> dict[str, Exhibit]:
    """Draws of every surrogate beside the value of the session."""
    draws = _null_rows(folder, rows, coupling)
    if not draws or not isfinite(rows[0]["value"]):
        return {}
    words, value, name = wording.about_nulls(rows), rows[0]["value"], index_name(rows)
    return {
        "nulls": exhibit(
            words, lambda w: null_figure(draws, value, label=name, width=w, words="this session")
        )
    }


def _piece(coupling: Map) -> str:
    """Which piece of a map its course is."""
    lags = ", at lag 0" if coupling.has_lags else ""
    return lags + (", averaged over frequencies" if coupling.has_frequencies else "")


def _lacking(folder: RunFolder, session: str, first: RowList) -> dict[str, str]:
    """Say what the leading method cannot show, by the name of the section."""
    if not first:
        return {}
    coupling = folder.coupling(session, int(first[0]["step"]))
    if coupling is None:
        return {}
    title, said = labels.method(first[0]["method"]), {}
    if not coupling.time_s.size:
        said["course"] = wording.lacks_time(title)
    if not coupling.has_lags:
        said["profile"] = wording.lacks_lags(title, labels.delays(first[0]["method"]))
    return said


def _edges(folder: RunFolder, rows: RowList) -> list[float]:
    """Frequencies that the options of a step name."""
    step = int(rows[0]["step"]) if rows else 0
    steps = folder.recipe.get("synchrony") or []
    options = steps[step].get("options", {}) if step < len(steps) else {}
    return [
        float(v) for k, v in options.items() if k.endswith("_hz") and isinstance(v, int | float)
    ]


def frequency_exhibits(
    coupling: Map, frame: Frame, rows: RowList, edges: Sequence[float], searches: Table
) -> dict[str, Exhibit]:
    """Spectrum of one step, and its map over time, where it has frequencies."""
    if not coupling.has_frequencies:
        return {}
    shown: dict[str, Exhibit] = {}
    if coupling.values.ndim == 2 and coupling.time_s.size:
        signed = bool((coupling.values < 0).any())
        bands = bands_of(edges, coupling.frequency_hz)
        shown["bands"] = exhibit(
            wording.about_band_map(colour_limit(coupling.values), signed=signed),
            lambda w: band_map_figure(coupling, frame, bands=bands, width=w),
        )
    band = coupling.band_surrogate if np.isfinite(coupling.spectrum_low).any() else ""
    curve = Spectrum(
        hz=coupling.frequency_hz,
        values=coupling.spectrum,
        low=coupling.spectrum_low,
        high=coupling.spectrum_high,
    )
    step = rows[0]["step"] if rows else 0.0
    found = search_words(searches, step, "frequency", frame.roles)
    words = wording.about_spectrum(band, over_time=bool(coupling.time_s.size))
    shown["spectrum"] = exhibit(
        f"{words} {found}".strip(),
        lambda w: spectrum_figure(curve, y_label=index_name(rows), width=w),
    )
    return shown


def _same_step(pairs: Table, first: RowList) -> RowList:
    """Rows of every statistic of the step, span and signals that a page leads with."""
    keys = ("step", "span", "signal_a", "signal_b")
    return list(pairs.where(**{k: first[0][k] for k in keys}).rows()) if first else []


def lag_exhibits(
    coupling: Map, frame: Frame, rows: RowList, mine: Mapping[str, Table]
) -> dict[str, Exhibit]:
    """Lag profile and lag map of one step, where it has lags."""
    shown: dict[str, Exhibit] = {}
    if not coupling.has_lags:
        return shown
    row: Mapping[str, Any] = (
        rows[0] if rows else {"lag_s": float("nan"), "leader": "", "clock_error_s": float("nan")}
    )
    if coupling.profile.size == coupling.lag_s.size:
        profile = _profile(coupling, float(row["clock_error_s"]))
        has_band = bool(np.isfinite(profile.low).any())
        step = rows[0]["step"] if rows else 0.0
        searched = search_words(mine["searches"], step, "lag", frame.roles)
        peak = searched or wording.about_peak(_same_step(mine["pairs"], rows))
        words = wording.about_profile(row, has_band, peak)
        shown["profile"] = exhibit(
            words, lambda w: profile_figure(profile, frame.roles, y_label=index_name(rows), width=w)
        )
    if coupling.values.ndim == 2 and coupling.values.size:
        shown["map"] = exhibit(
            wording.about_map(
                colour_limit(coupling.values), signed=bool((coupling.values < 0).any())
            ),
            lambda w: map_figure(coupling, frame, width=w),
        )
    return shown


def _profile(coupling: Map, clock_error_s: float) -> Profile:
    """Take the lag profile of a session; a missing band is NaN."""
    none = np.full(coupling.lag_s.size, np.nan)
    low, high = (
        b if b.size == none.size else none for b in (coupling.profile_low, coupling.profile_high)
    )
    return Profile(
        lag_s=coupling.lag_s,
        values=coupling.profile,
        low=low,
        high=high,
        clock_error_s=clock_error_s,
    )


def _codes_of(folder: RunFolder, spans: Table) -> Table:
    """Spans that are codes of a person, of the coder whom the recipe reads."""
    codes = spans.where(np.asarray([bool(r) for r in spans.words("role")], dtype=bool))
    coders = sorted({c for c in codes.words("coder") if c})
    wanted = folder.recipe.get("emotion", {}).get("coder") or (coders[0] if coders else "")
    return codes.where(coder=wanted) if wanted else codes


def _null_rows(folder: RunFolder, first: RowList, coupling: Map) -> list[NullRow]:
    """Draws of every surrogate of the leading statistic: strangers, then within the session."""
    shown = []
    for row in first:
        if not row["surrogate"]:
            continue
        if row["surrogate"] in wording.PARTNERS:
            draws = folder.pairings(row["session"], row["step"], row["statistic"], row["surrogate"])
        else:
            draws = coupling.null.get(row["surrogate"], {}).get(row["statistic"], np.empty(0))
        many = reached(row["p_one"], row["draws"])
        said = wording.kind_of_chance(row)
        tail = "" if many is None else f": {many:,} reach it, p = {p_value(row['p_one'])}"
        floor = f" (floor 1/{row['draws'] + 1:,.0f})" if row["draws"] >= 1 else ""
        count_of = _SHORT_DRAWS.get(row["surrogate"], "draws within")
        short = f"{row['draws']:,.0f} {count_of}" + ("" if many is None else f": {many:,} reach it")
        shown.append(NullRow(words=f"{said}{tail}{floor}", draws=draws, short=short))
    return shown


_SHORT_DRAWS = {
    wording.STRANGERS: "strangers",
    wording.SAME_STIMULUS: "same stimulus",
    wording.OTHER_SESSIONS: "other sessions",
}


def of_surrogate(pseudo: Table, name: str) -> Table:
    """Pseudo-pairs of one surrogate; a run that does not say which holds strangers only."""
    if "surrogate" not in pseudo.columns:
        return pseudo if name == wording.STRANGERS else pseudo.where(surrogate=name)
    return pseudo.where(surrogate=name)


def _classes_figure(rows: RowList, width: int) -> Any:
    """Synchrony by emotion class beside rotated codes."""
    lines = [
        Row(
            label=labels.emotion(r["class"]),
            value=r["mean"],
            null_mean=r["null_mean"],
            null_low=r["low"],
            null_high=r["high"],
            words=_class_words(r),
        )
        for r in rows
        if r["class"] != "uncoded"
    ]
    return rows_figure(lines, label=_class_axis(rows), width=width)


def _class_axis(rows: RowList) -> str:
    """Name the axis of synchrony by class."""
    if rows[0].get("scale", "fisher_z") == "fisher_z":
        return "mean Fisher z of the course"
    return "mean of the course"


def _class_words(row: Mapping[str, Any]) -> str:
    many = reached(row["p_one"], row["draws"])
    reach = "" if many is None else f" · {many:,} of {row['draws']:,.0f} reach it"
    return f"{fixed(row['mean'])} in {minutes(row['seconds'])}{reach}"


def _moments(folder: RunFolder, moments: Table) -> Markup:
    """Table of the chosen moments, or why there are none."""
    least = folder.recipe.get("moments", {}).get("min_session_s")
    short = f" Sessions under {minutes(least)} are too short for them." if least else ""
    return tables.html_table(
        moments.rows(), tables.MOMENTS, none=f"No moments were chosen in this session.{short}"
    )


def _other_steps(
    folder: RunFolder, session: str, frame: Frame, mine: Mapping[str, Table]
) -> list[dict[str, Any]]:
    """What the methods after the first gave: their sentence, table and figures."""
    pairs = mine["pairs"]
    steps = sorted({float(s) for s in pairs.different("step")})[1:]
    shown = []
    for step in steps:
        coupling = folder.coupling(session, int(step))
        rows = first_rows(pairs.where(step=step))
        if coupling is None or not rows:
            continue
        shown.append(
            {
                "title": labels.method(rows[0]["method"]),
                "explain": labels.explained(rows[0]["method"], rows[0]["statistic"]),
                "value": f"{phrases.upper(index_name(rows))} {_value(rows[0])}",
                "index_name": index_name(rows),
                "key_rows": [_key_row(r) for r in rows],
                "exhibits": list(_other_exhibits(folder, coupling, frame, rows, mine).values()),
            }
        )
    return shown


def _other_exhibits(
    folder: RunFolder, coupling: Map, frame: Frame, rows: RowList, mine: Mapping[str, Table]
) -> dict[str, Exhibit]:
    """Course, lags and frequencies of a method after the first; draws where it has none of them."""
    shown: dict[str, Exhibit] = {}
    if coupling.time_s.size:
        band = coupling.band_surrogate if np.isfinite(coupling.course_low).any() else ""
        marks = {"moments": Table(), "codes": Table()}
        under = ribbons(mine["survivors"], rows[0]["step"])
        shown["course"] = exhibit(
            wording.about_course(band, of=_piece(coupling))
            + ribbon_words([name for name, _ in under]),
            lambda w: course_figure(
                coupling, frame, marks, code_book={}, smooth_s=0.0, width=w, under=under
            ),
        )
    shown |= lag_exhibits(coupling, frame, rows, mine)
    shown |= frequency_exhibits(coupling, frame, rows, _edges(folder, rows), mine["searches"])
    return shown or _null_exhibit(folder, coupling, rows)
