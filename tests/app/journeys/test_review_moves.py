"""Going through a session in the review: moments, strip, view, keys, methods, and what fails."""

from itertools import pairwise

import pytest
from app_looks import LOOKS
from app_review import make_study, open_review, pixels_of, time_of, wait_until, waves

from syntony.core.session import Person

CURRENT = "#moments tr[aria-current=true]"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing of a test is kept in the cache of whoever runs it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def moments_of(page):
    """Moments of the step that is shown, as the page was given them."""
    return page.evaluate("fetch('/api/sessions/d01s01').then((a) => a.json())")["moments"]


def place_in(page, selector, second):
    """Pixel of the page at which a second lies in a plot of the whole session."""
    box = page.locator(selector).bounding_box()
    stop = page.evaluate("fetch('/api/sessions/d01s01').then((a) => a.json())")["stop_s"]
    return box["x"] + 56 + second / stop * (box["width"] - 108), box["y"]


def test_a_click_on_a_moment_in_the_plot_and_on_the_strip_goes_there(page, served):
    open_review(page, served, "d01s01", first=False)
    moment = next(m for m in moments_of(page) if m["step"] == 0)
    middle = (moment["start_s"] + moment["stop_s"]) / 2
    x, y = place_in(page, "[data-lane=course] canvas", middle)
    page.mouse.click(x, y + 40)
    page.wait_for_selector(CURRENT)
    shown = next(
        m
        for m in moments_of(page)
        if str(m["number"]) == page.get_attribute(CURRENT, "data-number")
    )
    assert shown["start_s"] <= middle < shown["stop_s"]
    assert page.locator(CURRENT).count() == 1
    assert time_of(page) == pytest.approx(middle, abs=2)
    x, y = place_in(page, "#overview", 700.0)
    page.mouse.click(x, y + 20)
    page.wait_for_timeout(200)
    assert time_of(page) == pytest.approx(700.0, abs=2)
    assert float(page.get_attribute("#review", "data-shown")) < 900  # as close as before


@pytest.mark.slow
def test_moments_are_gone_through_from_where_the_playhead_was_put(page, served):
    open_review(page, served, "d01s01", first=False)
    moments = moments_of(page)
    page.keyboard.press("n")
    seen = [page.get_attribute(CURRENT, "data-number")]
    for _ in moments[1:]:
        page.keyboard.press("n")
        seen.append(page.get_attribute(CURRENT, "data-number"))
    assert len(set(seen)) == len(moments)  # none is left out
    page.keyboard.press("End")
    page.keyboard.press("p")
    last = max(m["start_s"] for m in moments)
    assert time_of(page) == pytest.approx(last, abs=0.01)
    page.keyboard.press("Home")
    page.keyboard.press("n")
    assert page.get_attribute(CURRENT, "data-number") == str(moments[0]["number"])
    page.keyboard.press("Escape")
    assert page.locator("#moments tr[aria-current]").count() == 0


@pytest.mark.slow
def test_a_view_that_was_moved_while_it_plays_stays_until_the_playhead_comes(page, served):
    open_review(page, served, "d01s01", first=False)
    page.keyboard.press("ArrowRight")
    for _ in range(6):
        page.keyboard.press("+")
    page.keyboard.press(" ")
    page.wait_for_timeout(300)
    for _ in range(4):
        page.keyboard.press("PageDown")
    wait_until(page, "document.querySelector('#playhead').hidden")
    page.wait_for_timeout(700)
    assert page.locator("#playhead").is_hidden()  # the view was not drawn back
    page.keyboard.press(" ")
    page.keyboard.press(" ")
    wait_until(page, "!document.querySelector('#playhead').hidden")
    page.keyboard.press(" ")


def test_without_a_run_there_are_no_moments_and_it_says_why(page, served):
    open_review(page, served, "d01s01", first=False, query="?run=")
    assert page.locator("#previous").is_disabled()
    assert page.locator("#next").is_disabled()
    assert page.locator("text=No run has this session: moments come with a run.").count() == 1
    assert page.locator("text=No stretch survives").count() == 0
    open_review(page, served, "d01s01", first=False)
    assert page.locator("#next").is_enabled()


def lose_the_course(route):
    """The session as it is, with a second method that has no course."""
    facts = route.fetch()
    told = facts.json()
    last = told["steps"][-1]
    told["steps"].append(last | {"step": len(told["steps"]), "course": None, "map": None})
    route.fulfill(json=told, headers={"X-Syntony-Review": facts.headers["x-syntony-review"]})


@pytest.mark.slow
def test_a_method_without_a_course_leaves_no_curve_of_another(page, served):
    page.route("**/api/sessions/d01s01?run=*", lose_the_course)
    open_review(page, served, "d01s01", first=False)
    lane = "[data-lane=course] canvas"
    assert pixels_of(page, lane, "ink")
    assert page.locator(".overview .colourbar").is_visible()
    count = page.locator("#step option").count()
    page.select_option("#step", str(count - 1))
    page.locator("[data-lane=course]", has_text="no course over time").wait_for()
    page.wait_for_timeout(200)
    assert not pixels_of(page, lane, "ink")
    assert page.locator("[data-lane=map]").is_hidden()
    assert page.locator(".overview .colourbar").is_hidden()
    page.select_option("#step", "0")
    wait_until(page, "!document.querySelector('[data-lane=map]').hidden")
    assert pixels_of(page, lane, "ink")


