"""What a run says in plain values, and figures taken out of its pages."""

import math
from xml.etree import ElementTree

import pytest

from syntony.core.errors import FileError
from syntony.report.loose_figures import figures_in
from syntony.report.story import losses_of, story_of, table_file, tables_in
from syntony.report.summary import findings_in_words


def test_a_story_says_what_the_shell_says(made_run):
    story = story_of(made_run.path)
    shell = " ".join(" ".join(findings_in_words(made_run.path)).split())
    assert [f.title for f in story.findings] == ["Synchrony", "Emotion", "Empathy"]
    for found in story.findings:
        for words in found.words:
            assert " ".join(words.split()) in shell
        assert found.number in shell
    assert story.simulated
    assert story.finished
    assert story.pages[0] == "index.html"
    assert story.sessions == tuple(f"d0{n}s01" for n in range(1, 9))


def test_the_numbers_of_a_finding_are_those_of_the_table(made_run):
    links = made_run.table("links")
    row = links[(links.finding == "synchrony") & (links.statistic == "ssi")].iloc[0]
    found = story_of(made_run.path).findings[0]
    assert (found.value, found.low, found.high) == (row.value, row.low, row.high)
    assert (found.null_low, found.null_high) == (row.null_low, row.null_high)


def test_losses_are_those_of_the_session_and_person(made_run):
    quality = made_run.table("quality")
    mine = quality[quality.session == "d02s01"]
    rows = losses_of(made_run.path, "d02s01")
    assert [(r["person"], r["cause"]) for r in rows] == list(
        zip(mine.person, mine.cause, strict=True)
    )
    assert all(math.isclose(r["seconds"], s) for r, s in zip(rows, mine.seconds, strict=True))


def test_tables_are_looked_up_by_name(made_run):
    for name, _ in tables_in(made_run.path):
        assert table_file(made_run.path, name, "parquet").is_file()
        assert table_file(made_run.path, name, "csv").is_file()
    for name, ending in (("../origin", "csv"), ("pairs", "json"), ("nope", "csv")):
        with pytest.raises(FileError, match="no such table"):
            table_file(made_run.path, name, ending)


def test_every_figure_of_every_page_stands_alone(made_run):
    count = 0
    for page in sorted((made_run.path / "report").glob("*.html")):
        html = page.read_text("utf-8")
        found = figures_in(page)
        assert len(found) == html.count('<figure class="exhibit"')
        for figure in found:
            root = ElementTree.fromstring(figure.svg)
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert "var(" not in figure.svg
            assert "http" not in figure.svg.replace("http://www.w3.org/2000/svg", "")
            assert ">Simulated data</text></svg>" in figure.svg
            assert figure.heading
            assert figure.words
            assert int(root.attrib["width"]) == figure.width
        count += len(found)
    assert count > 50
    with pytest.raises(FileError):
        figures_in(made_run.path / "report" / "none.html")
