"""Groups of a corpus: what was planted in a site and a device shows there and only there."""

import math
import re

import made_corpus
import numpy as np
import pytest

import syntony as sy
from syntony.config import Recipe
from syntony.report.corpus_page import _is_poor
from syntony.report.run_folder import RunFolder
from syntony.surrogates.multiplicity import false_discovery_rate

RECIPE = Recipe.model_validate(
    {
        "synchrony": [{"method": "lagged_correlation"}, {"method": "marci"}],
        "surrogates": [{"name": "pseudo_dyads"}],
        "corpus": {"derangements": 99, "bootstrap": 199},
    }
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    root = made_corpus.make_corpus(tmp_path_factory.mktemp("corpus") / "study")
    return sy.run(root, RECIPE, jobs=1)


def of(groups, by, group, what="synchrony", **more):
    same = groups[(groups.by == by) & (groups.group == group) & (groups.what == what)]
    for name, value in more.items():
        same = same[same[name] == value]
    assert len(same) == 1
    return same.iloc[0]


def test_every_group_stands_beside_its_own_chance(corpus):
    groups, pairs = corpus.table("groups"), corpus.table("pairs")
    assert set(groups.by) == {"site", "year", "device"}
    a, b, c = (of(groups, "site", s, step=0) for s in "ABC")
    assert a.low > 0
    assert a.q < 0.05
    assert b.q > 0.05
    assert (a.n_dyads, b.n_dyads, c.n_dyads) == (7, 6, 2)
    assert c.status == "not tested: 2 of at least 6 dyads"
    assert math.isnan(c.p_two)
    assert math.isnan(c.low)
    mine = pairs[(pairs.step == 0) & (pairs.statistic == "mean_z") & (pairs.session < "s07")]
    assert math.isclose(a.value, mine.value.mean(), rel_tol=1e-12)
    assert math.isclose(a.difference, (mine.value - mine.null_mean).mean(), rel_tol=1e-12)


def test_q_is_over_all_that_was_tested(corpus):
    groups = corpus.table("groups")
    tested = groups[groups.status == "ok"]
    assert len(tested) == 2 * len({(r.by, r.group) for r in tested.itertuples()})
    np.testing.assert_allclose(tested.q, false_discovery_rate(tested.p_two), rtol=1e-12)
    assert groups[groups.status != "ok"].q.isna().all()


def test_quality_is_that_of_the_device(corpus):
    groups = corpus.table("groups")
    old, new = (of(groups, "device", d, "quality", statistic="valid") for d in ("old", "new"))
    assert new.value > 0.95
    assert old.value < 0.75
    assert set(corpus.table("sessions").year) == {"2019", "2020"}
    lost = groups[(groups.what == "quality") & (groups.group == "old") & (groups.by == "device")]
    assert lost[lost.statistic != "valid"].value.sum() > 0.25


def test_the_page_says_what_it_can_and_what_it_cannot(corpus):
    page = (corpus.path / "report" / "corpus.html").read_text("utf-8")
    index = (corpus.path / "report" / "index.html").read_text("utf-8")
    assert 'href="corpus.html"' in index
    assert "Exploratory" in page
    assert "not tested" in page
    assert "Simulated" in page or "simulated" in page
    for words in ("By site", "By year", "By device", "Benjamini and Hochberg"):
        assert words in page
    poor = page[page.index('id="recordings"') :]
    assert [s in poor for s in ("s08.html", "s09.html", "s10.html", "s03.html")] == [
        True,
        True,
        True,
        False,
    ]
    assert not re.search(r"<script|<link[^>]+href=.http|src=.http", page)
    assert (sy.report(corpus.path).parent / "corpus.html").read_text("utf-8") == page


def test_a_page_finds_the_pairings_of_its_session(corpus):
    folder, pseudo = RunFolder(corpus.path), corpus.table("pseudo")
    same = pseudo[(pseudo.step == 1) & (pseudo.statistic == "ssi")]
    wanted = [*same[same.session_a == "s04"].value, *same[same.session_b == "s04"].value]
    found = folder.pairings("s04", 1, "ssi", "pseudo_dyads")
    assert found.tolist() == wanted
    assert len(found) == 28
    assert folder.pairings("s04", 1, "ssi", "pseudo_sessions").size == 0
    assert folder.row_counts["pseudo"] == len(pseudo)


def test_without_marks_there_is_no_page(tmp_path, made_run):
    assert not len(made_run.table("groups"))
    assert not (made_run.path / "report" / "corpus.html").exists()
    assert "corpus.html" not in (made_run.path / "report" / "index.html").read_text("utf-8")


def test_a_recording_is_poor_by_itself_or_beside_the_others():
    def points(*least):
        return [{"least": v} for v in least]

    assert _is_poor(points(0.99, 0.98, 0.99, 0.98, 0.85)).tolist() == [False] * 4 + [True]
    assert _is_poor(points(0.5, 0.6, 0.55)).all()
    assert not _is_poor(points(0.9, 0.95, 0.85, 0.99)).any()
