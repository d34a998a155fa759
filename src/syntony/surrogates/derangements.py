"""Derangements: everybody gets a stranger at once, roles kept."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod

import numpy as np

from syntony.core.arrays import Bools, Ints
from syntony.core.errors import InputError

EXACT_UP_TO = 14
PILOT = 2000
LEAST_ACCEPTED = 10
LEAST_ROUNDS = 30
ROUNDS_PER_ROW = 10
MOST_STEPS = 100_000


def derangements(allowed: Bools, count: int, rng: np.random.Generator) -> Ints:
    """Draw re-pairings of a whole study at once, in which nobody keeps their real partner.

    Parameters
    ----------
    allowed : ndarray of bool, shape (n, n)
        [i, j]: the first person of i may be paired with the second person of j, as
        :func:`syntony.surrogates.partners.admissible` gives it.
    count : int
        How many to draw.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int64, shape (n_draws, n)
        Row s: the first person of i meets the second person of ``s[i]``; every second person
        is used once, and ``allowed[i, s[i]]`` for all i. All rows differ. ``n_draws`` is
        ``count``, or fewer where fewer re-pairings exist: then every one is there once.

    Raises
    ------
    InputError
        If ``allowed`` is no square matrix, ``count`` is under 1, or no re-pairing exists; the
        message says who has too few partners (see :func:`why_none`).

    Notes
    -----
    Each admissible re-pairing is equally likely. Sessions fall into groups that are
    exchanged only among themselves (another type, another number), each drawn for itself:

    * groups of up to 14 sessions: the number of ways to finish a partial re-pairing is counted for
      every set of used partners, and a re-pairing is read off a random number;
    * larger groups: random permutations are drawn and those with a forbidden pair thrown
      away, as long as at least 10 of the first 2000 are kept;
    * else a Markov chain of swaps, started from a random re-pairing. One round takes a random
      i out of its pair and lets it choose among its admissible partners; whoever loses a
      partner by this chooses next, until the free partner is chosen. A round and its
      reverse are equally likely, so the chain is uniform in the limit, and a round can go
      round any alternating cycle, so every re-pairing can be reached. Each draw is the end of
      a chain of its own after max(30, 10 n / (mean number of partners)) rounds.

    Examples
    --------
    >>> import numpy as np
    >>> derangements(~np.eye(3, dtype=bool), 999, np.random.default_rng(0)).tolist()
    [[1, 2, 0], [2, 0, 1]]
    """
    _square(allowed)
    if count < 1:
        raise InputError("count", count, "at least 1")
    reason = why_none(allowed)
    if reason is not None:
        raise InputError("allowed", f"{len(allowed)} sessions", f"a re-pairing, but {reason}")
    blocks = _blocks(allowed)
    tables = [_ways(allowed[np.ix_(r, c)]) if r.size <= EXACT_UP_TO else None for r, c in blocks]
    totals = [int(t[0]) for t in tables if t is not None]
    if len(totals) == len(blocks) and prod(totals) <= 4 * count:
        return _choose_among_all(allowed, blocks, [t for t in tables if t is not None], count, rng)
    return _different(allowed, blocks, tables, count, rng)


def derangement_count(allowed: Bools) -> int | None:
    """Count the re-pairings that exist; None where groups of over 14 make that too long.

    Examples
    --------
    >>> import numpy as np
    >>> derangement_count(~np.eye(5, dtype=bool))
    44
    """
    _square(allowed)
    if why_none(allowed) is not None:
        return 0
    blocks = _blocks(allowed)
    if any(rows.size > EXACT_UP_TO for rows, _ in blocks):
        return None
    return prod(int(_ways(allowed[np.ix_(r, c)])[0]) for r, c in blocks)


def why_none(
    allowed: Bools, *, labels: Sequence[str] | None = None, noun: str = "session"
) -> str | None:
    """Say why no re-pairing exists, or None where one does.

    By Hall's theorem there is none exactly where some first persons have fewer admissible
    partners between them than they are; the sentence names such a group, by ``labels`` or by
    position, ``noun`` before them.

    Examples
    --------
    >>> import numpy as np
    >>> why_none(np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]], dtype=bool))
    'sessions 0, 1 have only 1 admissible partner between them (session 2)'
    """
    _square(allowed)
    partner, wanted = _match(allowed, np.arange(len(allowed)))
    if partner is not None:
        return None
    columns = np.zeros(len(allowed), dtype=np.bool_)
    columns[wanted] = True
    rows = np.flatnonzero(~allowed[:, ~columns].any(axis=1))
    names = [str(k) for k in range(len(allowed))] if labels is None else labels
    who = _listed([names[k] for k in rows.tolist()], noun)
    if not wanted:
        return f"{who} {'has' if rows.size == 1 else 'have'} no admissible partner"
    few = "partner" if len(wanted) == 1 else "partners"
    whom = _listed([names[k] for k in wanted], noun)
    return f"{who} have only {len(wanted)} admissible {few} between them ({whom})"


def _square(allowed: Bools) -> None:
    if allowed.ndim != 2 or allowed.shape[0] != allowed.shape[1] or allowed.dtype != np.bool_:
        raise InputError("allowed", (allowed.shape, str(allowed.dtype)), "a square bool matrix")


def _listed(names: list[str], noun: str, most: int = 12) -> str:
    """Put names in words, at most a dozen of them."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{noun}{'' if len(names) == 1 else 's'} {', '.join(names[:most])}{more}"


