"""Video and sound of a session: which files, where their clock lies, what a browser plays.

The table ``sessions.tsv`` names the media of a session (``media``, several parted by ``;``) and the
second of the first file at which the session clock is zero (``media_offset_s``). Files of the
folder ``media/`` whose names begin with the session's id belong to it as well: further cameras.
An offset that was set by eye is kept beside the data, in ``media/<session>.offsets.json``, and
counts before the table's; the table is left as it is, because runs are checked against it.

Files that differ only in their ending are one recording: a film that was converted keeps the
offset of the one that it was made from and takes its place.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from syntony.core.errors import FileError, InputError
from syntony.core.files import is_within, write_text
from syntony.io.bids import read_json
from syntony.io.study import Study
from syntony.io.tsv import read_tsv

VIDEO = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".ogv": "video/ogg",
}
SOUND = {
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".weba": "audio/webm",
}
OTHER_VIDEO = {".mov", ".avi", ".mkv", ".mpg", ".mpeg", ".mts", ".m2ts", ".wmv", ".flv", ".3gp"}
OTHER_SOUND = {".wma", ".aif", ".aiff", ".amr"}
_MADE = {"video": ("-h264", ".mp4"), "sound": ("-aac", ".m4a")}
"""What a converted file's stem and name end in, where the source has that ending itself."""
_ENDS_ID = re.compile(r"[_.-]")
_HEVC = (b"hvc1", b"hev1", b"dvh1")
_HEAD = 4 << 20
_OUTSIDE = (
    "It is a link to a file outside of the study, which is not followed. "
    "Move or copy the file itself into media/."
)
_LARGEST_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One file of a session.

    Attributes
    ----------
    path : Path
    kind : {"video", "sound"}
    mime : str
        What the browser is told; empty where it cannot play it.
    offset_s : float
        The second of the file at which the session clock is zero.
    offset_from : {"", "table", "eye"}
        Where the offset comes from; empty: nobody said, and zero is taken.
    trouble : str
        Why a browser cannot play it; empty where it can.
    remedy : str
        The command that makes a file which every browser plays; empty where there is no file.
    """

    path: Path
    kind: str
    mime: str
    offset_s: float
    offset_from: str
    trouble: str = ""
    remedy: str = ""


def media_of(study: Study, session: str) -> tuple[Media, ...]:
    """Video and sound of one session: those of the table first, then those named for it.

    Of files that are one recording, the one that a browser plays.

    Raises
    ------
    FileError
        If the table names a path, or an offset is no number. A file that is not there is no
        error: it is listed with its trouble.
    InputError
        If there is no such session.
    """
    study.session(session)
    folder = study.root / "media"
    names, table_s = _of_table(study.root, session)
    more = sorted(n for n in _files(folder) if _is_named_for(Path(n).stem, session))
    names = [*names, *(n for n in more if n not in names)]
    recordings: dict[tuple[str, str], list[str]] = {}
    for name in names:
        recordings.setdefault(_recording_of(name), []).append(name)
    kept = read_offsets(study.root, session)
    return tuple(
        _shown(
            [
                _one(
                    study.root,
                    folder / name,
                    offset_by_eye(kept, name),
                    table_s if k == 0 else None,
                )
                for name in alike
            ]
        )
        for k, alike in enumerate(recordings.values())
    )


def _kind_of(name: str) -> str:
    end = Path(name).suffix.lower()
    return "sound" if end in SOUND or end in OTHER_SOUND else "video"


def _recording_of(name: str) -> tuple[str, str]:
    """What is the same of a file and of the one that was made from it: stem and kind."""
    kind = _kind_of(name)
    return Path(name).stem.removesuffix(_MADE[kind][0]), kind


def _shown(alike: list[Media]) -> Media:
    """Of files that are one recording: one that plays, and best the one that was made for it."""

    def rank(media: Media) -> tuple[bool, bool, bool]:
        tail, end = _MADE[media.kind]
        was_made = media.path.stem.endswith(tail)
        return not media.mime, not was_made, media.path.suffix.lower() != end

    return min(alike, key=rank)


def sessions_with_media(study: Study) -> set[str]:
    """Sessions of which there is video or sound: named in the table, or by the name of a file.

    Raises
    ------
    FileError
        If the table of sessions cannot be read.
    """
    _, rows = read_tsv(study.root / "sessions.tsv", ["session_id"])
    found = {r.text("session_id").removeprefix("ses-") for r in rows if r.text("media")}
    stems = [Path(name).stem for name in _files(study.root / "media")]
    begun = {stem[: at.start()] for stem in stems for at in _ENDS_ID.finditer(stem)} | {*stems}
    return found | {row.id for row in study.sessions if row.id in begun}


def _files(folder: Path) -> list[str]:
    """Names of the video and sound files in a folder; none where there is no folder."""
    ours = {".mp4", *VIDEO, *SOUND, *OTHER_VIDEO, *OTHER_SOUND}
    return [p.name for p in folder.iterdir() if p.suffix.lower() in ours] if folder.is_dir() else []


def _is_named_for(stem: str, session: str) -> bool:
    """Claim that a file name begins with the id of the session, as a whole word."""
    return stem == session or any(stem[: m.start()] == session for m in _ENDS_ID.finditer(stem))


def _of_table(root: Path, session: str) -> tuple[list[str], float | None]:
    """Files that sessions.tsv names, and the offset of the first."""
    _, rows = read_tsv(root / "sessions.tsv", ["session_id"])
    row = next(r for r in rows if r.text("session_id").removeprefix("ses-") == session)
    names = [n.strip().removeprefix("media/") for n in row.text("media").split(";")]
    names = list(dict.fromkeys(n for n in names if n))
    for name in names:
        if Path(name).name != name or name.startswith("."):
            raise row.error(repr(name), "the name of a file in media/", column="media")
    return names, row.number("media_offset_s") if row.text("media_offset_s") else None


def _one(root: Path, path: Path, by_eye: float | None, by_table: float | None) -> Media:
    """Facts about one file."""
    end = path.suffix.lower()
    mime = VIDEO.get(end) or SOUND.get(end, "")
    kind = _kind_of(path.name)
    is_outside = not is_within(path, root)
    trouble = _OUTSIDE if is_outside else _trouble(path, end, mime)
    return Media(
        path=path,
        kind=kind,
        mime="" if trouble else mime,
        offset_s=by_eye if by_eye is not None else by_table if by_table is not None else 0.0,
        offset_from="eye" if by_eye is not None else "table" if by_table is not None else "",
        trouble=trouble,
        remedy=conversion(path, kind) if path.is_file() and not is_outside else "",
    )


def _trouble(path: Path, end: str, mime: str) -> str:
    """Why a browser cannot play a file; empty where it should be able to."""
    if not path.is_file():
        return "The file is not in the folder media/ of the study."
    if not mime:
        return f"Browsers do not play {end.removeprefix('.').upper()} files."
    if mime == "video/mp4" and _is_hevc(path):
        return "Its pictures are coded as HEVC (H.265), which most browsers do not play."
    return ""


def _is_hevc(path: Path) -> bool:
    """Look for the mark of HEVC at both ends of an MP4, where its tables lie."""
    seen = path.stat()
    return _holds_hevc(path, seen.st_size, seen.st_mtime_ns)


@lru_cache(maxsize=4096)
def _holds_hevc(path: Path, size: int, changed_ns: int) -> bool:
    """The same, looked at once: every part of a file that a browser asks for asks this."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, size - _HEAD))
        tail = file.read(_HEAD)
    return any(b"stsd" in part and any(m in part for m in _HEVC) for part in (head, tail))


