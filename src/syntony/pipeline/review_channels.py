"""Channels of a session as a screen needs them: facts as plain values, samples as pyramids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError
from syntony.core.events import Events
from syntony.core.session import Person
from syntony.core.signal import Signal
from syntony.pipeline.pyramid import VERSION, find_gaps, open_pyramid, write_pyramid
from syntony.report import labels
from syntony.report.run_folder import Table

MOST_SHOWN_GAPS = 500


def channel_id(values: Array) -> str:
    """Fingerprint of samples, which names their pyramid: 32 hexadecimal digits.

    Examples
    --------
    >>> channel_id(np.zeros(3)) == channel_id(np.zeros(3)) != channel_id(np.zeros(4))
    True
    """
    held = np.ascontiguousarray(values, dtype="<f8")
    return hashlib.sha256(b"%d\x1f" % VERSION + held.tobytes()).hexdigest()[:32]


def pyramid_path(cache: Path, channel: str) -> Path:
    """Where the pyramid of a channel is kept."""
    return cache / "pyramids" / channel[:2] / f"{channel}.pyr"


def keep_pyramid(cache: Path, values: Array) -> str:
    """Write the pyramid of these samples, unless it is there already; give its name."""
    name = channel_id(values)
    path = pyramid_path(cache, name)
    try:
        open_pyramid(path)
    except FileError:
        write_pyramid(path, values)
    return name


def channel_of(signal: Signal, person: Person, cache: Path, *, source: str) -> dict[str, Any]:
    """Facts about one signal, and its pyramid.

    Parameters
    ----------
    signal : Signal
    person : Person
    cache : Path
        Where pyramids are kept.
    source : {"recording", "feature"}
        What was recorded, or what a run made of it.
    """
    there = signal.values[np.isfinite(signal.values)]
    gaps = find_gaps(signal.values, most=MOST_SHOWN_GAPS)
    return {
        "id": keep_pyramid(cache, signal.values),
        "source": source,
        "person": person.id,
        "role": person.role,
        "kind": signal.kind,
        "title": labels.signal(signal.kind),
        "unit": labels.UNITS.get(signal.unit, signal.unit),
        "rate_hz": signal.rate_hz,
        "start_s": signal.start_s,
        "n_samples": int(signal.values.size),
        "low": float(there.min()) if there.size else None,
        "high": float(there.max()) if there.size else None,
        "valid_share": signal.valid_share,
        "gaps": (signal.start_s + gaps / signal.rate_hz).round(6).tolist(),
    }


def event_series(events: Events, person: Person) -> tuple[dict[str, Any], Array]:
    """Facts about moments of one person, and their times (s) over their values, shape (2, n).

    Moments without values have NaN for them.
    """
    values = events.values if events.values is not None else np.full(events.times_s.size, np.nan)
    there = values[np.isfinite(values)]
    facts = {
        "person": person.id,
        "role": person.role,
        "kind": events.kind,
        "title": labels.signal(events.kind),
        "unit": labels.UNITS.get(events.unit, events.unit),
        "count": int(events.times_s.size),
        "low": float(there.min()) if there.size else None,
        "high": float(there.max()) if there.size else None,
    }
    return facts, np.stack([events.times_s, values])


def features_of(
    signals: Table, facts: dict[str, Any], people: Sequence[Person]
) -> list[tuple[Signal, Person]]:
    """What a run compared, on its grid; people whom the study no longer has are left out."""
    time_s = signals.numbers("time_s")
    if time_s.size < 2:
        return []
    rate_hz = (time_s.size - 1) / float(time_s[-1] - time_s[0])
    found = []
    for side in ("a", "b"):
        who = next((p for p in people if p.id == facts.get(f"person_{side}")), None)
        role = str(facts.get(f"role_{side}", ""))
        if who is None or role not in signals.columns:
            continue
        found.append(
            (
                Signal(
                    values=signals.numbers(role),
                    rate_hz=rate_hz,
                    start_s=float(time_s[0]),
                    unit=str(facts[f"unit_{side}"]) or "1",
                    kind=str(facts[f"signal_{side}"]),
                    person=who.id,
                ),
                who,
            )
        )
    return found
