"""First persons beside second persons whom they never met: the pseudo-pairs of a plan, in tiles.

A tile holds some first and some second persons and every admissible pair of theirs. It reads
each of their sessions once, so that memory is bounded and a corpus is not read over and over;
its results are one file, written whole or not at all. How pairs are laid on tiles follows from
the plan and the recipe alone, never from who does the work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe, Step
from syntony.core.arrays import Array, Bools, Ints
from syntony.core.errors import InputError
from syntony.core.files import write_arrays
from syntony.pipeline.emotion import Coded, contrasts_with, moving
from syntony.pipeline.plan import Plan
from syntony.pipeline.prepare import Features, features_of, mean_samples, read_coded
from syntony.pipeline.steps import couple
from syntony.synchrony import registry as method_list
from syntony.synchrony.costs import cost_of

TILE_S = 2.0
"""Seconds that a tile should take: far above what handing it out costs, soon redone if lost."""

AT_MOST = 96
"""Most people of a role in a tile: 200 sessions of an hour at 4 Hz are 50 MB."""

UNKNOWN_COST_S = 0.01
_MEASURED_SAMPLES = 12_000
_MOMENTS_S = 0.003  # moments of high and low synchrony of a pair, on the codes of both sessions
_BULK = 5.0  # times that many pairs at once are faster, where the method has a way


@dataclass(frozen=True, eq=False)
class Tile:
    """Some pseudo-pairs of a run: all that a worker needs to compute them.

    Attributes
    ----------
    name : str
        First place of its first and of its second persons in the plan.
    sessions : mapping of int to str
        Names of the sessions that lend somebody, by place in the plan.
    pairs : ndarray of int64, shape (n_pairs, 2)
        ``[k]``: the first person of one session beside the second person of another.
    """

    folder: Path
    recipe: Recipe
    name: str
    sessions: Mapping[int, str]
    pairs: Ints

    @property
    def path(self) -> Path:
        """Where its results lie."""
        return self.folder / "blocks" / "strangers" / f"{self.name}.npz"

    def is_done(self) -> bool:
        """Whether they lie there, for the pairs that are usable now."""
        if not self.path.exists():
            return False
        with np.load(self.path, allow_pickle=False) as saved:
            return np.array_equal(saved["pairs"], self.pairs)

    def only(self, pairs: Ints) -> Tile:
        """Some of its pairs, for a tile that does not come through as a whole."""
        places = {int(k) for k in np.unique(pairs)}
        names = {k: s for k, s in self.sessions.items() if k in places}
        return replace(self, sessions=names, pairs=pairs)


def lay_tiles(
    folder: Path,
    recipe: Recipe,
    plan: Plan,
    usable: Sequence[bool],
    facts: Sequence[Mapping[str, Any]],
) -> list[Tile]:
    """Lay every admissible pair of usable sessions on tiles.

    Parameters
    ----------
    folder : Path
        The Run folder.
    recipe : Recipe
        Settled.
    plan : Plan
    usable : sequence of bool
    facts : sequence of mapping
        Of every session: their mean length, whether any was coded and what the methods cost
        give the size of a tile.
    """
    coded = any(f.get("spans") for f in facts)
    edge, n = edge_of(recipe, mean_samples(recipe, facts), coded=coded), len(plan.sessions)
    wanted = admissible_pairs(plan, usable)
    tiles = []
    for top in range(0, n, edge):
        for left in range(0, n, edge):
            pairs = np.argwhere(wanted[top : top + edge, left : left + edge])
            if pairs.size:
                pairs = pairs + np.array([top, left])
                names = {int(k): plan.sessions[k].id for k in np.unique(pairs)}
                tiles.append(Tile(folder, recipe, f"{top:05d}-{left:05d}", names, pairs))
    return tiles


def admissible_pairs(plan: Plan, usable: Sequence[bool]) -> Bools:
    """Whose pseudo-pairs are computed, shape (n_sessions, n_sessions).

    Both sessions are usable, and one of them is asked about.
    """
    there = np.array(usable, dtype=bool)
    wanted: Bools = plan.anyone & there[:, None] & there[None, :]
    return wanted


def edge_of(recipe: Recipe, samples: float, *, coded: bool) -> int:
    """People of a role in a tile, so that it takes about ``TILE_S`` on the machine measured.

    The length is taken to the next power of two, so that a session more or less, as after one
    that failed is tried again, rarely lays all tiles anew.
    """
    samples = 2.0 ** round(math.log2(max(samples, 1.0)))
    seconds = _MOMENTS_S if coded else 0.0
    for step in recipe.synchrony:
        cost = cost_of(step.method)
        once = UNKNOWN_COST_S if cost is None else cost.once_s
        faster = _BULK if method_list.get(step.method).in_bulk is not None else 1.0
        seconds += once / faster * samples / _MEASURED_SAMPLES
    return max(1, min(AT_MOST, math.isqrt(int(TILE_S / max(seconds, 1e-9)))))


def do_tile(tile: Tile) -> str:
    """Compute a tile and write it; give its name."""
    write_arrays(tile.path, compute_tile(tile))
    return tile.name


def compute_tile(tile: Tile) -> dict[str, Any]:
    """Compute a tile from the features in the Run folder, each session read once."""
    held = {place: features_of(tile.folder, s) for place, s in tile.sessions.items()}
    codes = {place: read_coded(tile.folder, s) for place, s in tile.sessions.items()}
    return compute_pairs(tile.recipe, tile.pairs, held.__getitem__, codes.__getitem__)


def compute_pairs(
    recipe: Recipe,
    pairs: Ints,
    features: Callable[[int], Features],
    codes: Callable[[int], Coded | None],
) -> dict[str, Any]:
    """Compute pseudo-pairs: each is cut to what both recordings have, from session start.

    Returns
    -------
    dict of arrays
        ``pairs``; ``seconds`` compared; ``contrast``, shape (n_pairs, 2): what the codes of the
        one and of the other session say at this r(t); ``step<k>``, shape (n_pairs,
        n_statistics). NaN where nothing is in common, or too little for a window.
    """
    own = {int(place): features(int(place)) for place in np.unique(pairs)}
    spans_s = _spans_of(pairs, own)
    there = spans_s[:, 1] > spans_s[:, 0]
    seconds = np.where(there, spans_s[:, 1] - spans_s[:, 0], np.nan)
    found: dict[str, Any] = {"pairs": pairs, "seconds": seconds}
    both = SideBySide.of(pairs[there], spans_s[there], own)
    for number, step in enumerate(recipe.synchrony):
        told = np.full((len(pairs), len(method_list.get(step.method).statistics)), np.nan)
        told[there] = both.statistics(step)
        found[f"step{number}"] = told
    found["contrast"] = np.full((len(pairs), 2), np.nan)
    coded = {place: codes(place) for place in own}
    for k in np.flatnonzero(there) if any(c is not None for c in coded.values()) else ():
        i, j = pairs[k].tolist()
        if coded[i] is not None or coded[j] is not None:
            span = (float(spans_s[k, 0]), float(spans_s[k, 1]))
            x, y = cut(own[i].first, own[i], *span), cut(own[j].second, own[j], *span)
            told_by = (coded[i], coded[j])
            found["contrast"][k] = _contrasts(recipe, x, y, own[i].rate_hz, span[0], told_by)
    return found


def _spans_of(pairs: Ints, own: Mapping[int, Features]) -> Array:
    """What both sessions of every pair have of the session clock, shape (n_pairs, 2)."""
    known = np.full((max(own, default=0) + 1, 2), np.nan)
    for place, of in own.items():
        known[place] = of.start_s, of.stop_s
    both = known[pairs]
    spans_s: Array = np.stack([both[..., 0].max(axis=1), both[..., 1].min(axis=1)], axis=1)
    return spans_s


def _contrasts(
    recipe: Recipe,
    x: Array,
    y: Array,
    rate_hz: float,
    start_s: float,
    both: Sequence[Coded | None],
) -> list[float]:
    """What the codes of either session say at the first step's r(t) of a pseudo-pair."""
    try:
        moves = moving(couple(recipe.synchrony[0], x, y, rate_hz), start_s)
    except InputError:  # the common stretch is too short for one window
        return [math.nan, math.nan]
    return contrasts_with(moves, both, recipe)


