"""Leaving with everything: a study as BIDS, EDF, XDF, or tables for R, NeuroKit and rMEA."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from syntony.core.errors import FileError, InputError
from syntony.core.notes import Note
from syntony.core.sheets import for_sheet
from syntony.io.study import load_session, open_study
from syntony.io.tsv import tsv_text
from syntony.pipeline.export_bids import bids_session, bids_study
from syntony.pipeline.export_pieces import Piece, Pieces, Row, Target, columns_of, csv_text
from syntony.pipeline.export_tables import (
    csv_session,
    edf_session,
    neurokit_session,
    r_study,
    rmea_session,
    rmea_study,
    tables_study,
)
from syntony.pipeline.export_xdf import xdf_session

_TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        t.name: t
        for t in (
            Target(
                name="bids",
                title="BIDS dataset: recordings, codes as events, answers",
                session=bids_session,
                study=bids_study,
            ),
            Target(
                name="r",
                title="long tables and a script that reads them in R",
                session=csv_session,
                study=r_study,
            ),
            Target(
                name="csv",
                title="long tables for spreadsheets and other programs",
                session=csv_session,
                study=tables_study,
            ),
            Target(
                name="edf",
                title="an EDF+ file for each signal, tables beside",
                session=edf_session,
                study=tables_study,
            ),
            Target(
                name="xdf",
                title="an XDF file for each session, everybody's recordings as streams",
                session=xdf_session,
                study=tables_study,
            ),
            Target(
                name="neurokit",
                title="tables with NeuroKit's names (EDA_Raw, ECG_Raw, RSP_Raw)",
                session=neurokit_session,
                study=tables_study,
            ),
            Target(
                name="rmea",
                title="two columns of movement for each session, as rMEA reads them",
                session=rmea_session,
                study=rmea_study,
            ),
        )
    }
)


def targets() -> Mapping[str, Target]:
    """Every format to leave with, by name."""
    return _TARGETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export wrote, or would write.

    Attributes
    ----------
    to : str
    out : Path
    files : tuple of (str, str)
        Place in ``out`` and what it is.
    notes : tuple of Note
        ``left-out``: what is not in the export, and why.
    done : bool
        False for a dry run.
    """

    to: str
    out: Path
    files: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]
    done: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """In words, for the shell."""
        wrote = "Wrote" if self.done else "Would write"
        told = [f"{wrote} {len(self.files)} files to {self.out}."]
        told += [f"Note ({n.code}): {n.where}: {n.text}" for n in self.notes]
        return tuple(told)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "to": self.to,
            "out": str(self.out),
            "done": self.done,
            "files": [{"file": place, "about": about} for place, about in self.files],
            "notes": [{"where": n.where, "code": n.code, "text": n.text} for n in self.notes],
        }


