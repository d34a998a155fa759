import os
import time

import pytest

from syntony.core.errors import FileError
from syntony.core.recording import Recording
from syntony.io import apart
from syntony.io.apart import read_apart

HERE = "test_apart"


def good(path, *, person):
    return Recording(clock=f"{path.name} of {person}")


def refuses(path):
    raise FileError(path, "nothing", "something", line=3)


def dies(path):
    os._exit(7)


def hangs(path):
    time.sleep(60)


def gives_a_number(path):
    return 5


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(os.path.dirname(__file__))
    file = tmp_path / "a.h5"
    file.write_bytes(b"x")
    return file


def test_a_recording_comes_back(path):
    assert read_apart(HERE, "good", path, person="P01").clock == "a.h5 of P01"


def test_an_error_of_ours_comes_back_whole(path):
    with pytest.raises(FileError, match=r"a\.h5, line 3: found nothing"):
        read_apart(HERE, "refuses", path)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("dies", r"library fail \(7\)"),
        ("gives_a_number", "no recording"),
        ("not_there", "library fail"),
        ("hangs", "no end of reading in 2 s"),
    ],
)
def test_a_process_that_fails_is_a_damaged_file(path, monkeypatch, function, told):
    monkeypatch.setattr(apart, "_PATIENCE_S", 2.0 if function == "hangs" else 20.0)
    with pytest.raises(FileError, match=told):
        read_apart(HERE, function, path)
