"""The browser's own code: its tests in node, and its types. Developers and CI have both."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE = shutil.which("node")
TYPES = ROOT / "node_modules" / "typescript" / "bin" / "tsc"


def run_node(*command):
    done = subprocess.run(
        [NODE, *map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.skipif(NODE is None, reason="an extra of developers, node, is not installed")
def test_the_logic_of_the_pages_holds():
    run_node("--test", *sorted((ROOT / "tests" / "app" / "static").glob("*.test.js")))


@pytest.mark.skipif(
    NODE is None or not TYPES.is_file(),
    reason="an extra of developers, node with typescript, is not installed",
)
def test_the_types_of_the_pages_hold():
    run_node(TYPES, "-p", ROOT / "src" / "syntony" / "app" / "static" / "tsconfig.json")
