"""The page, the figure and the files of the table of calibration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calibration_cells import Cell

from syntony.pipeline.plan import STRANGERS
from syntony.simulate.worlds import WORLDS
from syntony.surrogates.registry import surrogates
from syntony.synchrony.registry import get
from syntony.trials.null_table import Count, limits

DOCS = Path(__file__).parents[1] / "docs" / "methods"
PACKAGE = Path(__file__).parents[1] / "src" / "syntony" / "pipeline" / "calibration.json"
WORDS = {
    "as claimed": "as claimed",
    "conservative": "conservative",
    "above": "above, fresh studies to come",
    "fails": "**fails**",
}
COLOURS = {
    "as claimed": "#30608f",
    "conservative": "#7a7a7a",
    "above": "#c85814",
    "fails": "#b00020",
}

READING = """\
# How often strangers pass

If two people have nothing to do with each other, a test at 5 in 100 should call them synchronous
in 5 of 100 studies: no more, and better not much less. Here that is counted. Studies were
simulated in which **nothing is coupled**, sent through the program as a real study would be, and
it was noted how often the program claimed synchrony all the same. All data on this page are
simulated.

A cell of the table is one *world* (what the two people have in common although they are not
coupled), one *method* and one *surrogate* (how chance is estimated). Its figure is the share of
studies with p ≤ .05 (one-sided, towards more synchrony, mean over dyads), with the 99 % binomial
interval.

* **as claimed**: no more pass than a true rate of 5 % gives by luck.
* **conservative**: fewer pass than that. Nobody is misled, but some real synchrony is missed.
* **fails**: more pass than the upper 99 % limit for 5 %, and so again in fresh studies. A finding
  of this method beside this surrogate, in data that look like this world, is not to be believed.

