"""Public data sets: pinned, checked by hash, never changed in silence."""

import shutil

import pytest
from shared import SHARED, needs_shared

import syntony as sy
from syntony.core.errors import FileError, InputError


def test_every_set_names_licence_citation_commit_and_hashes():
    for entry in sy.datasets.datasets().values():
        assert entry.licence
        assert entry.citation
        assert len(entry.base.split("/")[5]) == 40  # a commit, not a branch
        assert entry.files
        assert all(len(digest) == 64 for digest in entry.files.values())


def test_an_unknown_set_says_which_there_are():
    with pytest.raises(InputError, match="swps-couples-rr"):
        sy.datasets.fetch("swps")


@needs_shared("data/swps-couples-rr")
def test_a_set_on_disk_is_checked_and_read_from_there(monkeypatch):
    monkeypatch.setenv("SYNTONY_DATA", str(SHARED / "data"))
    for name in sy.datasets.datasets():
        assert sy.datasets.fetch(name) == SHARED / "data" / name


@needs_shared("data/rmea-therapy-mea")
def test_a_changed_file_is_refused(monkeypatch, tmp_path):
    shutil.copytree(SHARED / "data" / "rmea-therapy-mea", tmp_path / "rmea-therapy-mea")
    monkeypatch.setenv("SYNTONY_DATA", str(tmp_path))
    victim = tmp_path / "rmea-therapy-mea" / "normal" / "200_01.txt"
    victim.chmod(0o644)
    victim.write_bytes(victim.read_bytes() + b"1 1\n")
    with pytest.raises(FileError, match=r"200_01.txt: found sha256"):
        sy.datasets.fetch("rmea-therapy-mea")
    victim.unlink()
    with pytest.raises(FileError, match="no such file"):
        sy.datasets.fetch("rmea-therapy-mea")


def test_what_cannot_be_fetched_says_how_to_get_it(monkeypatch, tmp_path):
    import pooch

    def offline(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.delenv("SYNTONY_DATA", raising=False)
    monkeypatch.setattr(pooch, "retrieve", offline)
    with pytest.raises(FileError, match="set SYNTONY_DATA"):
        sy.datasets.fetch("empatica-e4", folder=tmp_path)