def export(
    study: Path | str,
    *,
    to: str,
    out: Path | str,
    dry_run: bool = False,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Exported:
    """Write a study in a format of others: all of it, or nothing.

    Parameters
    ----------
    study : Path or str
    to : str
        ``bids``, ``csv``, ``edf``, ``neurokit`` or ``rmea``.
    out : Path or str
        Folder to make; an empty one may be there already. Nothing is ever written over.
    dry_run : bool, default False
        Say what would be written, and write nothing.
    on_progress : callable, optional
        Called with (sessions done, sessions in all).

    Returns
    -------
    Exported
        Every file, and what was left out, with the reason.

    Raises
    ------
    InputError
        For an unknown format, a folder inside of the study, or a study that holds nothing that
        the format could take.
    FileError
        If the folder is not empty or cannot be written, or the study cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from syntony.io.study import create_study
    >>> folder = Path(tempfile.mkdtemp())
    >>> create_study(folder / "study", title="Empty", roles=("a", "b"))
    >>> export(folder / "study", to="bids", out=folder / "bids", dry_run=True).files[0]
    ('dataset_description.json', 'what the dataset is')
    """
    if to not in _TARGETS:
        raise InputError("to", to, f"one of {list(_TARGETS)}")
    root, target = Path(study), _TARGETS[to]
    opened = open_study(root)
    place = _new_folder(Path(out), root)
    part = None if dry_run else _beside(place)
    try:
        files, notes, rows = _written(target.study(opened), part, set())
        seen = {name for name, _ in files}
        for done, row in enumerate(opened.sessions, start=1):
            pieces = target.session(opened, row, load_session(opened, row.id))
            more, told, found = _written(pieces, part, seen)
            files, notes = files + more, notes + told
            for table, cells in found.items():
                rows.setdefault(table, []).extend(cells)
            on_progress(done, len(opened.sessions))
        if opened.sessions and not [f for f in files if f[1] != "how R reads them"]:
            text = "; ".join(f"{n.where}: {n.text}" for n in notes[:3])
            raise InputError("to", to, "a study with something for it", text)
        files += _tables(rows, part, for_sheets=to == "csv")
        if part is not None:
            _into_place(part, place)
    except OSError as error:
        raise FileError(
            error.filename or place, f"{error.strerror}", "a place that can be written"
        ) from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    return Exported(to=to, out=place, files=tuple(files), notes=tuple(notes), done=part is not None)


def _written(
    pieces: Pieces, part: Path | None, seen: set[str]
) -> tuple[list[tuple[str, str]], list[Note], dict[str, list[Row]]]:
    """Write the files of some pieces, but for those that several sessions share."""
    files = []
    for piece in pieces.files:
        if piece.place in seen:
            if piece.about != "recording":
                raise InputError(
                    "study", piece.place, "one file of that name", "Two sessions are named alike."
                )
            continue
        seen.add(piece.place)
        files.append((piece.place, piece.about))
        if part is not None:
            _write(piece, part)
    return files, list(pieces.notes), {k: list(v) for k, v in pieces.rows.items()}


def _write(piece: Piece, part: Path) -> None:
    """Write one file; its place is below the folder."""
    if PurePosixPath(piece.place).is_absolute() or ".." in PurePosixPath(piece.place).parts:
        raise InputError("study", piece.place, "a name without '..'", "Rename it in the study.")
    place = part / piece.place
    place.parent.mkdir(parents=True, exist_ok=True)
    piece.write(place)


def _tables(
    rows: Mapping[str, list[Row]], part: Path | None, *, for_sheets: bool
) -> list[tuple[str, str]]:
    """Write the tables that grew with the sessions; a row that all of them tell stands once.

    For spreadsheets text that they would run as a formula is marked.
    """
    files = []
    for name, cells in sorted(rows.items()):
        once = list({tuple(r.items()): r for r in cells}.values())
        if for_sheets:
            once = [{k: for_sheet(v) for k, v in row.items()} for row in once]
        form = csv_text if name.endswith(".csv") else tsv_text
        files.append((name, f"{len(once)} rows"))
        if part is not None:
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            (part / name).write_text(form(columns_of(once), once), encoding="utf-8")
    return files


def _new_folder(out: Path, root: Path) -> Path:
    """The folder to make: apart from the study, with nothing in it."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FileError(
            out, "a folder with something in it", "a folder to make", "Nothing is written over."
        )
    own, study = out.resolve(), root.resolve()
    if study in (own, *own.parents) or own in study.parents:
        raise InputError("out", str(out), "a folder apart from the study")
    return out


def _beside(place: Path) -> Path:
    """A folder beside it, which is moved into place when all is written."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    except OSError as error:
        raise FileError(place, f"{error.strerror}", "a place that can be written") from error


def _into_place(part: Path, place: Path) -> None:
    """Move the whole folder into place."""
    part.chmod(0o755)
    if place.exists():
        place.rmdir()  # empty, or this fails: nothing is written over
    os.replace(part, place)
