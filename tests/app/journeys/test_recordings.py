"""Real recordings in a real browser: from a folder to the moments of a session and their codes."""

import re

import pytest
from shared import SHARED, needs_shared

THERAPY, COUPLES = "data/rmea-therapy-mea", "data/swps-couples-rr"
LONG = 240_000


def bring_in(page, folder):
    """Choose a folder and wait until the form asks what the files do not say."""
    page.set_input_files("#folder", str(SHARED / folder))
    page.locator("#import").wait_for(state="visible", timeout=60_000)
    page.locator("#names tbody tr").first.wait_for()


def carry_out(page):
    """Look at the plan, then import."""
    page.get_by_role("button", name="Show what would be done").click()
    page.locator("#plan tbody tr").first.wait_for(timeout=60_000)
    page.get_by_role("button", name="Import", exact=True).click()
    page.locator("tr[data-session]").first.wait_for(timeout=120_000)


def run_it(page, ready):
    """From the study page to the findings, with what the form begins with."""
    page.get_by_role("link", name="Set up a run").click()
    page.get_by_text(re.compile(ready)).wait_for(timeout=60_000)
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/runs/run-001")
    page.get_by_role("heading", name="Findings").wait_for(timeout=LONG)


def open_session(page, session):
    page.get_by_role("link", name="Study").click()
    page.get_by_role("link", name=session, exact=True).click()
    page.locator("#review[data-ready=yes]").wait_for(timeout=60_000)


def seconds_of(page):
    minutes, seconds = re.search(r"/ (\d+):(\d\d)", page.locator("main").inner_text()).groups()
    return 60 * int(minutes) + int(seconds)


@needs_shared(THERAPY)
@pytest.mark.slow
def test_therapy_sessions_from_a_folder_to_moments_and_codes(new_page, serve, tmp_path, accessible):
    served = serve(tmp_path / "therapy")
    page = new_page()
    page.goto(served.url)
    bring_in(page, THERAPY)
    assert page.get_by_label("Pattern of the file names").input_value() == (
        "{type}/{dyad}_{session}.txt"
    )
    assert page.get_by_label("Column of the signal").input_value() == "patient=pat, therapist=th"
    page.get_by_label("What was measured").fill("motion")
    page.get_by_label("Unit", exact=True).fill("1")
    page.get_by_label("Samples per second").fill("25")
    accessible(page)
    carry_out(page)
    assert page.locator("tr[data-session]").count() == 10
    run_it(page, "^Ready: 10 sessions")
    assert "motion" in page.locator("main").inner_text()
    accessible(page)
    open_session(page, "d203s01normal")
    assert seconds_of(page) == 600
    page.get_by_role("button", name="Next moment").wait_for()
    accessible(page)
    page.get_by_role("link", name="Code", exact=True).click()
    page.get_by_label("Your name or sign").fill("ann")
    page.get_by_role("button", name="Begin").click()
    page.locator("#desk").wait_for(state="visible")
    page.keyboard.press("Space")
    page.keyboard.press("p")
    page.wait_for_timeout(1200)
    page.keyboard.press("p")
    page.keyboard.press("Space")
    page.locator("#rows tr").first.wait_for()
    page.locator("#saved[data-state=saved]").wait_for()
    accessible(page)
    kept = (tmp_path / "therapy" / "codes" / "d203s01normal_ann.tsv").read_text("utf-8")
    assert "positive" in kept


@pytest.mark.slow
@needs_shared(COUPLES)
def test_couples_whose_names_hold_short_forms(new_page, serve, tmp_path, accessible):
    served = serve(tmp_path / "couples")
    page = new_page()
    page.goto(served.url)
    bring_in(page, COUPLES)
    page.get_by_label("What short forms in names mean").fill(
        "role: k=woman, m=man\ntype: r=relaxation, w=cooperation"
    )
    page.get_by_label("Pattern of the file names").fill(
        "{number}{type}{role}{dyad}[_{part}] {date}.txt"
    )
    page.get_by_text("The pattern fits 98 of 100 names").wait_for()
    carry_out(page)
    assert page.locator("tr[data-session]").count() == 32
    accessible(page)
    page.get_by_role("link", name="d01s01relaxation", exact=True).click()
    page.locator("#review[data-ready=yes]").wait_for(timeout=60_000)
    assert seconds_of(page) > 600, "beats alone have a length"
    page.get_by_role("link", name="Study").click()
    run_it(page, "^Ready: 32 sessions")
    assert "heart rate" in page.locator("main").inner_text().lower()
    open_session(page, "d01s01relaxation")
    accessible(page)