@pytest.mark.slow
def test_of_two_quick_choices_the_last_is_shown(page, served):
    open_review(page, served, "d01s01", first=False)
    page.route("**/course_0", lambda route: (page.wait_for_timeout(1200), route.continue_()))
    page.select_option("#step", "1")
    page.wait_for_timeout(300)
    title = page.inner_text("[data-lane=course] h3")
    page.select_option("#step", "0")
    page.select_option("#step", "1")
    page.wait_for_timeout(2500)
    assert page.inner_text("[data-lane=course] h3") == title


@pytest.mark.slow
def test_when_the_app_is_gone_the_page_says_so(new_page, served):
    page = new_page()
    open_review(page, served, "d01s01")
    assert page.locator("#no-answer").is_hidden()
    served.stop()
    for _ in range(12):
        page.keyboard.press("+")
    page.locator("#no-answer", has_text="does not answer").wait_for()
    new_page.wrong.clear()  # the browser notes each request that failed


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_colours_of_map_and_strip_are_explained(new_page, served, accessible, width, theme):
    page = new_page(width, 900, theme=theme)
    open_review(page, served, "d01s01")
    page.wait_for_timeout(300)
    limit = page.evaluate("fetch('/api/sessions/d01s01').then((a) => a.json())")
    limit = limit["steps"][0]["map"]["limit"]
    head = page.inner_text("[data-lane=map] .lane-head")
    low, high = ("", "") if limit == 1 else ("≤ ", "≥ ")
    assert (
        head.replace("\n", " ")
        .split("Strength: ")[1]
        .startswith(f"{low}−{limit:g} {high}{limit:g}")
    )
    assert "missing" in head
    assert "above 0 ↑ therapist follows patient, below 0 ↓ patient follows therapist" in head
    strip = page.inner_text(".overview .colourbar")
    assert "missing" in strip
    fills = page.evaluate(
        "Array.from(document.querySelectorAll('.ramp'), (e) => getComputedStyle(e).backgroundImage)"
    )
    violet = "rgb(196, 140, 255)" if theme == "dark" else "rgb(106, 30, 140)"
    assert len(fills) == 2
    assert all(violet in fill for fill in fills)
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#theme")
    page.wait_for_timeout(300)
    assert violet not in page.evaluate(
        "getComputedStyle(document.querySelector('[data-lane=map] .ramp')).backgroundImage"
    )


@pytest.mark.slow
def test_keys_come_back_after_a_choice_and_stay_where_they_are_needed(page, served):
    page.set_viewport_size({"width": 600, "height": 700})  # the table of moments is wider
    open_review(page, served, "d01s01", first=False)
    page.focus("#speed")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "speed"  # one may go on choosing
    assert page.input_value("#speed") == "1.25"
    region = page.locator("[aria-labelledby=moments-title]")
    region.focus()
    before = time_of(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert time_of(page) == before
    assert region.evaluate("(e) => e.scrollLeft") > 0
    page.keyboard.press("n")
    page.wait_for_selector(CURRENT)


def test_after_a_choice_with_the_pointer_the_space_key_plays(page, served):
    open_review(page, served, "d01s01", first=False)
    page.click("#speed")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_until(page, "document.querySelector('#speed').value === '1.25'")
    page.keyboard.press(" ")
    assert page.get_attribute("#play", "aria-pressed") == "true"
    page.keyboard.press(" ")


@pytest.fixture
def crowd(tmp_path):
    """Four people, each with a stretch that is missing."""
    people = tuple(Person(id=f"P{k}", role=f"role{k}") for k in range(4))
    values = waves(4)
    for k, one in enumerate(values):
        one[4000 * k + 2000 : 4000 * k + 5000] = float("nan")
    return make_study(tmp_path / "crowd", values, people=people)


@pytest.mark.slow
def test_everybody_of_a_group_has_a_colour_a_scale_and_a_row_of_gaps(
    new_page, serve, crowd, accessible
):
    page = new_page()
    open_review(page, serve(crowd), "s1")
    legend = page.locator(".lane.signal .legend .person")
    assert legend.count() == 4
    told = legend.all_inner_texts()
    assert "left scale" in told[0]
    assert "right scale" in told[1]
    assert "scale 5.4 to 6.6" in told[2]
    assert "scale 7.4 to 8.6" in told[3]
    boxes = [legend.nth(k).bounding_box() for k in range(4)]
    for one, other in pairwise(boxes):
        assert other["x"] - (one["x"] + one["width"]) >= 8  # or its line runs into the words
    inks = legend.evaluate_all("(all) => all.map((e) => getComputedStyle(e).color)")
    lines = legend.evaluate_all(
        "(all) => all.map((e) => getComputedStyle(e.querySelector('i')).background)"
    )
    assert len(set(inks)) == len(set(lines)) == 4
    height = page.evaluate("document.querySelector('.lane.signal canvas').height")
    rows = []
    for name in ("first", "second", "third", "fourth"):
        found = pixels_of(page, ".lane.signal canvas", name)
        assert [y for _, y in found if y < height - 20]
        rows.append({y for x, y in found if y > height - 15 and 56 < x < 1000})
    assert all(rows)
    for k, one in enumerate(rows):
        assert all(not one & other for other in rows[k + 1 :])
    accessible(page)
