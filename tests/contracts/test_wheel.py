"""What is published: a wheel made from the sdist holds all of the package, and runs."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from the sdist alone, unpacked."""
    pytest.importorskip("hatchling", reason="the extra 'dev' is not installed")
    place = tmp_path_factory.mktemp("dist")

    def build(kind, source):
        command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(place)]
        subprocess.run(command, cwd=source, check=True, capture_output=True)
        return next(place.glob("*.tar.gz" if kind == "sdist" else "*.whl"))

    with tarfile.open(build("sdist", ROOT)) as packed:
        packed.extractall(place / "source", filter="data")
    (source,) = (place / "source").iterdir()
    with zipfile.ZipFile(build("wheel", source)) as packed:
        packed.extractall(place / "wheel")
    return place / "wheel"


def test_every_file_of_the_package_is_in_it(wheel):
    package = ROOT / "src" / "syntony"
    wanted = {
        p.relative_to(package)
        for p in package.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    }
    held = {p.relative_to(wheel / "syntony") for p in (wheel / "syntony").rglob("*") if p.is_file()}
    assert wanted - held == set()
    assert held - wanted == set()
    assert Path("app/static/review/page.js") in held
    (facts,) = wheel.glob("*.dist-info")
    assert "syntony = syntony.__main__:run" in (facts / "entry_points.txt").read_text()
    assert (facts / "licenses" / "LICENSE").is_file()


def test_it_runs_and_finds_what_lies_beside_its_code(wheel, tmp_path):
    env = os.environ | {"PYTHONPATH": str(wheel)}
    code = (
        "import syntony, syntony.app.make, syntony.report.page as page\n"
        "assert 'wheel' in syntony.__file__, syntony.__file__\n"
        "page.environment().get_template('session.html')\n"
        "print(len(syntony.__version__))"
    )
    subprocess.run([sys.executable, "-c", code], env=env, check=True, cwd=tmp_path)
    listed = subprocess.run(
        [sys.executable, "-m", "syntony", "methods"],
        env=env,
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert "marci" in listed.stdout
