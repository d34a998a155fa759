"""When a questionnaire was filled in, as seen from the end of its session."""

from __future__ import annotations

from datetime import datetime

NAN = float("nan")


def read_stamp(text: str) -> datetime | None:
    """Read the stamp of a rating: ISO 8601, also with a blank for the T; None where it is none.

    Examples
    --------
    >>> read_stamp("2024-05-02 14:05"), read_stamp("[not completed]")
    (datetime.datetime(2024, 5, 2, 14, 5), None)
    """
    try:
        return datetime.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        return None


def minutes_between(ended_at: datetime | None, rated_at: datetime | None) -> float:
    """Minutes from the end of a session to a rating; negative: it was given before.

    NaN where one is unknown, or only one of them names its time zone.

    Examples
    --------
    >>> minutes_between(datetime(2024, 5, 2, 14, 0), datetime(2024, 5, 2, 14, 5))
    5.0
    """
    if ended_at is None or rated_at is None:
        return NAN
    if (ended_at.tzinfo is None) != (rated_at.tzinfo is None):
        return NAN
    return (rated_at - ended_at).total_seconds() / 60


def days_between(ended_at: datetime | None, rated_at: datetime | None) -> int:
    """Calendar days from the end of a session to a rating; 0 where one is unknown.

    Examples
    --------
    >>> days_between(datetime(2024, 5, 2, 23, 50), datetime(2024, 5, 3, 0, 10))
    1
    """
    if ended_at is None or rated_at is None:
        return 0
    if (ended_at.tzinfo is None) != (rated_at.tzinfo is None):
        return 0
    there = rated_at.astimezone(ended_at.tzinfo) if ended_at.tzinfo else rated_at
    return (there.date() - ended_at.date()).days
