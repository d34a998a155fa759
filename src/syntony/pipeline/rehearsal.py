"""Which session is played for a rehearsal: a made one, or one of a study."""

from __future__ import annotations

from pathlib import Path

from syntony.core.errors import InputError
from syntony.core.session import Session
from syntony.io.study import load_session, open_study


def session_to_play(
    study: Path | str | None = None,
    session: str = "",
    *,
    minutes: float = 50.0,
    rate_hz: float = 32.0,
    seed: int = 1,
    world: str = "coupled",
) -> Session:
    """Give a session of a study, the first without a label; without a study, a made dyad.

    Parameters
    ----------
    study : path, optional
    session : str
    minutes, rate_hz, seed, world
        Of the made dyad.

    Examples
    --------
    >>> [s.kind for s in session_to_play(minutes=1.0).signals]
    ['eda', 'eda']
    """
    if study is not None:
        found = open_study(study)
        if not found.sessions:
            raise InputError("study", str(study), "a study with sessions")
        return load_session(found, session or found.sessions[0].id)
    from syntony.simulate.session import StudySetup
    from syntony.simulate.study import make_study

    setup = StudySetup(dyads=1, minutes=minutes, rate_hz=rate_hz, seed=seed, world=world)
    return make_study(setup).sessions[0]
