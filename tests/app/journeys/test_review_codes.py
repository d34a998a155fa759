"""Codes in the session review: those about both people are seen wherever codes are."""

import pytest
from app_review import make_study, open_review, pixels_of, waves

from syntony.core.session import Span


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing of a test is kept in the cache of whoever runs it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def coded(tmp_path):
    """Codes of a person, of both together, and a phase."""
    spans = (
        Span(label="warm", start_s=100.0, stop_s=200.0, person="P01", coder="c1"),
        Span(label="protest", start_s=600.0, stop_s=900.0, coder="c1"),
        Span(label="task", start_s=0.0, stop_s=1000.0),
    )
    return make_study(tmp_path / "coded", waves(), spans=spans)


def test_codes_about_both_have_a_tier_a_row_and_a_place_in_the_strip(new_page, serve, coded):
    page = new_page()
    open_review(page, serve(coded), "s1")
    heads = page.locator(".lane.tier h3").all_inner_texts()
    assert heads == [
        "Codes: patient · c1",
        "Codes: both together · c1",
        "Codes: phases of the session",
    ]
    inside = pixels_of(page, '[data-lane="codes/c1/"] canvas', "accent")
    width = page.locator("#overview").bounding_box()["width"] - 108
    left, right = (56 + s / 1200 * width for s in (600.0, 900.0))
    assert min(x for x, _ in inside) == pytest.approx(left, abs=2)
    assert max(x for x, _ in inside) == pytest.approx(right, abs=2)
    strip = [x for x, y in pixels_of(page, "#overview", "accent") if 45 < y < 53]
    assert {x for x in strip if left + 2 < x < right - 2}
    page.click("#codes-title")
    page.locator("#codes tbody tr").nth(2).wait_for()
    rows = page.locator("#codes tbody tr").all_inner_texts()
    assert [r.split("\t")[2:] for r in rows] == [
        ["phases of the session", "task", ""],
        ["patient", "warm", "c1"],
        ["both together", "protest", "c1"],
    ]
