"""Physiology of one person against a rating: further pairs of features of the same run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from syntony.body.grid import to_grid
from syntony.config import RatedPair, Recipe
from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.rated import RATERS, SELF, is_outside, ratings_of, split_kind
from syntony.core.seeds import rng_for
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.io.study import SessionRow
from syntony.link.accuracy.links import difference_of_links, link_accuracy
from syntony.link.accuracy.raters import mean_of_raters
from syntony.link.finding import Finding
from syntony.pipeline.accuracy import Accuracies
from syntony.pipeline.corpus import block_of, observed, synchrony_findings
from syntony.pipeline.pairs import Results, pair_rows
from syntony.pipeline.plan import Plan
from syntony.pipeline.source import Source
from syntony.surrogates import registry as surrogate_list
from syntony.synchrony import registry as method_list

RATED = "physiology_rating"


@dataclass(frozen=True)
class BesideRating:
    """A source whose sessions hold one person's physiology and, in the other's place, a rating.

    The rating may be about either of the two: whose place it takes decides only with whom it is
    re-paired. Everything else is that of ``source``.
    """

    source: Source
    pair: RatedPair
    roles_of_pair: tuple[str, str]
    reaction_lag_s: float

    @property
    def title(self) -> str:
        """Title of the source."""
        return self.source.title

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the source."""
        return self.source.roles

    @property
    def simulated(self) -> bool:
        """Whether the source was made."""
        return self.source.simulated

    @property
    def truth(self) -> Mapping[str, Any] | None:
        """What was planted in the source."""
        return self.source.truth

    @property
    def rows(self) -> tuple[SessionRow, ...]:
        """Every session of the source."""
        return self.source.rows

    @property
    def analysed(self) -> int:
        """How many of them are asked about."""
        return self.source.analysed

    def inputs(self, session: str) -> list[Path]:
        """Files of the source."""
        return self.source.inputs(session)

    def load(self, session: str) -> Session:
        """Read one session, with the rating in place of the other person's channels."""
        whole = self.source.load(session)
        body = whole.person(self.pair.physiology)
        place = whole.person(next(r for r in self.roles_of_pair if r != self.pair.physiology))
        about = whole.person(self.pair.about)
        rated = rating_signal(whole, about, self.pair.rating)
        laid = [replace(s, person=place.id, start_s=s.start_s - self.reaction_lag_s) for s in rated]
        own = [s for s in whole.signals if s.person == body.id and split_kind(s.kind) is None]
        events = tuple(e for e in whole.events if e.person == body.id)
        return replace(whole, signals=(*own, *laid), events=events)


def rating_signal(session: Session, about: Person, kind: str) -> list[Signal]:
    """Signals of a rating of one person; of ``_by_raters``, the mean of the outside raters.

    Raises
    ------
    InputError
        If nobody gave that rating.
    """
    mine = [r for r in ratings_of(session.signals, session.people) if r.about.id == about.id]
    words = split_kind(kind)
    if words is None:
        raise InputError("rating", kind, "a kind such as valence_by_self")
    rater = SELF if words[1] == about.role else words[1]
    found = [r.signal for r in mine if (r.what, r.rater) == (words[0], rater)]
    outside = [r for r in mine if r.what == words[0] and is_outside(r.rater, session.people)]
    if not found and rater == RATERS and outside:
        rate_hz = max(r.signal.rate_hz for r in outside)
        start = math.ceil(min(r.signal.start_s for r in outside) * rate_hz - 1e-9) / rate_hz
        stop = max(r.signal.stop_s for r in outside)
        each = [to_grid(r.signal, rate_hz=rate_hz, start_s=start, stop_s=stop) for r in outside]
        mean = mean_of_raters(np.stack([s.values for s in each]))
        found = [replace(each[0], values=mean)]
    if not found:
        known = sorted({r.kind for r in mine}) or "none"
        raise InputError(
            f"rating of {about.id} ({about.role}) in session {session.id}",
            kind,
            f"a rating that is there: {known}",
        )
    return [replace(s, kind=kind) for s in found]


@dataclass(frozen=True)
class Further:
    """One further pair of features: how it is computed, and where."""

    place: str
    pair: RatedPair
    recipe: Recipe
    source: BesideRating

    def folder(self, run: Path) -> Path:
        """Where its blocks lie in the run."""
        return run / "beside" / self.place


def further_pairs(recipe: Recipe, source: Source) -> list[Further]:
    """Further pairs that a settled recipe asks for, each with a recipe of its own.

    Methods that need one unit for both, and surrogates that need responses of the skin, are
    left out of them.

    Raises
    ------
    InputError
        If a role is not one of the pair, a kind is that of no rating, or no method is left.
    """
    roles = recipe.roles or ("", "")
    found = []
    for number, pair in enumerate(recipe.ratings.physiology_against):
        for name in ("physiology", "about"):
            if getattr(pair, name) not in roles:
                raise InputError(
                    f"ratings.physiology_against.{name}", getattr(pair, name), f"one of {roles}"
                )
        if split_kind(pair.rating) is None:
            raise InputError(
                "ratings.physiology_against.rating", pair.rating, "a kind such as valence_by_self"
            )
        is_first = pair.physiology == roles[0]
        signals = recipe.signals
        both = (signals[0], pair.rating) if is_first else (pair.rating, signals[1])
        steps = tuple(s for s in recipe.synchrony if takes_two_units(s.method))
        if not steps:
            raise InputError(
                "ratings.physiology_against",
                [s.method for s in recipe.synchrony],
                "a method that takes two units, such as lagged_correlation",
            )
        chance = tuple(s for s in recipe.surrogates if _suits(s.name, both[1]))
        own = recipe.model_copy(update={"signal": both, "synchrony": steps, "surrogates": chance})
        beside = BesideRating(source, pair, roles, recipe.ratings.reaction_lag_s)
        found.append(Further(f"{number:02d}", pair, own, beside))
    return found