def conversion(path: Path, kind: str) -> str:
    """The command that makes a file which every browser plays, beside the old one.

    It is quoted so that the shells of Windows, macOS and Linux understand it.

    Examples
    --------
    >>> conversion(Path("media/d01 s01.avi"), "video")
    'ffmpeg -i "media/d01 s01.avi" -c:v libx264 -crf 20 -pix_fmt yuv420p -c:a aac -movflags \
+faststart "media/d01 s01.mp4"'
    """
    source = _quoted(f"media/{path.name}")
    tail, end = _MADE[kind]
    made = _quoted(f"media/{path.stem}{tail if path.suffix.lower() == end else ''}{end}")
    if kind == "sound":
        return f"ffmpeg -i {source} -vn -c:a aac {made}"
    how = "-c:v libx264 -crf 20 -pix_fmt yuv420p -c:a aac -movflags +faststart"
    return f"ffmpeg -i {source} {how} {made}"


def _quoted(name: str) -> str:
    """A file name for a shell; single quotes, which Windows lacks, only where nothing else does."""
    single = shlex.quote(name)
    return single if single == name or set(name) & set('"$`\\!') else f'"{name}"'


def _offsets_path(root: Path, session: str) -> Path:
    return root / "media" / f"{session}.offsets.json"


def read_offsets(root: Path, session: str) -> dict[str, float]:
    """Offsets that were set by eye: file name to seconds; empty where none was.

    Raises
    ------
    FileError
        If the file is there and is not what was written.
    """
    path = _offsets_path(root, session)
    if not path.is_file():
        return {}
    said = read_json(path).get("offset_s")
    if not isinstance(said, dict) or not all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)
        for v in said.values()
    ):
        raise FileError(path, f"offset_s = {said!r}", "seconds by file name", "Mend or delete it.")
    return {str(k): float(v) for k, v in said.items()}


def offset_by_eye(kept: Mapping[str, float], name: str) -> float | None:
    """That of a file among the offsets kept, or of the file that it was made from; None: not set.

    Examples
    --------
    >>> offset_by_eye({"d01s01.avi": 2.5}, "d01s01.mp4")
    2.5
    """
    alike = {k: v for k, v in kept.items() if _recording_of(k) == _recording_of(name)}
    return alike.get(name, next(iter(alike.values()), None))


def write_offset(study: Study, session: str, name: str, offset_s: float) -> None:
    """Keep the offset of one file of a session beside the data.

    Parameters
    ----------
    study : Study
    session, name : str
        ``name`` is one of the session's files.
    offset_s : float
        The second of the file at which the session clock is zero.

    Raises
    ------
    InputError
        If the session has no such file, or the offset is no sensible number of seconds.
    """
    known = [m.path.name for m in media_of(study, session)]
    if name not in known:
        raise InputError("name", name, f"one of {known}")
    if not (math.isfinite(offset_s) and abs(offset_s) <= _LARGEST_S):
        raise InputError("offset_s", offset_s, "seconds within a week of zero")
    kept = {
        k: v
        for k, v in read_offsets(study.root, session).items()
        if _recording_of(k) != _recording_of(name)
    } | {name: round(offset_s, 6)}
    said = {
        "about": "Set by eye: the second of each file at which the session clock is zero.",
        "offset_s": dict(sorted(kept.items())),
    }
    write_text(_offsets_path(study.root, session), json.dumps(said, indent=2) + "\n")
