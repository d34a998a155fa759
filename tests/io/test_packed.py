"""What a packed file unpacks to is measured, and what it says of itself is not believed."""

import gzip
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syntony.core.errors import FileError
from syntony.io.packed import check_packed

MANY = {"most_bytes": 10**9, "ratio": 1e6}


def _write(folder, data):
    path = folder / "file"
    path.write_bytes(data)
    return path


def _zip(*members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for k, data in enumerate(members):
            archive.writestr(f"m{k}", data)
    return held.getvalue()


@settings(max_examples=30, deadline=None)
@given(parts=st.lists(st.binary(max_size=3000), min_size=1, max_size=4))
def test_the_size_is_that_of_what_was_packed(parts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("packed")
    size = sum(map(len, parts))
    assert check_packed(_write(folder, b"".join(map(gzip.compress, parts))), **MANY) == size
    assert check_packed(_write(folder, _zip(*parts)), **MANY) == size


def test_a_large_gzip_of_several_members_is_measured_to_the_byte(tmp_path):
    parts = [b"ab" * 1_300_001, b"", b"c" * 2_200_003]
    path = _write(tmp_path, b"".join(map(gzip.compress, parts)))
    assert check_packed(path, **MANY) == sum(map(len, parts))


def test_plain_files_are_as_large_as_they_are(tmp_path):
    assert check_packed(_write(tmp_path, b"1,2\n"), **MANY) == 4
    with pytest.raises(FileError, match="unpacks to more than 3"):
        check_packed(_write(tmp_path, b"1,2\n"), most_bytes=3, ratio=10)


@pytest.mark.parametrize("data", [gzip.compress(b"\0" * 9_000_000), _zip(b"\0" * 9_000_000)])
def test_bombs_are_refused_by_ratio_and_by_size(tmp_path, data):
    path = _write(tmp_path, data)
    with pytest.raises(FileError, match="unpacks to more"):
        check_packed(path, most_bytes=10**9, ratio=200)
    with pytest.raises(FileError, match="unpacks to more"):
        check_packed(path, most_bytes=8_999_999, ratio=1e6)
    assert check_packed(path, most_bytes=9_000_000, ratio=1e6) == 9_000_000


def test_many_members_together_are_a_bomb_too(tmp_path):
    path = _write(tmp_path, _zip(*[b"\0" * 900_000] * 20))
    with pytest.raises(FileError, match="unpacks to more"):
        check_packed(path, most_bytes=10**9, ratio=100)
    with pytest.raises(FileError, match="20 files"):
        check_packed(path, **MANY, members=19)


def test_a_zip_that_lies_about_its_sizes_is_refused(tmp_path):
    data = bytearray(_zip(b"\0" * 9_000_000))
    true = (9_000_000).to_bytes(4, "little")
    while (at := data.find(true)) >= 0:
        data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(FileError):
        check_packed(_write(tmp_path, bytes(data)), **MANY)


@pytest.mark.parametrize("cut", [5, 20, -4])
def test_damaged_zips_are_refused(tmp_path, cut):
    with pytest.raises(FileError, match="damaged"):
        check_packed(_write(tmp_path, _zip(b"abc" * 1000)[:cut]), **MANY)