A run checks whether its own recordings look like the world of the shared slow shape, by comparing
the slow courses of people who never met. Where they do, it makes a note (`shared-shape`) that
names the surrogates of its recipe that fail there.
"""


def recommended(cells: list[Cell], world: str) -> list[str]:
    """Surrogates that fail in no method in this world; strangers first."""
    names = list(dict.fromkeys(c.surrogate for c in cells if c.world == world))
    bad = {c.surrogate for c in cells if c.world == world and c.mark in ("fails", "above")}
    return [n for n in sorted(names, key=lambda n: n != STRANGERS) if n not in bad]


def write_all(cells: list[Cell], leaders: Mapping[Any, Count], how: Mapping[str, Any]) -> None:
    """Write calibration.md, .json and .svg, and what a run quotes."""
    rows = [c.to_row() for c in cells]
    told = [
        {"world": w, "method": m, "named": c.passed, "studies": c.n}
        for (w, m), c in leaders.items()
    ]
    text = json.dumps(
        {"made_by": how["command"], "how": how, "cells": rows, "leaders": told}, indent=1
    )
    (DOCS / "calibration.json").write_text(text + "\n", encoding="utf-8")
    short = json.dumps({"made_by": "benchmarks/calibration.py", "cells": rows}, indent=1)
    PACKAGE.write_text(short + "\n", encoding="utf-8")
    draw(cells, DOCS / "calibration.svg")
    (DOCS / "calibration.md").write_text(page(cells, leaders, how), encoding="utf-8")


def page(cells: list[Cell], leaders: Mapping[Any, Count], how: Mapping[str, Any]) -> str:
    """The whole page."""
    worlds = list(dict.fromkeys(c.world for c in cells))
    parts = [
        READING,
        "![Share of null studies that pass, by world, method and surrogate](calibration.svg)\n",
        _advice(cells, worlds),
        "## The table\n",
        *(_world(cells, leaders, w) for w in worlds),
        _sessions(cells),
        _made(cells, how),
    ]
    return "\n".join(parts)


def _advice(cells: list[Cell], worlds: list[str]) -> str:
    lines = [
        "## Which surrogate for which world\n",
        "Recommended first: people who never met (pseudo-dyads). A surrogate drawn from the pair "
        "itself says something else (that the *timing* matters) and is named where it held for "
        "both methods. With one session there are no strangers; then the last column is all there "
        "is, and a course that both people share cannot be told from synchrony.\n",
        "| world | recommended | held as well | do not trust |",
        "| --- | --- | --- | --- |",
    ]
    for world in worlds:
        held = recommended(cells, world)
        first = _title(STRANGERS) if STRANGERS in held else "none"
        others = ", ".join(_title(n) for n in held if n != STRANGERS) or "none"
        doubted = [
            f"{_title(c.surrogate)} with {get(c.method).title.lower()}"
            for c in cells
            if c.world == world and c.mark in ("fails", "above")
        ]
        bad = "; ".join(doubted) or "nothing failed"
        lines.append(f"| {WORLDS[world].title} | {first} | {others} | {bad} |")
    return "\n".join(lines) + "\n"


def _title(surrogate: str) -> str:
    return surrogates()[surrogate].title.lower()


def _world(cells: list[Cell], leaders: Mapping[Any, Count], world: str) -> str:
    here = [c for c in cells if c.world == world]
    lines = [
        f"### {WORLDS[world].title} (`{world}`)\n",
        WORLDS[world].sentence + "\n",
        "| method | surrogate | pass at .05 (99 % interval) | studies | says | fresh studies |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for c in sorted(here, key=lambda c: c.method, reverse=True):
        fresh = _share(c.fresh) + f" of {c.fresh.n:,}" if c.fresh.n else ""
        lines.append(
            f"| {get(c.method).title} | {surrogates()[c.surrogate].title} | {_share(c.first)} "
            f"| {c.first.n:,} | {WORDS[c.mark]} | {fresh} |"
        )
    named = [
        f"{get(m).title.lower()}: {_share(count)} of {count.n:,}"
        for (w, m), count in leaders.items()
        if w == world
    ]
    lines.append(f"\nSomebody was named as leader, although nobody leads: {'; '.join(named)}.\n")
    return "\n".join(lines)


def _share(count: Count) -> str:
    low, high = (100 * v for v in count.interval())
    return f"{100 * count.rate:.1f} % ({low:.1f} to {high:.1f})"


def _sessions(cells: list[Cell]) -> str:
    lines = [
        "## Single sessions\n",
        "By-product: the share of *sessions* with p ≤ .05, each beside its own draws. Sessions of "
        "a study share people among their pseudo-dyads, so no interval is given. A session of 12 "
        "dyads has 22 pseudo-dyads, and p can only be a multiple of 1/23: one in 23, 4.3 %, is "
        "what 5 in 100 comes to.\n",
        "| world | method | surrogate | sessions that pass | sessions |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {WORLDS[c.world].title} | {get(c.method).title} | {surrogates()[c.surrogate].title} "
        f"| {100 * c.sessions.rate:.1f} % | {c.sessions.n:,} |"
        for c in cells
    ]
    return "\n".join(lines) + "\n"


def _made(cells: list[Cell], how: Mapping[str, Any]) -> str:
    sizes = sorted({c.first.n for c in cells}, reverse=True)
    several = ", ".join(
        f"{_title(s)} {min(c.first.n for c in cells if c.surrogate == s):,}"
        for s in dict.fromkeys(c.surrogate for c in cells)
    )
    absent = [n for n in (*how["costly"], "iaaft") if n not in {c.surrogate for c in cells}]
    left_out = ", ".join(f"`{name}`" for name in absent)
    slow = (
        " Slow surrogates had fewer, so their intervals are wider."
        if len(absent) < 1 + len(how["costly"])
        else ""
    )
    short = ""
    if sizes[0] < how["studies"]:
        short = f" **Not finished:** {how['studies']:,} are meant; the run goes on from here."
    low, high = limits(sizes[0])
    return f"""## How it was made

