"""Naive twins of codes joined with synchrony: loops that say what is meant. NumPy only."""

import math

import numpy as np

NAN = float("nan")


def onsets(code, apart_s):
    """Seconds in which a code begins (1 after 0), none less than apart_s after the one before."""
    starts = [t for t in range(len(code)) if code[t] == 1 and (t == 0 or code[t - 1] != 1)]
    kept = []
    for k, t in enumerate(starts):
        if k and t - starts[k - 1] < apart_s:
            continue
        if t == 0 or code[t - 1] != 0:
            continue
        kept.append(t)
    return kept


def usable(values, t, before_s, after_s):
    """Whether the window around second t lies inside what is there and is four fifths whole."""
    there = [k for k, v in enumerate(values) if not math.isnan(v)]
    if not there or t - before_s < there[0] or t + after_s - 1 > there[-1]:
        return False
    inside = [not math.isnan(values[k]) for k in range(t - before_s, t + after_s)]
    return sum(inside) >= 0.8 * len(inside)


def locked(values, code, turn, before_s, after_s, bin_s):
    """Mean over the seconds of all usable events less the session's mean, bin by bin."""
    n = len(values)
    places = [(t + turn) % n for t in onsets(code, before_s)]
    places = [t for t in places if usable(values, t, before_s, after_s)]
    centre = np.nanmean(values)
    out = []
    for start in range(-before_s, after_s, bin_s):
        seen = [values[t + start + k] for t in places for k in range(bin_s)]
        seen = [v - centre for v in seen if not math.isnan(v)]
        out.append(float(np.mean(seen)) if seen else NAN)
    return out


def all_turns(turned, shifts):
    """The observed value, and the drawn ones with the mean and SD of every turn."""
    turned = np.asarray(turned)
    drawn = turned[shifts]
    there, every = drawn[~np.isnan(drawn)], turned[~np.isnan(turned)]
    if np.std(there) > 0:
        drawn = (drawn - np.mean(there)) / np.std(there) * np.std(every) + np.mean(every)
    else:
        drawn = drawn - np.mean(there) + np.mean(every)
    return [float(turned[0]), *drawn.tolist()]


def order(z, classes, k, lag, turn, reach, least):
    """Contrast of class k with the codes moved earlier by lag, after a turn to later."""
    n = len(z) + reach
    padded = list(classes) + [4] * reach
    inside, rest = [], []
    for t in range(len(z)):
        if math.isnan(z[t]):
            continue
        code = padded[(t + lag - turn) % n]
        if code == k:
            inside.append(z[t])
        elif code != 4:
            rest.append(z[t])
    if len(inside) < least or len(rest) < least:
        return NAN
    return float(np.mean(inside) - np.mean(rest))
