"""The calibration card on the page and in the shell: how often strangers pass, what is found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import numpy as np
from markupsafe import Markup

from syntony.report import labels, tables
from syntony.report.figures.calibration import PowerLine, Rate, power_figure, rates_figure
from syntony.report.numbers import MISSING, compact, count, fixed, percent
from syntony.report.parts import Exhibit, exhibit
from syntony.report.phrases import lower, upper
from syntony.report.run_folder import RunFolder
from syntony.report.wording import (
    STRANGERS,
)

RowLike = Mapping[str, Any]
MOST_LINES = 4
ENOUGH = 0.8
WIDTH = 96


def card_context(folder: RunFolder) -> dict[str, Any]:
    """What the study page shows of the card, or how to get one."""
    card = folder.card
    if not card:
        return {
            "words": not_calibrated(),
            "command": command_for(folder),
            "exhibits": [],
            "tables": [],
        }
    return {
        "words": " ".join([passed_in_words(card), too_often_in_words(card)]),
        "more": [found_in_words(card), caveat(card)],
        "command": "",
        "exhibits": [e for e in (_rates_exhibit(card), _power_exhibit(card)) if e is not None],
        "tables": [
            ("How often strangers pass", _rates_table(card)),
            ("What is found of a planted coupling", _power_table(card)),
            ("Delays at which a share of 0.3 is found", _delays_table(card)),
            ("The twins beside the recordings", _fit_table(card)),
        ],
        "settings": settings_in_words(card),
    }


def not_calibrated() -> str:
    """What a page says that has no card."""
    return (
        "Not calibrated: how often people who never met would pass with exactly these settings "
        "was not measured."
    )


def command_for(folder: RunFolder) -> str:
    """The line to type for a card; empty where a run has one session.

    It names no folder: a page says the same wherever its run was moved.
    """
    study = folder.origin.get("study", {})
    return "" if study.get("sessions", 0) < 2 else "syntony calibrate --like RUN"


def session_line(folder: RunFolder) -> str:
    """One sentence for the page of a session."""
    card = folder.card
    if not card:
        return not_calibrated()
    rows = [r for r in card["rates"] if r["level"] == "session" and not r["leader"] and r["tested"]]
    first = [r for r in rows if r["step"] == rows[0]["step"]] if rows else []
    said = [
        f"{percent(r['rate'])} beside {lower(labels.short_surrogate(r['surrogate']))} "
        f"({r['verdict']})"
        for r in first
    ]
    if not said:
        return "Calibrated over the study; a single session cannot reach 5 in 100 here."
    return (
        f"Calibrated: of {count(first[0]['tested'], 'session')} of simulated strangers with these "
        f"settings, at 5 in 100, {' and '.join(said)} passed."
    )


def card_in_words(card: RowLike) -> list[str]:
    """The card for the shell: sentences, one line a claim, the delays, what it does not say."""
    said = [passed_in_words(card), too_often_in_words(card), found_in_words(card)]
    lines = [fill(text, WIDTH) for text in said if text]
    lines += ["", *rate_lines(card)]
    if card["detectable"]:
        lines += ["", "delays at which a share of 0.3 is found 8 times in 10 or more"]
        lines += [f"{_delays(r):>16}  {title_of(r)}" for r in card["detectable"]]
    lines += ["", fill(caveat(card), WIDTH)]
    return [line.replace("\N{NARROW NO-BREAK SPACE}", " ") for line in lines]


def rate_lines(card: RowLike) -> list[str]:
    """Rates of false positives in columns of plain text; those not testable last, by name."""
    head = f"{'passed':>7}  {'95 % interval':>15}  {'tested':>7}  {'verdict':<15} claim"
    told = [
        f"{_share(row['rate']):>7}  {_span(row):>15}  {row['tested']:>7,}  "
        f"{row['verdict']:<15} {title_of(row)}"
        for row in card["rates"]
        if row["tested"]
    ]
    untested = [title_of(r) for r in card["rates"] if not r["tested"]]
    return [head, *told, *(f"{'':>33}  {'not testable':<15} {title}" for title in untested)]


def title_of(row: RowLike) -> str:
    """Name a claim: level, method, index or leader, and beside what.

    Examples
    --------
    >>> row = {"level": "study", "method": "marci", "statistic": "ssi", "leader": False,
    ...     "surrogate": "pseudo_dyads"}
    >>> title_of(row)
    'study: concordance of slopes, beside pseudo-dyads'
    """
    what = _method(row["method"])
    if row.get("leader"):
        what += ", who leads"
    name = row["surrogate"]
    beside = f", beside {lower(labels.short_surrogate(name))}" if name else ""
    return f"{row['level']}: {what}{beside}"


def _method(name: str) -> str:
    """Title of a method inside a sentence, without what stands in brackets."""
    return lower(labels.method(name).split(" (")[0])


def lead_row(card: RowLike) -> RowLike | None:
    """The claim that the page leads with: over the study, first method, strangers."""
    rows = [r for r in card["rates"] if r["tested"] and not r["leader"]]
    order = {id(r): (r["level"] != "study", r["step"], r["surrogate"] != STRANGERS) for r in rows}
    return min(rows, key=lambda r: order[id(r)], default=None)


def passed_in_words(card: RowLike) -> str:
    """How often nothing was taken for synchrony, of the leading claim."""
    row = lead_row(card)
    if row is None:
        return "No claim of this recipe can reach 5 in 100 in a study of this size."
    what = f"{_method(row['method'])} beside {lower(labels.surrogate(row['surrogate']))}"
    unit = "study" if row["level"] == "study" else "session"
    many = "studies" if unit == "study" else "sessions"
    return (
        f"In {count(card['studies'], 'simulated study', 'simulated studies')} like this one "
        f"({_size(card)}) in which nobody is coupled, {what} called "
        f"{row['claimed']:,} of {count(row['tested'], unit, many)} more than chance at 5 in 100: "
        f"{percent(row['rate'])} (95 % interval {_span(row)}), {_verdict(row['verdict'])}."
    )


def _verdict(verdict: str) -> str:
    """A verdict inside a sentence."""
    return {
        "as claimed": "as claimed",
        "too often": "which is too often",
        "conservative": "fewer than claimed, which is conservative",
    }.get(verdict, "too few studies to tell")


def too_often_in_words(card: RowLike) -> str:
    """Which claims pass too often, by the 99 % binomial limits; or that none does."""
    bad = [r for r in card["rates"] if r["verdict"] == "too often"]
    told = sum(1 for r in card["rates"] if r["verdict"] in ("as claimed", "conservative"))
    if bad:
        listed = "; ".join(f"{title_of(r)} ({percent(r['rate'])})" for r in bad)
        return f"Too often: {listed}. Do not read these beside this chance alone."
    return f"None of the claims is made too often ({told} looked at)." if told else ""


def found_in_words(card: RowLike) -> str:
    """What is found of the planted coupling, of the leading claim."""
    row = lead_row(card)
    delay_s = card["settings"]["delay_s"]
    same = [
        r
        for r in card["power"]
        if row is not None
        and r["tested"]
        and all(r[k] == row[k] for k in ("step", "surrogate"))
        and (r["share"], r["delay_s"]) == (0.3, delay_s)
    ]
    if not same:
        return ""
    said = " and ".join(
        f"{percent(r['rate'], 0)} of {'studies' if r['level'] == 'study' else 'sessions'} "
        f"({_span(r)})"
        for r in sorted(same, key=lambda r: r["level"] != "study")
    )
    share = (
        "30 % of the responses are shared"
        if card["model"] == "responses"
        else "30 % of the variance is shared"
    )
    return f"Where {share} with a delay of {compact(delay_s)} s it is found in {said}."


def caveat(card: RowLike) -> str:
    """What the card does not say."""
    made = (
        "response trains on a drifting level"
        if card["model"] == "responses"
        else "noise with each person's spectrum and distribution"
    )
    return (
        f"The twins are a model ({made}, fitted to these recordings): what the model lacks, such "
        "as talk or movement that two people share, the card cannot warn of."
    )


def settings_in_words(card: RowLike) -> str:
    """How the twins were made and tested."""
    draws = ", ".join(
        f"{n} draws of {lower(labels.short_surrogate(s))}"
        for s, n in card["settings"]["draws"].items()
    )
    parts = [
        f"{card['studies']} twin studies without coupling and {card['coupled_studies']} for each "
        f"planted coupling, {_size(card)}",
        draws,
        f"{card['settings']['derangements']} re-pairings",
        "emotion and empathy left out",
        card["settings"]["made_as"],
        f"seed {card['seed']}, Syntony {card['syntony']}, {card['made_at'][:10]}",
    ]
    return f"{'; '.join(p for p in parts if p)}."


def _size(card: RowLike) -> str:
    """How large a twin study is, and of how many dyads where it is a part."""
    dyads, of = card["dyads"], card["dyads_in_study"]
    many = count(dyads, "dyad") if dyads == of else f"{dyads} of its {count(of, 'dyad')}"
    return f"{many}, {compact(card['minutes'])} min"


def _share(value: float | None) -> str:
    return MISSING if value is None else percent(value)


def _span(row: RowLike) -> str:
    """Interval of a share, in per cent."""
    if row["low"] is None:
        return MISSING
    return f"{fixed(100 * row['low'], 1)} to {percent(row['high'])}"


def _delays(row: RowLike) -> str:
    """Delays at which eight in ten are found."""
    return (", ".join(compact(v) for v in row["found_s"]) + " s") if row["found_s"] else "none"


def _rates_exhibit(card: RowLike) -> Exhibit | None:
    """Figure of the rates over the study, and of sessions where no study was testable."""
    rows = [r for r in card["rates"] if r["tested"]]
    over = [r for r in rows if r["level"] == "study"] or rows
    rates = [
        Rate(
            label=title_of(r).split(": ", 1)[1],
            value=r["rate"],
            low=r["low"],
            high=r["high"],
            words=f"{_share(r['rate'])} · {r['verdict']}",
        )
        for r in over[:12]
    ]
    if not rates:
        return None
    unit = "studies" if over[0]["level"] == "study" else "sessions"
    words = (
        f"Share of simulated {unit} without coupling that would be called synchronous, or given a "
        "leader, at 5 in 100. Line: 95 % interval of the share (Wilson); dashed: what is claimed. "
        "A share right of the dashed line by more than chance is “too often”, left of it "
        "“conservative”: the test is careful and finds less."
    )
    return exhibit(words, lambda w: rates_figure(rates, claimed=card["alpha"], width=w))


def _power_exhibit(card: RowLike) -> Exhibit | None:
    """Figure of what is found over share and over delay, in single sessions and over the study."""
    row = lead_row(card)
    lines = [r for r in card["power"] if r["tested"] and row is not None]
    keys = list(dict.fromkeys((r["step"], r["surrogate"], r["level"]) for r in lines))
    wanted = [k for k in keys if row is not None and k[1] == row["surrogate"]][:MOST_LINES]
    if not wanted:
        return None
    delay_s = card["settings"]["delay_s"]
    panels = [
        (
            f"planted share, at {compact(delay_s)} s",
            _lines(lines, wanted, "share", ("delay_s", delay_s)),
        ),
        ("planted delay, s, at a share of 0.3", _lines(lines, wanted, "delay_s", ("share", 0.3))),
    ]
    words = (
        "Share of simulated sessions, and of whole simulated studies, in which a planted coupling "
        f"is found at 5 in 100, beside {lower(labels.surrogate(wanted[0][1]))}. Bars: 95 % "
        "intervals; dashed: eight in ten. Where a line lies on the floor a larger study does not "
        "help: it takes a method that looks at that delay."
    )
    return exhibit(words, lambda w: power_figure(panels, enough=ENOUGH, width=w))


def _lines(
    rows: Sequence[RowLike],
    wanted: Sequence[tuple[Any, ...]],
    over: str,
    at: tuple[str, float],
) -> list[PowerLine]:
    """One line per method and level, along one axis."""
    made = []
    for key in wanted:
        mine = [
            r for r in rows if (r["step"], r["surrogate"], r["level"]) == key and r[at[0]] == at[1]
        ]
        made.append(
            PowerLine(
                label=f"{upper(_method(mine[0]['method']))}, {_level(key[2])}" if mine else "",
                at=np.array([r[over] for r in mine]),
                found=np.array([_number(r["rate"]) for r in mine]),
                low=np.array([_number(r["low"]) for r in mine]),
                high=np.array([_number(r["high"]) for r in mine]),
            )
        )
    return made


def _level(level: str) -> str:
    return "whole study" if level == "study" else "single session"


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _rates_table(card: RowLike) -> Markup:
    columns = (
        tables.Column("level", lambda r: r["level"], False),
        tables.Column("claim", lambda r: title_of(r).split(": ", 1)[1], False),
        tables.Column("passed", lambda r: _share(r["rate"])),
        tables.Column("95 %", _span),
        tables.Column("tested", lambda r: f"{r['tested']:,}"),
        tables.Column("worth, tests", lambda r: compact(r["number_effective"])),
        tables.Column("verdict", lambda r: r["verdict"], False),
    )
    return tables.html_table(card["rates"], columns, none="Nothing could be tested.")


def _power_table(card: RowLike) -> Markup:
    columns = (
        tables.Column("level", lambda r: r["level"], False),
        tables.Column("claim", lambda r: title_of(r).split(": ", 1)[1], False),
        tables.Column("share", lambda r: fixed(r["share"], 1)),
        tables.Column("delay, s", lambda r: compact(r["delay_s"])),
        tables.Column("found", lambda r: _share(r["rate"])),
        tables.Column("95 %", _span),
        tables.Column("tested", lambda r: f"{r['tested']:,}"),
    )
    rows = sorted(
        (r for r in card["power"] if r["tested"]),
        key=lambda r: (r["level"], r["step"], r["surrogate"], r["share"], r["delay_s"]),
    )
    return tables.html_table(rows, columns, none="No coupling was planted.")


def _delays_table(card: RowLike) -> Markup:
    columns = (
        tables.Column("level", lambda r: r["level"], False),
        tables.Column("claim", lambda r: title_of(r).split(": ", 1)[1], False),
        tables.Column(
            "found at, s", lambda r: ", ".join(compact(v) for v in r["found_s"]) or "none", False
        ),
        tables.Column("tried, s", lambda r: ", ".join(compact(v) for v in r["tried_s"]), False),
    )
    return tables.html_table(card["detectable"], columns, none="No coupling was planted.")


def _fit_table(card: RowLike) -> Markup:
    def side(name: str) -> tables.Cell:
        def cell(row: tables.Row) -> str:
            if row[name] is None:
                return MISSING
            low, high = compact(row[f"{name}_low"]), compact(row[f"{name}_high"])
            return f"{compact(row[name])} ({low} to {high})"

        return cell

    columns = (
        tables.Column("quantity, median (quartiles)", lambda r: r["quantity"], False),
        tables.Column("unit", lambda r: r["unit"], False),
        tables.Column("recordings", side("data")),
        tables.Column("twins", side("twins")),
    )
    return tables.html_table(card["fit"], columns)
