"""The first use ever: both halves of the kernels are kept, and later uses start nothing."""

import os
import subprocess
import sys

import pytest

from syntony.config import Recipe, Step
from syntony.pipeline import first_use

ASK = """
from syntony.config import Recipe
from syntony.pipeline.first_use import compile_in_two
compile_in_two(Recipe())
"""
BESIDE = """
from syntony.config import Recipe
from syntony.pipeline.first_use import compiling_beside
with compiling_beside(Recipe()):
    pass
"""


def test_where_kernels_are_kept_nothing_is_started(monkeypatch):
    monkeypatch.setattr(first_use, "_something_compiled", lambda: True)
    monkeypatch.setattr(subprocess, "Popen", None)  # would raise
    first_use.compile_in_two(Recipe())
    with first_use.compiling_beside(Recipe()):
        pass


def test_one_method_or_one_core_starts_nothing(monkeypatch):
    monkeypatch.setattr(first_use, "_something_compiled", lambda: False)
    monkeypatch.setattr(subprocess, "Popen", None)
    first_use.compile_in_two(Recipe(synchrony=(Step(),)))
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    first_use.compile_in_two(Recipe())


def test_a_step_that_refuses_the_made_pair_is_left_to_its_first_call():
    first_use.try_steps(Recipe(), (Step(options={"window_s": 900.0}), Step()))


@pytest.mark.slow
@pytest.mark.parametrize("ask", [ASK, BESIDE])
def test_both_halves_are_kept(tmp_path, ask):
    there = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", ask], env=there, check=True)
    kept = {path.name.split("-")[0] for path in tmp_path.rglob("*.nbi")}
    assert {"biquads._run", "sliding._slide", "lagged._correlate"} <= kept
    assert {"sliding_sums._sum_pairs", "lagged_sums._sum_pairs"} <= kept  # many pairs at once