@dataclass(frozen=True, kw_only=True, eq=False)
class SideBySide:
    """Pairs cut to what both have in common, laid out so that a signal is named once for many.

    ``first`` and ``second`` are signals, each from an instant on at which a stretch begins;
    ``pairs`` is as :meth:`Method.of_pairs` takes it.
    """

    first: list[Array]
    second: list[Array]
    pairs: Ints
    rate_hz: float

    @classmethod
    def of(cls, pairs: Ints, spans_s: Array, own: Mapping[int, Features]) -> SideBySide:
        """Lay pairs out.

        Parameters
        ----------
        pairs : ndarray of int64, shape (n_pairs, 2)
            Places of the sessions that lend the first and the second person.
        spans_s : ndarray of float64, shape (n_pairs, 2)
            Stretch of the session clock that each is cut to.
        own : mapping of int to Features
            Sessions by place.
        """
        rate_hz = next((f.rate_hz for f in own.values()), math.nan)
        samples = np.rint((spans_s[:, 1] - spans_s[:, 0]) * rate_hz).astype(np.int64)
        signals, columns = [], []
        for side, name in enumerate(("first", "second")):
            places = pairs[:, side]
            starts_s = np.array([own[p].start_s for p in places.tolist()])
            begins = np.rint((spans_s[:, 0] - starts_s) * rate_hz).astype(np.int64)
            known, which = np.unique(
                np.stack([places, begins], axis=1), axis=0, return_inverse=True
            )
            some = [getattr(own[p], name)[begin:] for p, begin in known.tolist()]
            sizes = np.array([v.size for v in some], dtype=np.int64)
            columns.append(which.ravel())
            samples = np.minimum(samples, sizes[which.ravel()])
            signals.append(some)
        laid = np.column_stack([*columns, samples])
        return cls(first=signals[0], second=signals[1], pairs=laid, rate_hz=rate_hz)

    def statistics(self, step: Step) -> Array:
        """Every statistic of a step for every pair, shape (n_pairs, n_statistics)."""
        entry = method_list.get(step.method)
        if not len(self.pairs):
            return np.empty((0, len(entry.statistics)))
        return entry.of_pairs(
            self.first, self.second, self.pairs, rate_hz=self.rate_hz, **step.options
        )


