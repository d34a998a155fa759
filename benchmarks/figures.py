"""How a benchmark prints: what was measured, the figure, its limit, and whether it holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def figure(
    what: str,
    value: float,
    unit: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
) -> bool:
    """Print one line; give whether the limit holds (True where there is none)."""
    limit, holds = "", True
    if at_most is not None:
        limit, holds = f"at most {at_most:g} {unit}", value <= at_most
    elif at_least is not None:
        limit, holds = f"at least {at_least:g} {unit}", value >= at_least
    word = "" if not limit else "ok" if holds else "OVER"
    print(f"{what:<58} {value:>10.4g} {unit:<6} {limit:<22} {word}".rstrip(), flush=True)
    return holds


def cpu_s(call: Callable[[], object], times: int) -> float:
    """Give the median CPU seconds of a call, after one that is not counted."""
    call()
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        call()
        taken.append((time.process_time_ns() - start) * 1e-9)
    return sorted(taken)[len(taken) // 2]


@dataclass(frozen=True)
class Spent:
    """What a fresh process took: wall time (s) and its largest resident memory (MB)."""

    seconds: float
    megabytes: float


def machine() -> str:
    """Processor, cores, system and versions, for what is written about a figure."""
    import platform

    import numpy

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    cpu = named[0] if named else platform.processor() or platform.machine()
    return (
        f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"numpy {numpy.__version__}"
    )


def clean_environment(**more: str) -> dict[str, str]:
    """Give the environment with bytecode switched on, as users have it."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | more


def fresh(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Spent:
    """Run Python with these arguments as a fresh process and wait for its end."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command],
        env=dict(environment or clean_environment()),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    told = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {told.decode()}")
    scale = 1 / 2**20 if sys.platform == "darwin" else 1 / 2**10
    return Spent(seconds, usage.ru_maxrss * scale)


def peer_times(name: str) -> dict[str, Any] | None:
    """Times of another tool, from ``peers/<name>.py`` run by its own environment's Python.

    ``SYNTONY_PEERS`` names that Python; without it there is nothing to compare with (None).
    """
    python = os.environ.get("SYNTONY_PEERS")
    if not python:
        return None
    script = Path(__file__).parent / "peers" / f"{name}.py"
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [python, str(script)],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(NUMBA_NUM_THREADS="1", **single),
    )
    if done.returncode:
        raise SystemExit(f"{script.name} failed in the peers' environment: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
