"""Every entry of every list has its page, made from the list."""

import importlib.util
from pathlib import Path

from syntony.io.codes import code_books
from syntony.io.codes.registry import code_readers
from syntony.io.registry import readers
from syntony.link.instruments.registry import instruments
from syntony.link.models.registry import models
from syntony.surrogates.registry import surrogates
from syntony.synchrony.registry import methods

ROOT = Path(__file__).resolve().parents[2]


def test_every_entry_has_a_page(tmp_path):
    spec = importlib.util.spec_from_file_location("make_pages", ROOT / "docs" / "make_pages.py")
    make_pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_pages)
    make_pages.write_pages(tmp_path)
    for name, entries in {
        "methods": methods(),
        "surrogates": surrogates(),
        "formats": readers(),
        "code_formats": code_readers(),
        "code_books": code_books(),
        "questionnaires": instruments(),
        "models": models(),
    }.items():
        pages = {p.stem for p in (tmp_path / name).glob("*.md")} - {"index"}
        assert pages == set(entries)
    for entry in methods().values():
        text = (tmp_path / "methods" / f"{entry.name}.md").read_text("utf-8")
        assert entry.tell({}) in text
        assert all(f"`{option}`" in text for option in entry.options)
        assert (tmp_path / "methods" / f"{entry.name}.svg").stat().st_size > 1000
    assert "min_rotation_s" in (tmp_path / "recipe.md").read_text("utf-8")
    assert "--strangers" in (tmp_path / "commands.md").read_text("utf-8")
