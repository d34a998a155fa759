"""How long the doors take to open: ``import syntony`` and ``syntony --help``, fresh processes.

Run: python benchmarks/start.py
Medians over 11 processes each, taken in turn; bytecode is written beforehand.
"""

from __future__ import annotations

from statistics import median

from figures import figure, fresh

TIMES = 11
COMMANDS = {
    "bare": ["-c", "pass"],
    "import": ["-c", "import syntony"],
    "help": ["-m", "syntony", "--help"],
}


def main() -> None:
    for command in COMMANDS.values():
        fresh(command)
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(TIMES):
        for name, command in COMMANDS.items():
            taken[name].append(1e3 * fresh(command).seconds)
    middle = {name: median(times) for name, times in taken.items()}
    figure("python -c pass", middle["bare"], "ms")
    figure("import syntony, more than that", middle["import"] - middle["bare"], "ms", at_most=60)
    figure("syntony --help", middle["help"], "ms", at_most=300)


if __name__ == "__main__":
    main()
