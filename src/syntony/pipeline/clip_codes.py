"""The way back: codes of blind clips joined with their class, compared and tested."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from syntony.config import Agreement
from syntony.core.errors import FileError, InputError
from syntony.core.files import write_text
from syntony.core.notes import Note
from syntony.core.seeds import rng_for
from syntony.core.session import Person, Span
from syntony.core.sheets import from_sheet
from syntony.io.codes.source import read_rows, seconds_in, table_of
from syntony.io.study import Study, open_study
from syntony.io.tsv import read_tsv, tsv_text
from syntony.link.agreement.study import AgreementRow, compare_coders
from syntony.link.agreement.tallies import CodedPerson
from syntony.link.clips import DYAD, Clip, ClipCode, contrast_findings, spans_of
from syntony.link.finding import Finding
from syntony.pipeline.clips import FACTS, KEY, csv_text
from syntony.surrogates.blocks import blocks_of

_BOTH = {"", DYAD, "both"}
_CODES = ("onset", "duration", "person", "code", "coder")
_NUMBERS = ("start_s", "stop_s", "core_start_s", "core_stop_s")


@dataclass(frozen=True, kw_only=True)
class ClipCodes:
    """Codes of a set of clips, with what they say.

    Attributes
    ----------
    name : str
        Of the set.
    clips : tuple of Clip
    codes : tuple of ClipCode
        On the session clock.
    agreement : tuple of AgreementRow
        Of the coders, the clips being what is drawn for the intervals.
    findings : tuple of Finding
        The first class less the second, by role and code.
    spans : tuple of Span
        The same codes as codes of the sessions.
    notes : tuple of Note
    folder : Path
        Where the tables were written, beside the key.
    """

    name: str
    clips: tuple[Clip, ...]
    codes: tuple[ClipCode, ...]
    agreement: tuple[AgreementRow, ...]
    findings: tuple[Finding, ...]
    spans: tuple[Span, ...]
    notes: tuple[Note, ...]
    folder: Path

    @property
    def lines(self) -> tuple[str, ...]:
        """What the shell prints."""
        told = [f"note: {n.where}: {n.text}" for n in self.notes]
        coded = {c.clip for c in self.codes}
        told.append(
            f"{self.name}: {len(coded)} of {len(self.clips)} clips coded by "
            f"{len({c.coder for c in self.codes})} coders."
        )
        for row in self.agreement:
            if row.measure == "kappa" and not (row.session or row.role):
                interval = "" if row.low != row.low else f" [{row.low:.2f}, {row.high:.2f}]"
                value = row.status if row.status != "ok" else f"{row.value:.2f}{interval}"
                told.append(
                    f"agreement of {row.coder_a} and {row.coder_b}, {row.code or 'all codes'}: "
                    f"kappa {value}, {row.n_sessions} clips"
                )
        told += [sentence(f) for f in self.findings]
        return (*told, f"Tables: {self.folder}")

    def as_dict(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "set": self.name,
            "coded": len({c.clip for c in self.codes}),
            "clips": len(self.clips),
            "agreement": [_plain(r.to_row()) for r in self.agreement],
            "findings": [_plain(f.to_row()) for f in self.findings],
            "notes": [asdict(n) for n in self.notes],
            "folder": str(self.folder),
        }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and v != v else v for k, v in row.items()}


def sentence(found: Finding) -> str:
    """Say one contrast, its interval before any p."""
    first, second = found.detail["kinds"]
    role, _, code = found.label.partition(": ")
    said = (
        f"{role}, {code}: share of the coded time in {first} clips less {second} clips "
        f"{found.value:+.2f}"
    )
    said += f" [{found.low:+.2f}, {found.high:+.2f}]" if found.low == found.low else ""
    said += f" over {found.n_dyads} dyads"
    return said + (f", p = {found.p_two:.3f}" if found.status == "ok" else f"; {found.status}")


def read_clip_codes(
    study: Study | Path | str,
    sources: Sequence[Path | str],
    *,
    name: str = "",
    coder: str = "",
    bootstrap: int = 2000,
    into_codes: bool = False,
) -> ClipCodes:
    """Join codes of blind clips with their class.

    Parameters
    ----------
    study : Study or path
    sources : sequence of path
        Filled sheets, CSV: ``clip``, ``code``; where they are there ``person`` (id, role, or
        nothing for both), ``coder``, and ``start_s``, ``stop_s`` from the start of the clip
        as it is shown. Without times the code holds for the whole clip. A line without a code
        is a clip that was not coded.
    name : str, optional
        The set; default: the one that the sheet names, else the newest.
    coder : str, optional
        Who coded, where the sheet does not say; for one sheet.
    bootstrap : int, default 2000
        Draws of clips, and of dyads, for the intervals.
    into_codes : bool, default False
        Also write ``codes/<session>_<coder>-clips.tsv`` into the study. They are then codes
        of these sessions like any others; name the coder of a run in ``emotion.coder``.

    Returns
    -------
    ClipCodes
        Tables are written beside the key: ``clip_codes.csv``, ``agreement.csv``,
        ``contrast.csv``.

    Raises
    ------
    FileError
        By file and line: an unknown clip or person, two codes of one coder for the same clip,
        person and time (two coders under one name?), times outside the clip, no coder.
    InputError
        For a set that is not there.
    """
    opened = study if isinstance(study, Study) else open_study(Path(study))
    if coder and len(sources) > 1:
        raise InputError("coder", coder, "one sheet, or a column coder in each")
    home = opened.root / "derivatives" / "syntony"
    rows = [row for path in sources for row in _rows(Path(path))]
    folder = home / _set_of(home, name, rows)
    facts = json.loads((folder / FACTS).read_text("utf-8"))
    clips = read_key(folder)
    codes, blank = _codes(rows, clips, opened, facts["set"], coder)
    notes = list(_notes(clips, codes, blank))
    found = ClipCodes(
        name=facts["set"],
        clips=clips,
        codes=codes,
        agreement=tuple(_agreement(clips, codes, facts["seed"], bootstrap)),
        findings=tuple(
            contrast_findings(
                clips,
                codes,
                rng_for(facts["seed"], "clip contrast"),
                kinds=tuple(facts["kinds"]),
                bootstrap=bootstrap,
                blocks=_blocks(opened, clips),
            )
        ),
        spans=tuple(spans_of(codes)),
        notes=tuple(notes),
        folder=folder,
    )
    _write_tables(found)
    if into_codes:
        _write_codes(opened, clips, codes)
    return found


@dataclass(frozen=True)
class _Line:
    """One line of a sheet."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Cell, empty where it is not there or says that it is missing."""
        cell = self.cells.get(column.replace("_", " "), "")
        return "" if cell.lower() == "n/a" else cell

    def error(self, found: str, expected: str, hint: str = "", *, column: str) -> FileError:
        """Name file, line and column of what is wrong."""
        return FileError(self.path, found, expected, hint, line=self.line, column=column)