def _match(allowed: Bools, order: Ints) -> tuple[Ints | None, list[int]]:
    """Find one re-pairing by augmenting paths, or the columns that too many rows want.

    Rows are taken, and their partners tried, in ``order``, so that a random order gives a
    random re-pairing (not a uniform one).
    """
    holder: dict[int, int] = {}
    choices = [order[allowed[i][order]].tolist() for i in range(len(allowed))]
    for start in order.tolist():
        came_from: dict[int, int] = {}
        queue, free = [start], -1
        for row in queue:
            for column in choices[row]:
                if column in came_from:
                    continue
                came_from[column] = row
                if column not in holder:
                    free = column
                    break
                queue.append(holder[column])
            if free >= 0:
                break
        if free < 0:
            return None, sorted(came_from)
        _turn(holder, came_from, free, start)
    partner = np.empty(len(allowed), dtype=np.int64)
    for column, row in holder.items():
        partner[row] = column
    return partner, []


def _turn(holder: dict[int, int], came_from: dict[int, int], free: int, start: int) -> None:
    """Flip the alternating path that ends in a free column."""
    held = {row: column for column, row in holder.items()}
    column = free
    while True:
        row = came_from[column]
        holder[column] = row
        if row == start:
            return
        column = held[row]


def _blocks(allowed: Bools) -> list[tuple[Ints, Ints]]:
    """Rows and columns that are exchanged only among themselves, group by group.

    Let i reach k when i may take the partner that k has in some re-pairing. Two rows can be
    exchanged, directly or round a cycle, exactly where each reaches the other; a pair across
    groups is in no re-pairing.
    """
    partner, _ = _match(allowed, np.arange(len(allowed)))
    if partner is None:
        return []
    reach = allowed[:, partner]
    left = np.ones(len(allowed), dtype=np.bool_)
    blocks = []
    while left.any():
        start = int(np.argmax(left))
        rows = np.flatnonzero(_reached(reach, start) & _reached(reach.T, start))
        blocks.append((rows, np.sort(partner[rows])))
        left[rows] = False
    return blocks


def _reached(reach: Bools, start: int) -> Bools:
    """Rows that a path leads to, the start included."""
    seen = np.zeros(len(reach), dtype=np.bool_)
    seen[start] = True
    edge = seen
    while edge.any():
        edge = reach[edge].any(axis=0) & ~seen
        seen = seen | edge
    return seen


def _ways(grid: Bools) -> Ints:
    """For every set of used columns: in how many ways the remaining rows can be paired.

    The set is a bit mask of k columns, for rows 0 .. k - 1; entry 0 is the number of
    re-pairings, which fits 64 bits up to 20 rows.
    """
    n = len(grid)
    used = np.zeros(1, dtype=np.int64)
    for _ in range(n):
        used = np.concatenate([used, used + 1])
    ways = np.zeros(2**n, dtype=np.int64)
    ways[-1] = 1
    for row in range(n - 1, -1, -1):
        sets = np.flatnonzero(used == row)
        for column in np.flatnonzero(grid[row]).tolist():
            bit = 1 << column
            ways[sets] += np.where(sets & bit, 0, ways[sets | bit])
    return ways


def _read_off(grid: Bools, ways: Ints, ranks: Ints) -> Ints:
    """Re-pairings by their number in dictionary order, shape (n_ranks, n)."""
    out = np.zeros((ranks.size, len(grid)), dtype=np.int64)
    rank, sets = ranks.copy(), np.zeros(ranks.size, dtype=np.int64)
    for row in range(len(grid)):
        open_ = np.ones(ranks.size, dtype=np.bool_)
        next_sets = sets.copy()
        for column in np.flatnonzero(grid[row]).tolist():
            bit = 1 << column
            here = np.where(sets & bit, 0, ways[sets | bit])
            take = open_ & (rank < here)
            out[take, row] = column
            next_sets[take] |= bit
            rank -= np.where(open_ & ~take, here, 0)
            open_ &= ~take
        sets = next_sets
    return out


