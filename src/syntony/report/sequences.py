"""Who answers whom, on the study page: sentences, a figure over lags, the table."""

from __future__ import annotations

from math import isfinite
from typing import Any

from syntony.report import phrases, tables
from syntony.report.figures.chance import Row, rows_figure
from syntony.report.numbers import fixed, interval, p_value, p_with_floor
from syntony.report.parts import Exhibit, exhibit
from syntony.report.run_folder import RunFolder

RowList = list[dict[str, Any]]
CHANCE = {
    "pseudo_dyads": "strangers at the same minute",
    "one_turned": "one track turned round",
    "sign_flip": "signs flipped",
}
STATISTIC = {
    "given_own": "own state before alike",
    "raw": "as counted",
    "asymmetry": "this way less the other",
}


def sequence_sections(folder: RunFolder) -> list[dict[str, Any]]:
    """One section for each pair of codes that the recipe asked about."""
    rows = [r for r in folder.tables["sequences"].rows() if not r["session"]]
    made = []
    for before, after in dict.fromkeys(
        (r["before"], r["after"]) for r in rows if r["statistic"] == "asymmetry"
    ):
        mine = [r for r in rows if {r["before"], r["after"]} == {before, after}]
        made.append(
            {
                "title": f"{before} and {after}",
                "words": words_on(mine),
                "figure": _figure(mine),
                "table": tables.html_table(mine, COLUMNS, group=_way),
            }
        )
    return made


def words_on(rows: RowList) -> list[str]:
    """Say both ways at lag 1, their difference, and what neither chance can tell."""
    first = [r for r in rows if r["lag"] == 1 and r["scale"] == "difference"]
    given = [r for r in first if r["statistic"] == "given_own"]
    said = [_of_way([r for r in given if r["after"] == a]) for a in dict.fromkeys(
        r["after"] for r in given)]  # fmt: skip
    said += [
        f"{r['after']} follows {r['before']} by {phrases.signed(r['value'])} "
        f"{interval(r['low'], r['high'])} more than the other way round ({_p(r)})."
        for r in first
        if r["statistic"] == "asymmetry" and isfinite(r["value"])
    ]
    said.append(
        "A positive number says that the code is likelier after the other's code than after its "
        "absence, among intervals in which the person's own code was alike. Strangers keep what "
        "all dyads do in the course of a session, such as more of a code at the start; a turned "
        "track does not, and takes a shared course for an answer, so read the strangers first. "
        "That one code follows another does not say that it was caused by it."
    )
    return said


def _of_way(rows: RowList) -> str:
    """One direction beside both kinds of chance."""
    row = rows[0]
    head = f"{row['after']}, {fixed(row['lag_s'], 0)} s after {row['before']}: "
    if not isfinite(row["value"]):
        return f"{head}{row['status']}."
    said = f"{phrases.signed(row['value'])} {interval(row['low'], row['high'])}"
    beside = [
        f"{CHANCE[r['surrogate']]} {phrases.signed(r['null_mean'])} "
        f"{interval(r['null_low'], r['null_high'])}, {_p(r)}"
        if r["status"] == "ok"
        else f"{CHANCE[r['surrogate']]}: {r['status']}"
        for r in rows
    ]
    return f"{head}{said} over {row['n_dyads']:.0f} dyads; {'; '.join(beside)}."


def _p(row: dict[str, Any]) -> str:
    if not isfinite(row["p_two"]):
        return str(row["status"])
    return f"p = {p_with_floor(row['p_two'], row['draws'])}"


def _figure(rows: RowList) -> Exhibit:
    """Both ways at every lag, the value over the band of strangers."""
    shown = [
        r
        for r in rows
        if (r["statistic"], r["scale"], r["surrogate"])
        == ("given_own", "difference", "pseudo_dyads")
    ]
    lines = [
        Row(
            label=f"{r['after']} after {r['before']}",
            words=f"{fixed(r['lag_s'], 0)} s later",
            **{k: r[k] for k in ("value", "low", "high", "null_mean", "null_low", "null_high")},
        )
        for r in shown
    ]
    words = (
        "How much likelier a code is after the other person's code than after its absence, own "
        "state before alike: mean over dyads with its 95 % interval; the bar is the 95 % of "
        "strangers at the same minute."
    )
    label = "difference of probabilities"
    return exhibit(words, lambda w: rows_figure(lines, label=label, width=w, zero=True))


def _way(row: tables.Row) -> str:
    return f"{row['after']} after {row['before']}"


COLUMNS = (
    tables.Column("later, s", tables.number("lag_s", 0)),
    tables.Column("compared", lambda r: STATISTIC.get(r["statistic"], r["statistic"]), False),
    tables.Column("scale", lambda r: str(r["scale"]).replace("_", " "), False),
    tables.Column("chance", lambda r: CHANCE.get(r["surrogate"], r["surrogate"]), False),
    tables.Column("dyads", tables.number("n_dyads", 0)),
    tables.Column("value", tables.number("value")),
    tables.Column("95 % over dyads", lambda r: interval(r["low"], r["high"])),
    tables.Column("chance, mean", tables.number("null_mean")),
    tables.Column("chance, 95 %", lambda r: interval(r["null_low"], r["null_high"])),
    tables.Column("p two-sided", lambda r: p_value(r["p_two"])),
    tables.Column("q among explored", lambda r: p_value(r["q_exploratory"])),
    tables.Column("status", tables.text("status"), False),
)
