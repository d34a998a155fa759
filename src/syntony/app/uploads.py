"""What a browser sends: kept in a folder of its own outside the study, bounded, then thrown away.

A name that comes with a file is never a path. It is cut at its slashes, every piece must be a
plain word, and the file is laid below the upload's own folder.
"""

from __future__ import annotations

import re
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from starlette.exceptions import HTTPException

from syntony.app import schema
from syntony.app.home import Home, Limits
from syntony.core.errors import InputError
from syntony.pipeline.filing import sorted_naturally

DEEPEST, LONGEST, OPEN = 6, 120, 8
_PIECE = re.compile(r"[\w][\w .,+()\[\]=@&'-]*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(slots=True)
class _Upload:
    folder: Path
    sizes: dict[str, int] = field(default_factory=dict)
    writing: int = 0


class Uploads:
    """The open uploads of one app; all are thrown away when it ends."""

    def __init__(self, home: Home) -> None:
        self.limits: Limits = home.limits
        self.root = home.data / "uploads"
        self._open: dict[str, _Upload] = {}

    def begin(self) -> schema.Upload:
        """Open an upload; the oldest of too many is thrown away."""
        while len(self._open) >= OPEN:
            self.drop(next(iter(self._open)))
        upload_id = secrets.token_hex(8)
        folder = self.root / upload_id
        folder.mkdir(parents=True, mode=0o700)
        self._open[upload_id] = _Upload(folder)
        return self._shape(upload_id)

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
        if plain in upload.sizes or self._is_taken(upload, plain):
            raise InputError("name", name, "a file that is not there yet")
        if len(upload.sizes) + upload.writing >= self.limits.files:
            raise HTTPException(413, f"At most {self.limits.files:,} files in one upload.")
        upload.writing += 1
        part = upload.folder / f".{secrets.token_hex(8)}"
        size = 0
        try:
            with part.open("wb") as file:
                async for data in body:
                    size += len(data)
                    self._refuse_size(upload, size)
                    file.write(data)
            target = upload.folder / plain
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
            upload.sizes[plain] = size
        finally:
            upload.writing -= 1
            part.unlink(missing_ok=True)
        return self._shape(upload_id)

    def drop(self, upload_id: str) -> None:
        """Throw an upload away."""
        upload = self._find(upload_id)
        del self._open[upload_id]
        shutil.rmtree(upload.folder, ignore_errors=True)

    def close(self) -> None:
        """Throw all away."""
        for upload_id in list(self._open):
            self.drop(upload_id)

    def _find(self, upload_id: str) -> _Upload:
        upload = self._open.get(upload_id)
        if upload is None:
            raise HTTPException(404, "This upload is not open. Begin again.")
        return upload

    def _is_taken(self, upload: _Upload, plain: str) -> bool:
        """Whether a file or folder stands where this one, or a folder of it, would."""
        target = upload.folder / plain
        above = [p for p in target.parents if upload.folder in p.parents]
        return target.exists() or any(p.is_file() for p in above)

    def _refuse_size(self, upload: _Upload, size: int) -> None:
        if size > self.limits.file_bytes:
            raise HTTPException(413, f"At most {self.limits.file_bytes:,} bytes in one file.")
        if sum(upload.sizes.values()) + size > self.limits.total_bytes:
            raise HTTPException(413, f"At most {self.limits.total_bytes:,} bytes in one upload.")

    def _shape(self, upload_id: str) -> schema.Upload:
        sizes = self._open[upload_id].sizes
        return schema.Upload(id=upload_id, files=len(sizes), bytes=sum(sizes.values()))


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
