"""Dyads that share people, put together: what counts as independent over a corpus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MIN_BLOCKS = 6
"""Under so many blocks the smallest two-sided p of a sign flip, 2^(1 - n), is above .05."""


def blocks_of(people: Sequence[Iterable[str]]) -> tuple[int, ...]:
    """Number the groups of dyads that share a person, directly or through other dyads.

    A therapist of many patients makes one block of all their dyads: what is particular to the
    therapist is in each of them, so that they are one observation of it, not many.

    Parameters
    ----------
    people : sequence of iterables of str
        Everybody in each dyad.

    Returns
    -------
    tuple of int
        Block of each dyad, numbered from 0 by first dyad.

    Examples
    --------
    >>> blocks_of([("P1", "T1"), ("P2", "T1"), ("P3", "T2"), ("P4", "T3"), ("P3", "T3")])
    (0, 0, 1, 1, 1)
    """
    block = list(range(len(people)))
    last: dict[str, int] = {}

    def root(k: int) -> int:
        while block[k] != k:
            block[k] = block[block[k]]
            k = block[k]
        return k

    for dyad, members in enumerate(people):
        for person in members:
            other, own = root(last.setdefault(person, dyad)), root(dyad)
            block[max(other, own)] = min(other, own)
    roots = [root(k) for k in range(len(people))]
    numbers = {r: n for n, r in enumerate(dict.fromkeys(roots))}
    return tuple(numbers[r] for r in roots)


def too_few_blocks(n_blocks: int, n_dyads: int) -> str:
    """Say why signs cannot be flipped; empty where they can.

    Examples
    --------
    >>> too_few_blocks(20, 60), too_few_blocks(2, 8)
    ('', 'not testable: the 8 dyads share people and make 2 independent groups, at least 6 are \
needed')
    """
    if n_blocks >= MIN_BLOCKS or n_blocks == n_dyads:
        return ""
    groups = "group" if n_blocks == 1 else "groups"
    return (
        f"not testable: the {n_dyads} dyads share people and make {n_blocks} independent {groups}, "
        f"at least {MIN_BLOCKS} are needed"
    )
