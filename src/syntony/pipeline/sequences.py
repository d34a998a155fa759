"""Whose codes follow whose: in a run where the recipe asks, and in a table of interval codes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Sequences
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.core.session import Span
from syntony.io.codes.intervals import read_interval_tracks
from syntony.link.codes import pick_coder
from syntony.link.finding import Finding
from syntony.link.sequences import ASYMMETRY, CodePair, SequenceRow, is_primary, who_follows
from syntony.pipeline.pairs import Results
from syntony.pipeline.plan import STRANGERS


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Who answers whom in a table of interval codes.

    ``rows`` are those of the table ``sequences``; see :class:`SequenceRow`.
    """

    rows: tuple[SequenceRow, ...]
    notes: tuple[Note, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What the shell prints: both ways at every lag, then the difference of the ways."""
        told = [f"note: {n.where}: {n.text}" for n in self.notes]
        for row in self.rows:
            shown = row.statistic in ("given_own", ASYMMETRY) and row.scale == "difference"
            if shown and not row.session:
                told.append(sentence(row))
        return tuple(told)

    def as_dict(self) -> dict[str, Any]:
        """The same for a program, single sessions among it."""
        rows = [
            {
                k: None if isinstance(v, float) and math.isnan(v) else v
                for k, v in r.to_row().items()
            }
            for r in self.rows
        ]
        notes = [{"where": n.where, "code": n.code, "text": n.text} for n in self.notes]
        return {"sequences": rows, "notes": notes}


BESIDE = {"pseudo_dyads": "strangers", "one_turned": "one track turned"}


def sentence(row: SequenceRow) -> str:
    """Say one row, its interval before its chance and its p."""
    if row.statistic == ASYMMETRY:
        what = f"{row.after} after {row.before} less {row.before} after {row.after}"
    else:
        what = f"{row.after} after {row.before}"
    said = f"{what}, {row.lag_s:g} s later: {row.value:+.2f}"
    if math.isfinite(row.low):
        said += f" [{row.low:+.2f}, {row.high:+.2f}]"
    said += f" over {row.n_dyads} dyads"
    if row.status != "ok":
        return f"{said}; {row.status}"
    if row.surrogate in BESIDE:
        said += (
            f"; {BESIDE[row.surrogate]}: {row.null_mean:+.2f} "
            f"[{row.null_low:+.2f}, {row.null_high:+.2f}]"
        )
    return f"{said}, p = {row.p_two:.3f}"


def who_answers(
    path: Path | str,
    first: str,
    second: str,
    *,
    interval_s: float,
    settings: Sequences | None = None,
    session: str = "",
    seed: int = 20070301,
) -> Answers:
    """Ask a table of interval codes who answers whom, both ways.

    Parameters
    ----------
    path : path
        One row a dyad and one column an interval, ``CODE01``, ``CODE02`` ..., 1 where the code
        was shown, 0 where not, empty where it was not coded (reader ``intervals``).
    first, second : str
        The two codes, such as one person's stress and the other's coping.
    interval_s : float
        Length of an interval (s): the table does not say.
    settings : Sequences, optional
        Lags, draws; ``pairs``, ``gaps`` and ``interval_s`` of it are not used here.
    session : str, optional
        Column that names the dyad; without it the first.
    seed : int
        Of the draws.

    Returns
    -------
    Answers
        Every dyad of the table is taken for one pair of people who met nobody else in it.

    Raises
    ------
    FileError
        With line and column, for what is no such table.
    InputError
        For a code that the table lacks, or an interval without length.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.who_answers("couples.csv", "stress", "coping", interval_s=10)  # doctest: +SKIP
    """
    source = Path(path)
    sessions, tracks = read_interval_tracks(source, session=session)
    for field, code in (("first", first), ("second", second)):
        if code not in tracks:
            raise InputError(field, code, f"one of the codes of {source.name}, {sorted(tracks)}")
    if not (math.isfinite(interval_s) and interval_s > 0):
        raise InputError("interval_s", interval_s, "seconds above 0")
    given = (settings or Sequences()).model_copy(update={"interval_s": float(interval_s)})
    pair = CodePair(
        names=(first, second),
        **_same_length(tracks[first], tracks[second]),
        sessions=sessions,
        dyads=sessions,
        allowed=~np.eye(len(sessions), dtype=bool),
        people=(tuple(f"{s}/1" for s in sessions), tuple(f"{s}/2" for s in sessions)),
    )
    lost = int(np.isnan(pair.first).sum() + np.isnan(pair.second).sum())
    text = f"{lost} intervals were not coded: in no count."
    notes = (Note(source.name, "missing-intervals", text),) if lost else ()
    return Answers(rows=tuple(who_follows(pair, given, seed=seed)), notes=notes)


def _same_length(first: Array, second: Array) -> dict[str, Array]:
    """Both tracks with as many intervals, what is not there missing."""
    long = max(first.shape[1], second.shape[1])
    made = {}
    for name, track in (("first", first), ("second", second)):
        made[name] = np.full((len(track), long), np.nan)
        made[name][:, : track.shape[1]] = track
    return made


def sequences_of_run(results: Results) -> tuple[list[SequenceRow], list[Note]]:
    """Ask the pairs of codes that the recipe names."""
    recipe = results.recipe
    rows: list[SequenceRow] = []
    notes: list[Note] = []
    for codes in recipe.sequences.pairs:
        found, seen = _pair_of_run(results, codes)
        notes += _notes(codes, found, seen)
        if found is not None:
            rows += who_follows(
                found,
                recipe.sequences,
                seed=recipe.seed,
                bootstrap=recipe.corpus.bootstrap,
                min_dyads=recipe.corpus.min_dyads,
                derangements=recipe.corpus.derangements,
            )
    return rows, notes


def _notes(codes: tuple[str, str], pair: CodePair | None, seen: set[str]) -> Iterator[Note]:
    """Say which code occurs nowhere, and that gaps were nowhere an answer."""
    for code in codes:
        if code not in seen:
            text = f"The code {code!r} occurs nowhere; codes here: {sorted(seen)}."
            yield Note("recipe/sequences", "sequences-no-code", text)
    if pair is not None:
        for name, track in zip(pair.names, (pair.first, pair.second), strict=True):
            there = track[np.isfinite(track)]
            if there.size and there.min() == there.max() == 1.0:
                text = (
                    f"{name} is there in every coded interval: is a gap an answer? "
                    'Then set gaps = "absent" under [sequences].'
                )
                yield Note("recipe/sequences", "sequences-always", text)


def _pair_of_run(results: Results, codes: tuple[str, str]) -> tuple[CodePair | None, set[str]]:
    """Tracks of both people over the sessions that were coded."""
    recipe, plan = results.recipe, results.plan
    kept, tracks, seen = [], [], set[str]()
    for index in results.asked:
        planned, facts = plan.sessions[index], results.facts[index]
        spans = [Span(**s) for s in facts["spans"] if s["person"]]
        seen |= {s.label for s in spans}
        coders = {s.coder for s in spans}
        if not spans or (recipe.emotion.coder and recipe.emotion.coder not in coders):
            continue
        coder = pick_coder(spans, recipe.emotion.coder)
        mine = [s for s in spans if s.coder == coder]
        stop = float(facts["session_stop_s"])
        both = [
            track_of([s for s in mine if s.person == p.id], code, stop, recipe.sequences)
            for p, code in zip((planned.first, planned.second), codes, strict=True)
        ]
        kept.append(index)
        tracks.append(both)
    if not kept:
        return None, seen
    long = max(t[0].size for t in tracks)
    first, second = (
        np.array([np.pad(t[k], (0, long - t[k].size), constant_values=np.nan) for t in tracks])
        for k in (0, 1)
    )
    sessions = [plan.sessions[i] for i in kept]
    here = np.ix_(kept, kept)
    roles = sessions[0].first.role, sessions[0].second.role
    pair = CodePair(
        names=(f"{roles[0]}: {codes[0]}", f"{roles[1]}: {codes[1]}"),
        first=first,
        second=second,
        sessions=tuple(s.id for s in sessions),
        dyads=tuple(s.dyad for s in sessions),
        allowed=plan.allowed[STRANGERS][here]
        if STRANGERS in plan.allowed
        else np.zeros((len(kept), len(kept)), dtype=bool),
        people=(tuple(s.first.id for s in sessions), tuple(s.second.id for s in sessions)),
    )
    return pair, seen


def track_of(spans: Sequence[Span], code: str, stop_s: float, settings: Sequences) -> Array:
    """One code of one person as 1, 0 and NaN over whole intervals of the session.

    Parameters
    ----------
    spans : sequence of Span
        All codes of the person by one coder.
    code : str
    stop_s : float
        End of the session (s).
    settings : Sequences

    Examples
    --------
    >>> said = [Span(label="talk", start_s=0, stop_s=14), Span(label="hm", start_s=14, stop_s=20)]
    >>> track_of(said, "talk", 40.0, Sequences(interval_s=10)).tolist()
    [1.0, 0.0, nan, nan]
    """
    long, count = settings.interval_s, int(stop_s // settings.interval_s)
    there = _cover_s([s for s in spans if s.label == code], long, count)
    any_code = _cover_s(spans, long, count)
    track = (there >= 0.5 * long - 1e-9).astype(np.float64)
    if settings.gaps == "uncoded":
        track[any_code < 0.5 * long - 1e-9] = np.nan
    return track


def _cover_s(spans: Sequence[Span], long_s: float, count: int) -> Array:
    """Seconds of every interval that spans cover, those on one another counted once."""
    cover = np.zeros(count)
    reached = 0.0
    for span in sorted(spans, key=lambda s: s.start_s):
        start, stop = max(span.start_s, reached), min(span.stop_s, count * long_s)
        if stop <= start:
            continue
        reached = stop
        first, last = int(start // long_s), min(math.ceil(stop / long_s), count)
        edges = np.arange(first, last + 1) * long_s
        cover[first:last] += np.minimum(edges[1:], stop) - np.maximum(edges[:-1], start)
    return cover


_SAME = (
    "n_dyads",
    "n_sessions",
    "value",
    "low",
    "high",
    "null_mean",
    "null_low",
    "null_high",
    "z",
    "p_one",
    "p_two",
    "draws",
    "surrogate",
    "statistic",
    "status",
)


def sequence_findings(rows: Sequence[SequenceRow]) -> list[Finding]:
    """The primary rows over dyads as findings: both ways at lag 1, and their difference."""
    return [
        Finding(
            finding="sequences",
            label=f"{row.after} after {row.before}",
            detail={"lag_s": row.lag_s, "before": row.before, "after": row.after},
            **{k: getattr(row, k) for k in _SAME},
        )
        for row in rows
        if not row.session and is_primary(row)
    ]
