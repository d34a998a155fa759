import os
import signal
import sys

import numpy as np
import pytest

from syntony.core.errors import FileError
from syntony.io import apart
from syntony.io.apart import open_apart

BEGIN = """
import json, os, sys, time
begin = json.loads(sys.stdin.readline())
def tell(*answer):
    print(json.dumps(answer), flush=True)
order = json.loads(sys.stdin.readline())
"""
TWO = r"""
tell("found", [os.path.basename(begin["file"]), order, begin["packages"] == order["path"]])
for line in sys.stdin:
    tell("numbers", [json.loads(line)["dtype"], 3])
    sys.stdout.buffer.write(b"\1\0\2\0\3\0")
    sys.stdout.flush()
"""


@pytest.fixture
def ask(tmp_path):
    """Answer of a script to its first order, or to an order more."""
    path, script = tmp_path / "a.h5", tmp_path / "apart_here.py"
    path.write_bytes(b"x")

    def answers(code, *orders):
        script.write_text(BEGIN + code)
        with open_apart(path, script) as process:
            return [process.ask(**order) for order in orders or ({},)]

    return answers


def test_answers_and_numbers_come_back(ask):
    first, numbers = ask(TWO, {"path": sys.path}, {"dtype": ">u2"})
    assert first == ["a.h5", {"path": sys.path}, True]
    assert numbers.dtype == ">u2"
    np.testing.assert_array_equal(numbers, [256, 512, 768])


def test_what_it_refuses_is_an_error_of_the_file(ask):
    with pytest.raises(FileError, match=r"a\.h5: found nothing, expected something\. Do it\."):
        ask("tell('refused', ['nothing', 'something', 'Do it.'])")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("os._exit(7)", r"library fail \(7\)"),
        ("raise MemoryError", r"library fail \(1\)"),
        ("os.abort()", "library fail"),
        ("import not_there", "library fail"),
        ("time.sleep(60)", "no end of reading in 2 s"),
        ("tell('numbers', ['<u2', 10**6]); time.sleep(60)", "no end of reading in 2 s"),
        ("tell('numbers', ['<u2', 10**6]); os._exit(3)", r"library fail \(3\)"),
        ("tell('numbers', ['O', 1])", "1 numbers of type O"),
        ("tell('numbers', ['<u2', -1])", "-1 numbers"),
        ("print('hello', flush=True)", "no answer"),
        ("print(5, flush=True)", "no answer"),
    ],
)
def test_a_process_that_fails_is_a_damaged_file(ask, monkeypatch, code, told):
    monkeypatch.setattr(apart, "_PATIENCE_S", 2.0 if "sleep" in code else 20.0)
    with pytest.raises(FileError, match=told):
        ask(code)


def test_a_process_that_died_between_two_orders_is_a_damaged_file(ask):
    with pytest.raises(FileError, match=r"library fail \(4\)"):
        ask("tell('found', 1); os._exit(4)", {}, {"much": "x" * 10_000}, {})


def test_patience_is_for_all_orders_together(ask, monkeypatch, tmp_path):
    monkeypatch.setattr(apart, "_PATIENCE_S", 20.0)
    ask("tell('found', 1); time.sleep(60)")
    with open_apart(tmp_path / "a.h5", tmp_path / "apart_here.py") as process:
        process._left_s = -1.0
        with pytest.raises(FileError, match="no end of reading in 20 s"):
            process.ask()


@pytest.mark.skipif(os.name != "posix", reason="asks the system for a process")
def test_no_process_stays_behind(ask, monkeypatch):
    begun, popen = [], apart.subprocess.Popen

    def begin(*args, **options):
        begun.append(popen(*args, **options))
        return begun[-1]

    monkeypatch.setattr(apart.subprocess, "Popen", begin)
    ask("tell('found', 1); time.sleep(60)")
    (process,) = begun
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(OSError, match="No such process"):
        os.kill(process.pid, 0)
