"""What a browser sends: kept in a folder of its own outside the study, bounded, then thrown away.

A name that comes with a file is never a path. It is cut at its slashes, every piece must be a
plain word, and the file is laid below the upload's own folder.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import time
import unicodedata
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.exceptions import HTTPException

from syntony.app import schema
from syntony.app.home import Home, Limits
from syntony.app.refusal import Refusal
from syntony.core.errors import InputError
from syntony.io.lasting import hold
from syntony.pipeline.filing import sorted_naturally

DEEPEST, LONGEST, OPEN = 6, 120, 8
_OURS, _LEFT_S = re.compile(r"[0-9a-f]{16}"), 86_400.0
_PIECE = re.compile(r"[\w][\w .,+()\[\]=@&'-]*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(slots=True)
class _Upload:
    folder: Path
    release: Callable[[], None]
    sizes: dict[str, int] = field(default_factory=dict)
    coming: dict[str, int] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """What lies there, and what has come so far of files that are being sent."""
        return sum(self.sizes.values()) + sum(self.coming.values())


class Uploads:
    """The open uploads of one app; all are thrown away when it ends.

    Each folder is held as long as its upload is open. One that nobody holds was left by an app
    that was killed: it is thrown away when the next app begins.
    """

    def __init__(self, home: Home) -> None:
        self.limits: Limits = home.limits
        self.root = home.data / "uploads"
        self._open: dict[str, _Upload] = {}
        self._lock = threading.Lock()
        self._throw_left_away()

    def begin(self) -> schema.Upload:
        """Open an upload; the oldest of too many is thrown away."""
        while len(self._open) >= OPEN:
            self.forget(next(iter(self._open)))
        upload_id = secrets.token_hex(8)
        unheld = self.root / f".{upload_id}"  # by this name no other app takes it for left behind
        unheld.mkdir(parents=True, mode=0o700)
        release = hold(unheld) or (lambda: None)
        upload = _Upload(unheld.rename(self.root / upload_id), release)
        self._open[upload_id] = upload
        return _shape(upload_id, upload)

    def folder(self, upload_id: str) -> Path:
        """Where the files of an upload lie; 404 where it is not open, 422 where it is empty."""
        upload = self._find(upload_id)
        if not upload.sizes:
            raise InputError("files", 0, "at least one file", "Drop files or a folder first.")
        return upload.folder

    def names(self, upload_id: str) -> list[str]:
        """What the files are called, in order, with their folders; 404 where it is not open."""
        return [str(p) for p in sorted_naturally(map(Path, self._find(upload_id).sizes))]

    async def add(self, upload_id: str, name: str, body: AsyncIterator[bytes]) -> schema.Upload:
        """Take a file in as it comes; one that is too large is refused on the way (413)."""
        upload = self._find(upload_id)
        plain = plain_name(name)
        taken = plain in upload.sizes or plain in upload.coming
        if taken or self._is_taken(upload, plain):
            raise InputError("name", name, "a file that is not there yet")
        if len(upload.sizes) + len(upload.coming) >= self.limits.files:
            raise Refusal(413, "many_files", most=self.limits.files)
        upload.coming[plain] = 0
        part = upload.folder / f".{secrets.token_hex(8)}"
        try:
            with part.open("wb") as file:
                async for data in body:
                    upload.coming[plain] += len(data)
                    self._refuse_size(upload, upload.coming[plain])
                    if upload_id not in self._open:
                        raise _thrown_away()
                    file.write(data)
            with self._lock:
                if upload_id not in self._open:
                    raise _thrown_away()
                if self._is_taken(upload, plain):
                    raise InputError("name", name, "a file that is not there yet")
                target = upload.folder / plain
                target.parent.mkdir(parents=True, exist_ok=True)
                part.replace(target)
                upload.sizes[plain] = upload.coming[plain]
        except FileNotFoundError:
            raise _thrown_away() from None
        finally:
            del upload.coming[plain]
            part.unlink(missing_ok=True)
        return _shape(upload_id, upload)

    def drop(self, upload_id: str) -> None:
        """Throw an upload away; 404 where it is not open."""
        self._find(upload_id)
        self.forget(upload_id)

    def forget(self, upload_id: str) -> None:
        """Throw an upload away if it is open."""
        with self._lock:
            upload = self._open.pop(upload_id, None)
        if upload is not None:
            shutil.rmtree(upload.folder, ignore_errors=True)
            upload.release()

    def close(self) -> None:
        """Throw all away."""
        for upload_id in list(self._open):
            self.forget(upload_id)

    def _throw_left_away(self) -> None:
        """Throw away what an app that was killed left behind: folders of ours that none holds."""
        for folder in self.root.iterdir() if self.root.is_dir() else ():
            if not _OURS.fullmatch(folder.name) or folder.is_symlink() or not folder.is_dir():
                continue
            if os.name != "posix" and time.time() - folder.stat().st_mtime < _LEFT_S:
                continue  # perhaps of an app that lives
            release = hold(folder)
            if release is not None:
                shutil.rmtree(folder, ignore_errors=True)
                release()

    def _find(self, upload_id: str) -> _Upload:
        upload = self._open.get(upload_id)
        if upload is None:
            raise Refusal(404, "no_upload")
        return upload

    def _is_taken(self, upload: _Upload, plain: str) -> bool:
        """Whether a file or folder stands where this one, or a folder of it, would."""
        target = upload.folder / plain
        above = [p for p in target.parents if upload.folder in p.parents]
        return target.exists() or any(p.is_file() for p in above)

    def _refuse_size(self, upload: _Upload, size: int) -> None:
        if size > self.limits.file_bytes:
            raise Refusal(413, "large_file", most=self.limits.file_bytes)
        if upload.bytes > self.limits.total_bytes:
            raise Refusal(413, "large_upload", most=self.limits.total_bytes)
        if sum(u.bytes for u in list(self._open.values())) > self.limits.open_bytes:
            most = f"{self.limits.open_bytes:,}"
            raise HTTPException(413, f"At most {most} bytes in all open uploads together.")


def _thrown_away() -> HTTPException:
    return Refusal(409, "upload_gone")


def _shape(upload_id: str, upload: _Upload) -> schema.Upload:
    return schema.Upload(id=upload_id, files=len(upload.sizes), bytes=sum(upload.sizes.values()))


def plain_name(name: str) -> str:
    """Check a file's name, with the folders it came in; never a path to somewhere else.

    Raises
    ------
    InputError
        If it points upward or to a root, or holds what is not a plain word.

    Examples
    --------
    >>> plain_name("recordings/d01_s01_patient.csv")
    'recordings/d01_s01_patient.csv'
    """
    text = unicodedata.normalize("NFC", name)
    pieces = text.split("/")
    plain = len(pieces) <= DEEPEST and all(
        len(p) <= LONGEST
        and _PIECE.fullmatch(p)
        and not _RESERVED.fullmatch(p)
        and not p.endswith((" ", "."))
        for p in pieces
    )
    if not plain:
        raise InputError(
            "name",
            name[:80],
            "a plain file name: letters, digits, blanks and . , + ( ) [ ] = @ & ' -",
            "Rename the file.",
        )
    return text