def _rows(path: Path) -> list[_Line]:
    """Lines of a sheet: CSV as a spreadsheet saves it, or a workbook."""
    rows, _ = read_rows(path)
    table = table_of(path, rows, ["clip", "code"])
    return [
        _Line(path, line, {name: from_sheet(cell) for name, cell in cells.items()})
        for line, cells in table.rows
    ]


def _set_of(home: Path, name: str, rows: Sequence[_Line]) -> str:
    """The set asked for, that of the sheet, or the newest."""
    there = sorted(p.parent.name for p in home.glob(f"*/{KEY}"))
    said = sorted({r.text("set") for r in rows} - {""})
    if len(said) > 1:
        raise InputError("set", said, "sheets of one set")
    asked = name or (said[0] if said else "")
    if not there or (asked and asked not in there):
        raise InputError("set", asked, f"one of the sets of this study, {there}")
    if name and said and said[0] != name:
        raise InputError("set", name, f"that of the sheet, {said[0]!r}")
    return asked or there[-1]


def read_key(folder: Path) -> tuple[Clip, ...]:
    """Read the class key of a set."""
    _, rows = read_tsv(folder / KEY, ["number", "session", "dyad", "kind", *_NUMBERS])
    return tuple(
        Clip(
            number=int(r.number("number")),
            session=r.required("session"),
            dyad=r.required("dyad"),
            kind=r.required("kind"),
            start_s=r.number("start_s"),
            stop_s=r.number("stop_s"),
            core_start_s=r.number("core_start_s"),
            core_stop_s=r.number("core_stop_s"),
        )
        for r in rows
    )


