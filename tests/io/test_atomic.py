import errno
import os

import pytest

from syntony.core.errors import FileError
from syntony.io import atomic
from syntony.io.atomic import STAGE, is_half_written, recover, staged


@pytest.fixture
def root(tmp_path):
    (tmp_path / "list.tsv").write_text("old")
    (tmp_path / "kept.txt").write_text("kept")
    return tmp_path


def tree(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()
    }


def write(new):
    (new / "a/b").mkdir(parents=True)
    (new / "a/b/one.txt").write_text("one")
    (new / "two.txt").write_text("two")
    (new / "list.tsv").write_text("new")


AFTER = {"list.tsv": "new", "kept.txt": "kept", "a/b/one.txt": "one", "two.txt": "two"}


def test_all_of_it_happens(root):
    with staged(root, last=("list.tsv",)) as new:
        write(new)
        assert not is_half_written(root)
    assert tree(root) == AFTER


def test_an_error_on_the_way_leaves_nothing(root):
    before = tree(root)
    with pytest.raises(KeyError, match="a"), staged(root) as new:  # noqa: PT012
        write(new)
        raise KeyError("a")
    assert tree(root) == before
    assert not (root / STAGE).exists()


@pytest.mark.parametrize("count", range(9))
def test_a_full_disk_at_any_move_leaves_nothing(root, monkeypatch, count):
    before, real, done = tree(root), os.replace, []

    def full(source, target):
        done.append(source)
        if len(done) == count + 1:
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        return real(source, target)

    monkeypatch.setattr(atomic.os, "replace", full)
    try:
        with staged(root, last=("list.tsv",)) as new:
            write(new)
    except FileError as error:
        assert "a full disk" in str(error)  # noqa: PT017
        assert tree(root) == before
        assert not (root / "a").exists()
    else:
        assert len(done) < count + 1
        assert tree(root) == AFTER


class Killed(BaseException):
    """As if the process ended: nothing after it may run."""


@pytest.mark.parametrize("count", range(5))
def test_what_a_killed_writer_left_is_undone_by_the_next(root, monkeypatch, count):
    before, real, done = tree(root), os.replace, []

    def kill(source, target):
        done.append(source)
        if len(done) == count + 1:
            raise Killed
        return real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(atomic.os, "replace", kill)
        patch.setattr(atomic, "recover", lambda root: False)
        with pytest.raises(Killed), staged(root, last=("list.tsv",)) as new:
            write(new)
    assert (root / STAGE).exists()
    assert is_half_written(root) == (0 < count < 5)
    assert recover(root)
    if count < 4:
        assert tree(root) == before
    assert not recover(root)
    with staged(root) as new:
        write(new)
    assert tree(root) == AFTER


def test_list_comes_last(root, monkeypatch):
    moved, real = [], os.replace
    monkeypatch.setattr(atomic.os, "replace", lambda a, b: (moved.append(str(b)), real(a, b))[1])
    with staged(root, last=("two.txt", "list.tsv")) as new:
        write(new)
    ours = [os.path.relpath(m, root) for m in moved if STAGE not in m]
    assert ours == ["a/b/one.txt", "two.txt", "list.tsv"]


def test_a_folder_that_may_not_be_written_is_named(root, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied", str(root / STAGE))

    monkeypatch.setattr(atomic.Path, "mkdir", refuse)
    with pytest.raises(FileError, match=r"Permission denied.*Check the permissions"), staged(root):
        pass
