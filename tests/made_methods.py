"""Made-up methods, one of each layout that a method can have; for tests of the chain."""

import numpy as np

from syntony.core.coupling import Coupling
from syntony.synchrony import registry
from syntony.synchrony.registry import Method, Statistic

LAYOUTS = {
    "made_time_lag": ("time", "lag"),
    "made_time": ("time",),
    "made_lag": ("lag",),
    "made_frequency": ("frequency",),
    "made_time_frequency": ("time", "frequency"),
    "made_once": (),
}


def mean(values, axis=None):
    """Mean of what is there; NaN where nothing is."""
    there = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.where(there, values, 0.0).sum(axis=axis) / there.sum(axis=axis)


def _windows(x, y, length):
    """Product of both people's deviations, window by window; larger than 1 at times."""
    n = len(x) // length
    a, b = (v[: n * length].reshape(n, length) for v in (x, y))
    a, b = (v - mean(v, axis=1)[:, None] for v in (a, b))
    return mean(a * b, axis=1) / np.sqrt(mean(a**2) * mean(b**2))


def _compute(name, people):
    dims = LAYOUTS[name]

    def compute(x, y, *, rate_hz, window_s=20.0, low_hz=0.01, split_hz=0.1, high_hz=1.0):
        length = round(window_s * rate_hz)
        coords, shape = {}, []
        track = _windows(x, y, length)
        values = np.array(mean(track))
        if "time" in dims:
            coords["time"] = (np.arange(len(track)) + 0.5) * window_s
            values = track
        if "lag" in dims:
            coords["lag"] = np.arange(-3.0, 4.0)
            values = values[..., None] * (1 - np.abs(coords["lag"] - 1) / 5)
        if "frequency" in dims:
            coords["frequency"] = np.geomspace(low_hz, high_hz, 25)
            values = np.abs(values[..., None]) * np.exp(
                -(np.log(coords["frequency"] / split_hz) ** 2)
            )
        shape = values.shape
        return Coupling(
            values=values,
            dims=dims,
            coords=coords,
            coverage=np.full(shape, 0.9),
            reach_s=(window_s / 2, window_s / 2) if "time" in dims else (0.0, 0.0),
            method=name,
            options={
                "window_s": window_s,
                "low_hz": low_hz,
                "split_hz": split_hz,
                "high_hz": high_hz,
            },
            parts={"scale_uS": np.array(1.0)},
        )

    if people == "two":
        return compute

    def compute_many(signals, *, rate_hz, window_s=20.0, low_hz=0.01, split_hz=0.1, high_hz=1.0):
        options = {"window_s": window_s, "low_hz": low_hz, "split_hz": split_hz}
        return compute(signals[0], signals[1], rate_hz=rate_hz, high_hz=high_hz, **options)

    return compute_many


def made_method(name, **facts):
    """An entry of one layout."""
    people = facts.pop("people", "two")
    dims = LAYOUTS[name]
    return Method(
        **{
            "name": name,
            "title": f"Made-up method over {' and '.join(dims) or 'nothing'}",
            "compute": _compute(name, people),
            "summarise": lambda c: {"strength": float(mean(c.values)), "cells": c.values.size},
            "profile": (lambda c: mean(c.values.reshape(-1, 7), axis=0)) if "lag" in dims else None,
            "statistics": (
                Statistic(
                    name="strength",
                    title="Mean strength",
                    explain="The average of all that this made-up method gives.",
                    bounds=(-np.inf, np.inf),
                    chance=0.0,
                ),
                Statistic(
                    name="cells",
                    title="Number of values",
                    explain="How many values this made-up method has.",
                    bounds=(0.0, np.inf),
                    chance=0.0,
                ),
            ),
            "dims": dims,
            "bounds": (-np.inf, np.inf),
            "chance": 0.0,
            "swap": "same",
            "scale_free": True,
            "cites": ("Marci2007",),
            "sentence": "Made-up with windows of {window_s:g} s, {low_hz:g} to {split_hz:g} to "
            "{high_hz:g} Hz "
            "[@Marci2007].",
            "question": "Does the chain carry a method of this layout?",
            "not_when": "Never use it: it was made up for a test.",
            "units": {"window_s": "s", "low_hz": "Hz", "split_hz": "Hz", "high_hz": "Hz"},
            "lags": "" if "lag" in dims else "no delay but those inside a window",
            "people": people,
            **facts,
        }
    )


def put_on_list(monkeypatch, *entries):
    """Add entries to the list until the test ends."""
    for entry in entries:
        monkeypatch.setitem(registry._METHODS, entry.name, entry)
