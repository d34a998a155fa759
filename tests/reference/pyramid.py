"""Min/max pyramid bucket by bucket, as the definition says."""

import math


def levels(samples, factor=4, tile=4096):
    """Lists of (low, high) for every level; NaN where a bucket holds nothing valid."""
    found = [[(v, v) for v in samples]]
    size = 1
    while len(found[-1]) > tile:
        size *= factor
        level = []
        for first in range(0, len(samples), size):
            valid = [v for v in samples[first : first + size] if not math.isnan(v)]
            level.append((min(valid), max(valid)) if valid else (math.nan, math.nan))
        found.append(level)
    return found


def gaps(samples):
    """Runs of missing samples, half open."""
    found, begin = [], None
    for k, v in enumerate([*samples, 0.0]):
        if math.isnan(v) and begin is None:
            begin = k
        elif not math.isnan(v) and begin is not None:
            found.append((begin, k))
            begin = None
    return found
