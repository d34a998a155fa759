"""The page of a power analysis, made from its plain values and only from them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.files import write_text
from syntony.report import power_words as words
from syntony.report.figures.power import PowerCurve, power_figure
from syntony.report.figures.svg import WIDE
from syntony.report.page import environment, typeset
from syntony.report.parts import exhibit

Plain = Mapping[str, Any]


def write_power_page(folder: Path, plain: Plain, *, version: str) -> Path:
    """Write ``report/index.html`` and one SVG a question beside it.

    Parameters
    ----------
    folder : Path
    plain : mapping
        ``Power.to_dict()``.
    version : str

    Returns
    -------
    Path
    """
    html = environment().get_template("power.html").render(power_context(plain, version))
    for question in _asked(plain):
        drawing = power_figure(curve_of(plain, question), width=WIDE)
        svg = drawing.markup(words.finding_sentence(plain, question))
        name = question.replace("/", "-")
        write_text(folder / "report" / f"{name}.svg", _alone(str(svg)))
    return write_text(folder / "report" / "index.html", typeset(html))


def _asked(plain: Plain) -> list[str]:
    """Questions that could be tested."""
    return [n["question"] for n in plain["needed"] if words.rows_of(plain, n["question"])]


def _alone(svg: str) -> str:
    """Make a figure that stands alone: with its namespace and the style sheet."""
    style = f"<style>{environment().globals['style']}</style>"
    head, rest = svg.split(">", 1)
    return f'{head} xmlns="http://www.w3.org/2000/svg">{style}{rest}\n'


def curve_of(plain: Plain, question: str) -> PowerCurve:
    """Values of the figure of one question."""
    rows = words.rows_of(plain, question)
    one = next(n for n in plain["needed"] if n["question"] == question)
    null = words.is_null(plain, question)

    def numbers(name: str) -> Any:
        return np.array([math.nan if r[name] is None else r[name] for r in rows], dtype=np.float64)

    return PowerCurve(
        dyads=[r["dyads"] for r in rows],
        power=numbers("power"),
        low=numbers("low"),
        high=numbers("high"),
        wanted=plain["settings"]["wanted"],
        alpha=plain["settings"]["alpha"],
        needed=(None, None, None) if null else (one["n"], one["low"], one["high"]),
    )


def power_context(plain: Plain, version: str) -> dict[str, Any]:
    """Values that the template uses."""
    settings = plain["settings"]
    shown = {k: v for k, v in settings.items() if k != "recipe"}
    if "dyads" in shown:
        shown["dyads"] = ", ".join(map(str, shown["dyads"])) or "searched"
    return {
        "version": version,
        "simulated": "Simulated data: the people behind these numbers do not exist."
        if plain["simulated"]
        else "",
        "method": words.method_words(plain) if plain["simulated"] else "",
        "world": words.world_sentence(plain) if plain["simulated"] else "",
        "sentence": plain["sentence"],
        "questions": [_question(plain, q) for q in _asked(plain)],
        "left_out": [
            words.finding_sentence(plain, n["question"])
            for n in plain["needed"]
            if n["question"] not in _asked(plain)
        ],
        "sessions": words.session_sentences(plain),
        "r_words": words.r_sentence(plain) if plain["simulated"] else "",
        "settings": [(name.replace("_", " "), value) for name, value in shown.items()],
        "recipe_json": json.dumps(settings.get("recipe", {}), indent=1, ensure_ascii=False),
    }


def _question(plain: Plain, question: str) -> dict[str, Any]:
    """One question: its name, its figure with a sentence, its table."""
    said = words.finding_sentence(plain, question)
    return {
        "name": words.question_name(question),
        "figure": exhibit(said, partial(_draw, curve_of(plain, question))),
        "rows": [
            {
                "dyads": row["dyads"],
                "power": words.power_range(row),
                "studies": row["studies"] or "",
                "wrong": words.of_100(round(row["wrong_sign"], 3)),
                "untested": words.of_100(round(row["not_testable"], 3)),
            }
            for row in words.rows_of(plain, question)
        ],
    }


def _draw(curve: PowerCurve, width: int) -> Any:
    """Draw the curve at a width."""
    return power_figure(curve, width=width)
