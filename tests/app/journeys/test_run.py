"""Runs in a real browser: the form wrongly and rightly filled in, progress, stop, resume."""

import re

import pytest

FINISHED = 150_000


def open_fold(page, part):
    page.locator(f'[data-part="{part}"] > summary').click()


def field(page, place):
    return page.locator(f'.field[data-place="{place}"]')


def fewer_draws(page):
    """A run that a test can wait for: one method, few draws."""
    page.locator('[data-rows="synchrony"] [data-remove]').nth(1).click()
    field(page, "surrogates.1.count").locator("input").fill("19")


def test_the_form_says_at_the_field_what_is_wrong(page, served, accessible):
    page.goto(f"{served.base}/run")
    page.get_by_text(re.compile("^Ready: 8 sessions")).wait_for()
    accessible(page)
    field(page, "trim_start_s").locator("input").fill("12,5")
    problem = field(page, "trim_start_s").locator(".problem")
    problem.wait_for()
    assert "12,5 was given; expected a number" in problem.inner_text()
    field(page, "trim_start_s").locator("input").fill("0")
    problem.wait_for(state="hidden")
    page.locator('[data-rows="synchrony"] details > summary').first.click()
    window = field(page, "synchrony.0.options.window_s")
    window.locator("input").fill("-3")
    window.locator(".problem").wait_for()
    assert "0 or more" in window.locator(".problem").inner_text()
    assert page.get_by_role("status").inner_text() == "One field needs a change."
    window.locator("input").fill("15")
    open_fold(page, "moments")
    field(page, "moments.share").locator("input").fill("3")
    page.get_by_role("button", name="Start the run").click()
    page.locator("#f-moments-share:focus").wait_for()
    assert "expected at most 1" in field(page, "moments.share").locator(".problem").inner_text()
    accessible(page)


def test_a_run_from_the_form_to_its_findings(page, served, own_study, accessible):
    page.goto(f"{served.base}/run")
    fewer_draws(page)
    field(page, "name").locator("input").fill("by-hand")
    page.get_by_text(re.compile("^Ready: 8 sessions")).wait_for()
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/runs/by-hand")
    page.get_by_role("heading", name="Findings").wait_for(timeout=FINISHED)
    assert "mean single session index is" in page.locator("main").inner_text()
    accessible(page)
    assert (own_study / "derivatives/syntony/by-hand/report/index.html").is_file()


@pytest.mark.slow
def test_a_run_is_stopped_and_gone_on_with(page, served, own_study, accessible):
    folder = own_study / "derivatives/syntony/long"
    page.goto(f"{served.base}/run")
    field(page, "surrogates.1.count").locator("input").fill("300")
    field(page, "name").locator("input").fill("long")
    page.get_by_text(re.compile("^Ready: 8 sessions")).wait_for()
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/runs/long")
    accessible(page)
    page.locator("#told", has_text=re.compile("^[1-9]")).wait_for(timeout=FINISHED)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").wait_for(timeout=60_000)
    prepared = sorted(p.name for p in (folder / "blocks").glob("*.prepared.json"))
    assert prepared
    assert "stopped" in page.locator("h1 .state").inner_text()
    page.goto(f"{served.base}/runs")
    assert "stopped" in page.locator('tr[data-run="long"]').inner_text()
    page.goto(f"{served.base}/runs/long")
    times = {n: (folder / "blocks" / n).stat().st_mtime_ns for n in prepared}
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Findings").wait_for(timeout=FINISHED)
    assert {n: (folder / "blocks" / n).stat().st_mtime_ns for n in prepared} == times


@pytest.mark.slow
def test_a_plan_is_registered_and_clips_are_made(page, new_page, served, own_study, accessible):
    page.goto(f"{served.base}/run")
    page.get_by_text(re.compile("^Ready: 8 sessions")).wait_for()
    page.get_by_role("button", name="Register as the plan").click()
    page.wait_for_url("**/plan", timeout=60_000)
    assert (own_study / "preregistration.md").is_file()
    page.goto(f"{served.base}/run")
    page.get_by_text(re.compile("^Ready: 8 sessions")).wait_for()
    page.get_by_role("button", name="Register as the plan").click()
    page.locator("#also-problem").wait_for()
    assert "Tick the box" in page.locator("#also-problem").inner_text()
    new_page.wrong[:] = [w for w in new_page.wrong if "422" not in w]  # the browser logs the 422
    accessible(page)
    page.goto(f"{served.base}/clips")
    page.get_by_label("Only moments with a partner").uncheck()
    page.get_by_role("button", name="Make the clips").click()
    page.locator("#made:focus").wait_for(timeout=60_000)
    accessible(page)
    assert "in random order" in page.locator("#made").inner_text()
    assert (own_study / "derivatives/syntony/clips-001/key.tsv").is_file()


@pytest.mark.slow
def test_a_calibration_is_stopped_and_told(page, served, own_study, accessible):
    page.goto(f"{served.base}/runs/demo")
    page.get_by_role("button", name="Calibrate").click()
    page.get_by_role("heading", name="Calibrating").wait_for()
    page.locator("#told", has_text=re.compile("^[1-9]")).wait_for(timeout=FINISHED)
    accessible(page)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("The calibration was stopped").wait_for(timeout=60_000)
    accessible(page)
    kept = list((own_study / "derivatives/syntony").rglob(".calibration-rows-*.jsonl"))
    assert kept, "what was done is not kept"


@pytest.mark.slow
def test_a_multiverse_from_the_form_is_stopped_and_gone_on_with(page, served, own_study):
    folder = own_study / "derivatives/syntony/multiverse-001"
    page.goto(f"{served.base}/run")
    page.get_by_text(re.compile("^Ready: 8 sessions")).wait_for()
    page.get_by_role("button", name="Start a multiverse").click()
    page.wait_for_url("**/runs/multiverse-001")
    page.locator("#told", has_text=re.compile("^[1-9]")).wait_for(timeout=FINISHED)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Go on").click(timeout=60_000)
    page.get_by_role("heading", name="What the multiverse came to").wait_for(timeout=900_000)
    assert (folder / "report/index.html").is_file()
