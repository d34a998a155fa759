"""Notes: what a stage noticed. With two hundred sessions nobody reads warnings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """Something a stage noticed; shown in the report, counted by code.

    Attributes
    ----------
    where : str
        Session, person or file it concerns, for example ``"d01s03/P01/eda"``.
    code : str
        Short stable name, for example ``"same-recording"``; the report counts by it.
    text : str
        One plain sentence for the reader, with the figures.
    """

    where: str
    code: str
    text: str
