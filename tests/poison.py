"""The work on one session, poisoned where a file beside the run says so.

Workers import it by name: ``tests`` is on their path.
"""

import json
import os
import signal

from syntony.core.errors import InputError
from syntony.pipeline import prepare, strangers, work
from syntony.pipeline.origin import versions


class Unportable(Exception):
    """Cannot be made again in another process."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


def lay(home, stage="work", **sessions):
    """Say what the sessions do at a stage: "die", "die once" or "raise"."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "poison.json").write_text(json.dumps({stage: sessions}))


def deaths(home, session):
    """How often a session killed its worker."""
    return len(list(home.glob(f"{session}.died-*")))


def _swallow(home, stage, session):
    path = home / "poison.json"
    laid = json.loads(path.read_text()) if path.exists() else {}
    what = laid.get(stage, {}).get(session, "")
    if what == "raise":
        raise Unportable("bad", "session")
    if what == "die" or (what == "die once" and not deaths(home, session)):
        (home / f"{session}.died-{deaths(home, session)}").touch()
        os.kill(os.getpid(), signal.SIGKILL)


def do_session(task):
    _swallow(task.folder.parent, "work", task.session)
    return work.do_session(task)


def prepare_session(task):
    _swallow(task.folder.parent, "prepare", task.planned.id)
    return prepare.prepare_session(task)


def elsewhere(token):
    """What a worker in another file system tells."""
    return versions(), ""


def double(number):
    """For the executors alone: negative ones kill."""
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def _swallow_pairs(tile):
    for i, j in tile.pairs.tolist():
        _swallow(tile.folder.parent, "tile", f"{tile.sessions[i]}-{tile.sessions[j]}")


def do_tile(tile):
    _swallow_pairs(tile)
    return strangers.do_tile(tile)


def compute_tile(tile):
    _swallow_pairs(tile)
    return strangers.compute_tile(tile)


def whose(number):
    """Which process works; told with the number."""
    return number, os.getpid()


def die_elsewhere(pid):
    """Kill whoever works on it, unless it is this process."""
    if os.getpid() != pid:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def refuse(number):
    """What nobody can do; says which process tried."""
    raise InputError("number", os.getpid(), f"another one than {number}")
