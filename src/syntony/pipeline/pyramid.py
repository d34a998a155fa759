"""Min/max pyramids of a channel: what a screen can show of it at any zoom, built once and kept.

Level 0 is the samples themselves; a bucket of the next level holds the lowest and the highest
of four below it, so that a spike of one sample is in every level. Levels are cut into tiles of
4,096 buckets, and there are as many as it takes until one tile is left.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from syntony.core.arrays import Array
from syntony.core.errors import FileError, InputError
from syntony.core.files import write_whole

VERSION = 1
FACTOR = 4
TILE_BUCKETS = 4096
MOST_GAPS = 2000
Floats = NDArray[np.float32]
_HEAD = struct.Struct("<8sQ")
_MAGIC = b"SYNPYR\x00\x01"
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One level: lowest and highest of every bucket, shape (n_buckets,); NaN where none is valid.

    At level 0 both are the same array, the samples.
    """

    low: Floats
    high: Floats


def build_levels(values: Array) -> tuple[Level, ...]:
    """Reduce samples by fours until one tile is left.

    Parameters
    ----------
    values : ndarray of float64, shape (n_samples,)
        NaN is missing. A bucket of nothing but NaN is NaN; one of both keeps the lowest and
        the highest of what is valid, and the level below it still shows the gap.

    Returns
    -------
    tuple of Level
        The finest first; values as 32-bit floats, those beyond their range at its end.

    Raises
    ------
    InputError
        If there is no sample, or more than one dimension.

    Examples
    --------
    >>> levels = build_levels(np.arange(9000.0))
    >>> [level.low.size for level in levels]
    [9000, 2250]
    >>> float(levels[1].low[1]), float(levels[1].high[1])
    (4.0, 7.0)
    """
    if values.ndim != 1 or not values.size:
        raise InputError("values", values.shape, "shape (n_samples,), at least one sample")
    samples = np.clip(values, -_LARGEST, _LARGEST).astype("<f4")
    levels = [Level(samples, samples)]
    while levels[-1].low.size > TILE_BUCKETS:
        below = levels[-1]
        levels.append(Level(_reduce(np.fmin, below.low), _reduce(np.fmax, below.high)))
    return tuple(levels)


def _reduce(choose: np.ufunc, below: Floats) -> Floats:
    """Choose one of every four neighbours; the last bucket may hold fewer."""
    size = below.size
    whole = size // FACTOR * FACTOR
    a, b, c, d = (below[k:whole:FACTOR] for k in range(FACTOR))
    out = np.empty(-(-size // FACTOR), dtype="<f4")
    inside = out[: whole // FACTOR]
    choose(a, b, out=inside)
    choose(inside, c, out=inside)
    choose(inside, d, out=inside)
    if whole < size:
        out[-1] = choose.reduce(below[whole:])
    return out


def level_sizes(n_samples: int) -> tuple[int, ...]:
    """How many buckets each level has.

    Examples
    --------
    >>> level_sizes(750_000)
    (750000, 187500, 46875, 11719, 2930)
    >>> level_sizes(1)
    (1,)
    """
    if n_samples < 1:
        raise InputError("n_samples", n_samples, "at least one sample")
    sizes = [n_samples]
    while sizes[-1] > TILE_BUCKETS:
        sizes.append(-(-sizes[-1] // FACTOR))
    return tuple(sizes)


def write_pyramid(path: Path, values: Array) -> Path:
    """Build a pyramid and write it, whole or not at all.

    The file is a head (eight bytes that name the format, the number of samples as 64 bits) and
    then the tiles, level by level, all little-endian 32-bit floats: of level 0 the samples, of
    the others the lowest of every bucket and then the highest.
    """
    levels = build_levels(values)

    def write(part: Path) -> None:
        with part.open("wb") as file:
            file.write(_HEAD.pack(_MAGIC, values.size))
            file.write(levels[0].low.data)
            for level in levels[1:]:
                for first in range(0, level.low.size, TILE_BUCKETS):
                    tile = slice(first, first + TILE_BUCKETS)
                    file.write(level.low[tile].data)
                    file.write(level.high[tile].data)

    return write_whole(path, write, lasting=False)


@dataclass(frozen=True, slots=True)
class Pyramid:
    """A pyramid that was written; tiles are read one by one."""

    path: Path
    n_samples: int

    def tile(self, level: int, tile: int) -> bytes:
        """One tile as it is sent: little-endian 32-bit floats.

        Of level 0 one value a sample; of the others all lowest, then all highest.

        Raises
        ------
        InputError
            If there is no such level or tile.
        """
        sizes = level_sizes(self.n_samples)
        if not 0 <= level < len(sizes):
            raise InputError("level", level, f"0 to {len(sizes) - 1}")
        tiles = -(-sizes[level] // TILE_BUCKETS)
        if not 0 <= tile < tiles:
            raise InputError("tile", tile, f"0 to {tiles - 1} at level {level}")
        first = tile * TILE_BUCKETS
        begin = _HEAD.size + _bytes_before(sizes, level) + first * _width(level)
        count = min(TILE_BUCKETS, sizes[level] - first)
        with self.path.open("rb") as file:
            file.seek(begin)
            return file.read(count * _width(level))


def open_pyramid(path: Path) -> Pyramid:
    """Open what :func:`write_pyramid` wrote.

    Raises
    ------
    FileError
        If it is not there, is something else, or was cut short.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD.size)
            there = path.stat().st_size
    except FileNotFoundError:
        raise FileError(path, "no such file", "a pyramid") from None
    magic, n_samples = _HEAD.unpack(head) if len(head) == _HEAD.size else (b"", 0)
    if magic != _MAGIC or not n_samples:
        raise FileError(path, "something else", "a pyramid", "Delete it; it is built again.")
    sizes = level_sizes(n_samples)
    wanted = _HEAD.size + _bytes_before(sizes, len(sizes))
    if there != wanted:
        raise FileError(path, f"{there} bytes", f"{wanted}", "Delete it; it is built again.")
    return Pyramid(path, n_samples)


def _width(level: int) -> int:
    """Bytes of one bucket."""
    return 4 if level == 0 else 8


def _bytes_before(sizes: tuple[int, ...], level: int) -> int:
    return sum(size * _width(k) for k, size in enumerate(sizes[:level]))


def find_gaps(values: Array, *, most: int = MOST_GAPS) -> NDArray[np.int64]:
    """Where samples are missing: first and one past the last of every run, shape (n_gaps, 2).

    Where there are more than ``most``, the nearest to each other are told as one, gaps that a
    screen could not show apart.

    Examples
    --------
    >>> find_gaps(np.array([1.0, np.nan, np.nan, 2.0, np.nan])).tolist()
    [[1, 3], [4, 5]]
    """
    missing = np.concatenate([[False], np.isnan(values), [False]])
    edges = np.flatnonzero(missing[1:] != missing[:-1]).reshape(-1, 2)
    if len(edges) <= most:
        return edges
    between = edges[1:, 0] - edges[:-1, 1]
    kept = np.sort(np.argsort(between, kind="stable")[::-1][: most - 1])
    first = np.concatenate([[0], kept + 1])
    last = np.concatenate([kept, [len(edges) - 1]])
    return np.stack([edges[first, 0], edges[last, 1]], axis=1)
