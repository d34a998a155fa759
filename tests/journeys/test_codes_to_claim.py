"""The pages on coded emotion run as they stand: their Python, and their shell lines."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from syntony.cli import main

PAGES = Path(__file__).resolve().parents[2] / "docs" / "how"
BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def follow(page, capsys):
    """Do what a page says, block by block; what it printed."""
    names = {}
    for kind, text in BLOCK.findall((PAGES / page).read_text("utf-8")):
        if kind == "python":
            exec(compile(text, page, "exec"), names)
            continue
        for line in filter(None, text.splitlines()):
            done = CliRunner().invoke(main, line.split()[1:], catch_exceptions=False)
            assert done.exit_code == 0, f"{line}: {done.output}"
    return names, capsys.readouterr().out


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_a_coded_session_to_a_tested_claim(here, capsys):
    names, said = follow("from-codes-to-claim.md", capsys)
    claim = names["claim"]
    assert f"[{claim.low:.2f}, {claim.high:.2f}]" in said
    assert (claim.n_dyads, claim.draws, claim.family) == (10, 199, "primary")
    assert said.count(", ok") >= 5
    codes = names["run"].table("codes")
    assert set(codes.coder) == {"kim"}
    planted = {s.id: sum(x.person != "" for x in s.spans) for s in names["made"].sessions}
    assert all(planted.values())
    home = here / "my-study" / "derivatives" / "syntony" / "claim"
    assert (home / "models" / "moment_model.R").is_file()
    page = (home / "report" / "index.html").read_text("utf-8")
    assert 'id="joined"' in page
    assert "In phase and in anti-phase" in page


@pytest.mark.slow
def test_emotion_moment_by_moment(here, capsys):
    names, said = follow("emotion-moment-by-moment.md", capsys)
    assert "EventCount(found=3, used=3" in said
    assert names["means"].shape == (200, 1, 18)
    run, links = names["run"], names["links"]
    for table in ("events", "event_locked", "epochs", "emotion_lag", "dose", "moment_model"):
        assert len(run.table(table)), table
    asked = {"phase", "event_locked", "epochs", "emotion_lag", "dose", "moment_model"}
    assert asked <= set(links.finding)
    firsts = links[links.finding.isin(asked) & (links.family == "primary")]
    assert len(firsts) == 6
    assert set(firsts.label) == {"shared_positive"}
