"""The card on the page: figures at both widths, tables, sentences; and a page without a card."""

import json
import re

import numpy as np
import pytest

from syntony.report.card import (
    card_context,
    card_in_words,
    passed_in_words,
    session_line,
    too_often_in_words,
)
from syntony.report.figures.calibration import PowerLine, Rate, power_figure, rates_figure
from syntony.report.page import write_report
from syntony.report.run_folder import RunFolder


def rate(level, surrogate, k, n, said, *, leader=False, step=0, method="marci"):
    return {
        "level": level,
        "step": step,
        "method": method,
        "statistic": "ssi",
        "surrogate": surrogate,
        "leader": leader,
        "rate": k / n if n else None,
        "low": max(0.0, k / n - 0.02) if n else None,
        "high": k / n + 0.03 if n else None,
        "claimed": k,
        "tested": n,
        "verdict": said,
        "number_effective": float(n),
    }


def made_card(**changes):
    """A card with one surrogate that is careless."""
    power = [
        {k: v for k, v in rate(level, "pseudo_dyads", k, 20, "").items() if k != "verdict"}
        | {"share": share, "delay_s": delay}
        for level, k in (("study", 19), ("session", 11))
        for share, delay in ((0.1, 2.0), (0.3, 0.0), (0.3, 2.0), (0.3, 5.0), (0.5, 2.0))
    ]
    card = {
        "syntony": "0.1.0",
        "made_at": "2026-01-02T03:04:05+00:00",
        "alpha": 0.05,
        "seed": 1,
        "studies": 200,
        "coupled_studies": 20,
        "dyads": 20,
        "dyads_in_study": 60,
        "minutes": 50.0,
        "model": "responses",
        "settings": {
            "draws": {"shift_thirds": 39},
            "derangements": 199,
            "delay_s": 2.0,
            "made_as": "features on the grid",
        },
        "rates": [
            rate("session", "pseudo_dyads", 210, 4000, "as claimed"),
            rate("session", "shift_thirds", 480, 4000, "too often"),
            rate("study", "pseudo_dyads", 9, 200, "as claimed"),
            rate("study", "shift_thirds", 0, 0, "not testable"),
            rate("study", "", 1, 200, "conservative", leader=True),
        ],
        "power": power,
        "detectable": [
            {
                "level": "study",
                "step": 0,
                "method": "marci",
                "statistic": "ssi",
                "surrogate": "pseudo_dyads",
                "share": 0.3,
                "tried_s": [0.0, 2.0, 5.0],
                "found_s": [0.0, 2.0],
            }
        ],
        "fit": [
            {
                "quantity": "responses",
                "unit": "per min",
                "data": 4.5,
                "data_low": 4.0,
                "data_high": 5.0,
                "twins": None,
                "twins_low": None,
                "twins_high": None,
            }
        ],
    }
    return card | changes


@pytest.fixture
def carded(fresh):
    """A run with a card."""

    def make(card):
        path = fresh("bare")
        (path / "card.json").write_text(json.dumps(card), "utf-8")
        return path

    return make


def plain(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("\u202f", " ")


def test_sentences_tell_rate_interval_size_and_verdict():
    said = plain(passed_in_words(made_card()))
    assert "200 simulated studies like this one (20 of its 60 dyads, 50 min)" in said
    assert "9 of 200 studies" in said
    assert "4.5 % (95 % interval 2.5 to 7.5 %), as claimed" in said
    bad = plain(too_often_in_words(made_card()))
    assert bad.startswith("Too often: session: concordance of slopes, beside shift within")
    assert "(12.0 %)" in bad


def test_a_card_that_could_test_nothing_says_so():
    none = made_card(rates=[rate("study", "pseudo_dyads", 0, 0, "not testable")], power=[])
    assert passed_in_words(none).startswith("No claim")
    assert too_often_in_words(none) == ""
    assert any("not testable" in line for line in card_in_words(none))


def test_the_pages_carry_figures_tables_and_what_the_card_does_not_say(carded):
    path = carded(made_card())
    index = write_report(path).read_text("utf-8")
    part = index[index.index('<section id="calibration">') : index.index('<section id="links">')]
    assert part.count("<svg") == 4
    assert "NaN" not in part
    words = plain(part)
    for text in ("5 % is claimed", "12.0 % ", "95 % of studies", "0, 2", "are a model", "seed 1"):
        assert text in words
    pages = [p.read_text("utf-8") for p in (path / "report").glob("*.html") if p.stem != "index"]
    assert pages
    assert all("of 4,000 sessions of simulated strangers" in plain(p) for p in pages)


def test_without_a_card_the_page_says_so_and_what_to_type(fresh):
    path = fresh("bare")
    context = card_context(RunFolder(path))
    assert context["words"].startswith("Not calibrated")
    assert context["command"] == "syntony calibrate --like RUN"
    text = plain(write_report(path).read_text("utf-8"))
    assert "Not calibrated" in text
    assert context["command"] in text
    assert session_line(RunFolder(path)).startswith("Not calibrated")


@pytest.mark.parametrize("width", [760, 358])
def test_figures_stay_inside_and_leave_out_what_is_not_there(width):
    nan = float("nan")
    rates = [
        Rate(label="a claim that goes on and on " * 4, value=0.3, low=0.2, high=0.4, words="30 %"),
        Rate(label="b", value=nan, low=nan, high=nan, words=""),
    ]
    drawn = str(rates_figure(rates, claimed=0.05, width=width).markup("rates"))
    assert "nan" not in drawn
    at = np.array([0.0, 2.0, 5.0])
    line = PowerLine(label="m", at=at, found=np.array([1.0, nan, 0.0]), low=at * nan, high=at * nan)
    figure = power_figure([("share", [line]), ("delay, s", [line])], enough=0.8, width=width)
    drawn = str(figure.markup("power"))
    assert "nan" not in drawn
    xs = [float(x) for x in re.findall(r'c?x="(-?[\d.]+)"', drawn)]
    assert max(xs) <= width