def _codes(
    rows: Sequence[_Line], clips: Sequence[Clip], study: Study, name: str, coder: str
) -> tuple[tuple[ClipCode, ...], int]:
    """Codes on the session clock, and how many lines hold none."""
    numbers = {c.number: c for c in clips}
    codes: list[ClipCode] = []
    seen: dict[tuple[int, str, str], list[tuple[ClipCode, _Line]]] = {}
    blank = 0
    for row in rows:
        if not row.text("code"):
            blank += 1
            continue
        made = _code(row, numbers, study, coder)
        key = made.clip, made.person, made.coder
        for other, there in seen.get(key, ()):
            if made.start_s < other.stop_s - 1e-3 and other.start_s < made.stop_s - 1e-3:
                found = (
                    f"clip {made.clip}, {made.person}: {made.code!r} by {made.coder}, who gave "
                    f"{other.code!r} in {there.path.name}, line {there.line}"
                )
                hint = "Two coders under one name? Give each their own."
                raise row.error(found, "one code at a time by one coder", hint, column="code")
        seen.setdefault(key, []).append((made, row))
        codes.append(made)
    if not codes:
        raise FileError(rows[0].path if rows else Path(name), "no code at all", "a filled sheet")
    return tuple(codes), blank


def _code(row: _Line, clips: Mapping[int, Clip], study: Study, coder: str) -> ClipCode:
    """One line as a code."""
    text = row.text("clip")
    clip = clips.get(int(text)) if text.isdecimal() else None
    if clip is None:
        expected = f"a clip of the set, 1 to {max(clips)}"
        raise row.error(repr(text), expected, "Is it a sheet of another set?", column="clip")
    who = row.text("coder") or coder
    if coder and row.text("coder") not in ("", coder):
        raise row.error(repr(who), f"{coder!r} as given", column="coder")
    if not who:
        raise row.error(
            "no coder", "who coded", "Pass coder, or fill in the column.", column="coder"
        )
    person = _person(row, study.session(clip.session).people)
    start, stop = _times(row, clip)
    return ClipCode(
        clip=clip.number,
        person=person.id if person else DYAD,
        role=person.role if person else DYAD,
        code=row.text("code"),
        coder=who,
        start_s=start,
        stop_s=stop,
    )


def _person(row: _Line, people: Sequence[Person]) -> Person | None:
    """Whom a code is about; None for both."""
    said = row.text("person")
    if said.lower() in _BOTH:
        return None
    fits = [p for p in people if p.id == said] or [p for p in people if p.role == said]
    if len(fits) != 1:
        known = [f"{p.id} ({p.role})" for p in people]
        raise row.error(repr(said), f"one of {known}, or {DYAD!r}", column="person")
    return fits[0]


def _times(row: _Line, clip: Clip) -> tuple[float, float]:
    """Start and stop on the session clock, cut to what is coded; the whole clip without times."""
    begin, end = row.text("start_s"), row.text("stop_s")
    if not begin and not end:
        return clip.core_start_s, clip.core_stop_s
    if not (begin and end):
        raise row.error("a start or a stop alone", "both, or neither", column="stop_s")
    start, stop = (
        seconds_in(row.path, t, line=row.line, column=c)
        for t, c in ((begin, "start_s"), (end, "stop_s"))
    )
    long = clip.stop_s - clip.start_s
    if not 0 <= start < stop <= long + 0.5:
        expected = f"a start before a stop, within the clip of {long:g} s"
        raise row.error(f"{start:g} to {stop:g} s", expected, column="start_s")
    first = min(max(clip.start_s + start, clip.core_start_s), clip.core_stop_s)
    return first, max(first, min(clip.start_s + stop, clip.core_stop_s))


