"""A filled-in questionnaire beside its session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from syntony.core.session import Answers
from syntony.io.study import SessionRow
from syntony.pipeline.plan import Planned


@dataclass(frozen=True, kw_only=True)
class Filled:
    """One filled-in questionnaire, with what is known of its session.

    ``role`` and ``about_role`` are those of who answered and of who was rated; ``ended_at`` is
    when the session ended.
    """

    answers: Answers
    session: str
    dyad: str
    number: int
    role: str
    about_role: str = ""
    ended_at: datetime | None = None

    @classmethod
    def of(
        cls,
        answers: Answers,
        row: SessionRow | Planned,
        roles: Mapping[str, str],
        ended_at: datetime | None,
    ) -> Filled:
        """Put a questionnaire beside its session; ``roles`` are those of the people in it."""
        return cls(
            answers=answers,
            session=row.id,
            dyad=row.dyad,
            number=row.number,
            role=roles.get(answers.person, ""),
            about_role=roles.get(answers.about, ""),
            ended_at=ended_at,
        )

    @property
    def target(self) -> str:
        """Whom it is about: ``"other"``, ``"self"``, or nobody that was named."""
        if not self.answers.about:
            return ""
        return "self" if self.answers.about == self.answers.person else "other"

    @property
    def who(self) -> tuple[str, str, str]:
        """Who filled it in about whom, in which dyad: the same over sessions."""
        return self.dyad, self.answers.person, self.answers.about
