"""The session review in a real browser: pixels, playhead, video, keys, widths and themes."""

import numpy as np
import pytest
from app_looks import LOOKS
from app_review import (
    RATE_HZ,
    SAMPLES,
    make_study,
    open_review,
    pixels_of,
    time_of,
)

from syntony.core.session import Span

CURRENT = "#moments tr[aria-current=true]"
SPIKE, GAP = 23_457, (40_000, 46_000)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing of a test is kept in the cache of whoever runs it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def spiked(tmp_path):
    """A made study: one person with a spike of one sample and a gap, the other flat."""
    values = 2 + 0.01 * np.sin(np.arange(SAMPLES) / 900)
    values[SPIKE] = 9.0
    values[GAP[0] : GAP[1]] = np.nan
    spans = (Span(label="warm", start_s=5.0, stop_s=15.0, person="P01", coder="c1"),)
    return make_study(tmp_path / "spiked", [values, np.full(SAMPLES, 5.0)], spans=spans)


def drawn(page):
    """Pixels of the first lane that have the first person's colour: rows by column, in its plot."""
    width, height = page.evaluate(
        "(({ width, height }) => [width, height])(document.querySelector('#lanes canvas'))"
    )
    rows = {}
    for x, y in pixels_of(page, "#lanes canvas", "first"):
        if 56 <= x < width - 52 and y < height - 9:
            rows.setdefault(x - 56, []).append(y)
    return width - 108, rows


def test_a_spike_of_one_sample_is_seen_and_a_gap_is_not_drawn_over(new_page, serve, spiked):
    page = new_page()
    open_review(page, serve(spiked), "s1")
    width, rows = drawn(page)
    seconds = SAMPLES / RATE_HZ
    at = SPIKE / RATE_HZ / seconds * width
    tall = {x for x, ys in rows.items() if max(ys) - min(ys) > 30}
    assert tall
    assert all(abs(x - at) < 2 for x in tall)
    first, last = (round(g / RATE_HZ / seconds * width) for g in GAP)
    assert not [x for x in rows if first + 1 < x < last - 1]
    for x in (first - 3, last + 3):
        assert rows.get(x)


@pytest.mark.slow
def test_close_up_the_spike_is_one_sample_and_the_gap_has_its_true_edge(new_page, serve, spiked):
    page = new_page()
    open_review(page, serve(spiked), "s1")
    x0 = page.locator("#plots").bounding_box()["x"] + 56
    y0 = page.locator("#lanes canvas").first.bounding_box()["y"] + 40
    width, rows = drawn(page)
    for ticks in (15, 12):
        tall = [x for x, ys in rows.items() if min(ys) < 20]
        page.mouse.move(x0 + sum(tall) / len(tall) + 0.5, y0)
        for _ in range(ticks):
            page.mouse.wheel(0, -120)
        page.wait_for_timeout(600)
        _, rows = drawn(page)
    tops = [x for x, ys in rows.items() if min(ys) < 20]
    sample = width / (seconds_shown(page) * RATE_HZ)
    assert tops
    assert sample > 10  # single samples are told apart
    assert max(tops) - min(tops) < 2 * sample


def seconds_shown(page):
    return float(page.get_attribute("#review", "data-shown"))


def test_playhead_and_keys(page, served):
    open_review(page, served, "d01s01", first=False)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert time_of(page) == pytest.approx(11.0)
    page.keyboard.press(" ")
    page.wait_for_timeout(700)
    page.keyboard.press(" ")
    assert 11.3 < time_of(page) < 13.5
    page.keyboard.press("n")
    page.wait_for_selector(CURRENT)
    assert page.inner_text("#moment-body p").startswith("From ")
    first = page.get_attribute(CURRENT, "data-number")
    page.keyboard.press("n")
    assert page.get_attribute(CURRENT, "data-number") != first
    page.keyboard.press("p")
    assert page.get_attribute(CURRENT, "data-number") == first
    page.keyboard.press("l")
    assert page.get_attribute("#loop", "aria-pressed") == "true"
    page.keyboard.press("]")
    assert page.input_value("#speed") == "1.25"
    page.focus("#speed")
    page.keyboard.press("n")  # a field keeps its keys
    assert page.get_attribute(CURRENT, "data-number") == first


def test_a_moment_is_opened_from_the_table(page, served):
    open_review(page, served, "d01s01", first=False)
    page.click("#moments button >> nth=1")
    told = page.inner_text("#moment-body")
    for word in ("from", "to", "strength", "leader", "coverage"):
        assert word in told
    page.click("#codes-title")
    page.locator("#codes tbody tr").nth(50).wait_for(state="attached")


@pytest.mark.slow
def test_another_method_and_another_session(page, served):
    open_review(page, served, "d01s01", first=False)
    before = page.inner_text("[data-lane=course] h3")
    page.select_option("#step", "1")
    page.locator("[data-lane=course] h3", has_text="lagged").wait_for()
    assert page.inner_text("[data-lane=course] h3") != before
    page.click("a[rel=next]")
    page.wait_for_url("**/session/d02s01?run=demo")
    page.wait_for_selector("#review[data-ready=yes]", timeout=30_000)


@pytest.mark.slow
def test_the_run_stays_when_the_session_changes_and_on_the_way_back(page, served):
    open_review(page, served, "d01s01", first=False, query="?run=")
    page.select_option("#sessions", "d02s01")
    page.wait_for_url("**/session/d02s01?run=")
    page.click("nav a[href^='/code/']")
    page.wait_for_url("**/code/d02s01?run=")
    page.click("nav a[href^='/session/']")
    page.wait_for_selector("#review[data-ready=yes]", timeout=60_000)
    assert page.input_value("#runs") == ""


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_everybody_can_use_it_at_any_width(new_page, served, accessible, width, theme):
    page = new_page(width, 900, theme=theme)
    open_review(page, served, "d01s01")
    page.keyboard.press("n")
    page.wait_for_timeout(100)
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
