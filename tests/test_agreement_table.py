"""The table of agreement: what it holds, and that the one in the manual is whole."""

from pathlib import Path

from agreement import Comparison, explained
from agreement_table import UNEXPLAINED, golden_cases, write_table
from shared import needs_shared

TABLE = Path(__file__).parents[1] / "docs" / "methods" / "agreement.md"
CASES = {
    "toola/one": ("ToolA", "1.0"),
    "toola/two": ("ToolA", "1.0"),
    "toolb/one": ("ToolB", "2.1"),
    "toolb/lost": ("ToolB", "2.1"),
}
REASONS = {
    "toola/two": {"reason": "Random draws.", "instead": "Compare | means."},
    "toolb/one": {"reason": "Its p is random."},
}


def made(peer, case, what, difference, **more):
    facts = {"version": "1.0", "cells": 10, "allowed": 1e-12, "relative": False, "note": ""}
    return Comparison(peer=peer, case=case, what=what, difference=difference, **facts | more)


def test_a_row_is_a_case_and_names_the_worst_figure(tmp_path):
    comparisons = [
        made("ToolA", "one", "map", 1e-15, cells=1200),
        made("ToolA", "one", "mean", 5e-13, note="Sign turned."),
        made("ToolB", "one", "best", 2e-4, allowed=1.0, relative=True),
    ]
    left = write_table(tmp_path / "deep" / "table.md", comparisons, CASES, REASONS)
    assert left == ["toolb/lost"]
    lines = (tmp_path / "deep" / "table.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| Tool")]
    assert rows == [
        "| ToolA | 1.0 | one | 1,210 | 5.0e-13 | mean | 1e-12 | Sign turned. |",
        "| ToolB | 1.0 | one | 10 | 2.0e-04 | best | 1 (relative) | "
        "Not all of it: Its p is random. |",
        "| ToolA | 1.0 | two | Random draws. | Compare \\| means. |",
    ]
    assert "make agreement" in "".join(lines)
    assert lines[-1] == f"{UNEXPLAINED}1."


def test_a_figure_over_its_limit_is_marked(tmp_path):
    write_table(tmp_path / "t.md", [made("ToolA", "one", "r", 1e-3)], CASES, REASONS)
    assert "| 1e-12 | **Over its limit.** |" in (tmp_path / "t.md").read_text("utf-8")


def test_a_comparison_of_an_unknown_case_is_kept(tmp_path):
    write_table(tmp_path / "t.md", [made("ToolC", "by hand", "r", 0.0)], {}, {})
    text = (tmp_path / "t.md").read_text("utf-8")
    assert "| ToolC | 1.0 | by hand | 10 | 0 | r | 1e-12 |  |" in text
    assert text.endswith(f"{UNEXPLAINED}0.\n")


@needs_shared("golden")
def test_every_reason_is_of_a_case_that_there_is():
    cases = golden_cases()
    assert len(cases) > 100
    assert set(explained()) <= set(cases)
    assert all(r["reason"].strip() for r in explained().values())


@needs_shared("golden")
def test_the_table_in_the_manual_names_every_case():
    text = TABLE.read_text("utf-8")
    rows = {f"| {peer} | {v} | {k.partition('/')[2]} |" for k, (peer, v) in golden_cases().items()}
    missing = sorted(row for row in rows if row not in text)
    assert not missing, "write it again: make agreement"
    assert "Over its limit" not in text


def test_the_table_in_the_manual_has_no_unexplained_row():
    assert TABLE.read_text("utf-8").endswith(f"{UNEXPLAINED}0.\n"), "see its last lines"
