"""Made sensor files of two people, as a recorder would export them."""

import json
import zipfile
from pathlib import Path

import numpy as np

from syntony.core.seeds import rng_for
from syntony.simulate.dyad import PairSetup, make_pair

FACTS = {"kind": "eda", "unit": "uS", "time_column": "time"}
SHELL = ("--kind", "eda", "--unit", "uS", "--time-column", "time")


def two(seconds=1320.0, *, seed=1, share=0.7, delay_s=2.0, rate_hz=4.0):
    """Skin conductance of two people (uS), the second ``delay_s`` behind the first."""
    setup = PairSetup(duration_s=seconds, rate_hz=rate_hz, share=share, delay_s=delay_s)
    made = make_pair(rng_for(seed, "two files"), setup)
    return tuple(s.values for s in made.signals)


def write_csv(path, values, *, rate_hz=4.0, start_s=0.0):
    """Write time and skin conductance, digits enough to give the same numbers back."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = (f"{start_s + i / rate_hz!r},{v!r}" for i, v in enumerate(map(float, values)))
    path.write_text("\n".join(["time,eda", *rows]) + "\n", encoding="utf-8")
    return path


def two_files(folder, seconds=1320.0, *, names=("patient.csv", "therapist.csv"), **more):
    """Write both files and give their paths."""
    values = two(seconds, **more)
    return tuple(write_csv(Path(folder) / n, v) for n, v in zip(names, values, strict=True))


def e4_zip(path, values, *, start=1635148245.0):
    """Write an Empatica E4 archive with skin conductance and a little of its pulse."""
    rows = "\n".join(f"{v:.6f}" for v in values)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EDA.csv", f"{start:.6f}\n4.000000\n{rows}\n")
        archive.writestr("BVP.csv", f"{start:.6f}\n64.000000\n" + "0.5\n-0.5\n" * 320)
    return path


def tree(folder):
    """Every file and folder below, with the content of files: what must not change."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None
        for p in Path(folder).rglob("*")
    }


def rows_of(told):
    """Rows that ``syntony pair --json`` printed, by method, statistic and surrogate."""
    found = json.loads(told)["pairs"]
    return {(r["method"], r["statistic"], r["surrogate"]): r for r in found}


def same_numbers(
    one, other, names=("value", "low", "high", "null_mean", "p_one", "p_two", "lag_s")
):
    """Assert that two rows hold the same numbers, missing ones alike."""
    for name in names:
        a, b = (np.nan if r[name] is None else r[name] for r in (one, other))
        assert a == b or (np.isnan(a) and np.isnan(b)), (name, a, b)
