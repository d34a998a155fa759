"""Habits that a program can check, over the whole tree."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = sorted((ROOT / "src" / "syntony").rglob("*.py"))
REFERENCE = sorted((ROOT / "tests" / "reference").glob("*.py"))
LEGACY = {"seed", "rand", "randn", "random", "normal", "choice", "shuffle", "permutation"}
HEAVY = {"numpy", "scipy", "pandas", "pyarrow", "matplotlib", "pydantic", "rich", "numba", "click"}


def name_of(path):
    return str(path.relative_to(ROOT))


def walk(path):
    return ast.walk(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", REFERENCE, ids=name_of)
def test_references_do_not_lean_on_the_code_they_check(path):
    names = {a.name.split(".")[0] for n in walk(path) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module.split(".")[0] for n in walk(path) if isinstance(n, ast.ImportFrom)}
    assert names <= {"numpy", "math", "itertools", "reference", "fractions"}


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_no_global_random_state(path):
    bad = [
        f"{path.name}:{n.lineno} np.random.{n.attr}"
        for n in walk(path)
        if isinstance(n, ast.Attribute)
        and n.attr in LEGACY
        and ast.unparse(n.value) in {"np.random", "numpy.random"}
    ]
    assert not bad


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_no_bare_except_no_assert_no_print(path):
    bad = [
        f"{path.name}:{n.lineno}"
        for n in walk(path)
        if (isinstance(n, ast.ExceptHandler) and n.type is None)
        or (isinstance(n, ast.Assert) and path.name != "testing.py")
        or (isinstance(n, ast.Call) and ast.unparse(n.func) in {"print", "warnings.warn"})
    ]
    assert not bad


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_files_and_functions_stay_short(path):
    text = path.read_text("utf-8")
    assert text.count("\n") <= 600
    long = [
        f"{n.name}: {size}"
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.FunctionDef)
        and (size := n.end_lineno - n.lineno - len((ast.get_docstring(n) or "").splitlines())) > 80
    ]
    assert not long


def test_no_file_names_a_package_registry_or_a_machine_path():
    words = re.compile(r"https?://[\w.-]*(pypi|pythonhosted)[\w.-]*|/(?:home|root)/\w+")
    kinds = {".py", ".toml", ".md", ".txt", ".cff", ".html", ".css", ""}
    skip = {".git", ".venv", "_build", "_made", ".hypothesis", ".ruff_cache", ".mypy_cache"}
    bad = []
    for path in ROOT.rglob("*"):
        if path.is_file() and path.suffix in kinds and not skip & set(path.parts):
            found = words.search(path.read_text("utf-8", errors="replace"))
            if found and path != Path(__file__):
                bad.append(f"{name_of(path)}: {found.group(0)}")
    assert not bad


def test_parquet_is_read_by_arrow_from_its_path():
    """pandas hands Arrow a Python file, of which its threads let go while Python ends: an abort."""
    found = [
        f"{name_of(path)}:{n.lineno}"
        for path in OURS
        for n in walk(path)
        if isinstance(n, ast.Attribute) and n.attr == "read_parquet"
    ]
    assert found == []


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, syntony; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & {m.split(".")[0] for m in done.stdout.split()}


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom syntony.cli import main\n"
        "r = CliRunner().invoke(main, ['--help'])\nassert r.exit_code == 0, r.output\n"
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not (HEAVY - {"click"}) & {m.split(".")[0] for m in done.stdout.split()}


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines if "==" in line}
    wanted = [*project["dependencies"]]
    wanted += [d for group in project["optional-dependencies"].values() for d in group]
    names = {re.split(r"[\[<>=]", d)[0].strip().lower() for d in wanted} - {"syntony"}
    assert names <= pinned


def test_every_citation_has_an_entry():
    from syntony.link.instruments.registry import instruments
    from syntony.surrogates.registry import surrogates
    from syntony.synchrony.registry import methods

    books = sorted((ROOT / "src/syntony/report/references").glob("*.bib"))
    keys = [k for b in books for k in re.findall(r"@\w+\{(\w+),", b.read_text("utf-8"))]
    known = set(keys)
    assert len(keys) == len(known), "a key stands twice"
    entries = [*methods().values(), *surrogates().values(), *instruments().values()]
    missing = {k for e in entries for k in e.cites if not k.startswith("none")} - known
    assert not missing
