"""Where sessions come from: a study folder, or two recordings with borrowed strangers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from syntony.core.errors import InputError
from syntony.core.session import Session
from syntony.io.study import SessionRow, Study, input_files, load_session


class Source(Protocol):
    """What a run needs to know of its sessions; picklable."""

    @property
    def title(self) -> str:
        """Name for the reader."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles, in the order of a pair."""

    @property
    def simulated(self) -> bool:
        """Was it made by ``simulate``?"""

    @property
    def truth(self) -> Mapping[str, Any] | None:
        """What was planted, where it was."""

    @property
    def rows(self) -> tuple[SessionRow, ...]:
        """Every session; the first ``analysed`` of them are asked about."""

    @property
    def analysed(self) -> int:
        """How many sessions are asked about; the rest only lend their people."""

    def load(self, session: str) -> Session:
        """Read one session."""

    def inputs(self, session: str) -> list[Path]:
        """Files that decide what ``load`` gives."""


@dataclass(frozen=True)
class FromStudy:
    """All sessions of a study folder."""

    study: Study

    @property
    def title(self) -> str:
        """Name for the reader."""
        return self.study.title

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles, in the order of a pair."""
        return self.study.roles

    @property
    def simulated(self) -> bool:
        """Was it made, rather than recorded?"""
        return self.study.simulated

    @property
    def truth(self) -> Mapping[str, Any] | None:
        """What was planted, where it was."""
        return self.study.truth

    @property
    def rows(self) -> tuple[SessionRow, ...]:
        """Every session."""
        return self.study.sessions

    @property
    def analysed(self) -> int:
        """How many sessions are asked about."""
        return len(self.rows)

    def load(self, session: str) -> Session:
        """Read one session."""
        return load_session(self.study, session)

    def inputs(self, session: str) -> list[Path]:
        """Files that decide what ``load`` gives."""
        return input_files(self.study, session)


def row_of(session: Session) -> SessionRow:
    """The row that a study would have for a session in memory."""
    return SessionRow(
        id=session.id,
        dyad=session.dyad,
        number=session.number,
        type=session.type,
        people=session.people,
        stimulus=session.stimulus,
    )


@dataclass(frozen=True)
class FromMemory:
    """Sessions held in memory, all asked about."""

    sessions: tuple[Session, ...]
    title: str = "sessions in memory"
    simulated: bool = False
    truth: Mapping[str, Any] | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the first session, in its order."""
        return tuple(p.role for p in self.sessions[0].people)

    @property
    def rows(self) -> tuple[SessionRow, ...]:
        """Every session."""
        return tuple(row_of(s) for s in self.sessions)

    @property
    def analysed(self) -> int:
        """How many sessions are asked about."""
        return len(self.sessions)

    def load(self, session: str) -> Session:
        """Read one session."""
        return next(s for s in self.sessions if s.id == session)

    def inputs(self, session: str) -> list[Path]:
        """Files that decide what ``load`` gives: none."""
        return []


@dataclass(frozen=True)
class FromPair:
    """One session held in memory; strangers may come from a study."""

    session: Session
    files: tuple[Path, ...]
    strangers: Study | None = None
    simulated: bool = False
    truth: Mapping[str, Any] | None = field(default=None)

    @property
    def title(self) -> str:
        """Name for the reader."""
        return self.session.id

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles, in the order of a pair."""
        return tuple(p.role for p in self.session.people)

    @property
    def rows(self) -> tuple[SessionRow, ...]:
        """Every session."""
        own = row_of(self.session)
        return (own, *(self.strangers.sessions if self.strangers else ()))

    @property
    def analysed(self) -> int:
        """How many sessions are asked about."""
        return 1

    def load(self, session: str) -> Session:
        """Read one session."""
        if session == self.session.id:
            return self.session
        if self.strangers is None:
            raise InputError("session", session, f"the one there is, {self.session.id!r}")
        return load_session(self.strangers, session)

    def inputs(self, session: str) -> list[Path]:
        """Files that decide what ``load`` gives."""
        if session == self.session.id:
            return list(self.files)
        return input_files(self.strangers, session) if self.strangers else []
