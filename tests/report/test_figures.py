"""Figures put things where they belong: leads on their side, codes by valence."""

import re

import numpy as np
import pytest

from syntony.report.figures.chance import (
    NullRow,
    Profile,
    Row,
    null_figure,
    profile_figure,
    rows_figure,
)
from syntony.report.figures.study import DyadPoint, QualityCell, quality_figure, strip_figure
from syntony.report.figures.time import Frame, course_figure, map_figure, signals_figure
from syntony.report.run_folder import Map, Table

FRAME = Frame(roles=("patient", "therapist"), people=("P", "T"), start_s=0.0, stop_s=600.0)
NONE = np.empty(0)


def coupling(values, lags):
    n = len(values)
    return Map(
        time_s=np.arange(n) + 0.5, lag_s=np.array(lags, dtype=float), values=np.array(values),
        frequency_hz=NONE, coverage=NONE, profile=NONE, profile_low=NONE, profile_high=NONE,
        course=np.array(values)[:, list(lags).index(0)],
        course_low=np.full(n, -0.5), course_high=np.full(n, 0.5),
        spectrum=NONE, spectrum_low=NONE, spectrum_high=NONE, band_surrogate="s", null={},
    )  # fmt: skip


def place(svg, words):
    found = re.search(
        rf'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>{re.escape(words)}<', svg
    )
    assert found, words
    return float(found[1]), float(found[2])


@pytest.mark.parametrize("width", [760, 358])
def test_the_first_person_leads_on_the_right_of_zero(width):
    profile = Profile(
        lag_s=np.arange(-3.0, 4), values=np.array([0, 0, 0, 0, 0, 1.0, 0]),
        low=np.full(7, -1.0), high=np.full(7, 1.0), clock_error_s=1.0,
    )  # fmt: skip
    svg = str(profile_figure(profile, FRAME.roles, y_label="r", width=width).markup("x"))
    right, _ = place(svg, "patient leads →")
    left, _ = place(svg, "← therapist leads")
    peak, _ = place(svg, "peak at 2.0\xa0s")
    assert left < right
    assert peak > right - 20
    assert "clock error 1.0" in svg


def test_the_map_has_positive_lags_on_top():
    import base64

    from report.test_svg import decode

    values = np.zeros((4, 3))
    values[:, 2] = 1.0
    svg = str(map_figure(coupling(values, [-1, 0, 1]), FRAME, width=760).markup("x"))
    png = base64.b64decode(re.search(r"base64,([^\"]+)", svg)[1])
    _, alpha = decode(png)
    assert alpha[0, 0] > 0
    assert alpha[2, 0] == 0
    assert place(svg, "↑ above 0: patient leads")[1] < place(svg, "↓ below 0: therapist leads")[1]


def spans(*rows):
    label, role, start_s, stop_s = (list(c) for c in zip(*rows, strict=True))
    words = {"label": label, "role": role, "coder": ["c"] * len(rows)}
    numbers = {"start_s": start_s, "stop_s": stop_s}
    return Table(
        {k: np.array(v, dtype=object) for k, v in words.items()}
        | {k: np.array(v, dtype=float) for k, v in numbers.items()}
    )


def test_positive_codes_stand_above_negative_ones():
    codes = spans(
        ("good", "patient", 0.0, 60.0),
        ("bad", "patient", 60.0, 120.0),
        ("odd", "therapist", 0.0, 9.0),
    )
    marks = {"moments": Table(), "codes": codes}
    book = {"good": "positive", "bad": "negative"}
    drawing = course_figure(
        coupling(np.zeros((600, 1)), [0]), FRAME, marks, code_book=book, smooth_s=0.0, width=760
    )
    svg = str(drawing.markup("x"))
    y = {
        k: float(re.search(rf'class="code {k}"[^>]* y="([\d.]+)"', svg)[1])
        for k in ("positive", "negative", "other")
    }
    assert y["positive"] < y["negative"]
    assert "good: 0:00 to 1:00" in svg


def test_a_gap_is_marked_along_the_foot_and_a_spike_is_drawn():
    values = np.zeros(2400)
    values[100:200] = np.nan
    values[1000] = 9.0
    table = Table(
        {"time_s": np.arange(2400) / 4, "patient": values, "therapist": np.full(2400, np.nan)}
    )
    svg = str(signals_figure(table, FRAME, Table(), lanes=("µS", "µS"), width=358).markup("x"))
    assert "missing, 0:2" in svg
    assert "no valid sample" in svg
    line = re.search(r'class="line p0" d="([^"]+)"', svg)[1]
    assert line.count("M") == 2
    heights = [float(v) for v in re.findall(r" (-?[\d.]+)", line)]
    assert min(heights) < min(heights[-5:]) - 40


def drawn(draws, observed=2.0):
    rows = [NullRow(words="w", draws=draws)]
    return str(null_figure(rows, observed, label="i", width=760).markup("x"))


def test_every_draw_is_one_dot_up_to_two_hundred_and_bars_above():
    few = drawn(np.linspace(-1, 1, 50))
    assert few.count('class="fill null"') == few.count("<circle") == 50
    many = drawn(np.random.default_rng(1).normal(size=999))
    assert many.count("<circle") == 0
    assert many.count('class="fill null"') > 20


def test_draws_without_a_value_are_said_to_have_none():
    assert "no draw has a value" in drawn(np.full(9, np.nan), np.nan)


def test_rows_leave_out_what_is_not_there_and_do_not_run_into_their_words():
    rows = [
        Row(label="a" * 60, value=1.0, words="b" * 20),
        Row(label="c", null_low=-1.0, null_high=1.0),
    ]
    svg = str(rows_figure(rows, label="x", width=358).markup("x"))
    assert "nan" not in svg
    ys = [float(y) for y in re.findall(r'<text class="t(?: lab)?" x="46" y="([\d.]+)"', svg)]
    assert len(set(ys)) == len(ys)


def test_the_strip_goes_from_the_lowest_dyad_to_the_highest_and_lacking_ones_last():
    def point(name, *values):
        there = np.array(values)
        return DyadPoint(dyad=name, values=there, lows=there - 1, highs=there + 1, null_means=there)

    svg = str(
        strip_figure(
            [point("b", 3.0), point("none", np.nan), point("a", 1.0, 2.0)], label="i", width=760
        ).markup("x")
    )
    x = {d: place(svg, d)[0] for d in ("a", "b", "none")}
    assert x["a"] < x["b"] < x["none"]


def test_more_than_a_fifth_missing_is_crossed_and_unknown_is_an_empty_frame():
    cells = [
        QualityCell(session=s, who=k, lost=v)
        for s, k, v in (("a", 0, 0.21), ("a", 1, 0.2), ("b", 0, np.nan), ("b", 1, 0.0))
    ]
    svg = str(quality_figure(["a", "b"], cells, FRAME.roles, width=760).markup("x"))
    assert svg.count('class="cross"') == 2
    assert svg.count('class="frame"') == 1
