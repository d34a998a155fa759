"""Every benchmark but the long calibration ones, one table.

Run: python benchmarks/all.py
Each file runs in a process of its own, one after the other. Ends with 1 where a file fails; a
figure beyond its limit says OVER, as machines differ.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from figures import clean_environment

HERE = Path(__file__).parent
NOT_HERE = {
    "all.py",
    "figures.py",
    "shared_shape.py",
    "calibration.py",
    "calibration_blocks.py",
    "calibration_page.py",
    "expected_r.py",
    "interval_coverage.py",
    "costs.py",
    "speed_table.py",
}


def main() -> int:
    failed, over = [], 0
    print(f"{'file':<12} {'what':<58} {'figure':>10} {'unit':<6} limit")
    for path in sorted(HERE.glob("*.py")):
        if path.name in NOT_HERE:
            continue
        command = [sys.executable, str(path)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=clean_environment(), check=False
        )
        lines = done.stdout.splitlines()
        over_here = sum(line.endswith("OVER") for line in lines)
        over += over_here
        for line in lines:
            print(f"{path.stem:<12} {line}", flush=True)
        if done.returncode and (done.stderr.strip() or not over_here):
            failed.append(path.name)
            print(f"{path.stem:<12} FAILED: {done.stderr.strip().splitlines()[-1:]}", flush=True)
    print(f"{over} over their limit" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
