"""Public recordings, fetched once from their source at a pinned commit and checked by hash.

The one place of the program that uses the network, and only when asked.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from syntony.core.errors import FileError, InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A public data set: licence and citation come with it.

    Attributes
    ----------
    name, title, licence, citation : str
    base : str
        Address of the folder at its pinned commit.
    files : mapping of str to str
        File to sha256.
    """

    name: str
    title: str
    licence: str
    citation: str
    base: str
    files: Mapping[str, str]


def datasets() -> dict[str, Dataset]:
    """Every public data set by name.

    Examples
    --------
    >>> datasets()["swps-couples-rr"].licence
    'MIT'
    """
    found = {}
    for path in sorted(files("syntony.public_data").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            name = path.name.removesuffix(".toml")
            found[name] = Dataset(name=name, **tomllib.loads(path.read_text("utf-8")))
    return found


def fetch(name: str, *, folder: Path | str | None = None) -> Path:
    """Bring a public data set to this machine, check every file, and say where it lies.

    Parameters
    ----------
    name : str
        One of ``datasets()``; its licence and citation are there.
    folder : path, optional
        Where to keep it. Default: the user's cache folder. Where the variable
        ``SYNTONY_DATA`` names a folder that holds ``<name>``, that one is read and nothing is
        fetched.

    Returns
    -------
    Path
        Folder with the files.

    Raises
    ------
    InputError
        If there is no such data set.
    FileError
        If a file differs from the one that was pinned, or cannot be had.

    Examples
    --------
    >>> fetch("no-such-set")
    Traceback (most recent call last):
    syntony.core.errors.InputError: name='no-such-set': expected one of [...].
    """
    known = datasets()
    if name not in known:
        raise InputError("name", name, f"one of {sorted(known)}")
    entry = known[name]
    here = os.environ.get("SYNTONY_DATA")
    if here and (Path(here) / name).is_dir():
        return _checked(Path(here) / name, entry)
    return _brought(entry, Path(folder) if folder else _cache())


def _cache() -> Path:
    """The user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("syntony")


def _brought(entry: Dataset, folder: Path) -> Path:
    """Fetch what is missing and check it."""
    import pooch

    place = folder / entry.name
    for file, digest in entry.files.items():
        target = place / file
        try:
            pooch.retrieve(
                entry.base + quote(file),
                known_hash=f"sha256:{digest}",
                fname=target.name,
                path=target.parent,
                progressbar=False,
            )
        except (OSError, ValueError) as error:
            hint = f"Fetch it by hand from {entry.base} and set SYNTONY_DATA."
            raise FileError(target, str(error), "the pinned file", hint) from error
    return place


def _checked(place: Path, entry: Dataset) -> Path:
    """Check that the files on disk are the pinned ones."""
    from hashlib import sha256

    for file, digest in entry.files.items():
        path = place / file
        if not path.exists():
            raise FileError(path, "no such file", f"every file of {entry.name}")
        found = sha256(path.read_bytes()).hexdigest()
        if found != digest:
            raise FileError(path, f"sha256 {found[:16]}...", f"{digest[:16]}...", "It was changed.")
    return place
