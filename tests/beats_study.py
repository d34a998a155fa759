"""A small study that holds beats and nothing else."""

import numpy as np

from syntony.core.events import Events
from syntony.core.session import Person, Session
from syntony.io.study_write import create_study, write_session


def write_beats(root, *, sessions=2, seconds=300.0):
    """Two people with intervals between beats (ms), from one second on."""
    people = (Person(id="P01", role="woman"), Person(id="P02", role="man"))
    create_study(root, title="beats", roles=("woman", "man"), simulated=True, truth={})
    for k in range(1, sessions + 1):
        rng = np.random.default_rng(k)
        events = []
        for person in people:
            intervals = rng.normal(0.8, 0.05, round(1.5 * seconds))
            times = 1.0 + np.cumsum(intervals)
            kept = times < seconds
            events.append(
                Events(
                    times_s=times[kept], values=1000 * intervals[kept], unit="ms", kind="rr",
                    person=person.id,
                )
            )  # fmt: skip
        session = Session(id=f"s{k}", dyad=f"d{k}", people=people, events=tuple(events))
        write_session(root, session)
    return root
