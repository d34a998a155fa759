"""Rating in a real browser: practice, rating, the signal in the study."""

import numpy as np
import pytest
from coding_study import make_coding_study

from syntony.core.rated import ratings_of
from syntony.io.study import load_session, open_study


@pytest.fixture
def coding_study(tmp_path):
    """A study of two short sessions without a film."""
    return make_coding_study(tmp_path / "study")


def ratings(root):
    """Ratings of the first session."""
    session = load_session(open_study(root), "d01s01")
    return {
        (r.about.id, r.what, r.rater): r.signal for r in ratings_of(session.signals, session.people)
    }


def test_rate_for_some_seconds(new_page, serve, coding_study, accessible):
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    page.goto(f"{served.base}/rate/d01s01")
    page.locator("#ask").wait_for()
    accessible(page)
    assert page.locator("#begin").is_disabled()  # practice first
    page.locator("#practise").click()
    page.keyboard.press("Space")
    page.wait_for_timeout(600)
    page.locator("#end").click()
    assert ratings(coding_study) == {}
    page.locator("#about").select_option("T01")
    page.locator("#rater").select_option("patient")
    page.locator("#begin").click()
    page.locator("#stage").wait_for()
    accessible(page)
    page.keyboard.press("Space")
    page.wait_for_timeout(1200)
    page.keyboard.press("End")
    page.wait_for_timeout(1200)
    page.keyboard.press("Home")
    page.wait_for_timeout(1200)
    page.locator("#end").click()
    page.locator("#ending").get_by_role("button", name="Save for good").click()
    page.locator("#done").wait_for()
    accessible(page)
    signal = ratings(coding_study)["T01", "valence", "patient"]
    assert signal.rate_hz == 10.0
    assert 0.0 <= signal.start_s <= 0.3
    assert 30 <= signal.values.size <= 60
    there = signal.values[np.isfinite(signal.values)]
    assert there.size > 0.8 * signal.values.size
    assert there[0] == 0.0
    assert set(there) == {0.0, 100.0, -100.0}
    assert there[-1] == -100.0
    assert list(there) == sorted(there[there == 0.0]) + sorted(there[there > 0]) + sorted(
        there[there < 0]
    )


def rate_as(page, base):
    """Begin to rate as somebody from outside, and play."""
    page.goto(f"{base}/rate/d01s01")
    page.locator("#skip").click()
    page.locator("#rater").select_option("")
    page.locator("#rater-name").fill("lee")
    page.locator("#begin").click()
    page.locator("#stage").wait_for()
    page.keyboard.press("Space")


@pytest.mark.slow
def test_a_slip_ends_nothing_and_a_rating_is_gone_on_with(
    new_page, serve, coding_study, accessible
):
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    rate_as(page, served.base)
    page.wait_for_timeout(1300)
    page.keyboard.press("Escape")  # pauses
    page.get_by_role("button", name="Play").wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    page.locator("#end").focus()
    page.keyboard.press("Enter")
    ending = page.locator("#ending")
    ending.wait_for()
    assert "of 2:00.0 are rated" in ending.inner_text()
    accessible(page)
    shown = page.locator("#stage-time").inner_text()
    page.wait_for_timeout(400)
    assert page.locator("#stage-time").inner_text() == shown  # it waits for an answer
    page.keyboard.press("Enter")  # the first choice: go on
    ending.wait_for(state="hidden")
    page.keyboard.press("Space")
    page.wait_for_timeout(600)
    page.locator("#end").click()
    ending.wait_for()
    page.keyboard.press("Escape")  # closes, and ends nothing
    ending.wait_for(state="hidden")
    assert page.locator("#stage").is_visible()
    page.locator("#end").click()
    ending.get_by_role("button", name="Stop, go on later").click()
    page.locator("#begun li").wait_for()
    assert ratings(coding_study) == {}
    told = page.locator("#begun li").inner_text()
    assert "Valence of the patient (P01), rated by lee, up to 0:0" in told
    assert float(told.partition("up to 0:0")[2][:3]) > 1.5
    page.get_by_role("button", name="Save for good").first.click()
    ending.get_by_role("button", name="Stop, go on later").click()
    ending.wait_for(state="hidden")
    assert ratings(coding_study) == {}
    page.get_by_role("button", name="Go on", exact=True).click()
    page.keyboard.press("Space")
    page.wait_for_timeout(600)
    page.locator("#end").click()
    ending.get_by_role("button", name="Save for good").click()
    page.locator("#done").wait_for()
    page.get_by_role("heading", name="Valence of the patient (P01), rated by lee").wait_for()
    signal = ratings(coding_study)["P01", "valence", "lee"]
    assert signal.values.size / signal.rate_hz > 2.0


@pytest.mark.slow
def test_what_a_browser_cannot_play_is_said(new_page, serve, coding_study, accessible):
    media = coding_study / "media"
    media.mkdir()
    (media / "d01s01_a.avi").write_bytes(b"x")
    (media / "d01s01_b.webm").write_bytes(b"no film at all")
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    page.goto(f"{served.base}/rate/d01s01")
    page.locator("#troubles pre").wait_for()
    assert "ffmpeg -i media/d01s01_a.avi" in page.locator("#troubles").inner_text()
    accessible(page)
    page.locator("#practise").click()
    page.locator("#problem").wait_for()
    assert "d01s01_b.webm cannot be played here" in page.locator("#problem").inner_text()
