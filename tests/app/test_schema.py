"""The shapes, the types made from them, and the browser's own code: types and tests."""

import os
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from syntony.app import types_made
from syntony.app.pages import Words

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "src" / "syntony" / "app" / "static"
TSC = ROOT / "node_modules" / "typescript" / "bin" / "tsc"


def test_the_types_are_fresh():
    assert types_made.path().read_text("utf-8") == types_made.types_made(), (
        "python -m syntony.app.types_made"
    )


def _node():
    node = shutil.which("node")
    if node is None:
        pytest.skip("an extra of developers, node, is not installed")
    return node


def test_the_types_of_the_scripts_hold():
    if not TSC.is_file():
        pytest.skip("an extra of developers, typescript, is not installed (npm install)")
    done = subprocess.run(
        [_node(), str(TSC), "-p", str(STATIC / "tsconfig.json")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_tests_of_the_scripts_pass():
    tests = sorted(str(p) for p in (ROOT / "tests" / "app" / "static").glob("**/*.test.js"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NODE_")}
    done = subprocess.run(
        [_node(), "--test", *tests], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert tests


def test_scripts_stay_short_are_typed_and_ask_nobody_else():
    for path in STATIC.rglob("*.js"):
        if "vendor" in path.parts:
            continue
        text = path.read_text("utf-8")
        assert text.startswith("// @ts-check\n"), path
        assert text.count("\n") <= 400, path
        assert not re.search(r"https?://(?!www\.w3\.org)|\beval\(|innerHTML|document\.write", text)


def test_templates_ask_only_for_words_that_are_there():
    words = Words()
    for path in files("syntony.app").joinpath("templates").iterdir():
        for key in re.findall(r"\bt\('([\w.]+)'[,)]", path.read_text("utf-8")):
            assert isinstance(words.part(key), str), f"{path.name}: {key}"


def test_every_refusal_has_its_words():
    """What ``Refusal(404, "no_session")`` names stands in the text file, and nothing else does."""
    import re
    from pathlib import Path

    from syntony.app import pages

    root = Path(pages.__file__).parent
    code = "\n".join(p.read_text("utf-8") for p in sorted(root.rglob("*.py")))
    used = set(re.findall(r'Refusal\(\s*\d+,\s*"(\w+)"', code)) | {"busy"}
    assert used == set(pages.Words().part("refusals"))
