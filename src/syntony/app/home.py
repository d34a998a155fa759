"""Home: the one study that the app is built around, and how it is reached."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from syntony.app.process import Bounds
from syntony.core.errors import InputError
from syntony.core.files import is_within


def cache_folder() -> Path:
    """Where programs of this user keep what can be made again: outside of every study."""
    from platformdirs import user_cache_path

    return user_cache_path("syntony", appauthor=False)


LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an upload may hold: bytes, files, and how much larger a packed file may unpack.

    ``open_bytes`` is for all open uploads together. ``memory_bytes``, ``cpu_s`` and ``wall_s``
    bound a process that reads recordings: uploaded ones, and those of the study.
    """

    file_bytes: int = 2 * 2**30
    total_bytes: int = 8 * 2**30
    open_bytes: int = 16 * 2**30
    files: int = 2_000
    ratio: float = 200.0
    memory_bytes: int = 4 * 2**30
    cpu_s: int = 900
    wall_s: float = 1_800.0

    @property
    def bounds(self) -> Bounds:
        """For the process that reads."""
        return Bounds(memory_bytes=self.memory_bytes, cpu_s=self.cpu_s, wall_s=self.wall_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where the app lives; nothing else decides what it serves.

    Attributes
    ----------
    study : Path
        The study folder; need not exist yet.
    data : Path
        Accounts and audit log, outside the study.
    cache : Path
        What is shown of sessions, made from the files; can be deleted at any time.
    token : str
        Launch token, good for one entry; what is in the address that ``serve`` prints.
    hosts : tuple of str
        Names under which the app may be reached (the Host header), without ports.
    secure : bool
        Whether the browser speaks TLS, to us or to a proxy.
    behind_proxy : bool
        Whether a proxy stands before the app, whose word on address and scheme counts.
    cookie : str
        Name of the cookie; two apps on one machine need two.
    idle_s : float
        After so many seconds in which a person did nothing an account is logged off.
    limits : Limits
    """

    study: Path
    data: Path
    cache: Path = field(default_factory=cache_folder)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    hosts: tuple[str, ...] = LOOPBACK
    secure: bool = False
    behind_proxy: bool = False
    cookie: str = "syntony"
    idle_s: float = 1_800.0
    limits: Limits = field(default_factory=Limits)

    @property
    def launch_file(self) -> Path:
        """What a browser is given to open: holds the token, which no command line may show.

        Browsers in a box of their own (snaps) see no hidden folders, so it does not lie in one.
        """
        name = f"syntony-open-{self.data.name}.html"
        is_hidden = any(part.startswith(".") for part in self.data.absolute().parts)
        home = Path(os.path.expanduser("~"))
        return (home if is_hidden and os.access(home, os.W_OK) else self.data) / name


def data_folder(study: Path, root: Path | None = None) -> Path:
    """Folder of the accounts and the audit log of a study, in the user's own data.

    Parameters
    ----------
    study : Path
    root : Path, optional
        Default: where programs of this user keep their data on this system.

    Returns
    -------
    Path
        The same for the same study; named so that a person can tell it, too.

    Examples
    --------
    >>> data_folder(Path("/data/pilot"), Path("/home-of-data")).name.startswith("pilot-")
    True
    """
    if root is None:
        from platformdirs import user_data_path

        root = user_data_path("syntony", appauthor=False) / "studies"
    where = study.resolve()
    told = re.sub(r"[^A-Za-z0-9]+", "-", where.name).strip("-") or "study"
    return root / f"{told}-{hashlib.sha256(str(where).encode()).hexdigest()[:12]}"


def data_beside(study: Path, data: Path | None) -> Path:
    """The folder that was asked for, or the study's own; never one inside the study.

    Raises
    ------
    InputError
        If accounts and log would lie among what is handed on with the study.
    """
    if data is None:
        return data_folder(study)
    if is_within(data, study):
        raise InputError(
            "data", str(data), "a folder outside the study", "A study is copied and handed on."
        )
    return data
