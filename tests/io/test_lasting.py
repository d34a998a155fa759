"""One writer at a time, also of several programs."""

import os
import subprocess
import sys
import time

import pytest

from syntony.io.lasting import alone, append_lasting

HOLD = """
import sys, time
from pathlib import Path
from syntony.io.lasting import alone
with alone(Path(sys.argv[1])):
    print("in", flush=True)
    time.sleep(0.7)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no such lock")
def test_another_program_waits_its_turn(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == "in"
    began = time.monotonic()
    with alone(tmp_path):
        waited = time.monotonic() - began
    process.wait(10)
    process.stdout.close()
    assert waited > 0.4


def test_appending_begins_on_a_whole_line(tmp_path):
    path = tmp_path / "a.csv"
    append_lasting(path, "1\n2\n")
    path.write_bytes(path.read_bytes() + b"3,cut")
    append_lasting(path, "4\n")
    assert path.read_text("utf-8") == "1\n2\n4\n"
