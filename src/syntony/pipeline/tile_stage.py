"""Every tile of a run, by whoever does the work; a pair that kills or raises costs itself only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from syntony.core.errors import SyntonyError
from syntony.core.files import write_arrays
from syntony.pipeline.executors import Failed, Hands, each
from syntony.pipeline.given_up import give_up_pairs
from syntony.pipeline.strangers import Tile, compute_tile, do_tile, halves, merged

AT_MOST_ALONE = 16
"""Pairs of a tile that may fail by themselves before what else fails with it is given up whole."""


def work_tiles(
    tiles: Sequence[Tile],
    *,
    jobs: int,
    apart: bool,
    hands: Hands | None,
    on_done: Callable[[int], None],
) -> None:
    """Compute every tile that is not done; ``on_done`` is told how many are.

    A tile that raises, or whose worker dies twice, is halved until the pairs are alone that do
    it. They are given up, with a note each, and tried again by a resumed run.

    Raises
    ------
    SyntonyError
        Where no pair of any tile comes through: that is not the pairs' fault.
    """
    todo = [tile for tile in tiles if not tile.is_done()]
    done, broken = len(tiles) - len(todo), []
    on_done(done)
    for tile, found in each(do_tile, todo, jobs=jobs, apart=apart, hands=hands):
        if isinstance(found, Failed):
            broken.append((tile, found))
            continue
        done += 1
        on_done(done)
    came_through = done > 0
    for tile, failed in broken:
        parts = list(_mended(tile, failed, jobs, hands))
        whole = [found for _, found in parts if not isinstance(found, Failed)]
        if not (whole or came_through):
            raise failed.error or SyntonyError(f"Every pseudo-pair failed. {failed.reason}")
        _write(tile, parts)
        done, came_through = done + 1, True
        on_done(done)


def _mended(
    tile: Tile, failed: Failed, jobs: int, hands: Hands | None
) -> Iterator[tuple[Tile, dict[str, Any] | Failed]]:
    """Halve a tile that failed until what is left fails by itself."""
    waiting, alone = [(tile, failed)], 0
    while waiting:
        few = [(t, f) for t, f in waiting if len(t.pairs) == 1 or alone >= AT_MOST_ALONE]
        yield from few
        alone += len(few)
        parts = [p for t, _ in waiting if not any(t is one for one, _ in few) for p in halves(t)]
        waiting = []
        for part, found in each(compute_tile, parts, jobs=jobs, apart=True, hands=hands):
            if isinstance(found, Failed):
                waiting.append((part, found))
            else:
                yield part, found


def _write(tile: Tile, parts: Sequence[tuple[Tile, dict[str, Any] | Failed]]) -> None:
    """Write what came through of a tile, and which pairs did not."""
    whole = merged(tile, [found for _, found in parts if not isinstance(found, Failed)])
    give_up_pairs(
        tile.folder,
        tile.name,
        [
            (tile.sessions[i], tile.sessions[j], found.reason)
            for part, found in parts
            if isinstance(found, Failed)
            for i, j in part.pairs.tolist()
        ],
    )
    write_arrays(tile.path, whole)
