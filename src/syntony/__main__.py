"""``python -m syntony``, and the script of that name: the shell door as a program of its own."""

import atexit
import gc

from syntony.cli import main


def run() -> None:
    """Open the shell door.

    A verb loads a few hundred modules and ends: sweeping them for garbage while they load, and
    once more at the end, took a tenth of ``pair``.
    """
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)
    main(prog_name="syntony")


if __name__ == "__main__":
    run()
