"""Data quality in a real browser: artefacts marked by hand, and what the next run makes of them."""

import json
import re

import pytest

from syntony.core.run import Run

FINISHED = 150_000
MADE = "demo"


def opened(page, served, session="d01s01"):
    page.goto(f"{served.base}/quality/{session}")
    page.locator('#quality[data-ready="yes"]').wait_for()


def marks_in(study, session="d01s01"):
    path = study / "edits" / f"{session}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def drag(page, lane, start, stop):
    """Drag over a lane between two shares of its width."""
    box = page.locator("#lanes .drawn").nth(lane).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + stop * box["width"], y, steps=5)
    page.mouse.up()


def test_a_stretch_is_marked_by_dragging_taken_back_and_marked_again(
    page, served, own_study, accessible
):
    opened(page, served)
    accessible(page)
    drag(page, 0, 0.3, 0.5)
    page.locator("#reason:focus").wait_for()
    page.locator("#reason").fill("electrode moved")
    page.keyboard.press("Enter")
    row = page.locator("#marks tr")
    row.wait_for()
    assert "electrode moved" in row.inner_text()
    assert "this machine" in row.inner_text()
    (kept,) = marks_in(own_study)
    assert (kept["person"], kept["kind"], kept["by"]) == ("P01", "eda", "local")
    assert 300 < kept["start_s"] < kept["stop_s"] < 720
    assert MADE in page.locator("#before").inner_text()
    accessible(page)
    page.locator("#undo").click()
    page.locator("#marks tr.gone").wait_for()
    assert page.locator("#before").inner_text().endswith(f"{MADE}.")
    page.locator("#redo").click()
    page.locator("#marks tr:not(.gone)").wait_for()
    page.get_by_role("button", name="Withdraw").click()
    page.locator("#marks tr.gone").nth(1).wait_for()
    assert [e["action"] for e in marks_in(own_study)] == ["mark", "withdraw", "mark", "withdraw"]


def test_a_stretch_is_marked_by_typing_and_bad_times_are_refused(page, served, own_study):
    opened(page, served)
    page.locator("#channel").select_option(label="therapist T01: skin conductance")
    page.locator("#start").fill("five")
    page.get_by_role("button", name="Mark", exact=True).click()
    assert page.get_by_role("alert").inner_text().startswith("five was given; expected minutes")
    page.locator("#start").fill("12:30.5")
    page.locator("#stop").fill("12:00")
    page.keyboard.press("Enter")
    assert "a start before its stop" in page.get_by_role("alert").inner_text()
    page.locator("#stop").fill("800")
    page.keyboard.press("Enter")
    page.locator("#marks tr").wait_for()
    (kept,) = marks_in(own_study)
    assert (kept["person"], kept["start_s"], kept["stop_s"]) == ("T01", 750.5, 800.0)


@pytest.mark.slow
def test_what_is_marked_is_left_out_by_the_next_run(page, served, own_study):
    opened(page, served)
    page.locator("#channel").select_option(label="patient P01: skin conductance")
    page.locator("#start").fill("5:00")
    page.locator("#stop").fill("10:00")
    page.keyboard.press("Enter")
    page.locator("#marks tr").wait_for()
    page.goto(f"{served.base}/run?like={MADE}")
    page.locator('.field[data-place="name"] input').fill("without-it")
    page.get_by_text(re.compile("^Ready: 8 sessions")).wait_for()
    page.get_by_role("button", name="Start the run").click()
    page.get_by_role("heading", name="Findings").wait_for(timeout=FINISHED)
    opened(page, served)
    lost = page.locator('tr[data-cause="marked"]')
    assert "marked by hand" in lost.inner_text()
    assert "300.0" in lost.inner_text()
    assert page.locator("#before").inner_text().endswith(f"this one: {MADE}.")
    runs = [Run(own_study / "derivatives" / "syntony" / n) for n in (MADE, "without-it")]
    values = [values_of(run.table("pairs")) for run in runs]
    changed = {s for s in values[0] if values[0][s] != values[1][s]}
    assert changed == {"d01s01"}


def values_of(pairs):
    first = pairs[(pairs.step == 0) & (pairs.statistic == "ssi")]
    return dict(zip(first.session, first.value.round(12), strict=True))