`{how["command"]}`, seed {how["seed"]}, on {how["machine"]}, {how["made_at"]}:
{how["first_hours"]:.2f} processor hours for the first studies, {how["fresh_hours"]:.2f} for fresh
ones.

* A study: {how["dyads"]} dyads x {how["minutes"]:g} minutes at 4 Hz. Devices start apart, run off
  and fail now and then; every dyad has a therapist of its own. Methods with their defaults, the
  first statistic of each (single session index; mean Fisher z over all windows and lags).
  {how["draws"]} draws of each surrogate and {how["draws"]} re-pairings of the study. One made
  study serves every method and surrogate, and one draw both methods, so the cells of a world are
  not independent of each other.
* Studies of a cell, at least: {several}.{slow}{short}
* Of {sizes[0]:,} studies at a true rate of 5 %, {low} to {high} pass in 99 of 100 cells. Of so many
  cells one or two lie outside by luck.
* A cell above the limit got fresh studies, up to {how["fresh"]:,}. It got fewer only where its
  rate was above 5 % beyond doubt before (lower end of the 99.99 % interval, looked at every 500
  studies), or where the time given to fresh studies was over. How many each got stands in the
  table.
* The numbers come straight from the kernels (`syntony.synchrony.many_draws`), which a test holds
  to the chain's own figures; the tests over dyads are the chain's own functions.
* Left out because of what a draw costs: {left_out}. What single pairs of strangers gave beside
  them stands on their own pages.
"""


def draw(cells: list[Cell], path: Path) -> None:
    """Rates with intervals, a panel for each world; the band is what 5 % gives."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "calibration"
    mpl.rcParams["font.size"] = 8
    from matplotlib import pyplot as plt

    worlds = list(dict.fromkeys(c.world for c in cells))
    order = list(
        dict.fromkeys((c.method, c.surrogate) for c in sorted(cells, key=lambda c: c.method))
    )
    columns = 3
    rows = -(-len(worlds) // columns)
    height = 0.19 * len(order) + 0.7
    made, axes = plt.subplots(
        rows, columns, figsize=(10.5, height * rows), sharex=True, sharey=True, squeeze=False
    )
    for place in axes.ravel()[len(worlds) :]:
        place.set_visible(False)
    for place, world in zip(axes.ravel(), worlds, strict=False):
        here = [c for c in cells if c.world == world]
        low, high = limits(max(c.first.n for c in here))
        most = max(c.first.n for c in here)
        place.axvspan(100 * low / most, 100 * high / most, color="#dde6ee", lw=0)
        place.axvline(5, color="#30608f", lw=0.7)
        for c in here:
            y = len(order) - 1 - order.index((c.method, c.surrogate))
            ends = [max(100 * v, 0.3) for v in c.first.interval()]
            place.plot(ends, [y, y], color=COLOURS[c.mark], lw=1.2)
            place.plot(max(100 * c.first.rate, 0.3), y, "o", color=COLOURS[c.mark], ms=3.5)
        place.set_title(WORLDS[world].title, fontsize=9, loc="left")
        place.set_xscale("log")
        place.set_xlim(0.3, 115)
        place.set_xticks([1, 2, 5, 10, 20, 50, 100], ["1", "2", "5", "10", "20", "50", "100"])
        place.minorticks_off()
        place.spines[["top", "right"]].set_visible(False)
    names = [f"{surrogates()[s].title.split(' (')[0]}, {_short(m)}" for m, s in reversed(order)]
    axes[0, 0].set_yticks(range(len(order)), names)
    made.supxlabel(
        "null studies that pass at .05, in % (99 % interval); band: what a true 5 % gives"
    )
    made.tight_layout()
    made.savefig(path, metadata={"Date": None})
    plt.close(made)


def _short(method: str) -> str:
    return {"marci": "slopes", "lagged_correlation": "levels"}.get(method, method)
