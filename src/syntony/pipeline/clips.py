"""The verb ``clips``: moments of a run as clips for coders who do not know the class."""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError, InputError
from syntony.core.files import write_text
from syntony.core.notes import Note
from syntony.core.run import Run
from syntony.core.seeds import rng_for
from syntony.core.sheets import for_sheets
from syntony.io.media import offset_by_eye, read_offsets
from syntony.io.study import Study, open_study
from syntony.io.tsv import read_tsv, tsv_text
from syntony.io.video import cut_clip
from syntony.link.clips import Clip, Stretch, elsewhere, lay_clips
from syntony.pipeline.prepare import read_features
from syntony.pipeline.run import next_free

KEY, FACTS = "key.tsv", "set.json"
FOR_CODERS, SHEET = "clips.csv", "codes.csv"
LISTED = ("set", "clip", "session", "media", "start_s", "stop_s", "file")
TO_FILL = ("set", "clip", "person", "code", "coder", "start_s", "stop_s")
KINDS: Mapping[str, tuple[str, str]] = {
    "moments": ("high", "low"),
    "survivors": ("surviving", "elsewhere"),
}


@dataclass(frozen=True, kw_only=True)
class ClipSet:
    """Clips that were laid out for coders.

    Attributes
    ----------
    name : str
        Of the set, such as ``clips-001``.
    clips : tuple of Clip
        With their class; by number.
    folder : Path
        What the coders get: ``clips.csv``, the sheet ``codes.csv``, cut files.
    key : Path
        Folder of the class key, in the study; never give it to a coder.
    notes : tuple of Note
    """

    name: str
    clips: tuple[Clip, ...]
    folder: Path
    key: Path
    notes: tuple[Note, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What the shell prints; no class of any clip."""
        first = self.clips[0]
        return (
            f"{len(self.clips)} clips of {len({c.session for c in self.clips})} sessions, each "
            f"{first.core_stop_s - first.core_start_s:g} s and "
            f"{first.core_start_s - first.start_s:g} s before and after, in random order.",
            *(f"note: {n.where}: {n.text}" for n in self.notes),
            f"For the coders: {self.folder}",
            f"The key, not for the coders: {self.key}",
        )

    def as_dict(self) -> dict[str, Any]:
        """The same for a program; no class of any clip."""
        return {
            "set": self.name,
            "clips": len(self.clips),
            "folder": str(self.folder),
            "key": str(self.key),
            "notes": [asdict(n) for n in self.notes],
        }


@dataclass(frozen=True, kw_only=True)
class _Media:
    """Media of a session; session second 0 is second ``offset_s`` of the file."""

    name: str
    offset_s: float


def make_clips(
    study: Study | Path | str,
    folder: Path | str,
    *,
    run: str = "",
    which: str = "moments",
    matched: bool = True,
    length_s: float | None = None,
    margin_s: float = 2.0,
    cut: bool = False,
    seed: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ClipSet:
    """Lay out clips of a run for coders who must not know the class.

    Every clip has the same length, is cut from the middle of its moment, and is numbered at
    random over the whole study. Neither list nor file names say what a clip is; the class key
    stays in the study under ``derivatives/syntony``.

    Parameters
    ----------
    study : Study or path
    folder : path
        For the coders; made, and must not hold anything. It may not lie in the study, whose
        runs tell the class.
    run : str, optional
        Name of the run; default: the newest that is finished.
    which : {"moments", "survivors"}
        High against low moments, or stretches that survive chance (in phase, of the first
        step and surrogate) against as many drawn elsewhere in the same third of the session.
    matched : bool, default True
        Only moments that have a partner of the other class in the same third of the session:
        otherwise the time in the session can tell the class.
    length_s : float, optional
        Of what is coded (s); default: the shortest moment.
    margin_s : float, default 2
        Shown before and after (s).
    cut : bool, default False
        Cut the media into files, with the extra ``video``.
    seed : int, optional
        Of the order; default: drawn, so that nobody can repeat it. Kept with the key.
    on_progress : callable, optional
        Called with (clips cut, clips).

    Returns
    -------
    ClipSet

    Raises
    ------
    InputError
        For a run that is not there, a folder inside the study, no moment at all.
    FileError
        For a folder that holds something, media without ``media_offset_s``, media that are
        not there or cannot be read.
    MissingPackage
        If ``cut`` is asked for without the extra ``video``.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.make_clips("my-study", "for-kim")  # doctest: +SKIP
    """
    opened = study if isinstance(study, Study) else open_study(Path(study))
    target = _new_folder(Path(folder), opened.root)
    home = opened.root / "derivatives" / "syntony"
    source = _run_of(home, run)
    seed = secrets.randbits(63) if seed is None else seed
    limits = _limits(source)
    stretches = _stretches(source, which, matched, seed, limits)
    clips, left_out = lay_clips(
        stretches, rng_for(seed, "clips"), limits=limits, length_s=length_s, margin_s=margin_s
    )
    media, notes = _media_of(opened, {c.session for c in clips}, cut=cut)
    if left_out:
        text = f"{len(left_out)} stretches are too short, or too near an end: no clip."
        notes.append(Note("study", "clips-left-out", text))
    _refuse_before_media(clips, media)
    name = next_free(home, "clips")
    files = {c.number: f"clip-{c.number:03d}.mp4" if cut else "" for c in clips}
    for done, clip in enumerate(clips if cut else ()):
        on_progress(done, len(clips))
        about = media[clip.session]
        cut_clip(
            opened.root / "media" / about.name,
            target / files[clip.number],
            start_s=clip.start_s + about.offset_s,
            stop_s=clip.stop_s + about.offset_s,
        )
    _write_lists(target, name, clips, media, files)
    _write_sheet(target, name, clips, opened)
    facts = {
        "set": name,
        "run": source.path.name,
        "which": which,
        "matched": matched,
        "margin_s": margin_s,
        "length_s": clips[0].core_stop_s - clips[0].core_start_s,
        "seed": seed,
        "kinds": KINDS[which],
    }
    write_text(home / name / FACTS, json.dumps(facts, indent=1) + "\n")
    write_text(home / name / KEY, _key_text(clips))
    return ClipSet(
        name=name, clips=tuple(clips), folder=target, key=home / name, notes=tuple(notes)
    )


def _new_folder(folder: Path, root: Path) -> Path:
    """A folder for the coders, apart from the study."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileError(folder, "a folder with something in it", "a folder to make", "Name another")
    own, study = folder.resolve(), root.resolve()
    if study in (own, *own.parents) or own in study.parents:
        hint = "Its runs tell the class of every clip: name a folder outside of the study."
        raise InputError("folder", str(folder), "a folder apart from the study", hint)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _run_of(home: Path, name: str) -> Run:
    """The run named, or the newest that came to its end."""
    there = [
        p.parent for p in home.glob("*/origin.json") if (p.parent / "moments.parquet").exists()
    ]
    names = sorted(p.name for p in there)
    if name and name not in names:
        raise InputError("run", name, f"one of {names}")
    if not there:
        raise InputError("run", name, "a finished run of the study", "Run it: syntony run STUDY")
    newest = max(there, key=lambda p: (p / "moments.parquet").stat().st_mtime)
    return Run(home / name if name else newest)


def _limits(run: Run) -> dict[str, tuple[float, float]]:
    """First and last second of every session that was compared."""
    rows = run.table("sessions").to_dict("records")
    usable = [str(r["session"]) for r in rows if not r["failed"]]
    features = {s: read_features(run.path, s) for s in usable}
    return {s: (min(0.0, f.start_s), f.stop_s) for s, f in features.items()}


def _stretches(
    run: Run, which: str, matched: bool, seed: int, limits: Mapping[str, tuple[float, float]]
) -> list[Stretch]:
    """What clips are cut from."""
    if which not in KINDS:
        raise InputError("which", which, f"one of {list(KINDS)}")
    if which == "moments":
        rows = run.table("moments").to_dict("records")
        rows = [r for r in rows if r["matched"] or not matched]
        hint = "The run chose none: sessions of 20 min and more with codes have them."
        found = [_stretch(r, r["kind"]) for r in rows]
    else:
        rows = run.table("survivors").to_dict("records")
        first = next((r["surrogate"] for r in rows), "")
        rows = [r for r in rows if (r["step"], r["surrogate"]) == (0, first) and r["sign"] > 0]
        hint = "No stretch of this run survives chance."
        found = [_stretch(r, "surviving") for r in rows]
        drawn = elsewhere(found, rng_for(seed, "elsewhere"), limits=limits)
        found = [s for s in found if any(d.session == s.session for d in drawn)] + drawn
    if not found:
        raise InputError("which", which, f"a run with {which}", hint)
    return found


def _stretch(row: Mapping[Any, Any], kind: str) -> Stretch:
    return Stretch(
        session=row["session"],
        dyad=row["dyad"],
        kind=kind,
        start_s=float(row["start_s"]),
        stop_s=float(row["stop_s"]),
    )


def _media_of(
    study: Study, sessions: Iterable[str], *, cut: bool
) -> tuple[dict[str, _Media], list[Note]]:
    """Media of the sessions with their offset; without media the session clock is kept."""
    _, rows = read_tsv(study.root / "sessions.tsv", ["session_id"])
    said = {r.required("session_id").removeprefix("ses-"): r for r in rows}
    found, lacking = {}, []
    for session in sorted(sessions):
        row = said[session]
        name = row.text("media").partition(";")[0].strip().removeprefix("media/")
        by_eye = offset_by_eye(read_offsets(study.root, session), name)
        if name and by_eye is None and not row.text("media_offset_s"):
            raise row.error(
                "media without an offset",
                "the second of the media file at which the session clock is zero",
                "Look for it in the video: clips would show other moments.",
                column="media_offset_s",
            )
        if not name:
            lacking.append(session)
        told = row.number("media_offset_s", missing=0.0)
        found[session] = _Media(name=name, offset_s=told if by_eye is None else by_eye)
    if lacking and cut:
        hint = "Fill in media and media_offset_s, or lay out the list alone."
        path = study.root / "sessions.tsv"
        raise FileError(path, f"no media of {lacking[:5]}", "a file in media/", hint)
    text = f"{len(lacking)} sessions name no media: their times are on the session clock."
    return found, [Note("sessions.tsv", "no-media", text)] if lacking else []


def _refuse_before_media(clips: Sequence[Clip], media: Mapping[str, _Media]) -> None:
    """Refuse clips that begin before the media do: then an offset is wrong."""
    for clip in clips:
        offset = media[clip.session].offset_s
        if clip.start_s + offset < 0:
            raise InputError(
                f"media_offset_s of {clip.session}",
                offset,
                "an offset at which every clip lies in the media",
                "It is the second of the media file at which the session clock is zero.",
            )


def _write_lists(
    folder: Path,
    name: str,
    clips: Sequence[Clip],
    media: Mapping[str, _Media],
    files: Mapping[int, str],
) -> None:
    """Write the list that coders get: no class, no margin, nothing of the run."""
    rows = []
    for c in clips:
        about = media[c.session]
        times = (f"{t + about.offset_s:.3f}" for t in (c.start_s, c.stop_s))
        rows.append((name, c.number, c.session, about.name, *times, files[c.number]))
    write_text(folder / FOR_CODERS, csv_text(LISTED, rows))


def _write_sheet(folder: Path, name: str, clips: Sequence[Clip], study: Study) -> None:
    """Write the sheet that coders fill in: a line for each clip and person."""
    rows = [
        (name, c.number, p.role, "", "", "", "")
        for c in clips
        for p in study.session(c.session).people
    ]
    write_text(folder / SHEET, csv_text(TO_FILL, rows))


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lines of a CSV for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(for_sheets(row) for row in rows)
    return out.getvalue()


def _key_text(clips: Sequence[Clip]) -> str:
    """The class key."""
    return tsv_text(list(asdict(clips[0])), [asdict(c) for c in clips])