def _notes(clips: Sequence[Clip], codes: Sequence[ClipCode], blank: int) -> Iterator[Note]:
    """What is missing from the sheets."""
    if blank:
        yield Note("sheets", "not-coded", f"{blank} lines hold no code: in no class.")
    for coder in sorted({c.coder for c in codes}):
        left = sorted({c.number for c in clips} - {c.clip for c in codes if c.coder == coder})
        if left:
            some = ", ".join(map(str, left[:10])) + (" ..." if len(left) > 10 else "")
            text = f"{coder} coded nothing in {len(left)} of {len(clips)} clips: {some}."
            yield Note(coder, "clips-not-coded", text)


def _agreement(
    clips: Sequence[Clip], codes: Sequence[ClipCode], seed: int, bootstrap: int
) -> list[AgreementRow]:
    """Compare the coders; a clip takes the place of a session, so that clips are drawn."""
    people = []
    for clip in clips:
        mine = [c for c in codes if c.clip == clip.number]
        for person in dict.fromkeys(c.person for c in mine):
            about = [c for c in mine if c.person == person]
            by: dict[str, tuple[Span, ...]] = {}
            for code in about:
                one = Span(
                    label=code.code,
                    start_s=code.start_s - clip.core_start_s,
                    stop_s=code.stop_s - clip.core_start_s,
                    person=person,
                    coder=code.coder,
                )
                by[code.coder] = (*by.get(code.coder, ()), one)
            people.append(
                CodedPerson(
                    session=f"clip {clip.number}",
                    dyad=clip.dyad,
                    person=person,
                    role=about[0].role,
                    seconds=int(clip.core_stop_s - clip.core_start_s + 0.5),
                    by=by,
                )
            )
    rows = compare_coders(people, Agreement(bootstrap=bootstrap), seed=seed)
    return [r for r in rows if not r.session]


def _blocks(study: Study, clips: Sequence[Clip]) -> dict[str, int]:
    """Dyads that share people, directly or through others."""
    dyads = list(dict.fromkeys(c.dyad for c in clips))
    people = [[p.id for row in study.sessions if row.dyad == d for p in row.people] for d in dyads]
    return dict(zip(dyads, blocks_of(people), strict=True))


def _write_tables(found: ClipCodes) -> None:
    """Write codes with their class, agreement and contrast beside the key."""
    kind = {c.number: c for c in found.clips}
    rows = [
        asdict(c) | {"kind": kind[c.clip].kind, "session": kind[c.clip].session}
        for c in found.codes
    ]
    tables = {
        "clip_codes": rows,
        "agreement": [r.to_row() for r in found.agreement],
        "contrast": [f.to_row() for f in found.findings],
    }
    for name, lines in tables.items():
        columns = list(lines[0]) if lines else ["none"]
        cells = [[_cell(line[c]) for c in columns] for line in lines]
        write_text(found.folder / f"{name}.csv", csv_text(columns, cells))


def _cell(value: Any) -> Any:
    return "" if isinstance(value, float) and value != value else value


def _write_codes(study: Study, clips: Sequence[Clip], codes: Sequence[ClipCode]) -> None:
    """Write the codes into the study, one table a session and coder; nothing is written over."""
    session_of = {c.number: c.session for c in clips}
    tables: dict[Path, list[ClipCode]] = {}
    for code in codes:
        path = study.root / "codes" / f"{session_of[code.clip]}_{code.coder}-clips.tsv"
        tables.setdefault(path, []).append(code)
    there = [p.name for p in tables if p.exists()]
    if there:
        hint = "Codes are never written over: move the old tables away."
        raise FileError(study.root / "codes", f"{there[:3]}", "no such tables yet", hint)
    for path, mine in tables.items():
        rows = [
            {
                "onset": c.start_s,
                "duration": round(c.stop_s - c.start_s, 3),
                "person": "" if c.person == DYAD else c.person,
                "code": c.code,
                "coder": f"{c.coder}-clips",
            }
            for c in sorted(mine, key=lambda c: (c.start_s, c.person))
        ]
        write_text(path, tsv_text(_CODES, rows))
