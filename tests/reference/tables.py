"""Naive twins of the text readers: one cell at a time, by the definition."""

import math


def column(text, separator, position):
    """Cells of one column as numbers; empty and n/a are NaN. The first line is a header."""
    out = []
    for line in text.split("\n")[1:]:
        if line == "":
            continue
        cell = line.split(separator)[position].strip()
        out.append(math.nan if cell in {"", "n/a", "NA", "nan"} else float(cell))
    return out


def on_axis(times, values, step):
    """Values at every multiple of the step since the first time; NaN where there is none."""
    count = round((times[-1] - times[0]) / step) + 1
    out = [math.nan] * count
    for t, v in zip(times, values, strict=True):
        out[round((t - times[0]) / step)] = v
    return out


def beats(intervals_ms):
    """Time of every beat in seconds: the sum of all intervals up to it."""
    return [math.fsum(intervals_ms[: i + 1]) / 1000 for i in range(len(intervals_ms))]
