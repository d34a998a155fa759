"""Files are written whole or not at all."""

import os

import pytest

from syntony.core.files import is_within, write_text, write_whole


@pytest.mark.skipif(os.name != "posix", reason="Windows knows no umask")
@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o027, 0o640)])
def test_the_umask_says_who_may_read(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        written = write_text(tmp_path / "a.txt", "x")
        write_text(tmp_path / "a.txt", "again")
    finally:
        os.umask(before)
    assert written.stat().st_mode & 0o777 == mode


def test_a_link_is_where_it_leads(tmp_path):
    root, other = tmp_path / "study", tmp_path / "study-2"
    for folder in (root, other):
        folder.mkdir()
        (folder / "a.txt").write_text("x", "utf-8")
    (root / "out").symlink_to(other / "a.txt")
    (root / "in").symlink_to(root / "a.txt")
    (root / "folder").symlink_to(other)
    told = [is_within(root / name, root) for name in ("a.txt", "in", "out", "folder/a.txt")]
    assert told == [True, True, False, False]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    target = write_text(tmp_path / "a.txt", "old")

    def half(part):
        part.write_text("ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_whole(target, half)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
