"""Codes beside synchrony: what a session's codes say at r(t), real or with a stranger."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from syntony.config import Recipe
from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.seeds import rng_for
from syntony.core.session import Span
from syntony.link.code_counts import CodeCounts
from syntony.link.codes import four_classes, pick_coder, valence_track
from syntony.link.contrast import MomentContrast, SmoothCourse, contrast_from, moment_contrast
from syntony.link.joined.seconds import speaker_track, talk_share, talk_track
from syntony.link.moments import ClassSynchrony, class_synchrony
from syntony.pipeline.plan import Planned
from syntony.pipeline.steps import is_correlation


@dataclass(frozen=True, kw_only=True, eq=False)
class Coded:
    """Both people's codes of one session, one value a second on the session clock.

    ``tracks`` and ``classes`` have shape (seconds,); ``span_s`` is the stretch in which both
    people's signals were compared. ``speaker``, shape (seconds,), is a place in ``SPEAKERS``;
    None where talk was not coded.
    """

    tracks: tuple[Ints, Ints]
    classes: Ints
    coder: str
    span_s: tuple[float, float]
    speaker: Ints | None = None

    @cached_property
    def counts(self) -> CodeCounts:
        """Both tracks as running counts: every pseudo-pair of this session asks for them."""
        return CodeCounts.of(self.tracks)

    @cached_property
    def talk(self) -> Array | None:
        """Share of each second in which the first person talks; None where talk was not coded."""
        return None if self.speaker is None else talk_share(self.speaker)


@dataclass(frozen=True, kw_only=True, eq=False)
class Moving:
    """r(t) at lag 0 on the session clock, shape (n_windows,), with its coverage."""

    time_s: Array
    r: Array
    coverage: Array | None


def coded_session(facts: Mapping[str, Any], planned: Planned, recipe: Recipe) -> Coded | None:
    """Lay a session's codes on its seconds; None where nobody coded both people.

    Raises
    ------
    InputError
        For a code outside the session or the code book, and codes that overlap.
    """
    seconds = math.ceil(facts["session_stop_s"])
    coded = [_inside(Span(**s), float(seconds)) for s in facts["spans"] if s["person"]]
    spans = emotion_spans(coded, recipe)
    people = {s.person for s in spans}
    if not {planned.first.id, planned.second.id} <= people:
        return None
    coder = pick_coder(spans, recipe.emotion.coder)
    tracks = tuple(
        valence_track(
            spans,
            person.id,
            seconds=seconds,
            code_book=recipe.emotion.code_book,
            coder=coder,
        )
        for person in (planned.first, planned.second)
    )
    start = float(facts["start_s"])
    return Coded(
        tracks=(tracks[0], tracks[1]),
        classes=four_classes(*tracks),
        coder=coder,
        span_s=(start, start + float(facts["duration_s"])),
        speaker=_speaker(coded, (planned.first.id, planned.second.id), seconds, recipe),
    )


def emotion_spans(spans: Iterable[Span], recipe: Recipe) -> list[Span]:
    """Codes that are read as emotion: all but those that say who speaks.

    A talk code that the code book gives a valence is emotion all the same.
    """
    talk = set(recipe.joined.talk_codes) - set(recipe.emotion.code_book)
    return [s for s in spans if s.label not in talk]


def _speaker(
    spans: list[Span], people: tuple[str, str], seconds: int, recipe: Recipe
) -> Ints | None:
    """Who speaks in every second; None where too little talk was coded to go by.

    Talk of any coder counts; a second is talk where talk covers half of it.
    """
    talk = set(recipe.joined.talk_codes) - set(recipe.emotion.code_book)
    said = [s for s in spans if s.label in talk]
    if sum(s.stop_s - s.start_s for s in said) < recipe.joined.least_talk_s:
        return None
    tracks = tuple(talk_track([s for s in said if s.person == p], seconds) for p in people)
    return speaker_track((tracks[0], tracks[1]))


def _inside(span: Span, stop_s: float) -> Span:
    """Cut a code that hangs over an edge of the session; the study notes how many do."""
    if span.stop_s <= 0 or span.start_s >= stop_s:
        return span  # wholly outside: refused further on, by name
    return replace(span, start_s=max(0.0, span.start_s), stop_s=min(span.stop_s, stop_s))


def moving(coupling: Coupling, start_s: float) -> Moving | None:
    """Synchrony from moment to moment; None for a coupling that has no time."""
    track = coupling.over_time()
    if track is None or not track.size:
        return None
    return Moving(
        time_s=coupling.coords["time"] + start_s, r=track, coverage=coupling.coverage_over_time()
    )


def contrasts_with(
    moves: Moving | None, both: Sequence[Coded | None], recipe: Recipe
) -> list[float]:
    """High less low moments of this r(t), on the codes of each session; NaN where there is none."""
    if moves is None:
        return [math.nan for _ in both]
    settings = recipe.moments
    course = SmoothCourse.of(moves.time_s, moves.r, moves.coverage, settings)
    return [
        math.nan
        if coded is None
        else contrast_from(
            course, coded.counts, settings=settings, span_s=coded.span_s, talk=coded.talk
        )
        for coded in both
    ]


def classes_of(
    session: str, moves: Moving, coded: Coded, recipe: Recipe
) -> tuple[ClassSynchrony, ...]:
    """Synchrony in each class of shared emotion, beside rotated codes.

    Correlations are averaged after Fisher's z; what other methods give, as it is.
    """
    return class_synchrony(
        moves.time_s,
        moves.r,
        coded.classes,
        rng=rng_for(recipe.seed, "rotation", session),
        rotations=recipe.emotion.rotations,
        min_rotation_s=recipe.emotion.min_rotation_s,
        scale="fisher_z" if is_correlation(recipe.synchrony[0]) else "plain",
    )


def moments_of(moves: Moving, coded: Coded, recipe: Recipe) -> MomentContrast:
    """The high and low moments of a session, and what the codes say in them."""
    return moment_contrast(
        moves.time_s,
        moves.r,
        coded.tracks,
        settings=recipe.moments,
        span_s=coded.span_s,
        coverage=moves.coverage,
        talk=coded.talk,
    )
