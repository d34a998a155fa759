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
    page.keyboard.press("Escape")
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
