"""Agreement between the coders of a study or a run: from its codes to rows, notes and a list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil, isnan
from pathlib import Path
from typing import Any

from syntony.config import Agreement, Recipe, read_recipe
from syntony.core.errors import InputError
from syntony.core.files import write_text
from syntony.core.notes import Note
from syntony.core.session import Person, Session, Span
from syntony.core.sheets import for_sheet
from syntony.io.study import Study, load_session, open_study
from syntony.io.study_write import extent_of
from syntony.link.agreement.looking import Disagreement, disagreements_of, notes_on_coders
from syntony.link.agreement.study import AgreementRow, compare_coders
from syntony.link.agreement.tallies import CodedPerson, coders_of
from syntony.pipeline.pairs import Results

LIST = (
    "session",
    "person",
    "role",
    "start_s",
    "stop_s",
    "seconds",
    "coder_a",
    "code_a",
    "coder_b",
    "code_b",
)


@dataclass(frozen=True, kw_only=True)
class Agreements:
    """How far the coders of a study agree.

    Attributes
    ----------
    rows : tuple of AgreementRow
        Empty where no person of a session was coded by two.
    disagreements : tuple of Disagreement
        Where they part, the longest first.
    notes : tuple of Note
    """

    rows: tuple[AgreementRow, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    notes: tuple[Note, ...] = ()

    def row(self, measure: str = "kappa", code: str = "", role: str = "") -> AgreementRow:
        """Find the first row over all sessions of a measure, code and role."""
        for row in self.rows:
            if (row.session, row.measure, row.code, row.role) == ("", measure, code, role):
                return row
        raise KeyError(f"no row {measure!r} of code {code!r} and role {role!r}")

    @property
    def lines(self) -> tuple[str, ...]:
        """What ``syntony check`` prints; nothing where no session was coded by two."""
        told = [f"{n.where}: {n.code}: {n.text}" for n in self.notes]
        for pair in dict.fromkeys((r.coder_a, r.coder_b) for r in self.rows if r.coder_b):
            mine = [r for r in self.rows if (r.coder_a, r.coder_b) == pair and not r.role]
            rows = [r for r in mine if not r.session and r.measure in SHOWN]
            told += [f"agreement of {pair[0]} and {pair[1]}: {_in_a_line(r)}" for r in rows]
        if self.disagreements:
            d = self.disagreements[0]
            told.append(
                f"they part on {len(self.disagreements)} stretches; the longest: {d.session}, "
                f"{d.role} {d.start_s:.0f} to {d.stop_s:.0f} s, {d.coder_a} {d.code_a}, "
                f"{d.coder_b} {d.code_b} (the list: --disagreements FILE.csv)"
            )
        return tuple(told)

    def as_dict(self) -> dict[str, Any]:
        """The same for a program: rows, disagreements and notes, null where a number is missing."""
        rows = [{k: _null(v) for k, v in row.to_row().items()} for row in self.rows]
        return {
            "agreement": rows,
            "disagreements": disagreement_rows(self),
            "coder_notes": [asdict(n) for n in self.notes],
        }


SHOWN = ("kappa", "kappa_tolerance", "kappa_events")


def _in_a_line(row: AgreementRow) -> str:
    """One measure with its interval and prevalence, in words."""
    what = {"kappa": "kappa", "kappa_tolerance": "kappa within the tolerance"}
    name = what.get(row.measure, "kappa of events")
    about = row.code or "all codes"
    if row.status != "ok":
        return f"{about}, {name} {row.status}"
    between = "no interval" if isnan(row.low) else f"{row.low:.2f} to {row.high:.2f}"
    seen = (
        ""
        if isnan(row.prevalence_a)
        else (f", prevalence {row.prevalence_a:.2f} and {row.prevalence_b:.2f}")
    )
    return (
        f"{about}, {name} {row.value:.2f} ({between}; {row.reading}), {row.n_sessions} sessions, "
        f"{row.units:.0f} {row.unit}s{seen}"
    )


def _null(value: Any) -> Any:
    return None if isinstance(value, float) and isnan(value) else value


def agreement(study: Study | Path | str, settings: Agreement | None = None) -> Agreements:
    """Compare the coders of a study.

    Parameters
    ----------
    study : Study or path
    settings : Agreement, optional
        Default: those of the study's ``recipe.toml``, else the defaults.

    Returns
    -------
    Agreements
        Rows by pair of coders, code and role with prevalence and interval; the list of
        disagreements; notes on coders without a name, doubled, shifted or alone.

    Raises
    ------
    FileError
        If the study or one of its sessions cannot be read, such as for a code that lies
        outside its session.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.agreement("my-study").row("kappa", code="positive")  # doctest: +SKIP
    """
    opened = study if isinstance(study, Study) else open_study(Path(study))
    own = opened.root / "recipe.toml"
    recipe = read_recipe(own) if own.exists() else Recipe()
    if settings is not None:
        recipe = recipe.model_copy(update={"agreement": settings})
    return agreements_of((load_session(opened, row.id) for row in opened.sessions), recipe)


def agreements_of(
    sessions: Iterable[Session], recipe: Recipe, *, by_role: bool = True
) -> Agreements:
    """Compare the coders of sessions in memory."""
    people: list[CodedPerson] = []
    nameless: dict[str, int] = {}
    for session in sessions:
        stop = extent_of(session.signals, session.events)[1]
        people += coded_people(session.id, session.dyad, session.people, session.spans, stop)
        if lost := _nameless(session.spans):
            nameless[session.id] = lost
    return _compared(people, nameless, recipe, by_role=by_role)


def agreements_of_run(results: Results) -> Agreements:
    """Compare the coders of the sessions that a run asked about."""
    people: list[CodedPerson] = []
    nameless: dict[str, int] = {}
    for index in results.asked:
        planned, facts = results.plan.sessions[index], results.facts[index]
        spans = [Span(**s) for s in facts["spans"]]
        both = (planned.first, planned.second)
        stop = float(facts["session_stop_s"])
        people += coded_people(planned.id, planned.dyad, both, spans, stop)
        if lost := _nameless(spans):
            nameless[planned.id] = lost
    return _compared(people, nameless, results.recipe)


def coded_people(
    session: str, dyad: str, people: Sequence[Person], spans: Iterable[Span], stop_s: float
) -> list[CodedPerson]:
    """Everybody of a session whom a coder with a name coded."""
    found = []
    codes = [s for s in spans if s.person and s.coder]
    for person in people:
        mine = [s for s in codes if s.person == person.id]
        if mine:
            by = {c: _sorted(s for s in mine if s.coder == c) for c in {s.coder for s in mine}}
            found.append(
                CodedPerson(
                    session=session,
                    dyad=dyad,
                    person=person.id,
                    role=person.role,
                    seconds=ceil(stop_s),
                    by=dict(sorted(by.items())),
                )
            )
    return found


def _sorted(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda s: (s.start_s, s.stop_s, s.label)))


def _nameless(spans: Iterable[Span]) -> int:
    """How many codes of people name nobody as their coder."""
    return sum(1 for s in spans if s.person and not s.coder)


def _compared(
    people: list[CodedPerson], nameless: Mapping[str, int], recipe: Recipe, *, by_role: bool = True
) -> Agreements:
    settings = recipe.agreement
    notes = tuple(notes_on_coders(people, settings, nameless=nameless))
    if not coders_of(people):
        return Agreements(notes=notes)
    rows = compare_coders(
        people,
        settings,
        seed=recipe.seed,
        valences=recipe.emotion.code_book,
        by_role=by_role,
    )
    return Agreements(rows=tuple(rows), disagreements=tuple(disagreements_of(people)), notes=notes)


def disagreement_rows(found: Agreements) -> list[dict[str, Any]]:
    """Rows of the table ``disagreements``."""
    return [asdict(d) | {"seconds": d.seconds} for d in found.disagreements]


def write_disagreements(path: Path | str, found: Agreements) -> Path:
    """Write the list of disagreements as a CSV, the longest first, times to the millisecond.

    Raises
    ------
    InputError
        If no person of a session was coded by two.
    """
    if not found.rows:
        hint = "Name the study; in a run the table disagreements holds the list."
        raise InputError("disagreements", str(path), "a session coded by two coders", hint)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(LIST)
    for row in disagreement_rows(found):
        writer.writerow(
            [
                f"{row[k]:.3f}"
                if k.endswith("s") and isinstance(row[k], float)
                else for_sheet(row[k])
                for k in LIST
            ]
        )
    return write_text(Path(path), out.getvalue())
