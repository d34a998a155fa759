"""Continuous ratings of CARMA and DARMA as recordings: a rating is a signal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from syntony.core.errors import FileError
from syntony.core.recording import Recording
from syntony.io.codes.carma import read_carma
from syntony.io.codes.source import look_at
from syntony.io.registry import reader

CARMA = b"Time of Rating"


def _sniff(path: Path, head: bytes) -> bool:
    """Claim an annotation file with CARMA's facts above it."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(CARMA)


@reader(
    name="carma_rating",
    title="CARMA and DARMA ratings",
    suffixes=(".csv",),
    sniff=_sniff,
)
def read_carma_rating(path: Path, *, person: str, kind: str | None) -> Recording:
    """Read a continuous rating as signals of the person who was rated.

    Parameters
    ----------
    path : Path
    person : str
        Whom the rating is of.
    kind : str
        What was rated, such as ``"valence"``: the file does not say. The further axes of
        DARMA keep the names they have there.

    Returns
    -------
    Recording
        In arbitrary units (``"1"``); each sample is the mean of one bin and stands at its
        beginning, NaN where nothing was rated.

    Raises
    ------
    FileError
        As `syntony.io.codes.carma.read_carma`; where ``kind`` is left out.
    """
    look_at(path)
    if not kind:
        raise FileError(path, "no word on what was rated", "a kind", "Pass kind, such as valence.")
    found = read_carma(path, kind=kind)
    return Recording(
        signals=tuple(replace(s, person=person) for s in found.ratings),
        clock="media",
        notes=found.notes,
    )
