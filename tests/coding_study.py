"""A small study to be coded and rated: two short sessions, one of them with a film."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.io.study_write import create_study, write_session

PEOPLE = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))


def make_coding_study(root: Path, *, seconds: float = 120.0, sessions: int = 2) -> Path:
    """Make a study of two people whose skin conductance was recorded; all of it is made up."""
    create_study(
        root, title="Two sessions", roles=("patient", "therapist"), simulated=True, truth={}
    )
    rng = np.random.default_rng(7)
    for number in range(1, sessions + 1):
        signals = tuple(
            Signal(
                values=np.cumsum(rng.normal(size=int(seconds * 4))) * 0.01 + 5.0,
                rate_hz=4.0,
                start_s=0.0,
                unit="uS",
                kind="eda",
                person=p.id,
            )
            for p in PEOPLE
        )
        write_session(
            root,
            Session(id=f"d01s0{number}", dyad="d01", number=number, people=PEOPLE, signals=signals),
        )
    return root
