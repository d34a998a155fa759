"""Read the inputs and outputs of the golden figures."""

import numpy as np
from shared import SHARED

GOLDEN = SHARED / "golden"


def table(name):
    """Columns of one input file."""
    return np.genfromtxt(GOLDEN / "inputs" / name, delimiter=",", names=True)


def load(source, rows=None):
    """Both series of a case: one file with s1 and s2, or two files of one person each."""
    if isinstance(source, list):
        a, b = (t[t.dtype.names[-1]] for t in map(table, source))
        n = min(a.size, b.size)
        a, b = a[:n], b[:n]
    else:
        t = table(source)
        a, b = t["s1"], t["s2"]
    if isinstance(rows, int):
        a, b = a[:rows], b[:rows]
    return np.ascontiguousarray(a), np.ascontiguousarray(b)


def numbers(values):
    """JSON figures, in which what is no number is a word."""
    words = {"NA": np.nan, "NaN": np.nan, "Inf": np.inf, "-Inf": -np.inf}
    return np.array([words[v] if isinstance(v, str) else v for v in values], dtype=float)


def closed_form():
    """Two sums of sines, 2,400 samples at 4 Hz, of which the second follows by 2 s."""
    t = np.arange(2400) / 4

    def wave(period, shift, phase=0.0):
        return np.sin(2 * np.pi * (t - shift) / period + phase)

    def g(shift):
        return wave(23, shift) + 0.6 * wave(7.3, shift, 1) + 0.3 * wave(61, shift, 2)

    a = g(0) + 0.8 * wave(17.9, 0, 0.3) + 0.4 * wave(5.1, 0)
    b = g(2) + 0.8 * wave(14.3, 0, 1.7) + 0.4 * wave(4.3, 0, 0.5)
    return a, b