def _choose_among_all(
    allowed: Bools,
    blocks: list[tuple[Ints, Ints]],
    tables: list[Ints],
    count: int,
    rng: np.random.Generator,
) -> Ints:
    """Few re-pairings exist: every one, or ``count`` of them, each once."""
    total = prod(int(t[0]) for t in tables)
    ranks = np.arange(total) if total <= count else rng.choice(total, count, replace=False)
    out = np.empty((ranks.size, len(allowed)), dtype=np.int64)
    for (rows, columns), ways in zip(blocks, tables, strict=True):
        ranks, here = np.divmod(ranks, int(ways[0]))
        out[:, rows] = columns[_read_off(allowed[np.ix_(rows, columns)], ways, here)]
    return out


def _different(
    allowed: Bools,
    blocks: list[tuple[Ints, Ints]],
    tables: list[Ints | None],
    count: int,
    rng: np.random.Generator,
) -> Ints:
    """Draw until there are ``count`` different ones; a round that finds no new one is the last."""
    found = np.empty((0, len(allowed)), dtype=np.int64)
    while len(found) < count:
        more = np.empty((count, len(allowed)), dtype=np.int64)
        for (rows, columns), ways in zip(blocks, tables, strict=True):
            more[:, rows] = columns[_draw(allowed[np.ix_(rows, columns)], ways, count, rng)]
        before = len(found)
        together = np.concatenate([found, more])
        found = together[np.sort(np.unique(together, axis=0, return_index=True)[1])]
        if len(found) == before:
            break
    return found[:count]


def _draw(grid: Bools, ways: Ints | None, count: int, rng: np.random.Generator) -> Ints:
    """Draw re-pairings of one group, by the way that suits it."""
    if ways is not None:
        return _read_off(grid, ways, rng.integers(0, int(ways[0]), size=count))
    kept = _by_rejection(grid, count, rng)
    return kept if kept is not None else _by_walk(grid, count, rng)


def _by_rejection(grid: Bools, count: int, rng: np.random.Generator) -> Ints | None:
    """Keep the random permutations without a forbidden pair; None where hardly any is kept."""
    n = len(grid)
    batch = np.tile(np.arange(n), (PILOT, 1))
    kept: list[Ints] = []
    have = 0
    while have < count:
        drawn = rng.permuted(batch, axis=1)
        good = drawn[grid[np.arange(n), drawn].all(axis=1)]
        if not kept and len(good) < LEAST_ACCEPTED:
            return None
        kept.append(good)
        have += len(good)
    return np.concatenate(kept)[:count]


def _by_walk(
    grid: Bools, count: int, rng: np.random.Generator, *, rounds: int | None = None
) -> Ints:
    """Run one chain of swaps for each draw, all side by side.

    A chain that has not ended after very many steps, which sessions and therapists do not
    bring about but odd patterns can, is left out: its place is taken by one that has ended.
    """
    n = len(grid)
    start, _ = _match(grid, rng.permutation(n))
    if start is None:
        raise InputError("allowed", f"{n} sessions", "a re-pairing")
    degree = grid.sum(axis=1)
    choices = np.argsort(~grid, axis=1, kind="stable")  # admissible partners first
    pair = np.tile(start, (count, 1))
    holder = np.argsort(pair, axis=1)
    if rounds is None:
        rounds = max(LEAST_ROUNDS, ceil(ROUNDS_PER_ROW * n / float(degree.mean())))
    left = np.full(count, rounds)
    row = rng.integers(0, n, size=count)
    free = pair[np.arange(count), row]
    live = np.arange(count)
    for _ in range(min(MOST_STEPS, 20 * n * rounds)):
        now = row[live]
        chosen = choices[now, (rng.random(live.size) * degree[now]).astype(np.int64)]
        loser = holder[live, chosen]
        pair[live, now] = chosen
        holder[live, chosen] = now
        closed = chosen == free[live]
        row[live] = loser
        done = live[closed]
        if done.size:
            left[done] -= 1
            row[done] = rng.integers(0, n, size=done.size)
            free[done] = pair[done, row[done]]
            live = live[left[live] > 0]
            if not live.size:
                return pair
    ended = pair[left == 0]
    return ended[rng.integers(0, len(ended), size=count)] if len(ended) else start[None, :]
