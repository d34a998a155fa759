"""The curve of all paths: sorted, with its choices below, its primary path marked."""

import re

import numpy as np

from syntony.report.figures.multiverse import Bar, Curve, choices_figure, curve_figure
from syntony.report.multiverse_words import most, synchrony


def curve(n=40, band=True):
    rng = np.random.default_rng(1)
    values = rng.standard_normal(n)
    has = np.arange(n) % 3 == 0
    sorted_ = np.sort(rng.standard_normal(n))
    return Curve(
        values=values,
        low=values - 0.5,
        high=values + 0.5,
        band_low=sorted_ - 1 if band else np.empty(0),
        band_high=sorted_ + 1 if band else np.empty(0),
        rows={"window, s": {"15": has, "30": ~has}},
        primary=7,
    )


def marks(svg, kind):
    path = re.search(rf'<path class="{kind}" d="([^"]*)"', svg)[1]
    return [tuple(map(float, m)) for m in re.findall(r"M([\d.-]+) ([\d.-]+)v", path)]


def test_paths_are_sorted_and_each_has_one_mark_a_choice():
    held = curve()
    svg = str(curve_figure(held, label="effect, d", width=760).markup("says"))
    dots = marks(svg, "dots")
    assert len(dots) == 40
    assert [x for x, _ in dots] == sorted(x for x, _ in dots)
    assert [y for _, y in dots] == sorted((y for _, y in dots), reverse=True)
    ticks = [
        m for p in re.findall(r'<path class="tick" d="([^"]*)"', svg) for m in p.split("M")[1:]
    ]
    assert len(ticks) == 40
    place = int(np.flatnonzero(np.argsort(held.values) == 7)[0])
    ring = re.search(r'<circle class="ring solid" cx="([\d.]+)"', svg)
    assert abs(float(ring[1]) - dots[place][0]) < 0.11
    assert "edge-of-band" in svg
    assert "primary" in svg
    assert "edge-of-band" not in str(
        curve_figure(curve(band=False), label="", width=358).markup("")
    )


def test_everything_drawn_lies_inside_the_figure():
    for width in (358, 760):
        drawing = curve_figure(curve(), label="effect, d", width=width)
        svg = str(drawing.markup("says"))
        points = [(float(x), float(y)) for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", svg)]
        assert all(0 <= x <= width and 0 <= y <= drawing.height for x, y in points)


def test_bars_say_their_share():
    bars = [Bar(name="slope", share=0.61, alone=0.2), Bar(name="step", share=0.1, alone=0.1)]
    svg = str(choices_figure(bars, width=760).markup("says"))
    widths = [float(w) for w in re.findall(r'class="fill light"[^>]*width="([\d.]+)"', svg)]
    assert abs(widths[0] / widths[1] - 6.1) < 0.05
    assert "61 %" in svg


def test_words_without_a_test_say_why():
    said = synchrony({"synchrony": {"status": "not testable: 2 dyads, at least 6 are needed"}})
    assert said == "Together: not testable: 2 dyads, at least 6 are needed."
    assert most([], "SD").startswith("No choice")
