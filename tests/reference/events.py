"""Coincidence of events by counting."""

import numpy as np


def met(events, other, there, other_there, lag, low, high):
    """Share of events met by one of the other's from lag + low to lag + high, and of all time."""

    def looked(t):
        span = range(t + lag + low, t + lag + high + 1)
        seen = all(0 <= u < len(other_there) and other_there[u] for u in span)
        return (any(u in other for u in span)) if seen else None

    other = set(other)
    at_events = [looked(t) for t in events]
    at_all = [looked(t) for t in np.flatnonzero(there)]
    at_events, at_all = ([v for v in found if v is not None] for found in (at_events, at_all))
    share = np.mean(at_events) if at_events else np.nan
    return share, np.mean(at_all) if at_all else np.nan, len(at_all) / len(there)


def synchronisation(a, b):
    """Q and q with windows that suit themselves."""

    def near(times, i):
        around = [abs(times[i] - t) for k, t in enumerate(times) if abs(k - i) == 1]
        return min(around, default=np.inf)

    y_after_x = x_after_y = 0.0
    for i, s in enumerate(a):
        for j, t in enumerate(b):
            window = min(near(a, i), near(b, j)) / 2
            if abs(t - s) <= window:
                y_after_x += 1 if t > s else 0.5 if t == s else 0
                x_after_y += 1 if t < s else 0.5 if t == s else 0
    size = np.sqrt(len(a) * len(b))
    return (y_after_x + x_after_y) / size, (y_after_x - x_after_y) / size
