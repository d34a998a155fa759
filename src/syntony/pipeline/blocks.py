"""What the work left of one session, its largest arrays read when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

_LARGE = re.compile(r"step\d+_(values|coverage)")  # a cell for every window and lag


class Block(Mapping[str, Any]):
    """Named arrays of one session. A whole coupling is not kept: a corpus would fill the memory.

    Parameters
    ----------
    path : Path
        What ``do_session`` wrote.
    beside : mapping
        Its pseudo-pairs, from the tiles.
    """

    def __init__(self, path: Path, beside: Mapping[str, Any]) -> None:
        self._path = path
        with np.load(path, allow_pickle=False) as saved:
            self._large = {n for n in saved.files if _LARGE.fullmatch(n)}
            self._held = {n: saved[n] for n in saved.files if n not in self._large}
        self._held |= beside

    def __getitem__(self, name: str) -> Any:
        """Give an array."""
        if name not in self._large:
            return self._held[name]
        with np.load(self._path, allow_pickle=False) as saved:
            return saved[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether there is one, without reading it."""
        return name in self._held or name in self._large

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        yield from self._held
        yield from self._large

    def __len__(self) -> int:
        """Count the arrays."""
        return len(self._held) + len(self._large)
