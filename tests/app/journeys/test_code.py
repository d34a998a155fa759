"""Coding in a real browser: by keyboard, saved at once, there after a kill."""

import signal

import pytest
from coding_study import make_coding_study

from syntony.io.study import load_session, open_study


@pytest.fixture
def coding_study(tmp_path):
    """A study of two short sessions without a film."""
    return make_coding_study(tmp_path / "study")


def begin(page, coder="kim", session="d01s01", base=""):
    """Open the coding page as a coder."""
    page.goto(f"{base}/code/{session}?coder={coder}")
    page.locator("#desk").wait_for(state="visible")


def test_open_code_reload(new_page, serve, coding_study, accessible):
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, base=served.base)
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")  # a jump ends what runs; under 0.04 s nothing is left
    page.keyboard.press("Space")
    page.keyboard.press("p")
    page.wait_for_timeout(700)
    page.keyboard.press("p")
    page.keyboard.press("Space")
    page.locator("#saved[data-state=saved]").wait_for()
    assert page.locator("#rows tr").count() == 1
    page.reload()
    page.locator("#rows tr").wait_for()
    (code,) = load_session(open_study(coding_study), "d01s01").codes
    assert (code.label, code.person, code.coder) == ("positive", "P01", "kim")
    assert 0.3 < code.stop_s - code.start_s < 3
    accessible(page)
