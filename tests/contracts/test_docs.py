"""Every entry of every list has its page, made from the list."""

import importlib.util
import re
from pathlib import Path

from syntony.io.answers import answer_readers
from syntony.io.codes import code_books
from syntony.io.codes.registry import code_readers
from syntony.io.registry import readers
from syntony.link.definitions import read_definition
from syntony.link.instruments.registry import instruments
from syntony.link.models.registry import models
from syntony.surrogates.registry import surrogates
from syntony.synchrony.registry import methods

ROOT = Path(__file__).resolve().parents[2]
DRAWN = ("marci", "lagged_correlation", "granger")


def test_every_entry_has_a_page(tmp_path):
    spec = importlib.util.spec_from_file_location("make_pages", ROOT / "docs" / "make_pages.py")
    make_pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_pages)
    draw = make_pages.draw_example  # all are drawn by `make docs`
    make_pages.draw_example = lambda entry, path: draw(entry, path) if entry.name in DRAWN else None
    make_pages.write_pages(tmp_path)
    for name, entries in {
        "methods": methods(),
        "surrogates": surrogates(),
        "formats": readers(),
        "code_formats": code_readers(),
        "code_books": code_books(),
        "questionnaires": instruments(),
        "models": models(),
        "answer_formats": answer_readers(),
    }.items():
        pages = {p.stem for p in (tmp_path / name).glob("*.md")} - {"index"}
        assert pages == set(entries)
    for entry in methods().values():
        text = (tmp_path / "methods" / f"{entry.name}.md").read_text("utf-8")
        assert entry.tell({}) in text
        assert all(f"`{option}`" in text for option in entry.options)
    for name in DRAWN:
        assert (tmp_path / "methods" / f"{name}.svg").stat().st_size > 1000
    assert "min_rotation_s" in (tmp_path / "recipe.md").read_text("utf-8")
    assert "--strangers" in (tmp_path / "commands.md").read_text("utf-8")


def test_the_page_on_answers_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "how" / "bring-answers-in.md").read_text("utf-8")
    told = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(block, "bring-answers-in.md", "exec"), told)
    assert told["run"].table("likeness").dyads.tolist() == [6]
    assert told["run"].report.is_file()
    (definition,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "warmth.toml").write_text(definition, encoding="utf-8")
    assert read_definition(tmp_path / "warmth.toml")[0] == "warmth"
