"""The Python of the page on empathic accuracy runs, and its recipes are recipes."""

import re
from pathlib import Path

import syntony as sy

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "how" / "empathic-accuracy.md").read_text(
    "utf-8"
)


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_python_runs(capsys):
    page = {}
    for block in blocks("python"):  # each goes on from the one before, as a reader does
        exec(compile(block, "empathic-accuracy.md", "exec"), page)
    out = capsys.readouterr().out
    assert re.search(r"z = 0\.\d\d at a lag of 1 s", out), out


def test_recipes_are_recipes(tmp_path):
    for number, block in enumerate(blocks("toml")):
        path = tmp_path / f"{number}.toml"
        path.write_text(block, encoding="utf-8")
        assert sy.read_recipe(path).ratings.max_lag_s == 3.0
