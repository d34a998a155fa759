"""The words and the figure of a power analysis."""

import re

import numpy as np

from syntony.report import power_words as words
from syntony.report.figures.power import PowerCurve, power_figure
from syntony.report.power import curve_of, power_context

SETTINGS = {
    "wanted": 0.8,
    "alpha": 0.05,
    "share": 0.3,
    "share_spread": 1.2,
    "delay_s": 2.0,
    "jitter_s": 0.5,
    "minutes": 50.0,
    "rate_per_min": 5.0,
    "artefacts": 0.05,
    "sessions_per_dyad": 1,
    "dyads_per_therapist": 3,
    "effect_r": 0.47,
    "emotion_effect": 0.3,
    "pools": 8,
    "draws": 199,
    "dyads": (20, 60),
    "recipe": {"synchrony": [{"method": "marci", "options": {}}], "signal": "eda"},
}


def a_row(dyads, power, **more):
    row = {"question": "empathy", "dyads": dyads, "power": power, "low": power - 0.1}
    row |= {"high": power + 0.1, "studies": 400, "wrong_sign": 0.0, "not_testable": 0.0}
    return row | more


def plain(*, settings=None, needed=None, rows=None):
    return {
        "simulated": True,
        "settings": {**SETTINGS, **(settings or {})},
        "curve": rows or [a_row(20, 0.3), a_row(60, 0.85)],
        "needed": [
            needed
            or {"question": "empathy", "n": 55, "low": 44, "high": None}
            | ({"status": "ok"} if needed is None else {})
        ],
        "session_power": {"pseudo_dyads": [0.62, 0.5, 0.73]},
        "expected_r": [0.33, 0.3, 0.36],
        "sentence": "",
    }


def test_what_is_needed_is_said_with_its_interval():
    said = words.finding_sentence(plain(), "empathy")
    assert said.startswith("Empathy: 80 % power needs 55 dyads [44, more than 60]")
    assert ".47" in said
    over = {"question": "empathy", "n": None, "low": 44, "high": None}
    over["status"] = "more than 60 dyads"
    assert "needs more than 60 dyads" in words.finding_sentence(plain(needed=over), "empathy")


def test_where_nothing_is_planted_no_power_is_claimed():
    said = words.finding_sentence(plain(settings={"effect_r": 0.0}), "empathy")
    assert "False alarms: 30 % to 85 %" in said
    assert "power" not in said
    assert words.is_null(plain(settings={"share": 0}), "synchrony/pseudo_dyads")
    assert words.r_sentence(plain(settings={"effect_r": 0.0})) == ""
    assert curve_of(plain(settings={"effect_r": 0.0}), "empathy").needed == (None, None, None)


def test_findings_of_the_contrary_are_told():
    rows = [a_row(20, 0.0), a_row(60, 0.01, wrong_sign=0.4)]
    assert "Up to 40 % of the studies" in words.finding_sentence(plain(rows=rows), "empathy")


def test_the_paragraph_says_simulated_method_and_settings():
    said = words.plan_sentence(plain())
    for part in (
        "simulated",
        "3 dyads a therapist",
        "after 2 s",
        "of skin conductance",
        "400 studies",
        "5 %",
    ):
        assert part in said, part
    assert "r = .33 [.30, .36]" in words.r_sentence(plain())
    assert "needs 70 dyads" in words.r_sentence(plain())


def test_every_number_of_the_figure_is_in_the_table():
    context = power_context(plain(), "0")
    assert [r["power"] for r in context["questions"][0]["rows"]] == [
        "30 % [20, 40]",
        "85 % [75, 95]",
    ]
    assert context["simulated"]
    assert context["sessions"][0].endswith("in 62 % [50, 73] of the simulated sessions.")


def test_the_figure_shows_power_interval_and_number():
    curve = PowerCurve(
        dyads=[20, 60],
        power=np.array([0.3, 0.85]),
        low=np.array([0.2, np.nan]),
        high=np.array([0.4, np.nan]),
        wanted=0.8,
        alpha=0.05,
        needed=(55.0, 44.0, None),
    )
    for width in (358, 760):
        svg = str(power_figure(curve, width=width).markup("x"))
        assert svg.count("<circle") == 2
        assert "55 dyads" in svg
        xs = [float(x) for x in re.findall(r'<circle[^>]* cx="([\d.]+)"', svg)]
        ys = [float(y) for y in re.findall(r'<circle[^>]* cy="([\d.]+)"', svg)]
        assert 0 < xs[0] < xs[1] < width
        assert ys[0] > ys[1]
        assert "nan" not in svg
