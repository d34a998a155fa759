"""Names of channels, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syntony.io.channels import Channel


def once_each(labels: Sequence[str]) -> list[str]:
    """Labels of which each occurs once: a second one gets its number.

    Examples
    --------
    >>> once_each(["ECG", "EDA", "ECG"])
    ['ECG', 'EDA', 'ECG 2']
    """
    out: list[str] = []
    for label in labels:
        name, number = label, 1
        while name in out:
            number += 1
            name = f"{label} {number}"
        out.append(name)
    return out


def told_apart(channels: Sequence[Channel]) -> list[Channel]:
    """Channels whose labels differ."""
    names = once_each([c.label for c in channels])
    return [replace(c, label=n) for c, n in zip(channels, names, strict=True)]