def takes_two_units(method: str) -> bool:
    """Whether a method compares signals of any two units.

    Examples
    --------
    >>> takes_two_units("lagged_correlation")
    True
    """
    entry = method_list.get(method)
    return entry.unit is None and entry.scale_free


def _suits(surrogate: str, signal: str) -> bool:
    """Whether a surrogate can draw from this signal."""
    try:
        surrogate_list.get_for_recipe(surrogate, signal)
    except InputError:
        return False
    return True


@dataclass(frozen=True, eq=False)
class Beside:
    """What further pairs and their links with accuracy gave."""

    rows: list[dict[str, Any]]
    findings: list[Finding]


def beside_of(folder: Path, results: Results, source: Source, rated: Accuracies) -> Beside:
    """Rows and findings of physiology against ratings, and what goes with accuracy."""
    rows: list[dict[str, Any]] = []
    findings: list[Finding] = []
    indices = [(between(results.recipe), dict(_indices(results)))]
    for further in further_pairs(results.recipe, source):
        found = read_further(folder, further, results.plan)
        words = between(further.recipe, further.pair)
        if found is None:
            why = "not testable: no session has both signals"
            findings.append(Finding(finding=RATED, label=words, status=why))
            continue
        rows += [_as_told(row, further.pair, found) for row in pair_rows(found)]
        findings += [_marked(f, further.pair, words) for f in synchrony_findings(found)]
        indices.append((words, dict(_indices(found))))
    if rated.by_session:
        findings += list(_links(results, rated, indices))
    return Beside(rows, findings)


def read_further(folder: Path, further: Further, plan: Plan) -> Results | None:
    """Results of a further pair; None where no session could be used."""
    found = Results.read(further.folder(folder), further.recipe, plan)
    return found if found.asked else None


def between(recipe: Recipe, pair: RatedPair | None = None) -> str:
    """Name what is compared, in words for a sentence."""
    a, b = (s.replace("_", " ") for s in recipe.signals)
    roles = recipe.roles or ("first", "second")
    if pair is None:
        return f"synchrony of {roles[0]} {a} with {roles[1]} {b}"
    body = recipe.signals[0 if pair.physiology == roles[0] else 1].replace("_", " ")
    rating = pair.rating.replace("_", " ")
    return f"synchrony of {pair.physiology} {body} with {pair.about} {rating}"


def _marked(found: Finding, pair: RatedPair, words: str) -> Finding:
    """The finding of a further pair, told apart from those of physiology alone."""
    detail = {**found.detail, **pair.model_dump(), "between": words}
    return replace(found, finding=RATED, label=f"{words}: {found.statistic}", detail=detail)


def _as_told(row: Mapping[str, Any], pair: RatedPair, found: Results) -> dict[str, Any]:
    """A row of a pair with the roles as they are: the rating may be about the same person."""
    roles = found.recipe.roles or ("", "")
    side = "b" if pair.physiology == roles[0] else "a"
    other = "a" if side == "b" else "b"
    same = pair.about == pair.physiology
    about = {f"person_{side}": row[f"person_{other}"]} if same else {}
    return {**row, f"role_{side}": pair.about, **about, "leader": "", "family": "exploratory"}


def _indices(results: Results) -> Iterator[tuple[str, dict[str, float]]]:
    """First statistic of every step, by method: session to value."""
    ids = [results.plan.sessions[i].id for i in results.asked]
    for number, step in enumerate(results.recipe.synchrony):
        values, _ = observed(results, number, 0)
        yield f"{number} {step.method}", dict(zip(ids, values.tolist(), strict=True))


def _links(
    results: Results, rated: Accuracies, indices: list[tuple[str, dict[str, dict[str, float]]]]
) -> Iterator[Finding]:
    """Every index beside the accuracy of every perceiver, then the differences."""
    asked = [results.plan.sessions[i] for i in results.asked]
    dyads, seed = [s.dyad for s in asked], results.recipe.seed
    bootstrap, blocks = results.recipe.empathy.bootstrap, block_of(results)

    def values(held: Mapping[str, float]) -> Array:
        return np.array([held.get(s.id, math.nan) for s in asked])

    for perceiver, accuracy in rated.by_session.items():
        plain: dict[str, Array] = {}
        for place, (words, held) in enumerate(indices):
            for key, by_session in held.items():
                method = key.partition(" ")[2]
                index = values(by_session)
                facts: dict[str, Any] = {
                    "label": f"{perceiver}.accuracy",
                    "method": method,
                    "statistic": method_list.get(method).statistics[0].name,
                }
                detail = {"perceiver": perceiver, "between": f"{words} ({_title(method)})"}
                rng = rng_for(seed, "accuracy link", perceiver, place, key)
                yield link_accuracy(
                    index, accuracy, dyads, rng, facts=facts, detail=detail, bootstrap=bootstrap
                )
                if place == 0:
                    plain[method] = index
                elif method in plain:
                    told = f"{words} less {indices[0][0]}, {_title(method)}"
                    yield difference_of_links(
                        index,
                        plain[method],
                        accuracy,
                        dyads,
                        rng,
                        facts=facts,
                        detail={**detail, "between": told},
                        bootstrap=bootstrap,
                        block_of=blocks,
                    )


def _title(method: str) -> str:
    title = method_list.get(method).title
    return title[:1].lower() + title[1:]