def together(one: Features, other: Features) -> tuple[float, float] | None:
    """Stretch of the session clock that both sessions have, or None."""
    start, stop = max(one.start_s, other.start_s), min(one.stop_s, other.stop_s)
    return (start, stop) if stop > start else None


def cut(values: Array, own: Features, start_s: float, stop_s: float) -> Array:
    """Samples of one session inside a stretch of the session clock."""
    first = round((start_s - own.start_s) * own.rate_hz)
    return values[first : first + round((stop_s - start_s) * own.rate_hz)]


def merged(tile: Tile, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put parts of a tile together; what no part holds has failed, and stays NaN."""
    place = {tuple(pair): k for k, pair in enumerate(tile.pairs.tolist())}
    shapes: dict[str, tuple[int, ...]] = {"seconds": (), "contrast": (2,)}
    for k, step in enumerate(tile.recipe.synchrony):
        shapes[f"step{k}"] = (len(method_list.get(step.method).statistics),)
    whole: dict[str, Any] = {"pairs": tile.pairs}
    for name, shape in shapes.items():
        values = np.full((len(tile.pairs), *shape), np.nan)
        for part in parts:
            values[[place[tuple(pair)] for pair in part["pairs"].tolist()]] = part[name]
        whole[name] = values
    return whole


def halves(tile: Tile) -> Iterator[Tile]:
    """Cut a tile in two, between people of the role that has more of them."""
    axis = int(np.unique(tile.pairs[:, 1]).size > np.unique(tile.pairs[:, 0]).size)
    people = np.unique(tile.pairs[:, axis])
    low = tile.pairs[:, axis] < people[people.size // 2]
    for some in (low, ~low):
        if some.any():
            yield tile.only(tile.pairs[some])


def by_first(parts: Iterable[Mapping[str, Any]], steps: int) -> dict[int, dict[str, Any]]:
    """Sort pseudo-pairs by the session of the first person, and then of the second.

    Parameters
    ----------
    parts : iterable of mapping
        What :func:`compute_pairs` gave, of any pairs.
    steps : int
        Steps of the recipe.

    Returns
    -------
    dict
        For every first person's place in the plan: ``partners``, the places of the second
        persons, ascending, and with one row for each ``pseudo_seconds``, ``pseudo_contrast``
        and ``step<k>_pseudo``.
    """
    names = {"pairs": "partners", "seconds": "pseudo_seconds", "contrast": "pseudo_contrast"}
    names |= {f"step{k}": f"step{k}_pseudo" for k in range(steps)}
    held = list(parts)
    if not held:
        return {}
    pairs = np.concatenate([part["pairs"] for part in held])
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    whole = {n: np.concatenate([part[n] for part in held])[order] for n in names}
    firsts, begins = np.unique(whole["pairs"][:, 0], return_index=True)
    whole["pairs"] = whole["pairs"][:, 1]
    pieces = {names[name]: np.split(v, begins[1:]) for name, v in whole.items()}
    return {int(i): {n: some[k] for n, some in pieces.items()} for k, i in enumerate(firsts)}


def without_strangers(recipe: Recipe) -> dict[str, Any]:
    """What a session has of pseudo-pairs whose first person nobody may be paired with."""
    none = {"partners": np.empty(0, np.int64), "pseudo_seconds": np.empty(0)}
    none["pseudo_contrast"] = np.empty((0, 2))
    widths = [len(method_list.get(s.method).statistics) for s in recipe.synchrony]
    return none | {f"step{k}_pseudo": np.empty((0, width)) for k, width in enumerate(widths)}
