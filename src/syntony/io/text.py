"""Text files, opened with care: limits, encodings, lines. Nothing in them is ever run."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from pathlib import Path

from syntony.core.errors import FileError

MAX_BYTES = 2**30
MAX_LINE = 200_000
_PIECE = 1 << 20
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def size_of(path: Path, limit: int = MAX_BYTES) -> int:
    """Bytes of an ordinary file, at least one and at most ``limit``.

    Raises
    ------
    FileError
        If it is missing, no ordinary file (a pipe would wait for ever), empty or too long.
    """
    if not path.exists():
        raise FileError(path, "no such file", "a recording", "Check the path.")
    if not path.is_file():
        raise FileError(path, "no ordinary file", "a file", "Give the file itself.")
    size = path.stat().st_size
    if size == 0:
        raise FileError(path, "an empty file", "a recording", "Export it again.")
    if size > limit:
        raise FileError(
            path, f"{size / 1e6:.0f} MB", f"at most {limit / 1e6:.0f} MB", "Split the file."
        )
    return size


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Read a whole ordinary file; refuses what ``size_of`` refuses."""
    size_of(path, limit)
    return path.read_bytes()


def read_gzip(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Unpack a gzip file, at most ``limit`` bytes of content.

    Raises
    ------
    FileError
        If it is cut off, damaged, no gzip file, or unpacks to more than the limit.
    """
    packed = read_bytes(path, limit)
    try:
        with gzip.GzipFile(fileobj=BytesIO(packed)) as file:
            data = _up_to(file, limit)
    except EOFError as error:
        raise FileError(
            path, "a file that is cut off", "a whole gzip file", "Copy or export it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileError(
            path, f"damaged content ({error})", "a gzip file", "Copy or export it again."
        ) from error
    if len(data) > limit:
        raise FileError(
            path, f"content of more than {limit / 1e6:.0f} MB", "less", "Split the recording."
        )
    return data


def _up_to(file: gzip.GzipFile, limit: int) -> bytes:
    """Content up to the first piece beyond the limit: one read of all would reserve the limit."""
    pieces, size = [], 0
    while size <= limit and (piece := file.read(_PIECE)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def decode(path: Path, data: bytes) -> str:
    """Turn bytes into text: UTF-8 or UTF-16 by its mark, else UTF-8, else Latin-1.

    Raises
    ------
    FileError
        If the content is binary.
    """
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    if not encoding and b"\0" in data:
        raise FileError(path, "binary content", "text", "Name the format, or export as text.")
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            raise FileError(path, f"broken {encoding} text", "text", "Export it again.") from error
        return data.decode("latin-1")


def split_lines(path: Path, text: str) -> list[str]:
    r"""Cut text into lines (any line end) and refuse one that is longer than ``MAX_LINE``.

    Examples
    --------
    >>> split_lines(Path("a"), "1;2\r\n3;4\n")
    ['1;2', '3;4']
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    longest = max(map(len, lines), default=0)
    if longest > MAX_LINE:
        at = next(i for i, line in enumerate(lines) if len(line) == longest)
        raise FileError(
            path,
            f"a line of {longest:,} characters",
            f"at most {MAX_LINE:,}",
            "Is this a table with one row per sample?",
            line=at + 1,
        )
    return lines


def read_lines(path: Path) -> list[str]:
    """Read a text file as lines without their ends; trailing blank lines are left off."""
    lines = split_lines(path, decode(path, read_bytes(path)))
    if not lines:
        raise FileError(path, "nothing but blanks", "a recording", "Export it again.")
    return lines
