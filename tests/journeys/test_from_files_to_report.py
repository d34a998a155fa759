"""The whole way by the shell, as docs/learn/your-own-study.md tells it: files in, findings out.

The commands are those of the page itself, typed in its order in a temporary folder; only the
number of draws is made small, by a recipe that lies in the study.
"""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_files import tree, write_csv

import syntony as sy
from syntony.cli import main
from syntony.simulate.study import demo_setup, make_study

PAGE = Path(__file__).resolve().parents[2] / "docs" / "learn" / "your-own-study.md"
DYADS = 8
RECIPE = """
[[surrogates]]
name = "pseudo_dyads"

[[surrogates]]
name = "shift_thirds"
count = 39

[emotion]
rotations = 39

[empathy]
bootstrap = 199

[corpus]
derangements = 99
bootstrap = 199
"""


def commands():
    """The commands of the page, in its order; a line that ends in a backslash goes on."""
    blocks = re.findall(r"```\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    joined = re.sub(r"\\\n\s*", " ", "".join(blocks))
    return [shlex.split(line)[1:] for line in joined.splitlines() if line.startswith("syntony ")]


def typed(words):
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, (words, done.output)
    return done


@pytest.fixture(scope="module")
def made():
    return make_study(demo_setup(dyads=DYADS, minutes=22.0, seed=3))


@pytest.fixture
def lab(made, tmp_path, monkeypatch):
    """A folder as a lab has it: one CSV file of each person, nothing else."""
    monkeypatch.chdir(tmp_path)
    for number, session in enumerate(made.sessions, start=1):
        roles = {p.id: p.role for p in session.people}
        for signal in session.signals:
            if signal.kind == "eda":
                path = Path("recordings") / f"{number}_1_{roles[signal.person]}.csv"
                write_csv(path, signal.values)
                text = re.sub(r"^[^,\n]*,", "", path.read_text(), flags=re.MULTILINE)
                path.write_text(text.replace("nan", "n/a"))
    return tmp_path


def add_codes_and_answers(made, study):
    """Write the two kinds of table by hand, as the page describes them."""
    (study / "codes").mkdir(exist_ok=True)
    (study / "phenotype").mkdir(exist_ok=True)
    answers = []
    for number, session in enumerate(made.sessions, start=1):
        ours = {p.id: f"d{number:02d}{p.role}" for p in session.people}
        label = f"d{number:02d}s01"
        rows = ["onset\tduration\tperson\tcode\tcoder"]
        stop_s = min(s.values.size / s.rate_hz for s in session.signals)
        rows += [
            f"{s.start_s:.2f}\t{min(s.stop_s, stop_s) - s.start_s:.2f}\t"
            f"{ours[s.person]}\t{s.label}\tkim"
            for s in session.spans
            if s.person and s.start_s < stop_s - 1
        ]
        (study / "codes" / f"{label}_kim.tsv").write_text("\n".join(rows) + "\n")
        for given in session.answers:
            items = list(given.items)
            head = ["participant_id", "session_id", "about", *items]
            cells = [ours[given.person], label, ours[given.about]]
            answers.append("\t".join([*cells, *(f"{given.items[i]:g}" for i in items)]))
    table = "\n".join(["\t".join(head), *answers]) + "\n"
    (study / "phenotype" / "demo_empathy.tsv").write_text(table)


def test_from_files_to_report_as_the_page_says(made, lab):
    dry, real, check, run, *after = commands()
    assert [c[0] for c in (dry, real, check, run)] == ["import", "import", "check", "run"]
    before = tree(lab)
    shown = typed(dry)
    assert f"{DYADS} to import" in shown.output
    assert tree(lab) == before
    typed(real)
    study = lab / "my-study"
    add_codes_and_answers(made, study)
    (study / "recipe.toml").write_text(RECIPE)
    looked = typed(check)
    assert looked.output.count("eda") == DYADS
    done = typed([*run, "--jobs", "1"])
    found = sy.Run(study / "derivatives" / "syntony" / "run-001")
    assert found.finished
    assert not [n for n in found.notes if n.code.endswith("refused") or "left-out" in n.code]
    the_three_findings_are_told(done.output, found)
    shutil.rmtree(found.path / "report")
    assert [c[0] for c in after] == ["report", "cite"]
    assert typed(after[0]).output.strip().endswith("index.html")
    assert "Marci2007" in typed(after[1]).output
    assert "@article{Marci2007" in typed([*after[1], "--bib"]).output.replace(" ", "")
    whole = typed(["check", str(found.path)])
    assert "every input is unchanged" in whole.output
    assert "the same figures again" in whole.output


def the_three_findings_are_told(output, run):
    """On the terminal and in the page: synchrony, emotion, empathy, each with its number."""
    page = run.report.read_text("utf-8")
    links = run.table("links")
    for finding in ("synchrony", "emotion", "empathy"):
        assert re.search(rf"^{finding}", output, re.IGNORECASE | re.MULTILINE), output
        assert finding in page.lower()
        rows = links[links.finding.str.contains(finding)]
        assert rows.value.notna().any(), finding
    empathy = links[links.finding == "empathy"].iloc[0]
    shown = f"{empathy.value:.2f}".replace("-", "−").replace("0.", ".")
    assert shown in page
    for number in range(1, DYADS + 1):
        assert (run.path / "report" / f"d{number:02d}s01.html").exists()
