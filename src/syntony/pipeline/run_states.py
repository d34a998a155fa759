"""The runs of a study as a list: which there are, how they stand, what each was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syntony.core.errors import FileError
from syntony.report import labels
from syntony.report.story import kind_of

RUNS = Path("derivatives") / "syntony"
FINISHED, STOPPED, BROKEN = "finished", "stopped", "cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """One run: its folder's name, its kind and state, and what it was.

    ``state`` is "finished", "stopped" (or at work: a folder does not tell) or "cannot be read".
    ``failed`` counts what a finished run did without and can try again: sessions, and lots of
    pseudo-pairs.
    """

    name: str
    state: str
    kind: str = "run"
    title: str = ""
    made_at: str = ""
    seconds: float = float("nan")
    compared: str = ""
    methods: tuple[str, ...] = ()
    sessions: int = 0
    failed: int = 0
    has_report: bool = False

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to do."""
        if self.kind == "multiverse":
            return self.state == STOPPED
        return self.kind == "run" and (self.state == STOPPED or self.failed > 0)


def list_run_states(root: Path) -> tuple[RunState, ...]:
    """Every run of a study, the newest first.

    Examples
    --------
    >>> list_run_states(Path("no-such-study"))
    ()
    """
    found = [_state(p.parent) for p in (root / RUNS).glob("*/origin.json")]
    return tuple(sorted(found, key=lambda r: (r.made_at, r.name), reverse=True))


def find_run(root: Path, name: str) -> Path:
    """Folder of a run by its name, which is looked up and never taken as a path.

    Raises
    ------
    FileError
        If the study has no run of this name.
    """
    known = sorted(p.parent.name for p in (root / RUNS).glob("*/origin.json"))
    if name not in known:
        raise FileError(RUNS, f"no run {name!r}", f"one of {known[:20]}", "See the list of runs.")
    return root / RUNS / name


def newest_run(root: Path) -> RunState | None:
    """The newest run of recordings that came to its end; None where there is none."""
    states = (r for r in list_run_states(root) if r.kind == "run" and r.state == FINISHED)
    return next(states, None)


def _state(path: Path) -> RunState:
    """What a run's own files say of it."""
    try:
        origin: dict[str, Any] = json.loads((path / "origin.json").read_text("utf-8"))
        file = path / "recipe.json"
        recipe: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        kind = kind_of(origin)
        finished = origin.get("finished", kind != "run")
        blocks = path / "blocks"
        gone = [*blocks.glob("*.failed.json"), *(blocks / "strangers").glob("*.failed.json")]
        signal = recipe.get("signal", "")
        signals = [signal] if isinstance(signal, str) else signal
        return RunState(
            name=path.name,
            state=FINISHED if finished else STOPPED,
            kind=kind,
            title=str(recipe.get("title", "")),
            made_at=str(origin.get("made_at", "")),
            seconds=float(origin.get("seconds") or "nan"),
            compared=" with ".join(labels.signal(s) for s in signals if s),
            methods=tuple(labels.method(s["method"]) for s in recipe.get("synchrony", ())),
            sessions=int(origin.get("study", {}).get("sessions", 0)),
            failed=len(gone),
            has_report=(path / "report" / "index.html").is_file(),
        )
    except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError, KeyError):
        return RunState(name=path.name, state=BROKEN, kind="")
