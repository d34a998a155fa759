"""A session recorded from two made people in the browser, without a sensor."""

import contextlib

import pytest
from live_lsl import needs_lsl

from syntony.io.study import load_session, open_study

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture
def rehearsed(new_page, serve, tmp_path):
    """The page after two made people were found."""
    needs_lsl()
    root = tmp_path / "empty"
    served = serve(root)
    page = new_page()
    page.goto(served.url)
    page.goto(served.base + "/live")
    page.get_by_role("button", name="Rehearse with two made people").click()
    for _ in range(6):
        page.get_by_role("button", name="Look for streams").click()
        with contextlib.suppress(playwright.TimeoutError):
            page.locator("#streams tbody tr").nth(1).wait_for(timeout=10_000)
            return page, root
    raise AssertionError("the made people were not found")


@pytest.mark.slow
def test_a_rehearsal_is_recorded_watched_and_in_the_study(rehearsed, accessible):
    page, root = rehearsed
    page.get_by_label("Label of the session").fill("try1")
    accessible(page)
    page.get_by_role("button", name="Start recording").click()
    page.get_by_text("Recording try1").wait_for(timeout=30_000)
    page.locator("#lights .lamp.good").nth(1).wait_for(timeout=20_000)
    page.get_by_label("Words of the marker").fill("a laugh")
    page.keyboard.press("Enter")
    accessible(page)
    drawn = page.evaluate(
        """() => {
          const canvas = document.getElementById("lanes");
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          let inked = 0;
          for (let k = 3; k < data.length; k += 4) inked += data[k] > 0;
          return inked;
        }"""
    )
    assert drawn > 1000
    page.get_by_role("button", name="Hide signals").click()
    page.get_by_text("Signals are hidden.").wait_for()
    assert not page.locator("#lanes").is_visible()
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused: nothing but markers is kept").wait_for(timeout=10_000)
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Recording try1").wait_for(timeout=10_000)
    page.wait_for_timeout(2500)
    page.get_by_role("button", name="End and save").click()
    page.get_by_text("try1 is in the study.").wait_for(timeout=60_000)
    session = load_session(open_study(root), "try1")
    assert session.type == "rehearsal"
    assert "rehearsal" in {n.code for n in session.notes}
    assert {p.role for p in session.people} == {"patient", "therapist"}
    assert all(s.kind == "eda" and s.unit == "uS" for s in session.signals)
    page.get_by_role("link", name="Open the session").click()
    page.locator("#review[data-ready=yes]").wait_for()
    page.close()
