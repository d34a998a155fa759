"""What the pages say of stretches, searches and how many sessions chance would give."""

import math
import re

import pytest

from syntony.report.run_folder import RunFolder, Table
from syntony.report.stretches import ribbons, search_words, session_stretches, study_stretches
from syntony.report.wording_stretches import about_stretches, ribbon_words


def plain(page):
    text = re.sub(r"<style.*?</style>|<svg.*?</svg>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def page_of(run, session):
    return (run / "report" / f"{session}.html").read_text(encoding="utf-8")


def test_a_session_lists_its_stretches_with_leader_and_marks_them_under_the_course(runs):
    page = page_of(runs("bare"), "d02s01")
    said = plain(page)
    assert "Two stretches are more than chance gives anywhere in the session beside people" in said
    assert "borders are where the course crosses a threshold, not where coupling began" in said
    assert "z 1.25 (r .85)" in said
    assert "anti-phase" in said
    assert "lead not above chance" in said
    course = page[page.index('id="course"') : page.index('id="lags"')]
    assert len(re.findall('class="survives', course)) == 2 * 2 * 2  # stretches, chances, widths
    assert len(re.findall('class="survives low"', course)) == 4


def test_a_session_without_any_says_so_and_what_that_means(runs):
    page = page_of(runs("bare"), "d01s01")
    said = plain(page)
    assert "No stretch is more than chance gives anywhere in the session" in said
    assert "No stretch of this session survives." in said
    assert "about 5 have a stretch by chance" in said
    assert "does not show that the two were never in step" in said
    assert 'class="survives' not in page


def test_a_lag_profile_tells_what_the_search_costs_and_where_it_leans(runs):
    said = plain(page_of(runs("bare"), "d02s01"))
    assert "Over 15 lags at once, 2 of 38 pairs beside people who never met" in said
    assert "The profile leans by 0.50 to the side where patient leads" in said


def test_the_study_counts_sessions_beside_what_chance_alone_gives(runs):
    said = plain((runs("bare") / "report" / "index.html").read_text(encoding="utf-8"))
    assert "3 of 7 sessions have a stretch that survives beside people who never met" in said
    assert "chance alone would give about 0.3" in said or "about 0.4" in said


def test_a_run_from_before_the_search_says_that_it_was_not_searched():
    mine = {"searches": Table(there=False), "survivors": Table(there=False)}
    assert "without a search" in session_stretches(mine, {}, 0.0)["words"]
    assert ribbons(mine["survivors"], 0.0) == []
    assert ribbon_words([]) == ""
    assert search_words(mine["searches"], 0.0, "lag", ("a", "b")) == ""
    assert study_stretches([], 0.0) == {}


def test_alpha_is_the_recipe_s_and_a_reason_stands_where_nothing_was_searched(runs):
    mine = {n: t.where(session="d02s01") for n, t in RunFolder(runs("bare")).tables.items()
            if n in ("searches", "survivors")}  # fmt: skip
    words = session_stretches(mine, {"stretches": {"alpha": 0.01}}, 0.0)["words"]
    assert "Of 100 sessions of people with nothing in common about 1 have" in words
    unsearched = session_stretches(mine, {}, 1.0)["words"]
    assert "Beside people who never met: not searched: the windows do not lie evenly." in unsearched
    assert "Of 100" not in unsearched


@pytest.mark.parametrize(("found", "said"), [(1, "One stretch is"), (12, "12 stretches are")])
def test_numbers_agree_with_their_verbs(found, said):
    row = {"surrogate": "shift_thirds", "status": "ok", "found": float(found), "draws": 99.0,
           "lag_s": math.nan}  # fmt: skip
    words = about_stretches([row], 0.05)
    assert words.startswith(f"{said} more than chance")
    assert "lag" not in words
