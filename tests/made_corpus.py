"""A made corpus: site A is in step, B is not, C is small; the old device loses a third."""

import csv
import io

import numpy as np

from syntony.core.seeds import rng_for
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.io.study_write import create_study, write_session
from syntony.simulate.dyad import PairSetup, make_pair

SITES = ["A"] * 7 + ["B"] * 6 + ["C"] * 2
"""Site of every session, each of a dyad of its own."""


def device(k):
    return "old" if k in (8, 9, 10) else "new"


def make_corpus(root, *, minutes=(6.0, 7.0), marks=True):
    """Write the study; sessions are of two lengths in turn."""
    create_study(root, title="Made corpus", roles=("patient", "therapist"), simulated=True)
    for k, site in enumerate(SITES):
        setup = PairSetup(
            duration_s=60.0 * minutes[k % 2],
            rate_hz=4.0,
            share=0.8 if site == "A" else 0.0,
            delay_s=1.0,
        )
        made = make_pair(rng_for(5, "corpus", k), setup)
        people, signals = [], []
        for role, signal in zip(("patient", "therapist"), made.signals, strict=True):
            values = np.array(signal.values)
            if device(k) == "old":
                values[200:700] = np.nan
            person = Person(id=f"{role[0].upper()}{k:02d}", role=role)
            people.append(person)
            signals.append(
                Signal(
                    values=values, rate_hz=4.0, start_s=0.0, unit="uS", kind="eda", person=person.id
                )
            )
        session = Session(
            id=f"s{k:02d}", dyad=f"d{k:02d}", people=tuple(people), signals=tuple(signals)
        )
        write_session(root, session)
    if marks:
        _mark(root / "sessions.tsv")
    return root


def _mark(path):
    """Add the columns by which a corpus is sorted."""
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter="\t"))
    for row in rows:
        k = int(row["session_id"].removeprefix("ses-").removeprefix("s"))
        row |= {"site": SITES[k], "device": device(k), "acq_time": f"{2019 + k % 2}-03-04T10:00:00"}
    names = list(rows[0])
    lines = ["\t".join(names), *("\t".join(row[n] for n in names) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
