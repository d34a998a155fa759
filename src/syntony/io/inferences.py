"""Judged inferences of thoughts and feelings at stops: ``inferences.tsv`` of a study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from syntony.core.errors import FileError
from syntony.io.tsv import Row, read_tsv

FILE = "inferences.tsv"
COLUMNS = ("session_id", "perceiver", "target", "stop", "judge", "points")
MOST = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How alike one judge found an inference and a thought.

    Attributes
    ----------
    session, perceiver, target : str
        Session, and id or role of who inferred whose thought.
    stop : str
        Stop at which it was inferred.
    thought_of : str
        Stop whose thought it was laid beside: the same; or another, where the judge was given a
        re-paired one for the baseline of chance.
    judge : str
    points : float
        0 (different) to 2 (essentially the same); NaN where the judge gave none.
    """

    session: str
    perceiver: str
    target: str
    stop: str
    thought_of: str
    judge: str
    points: float

    @property
    def is_real(self) -> bool:
        """Whether inference and thought belong together."""
        return self.stop == self.thought_of


def read_inferences(path: Path | str) -> tuple[Judgement, ...]:
    """Read judged inferences.

    Parameters
    ----------
    path : path
        Table separated by tabs: session_id, perceiver, target, stop, judge, points, and
        ``thought_of`` (another stop) for re-paired ones.

    Raises
    ------
    FileError
        With line and column: a cell that is empty, points outside 0 to 2, a judgement given
        twice.
    """
    path = Path(path)
    _, rows = read_tsv(path, COLUMNS)
    seen: dict[tuple[str, ...], int] = {}
    found = []
    for row in rows:
        one = _judgement(row)
        key = (one.session, one.perceiver, one.target, one.stop, one.thought_of, one.judge)
        if key in seen:
            raise FileError(
                path,
                f"a second judgement of stop {one.stop!r} by {one.judge!r} in {one.session!r}",
                "one",
                f"The first is in line {seen[key]}.",
                line=row.line,
                column="points",
            )
        seen[key] = row.line
        found.append(one)
    return tuple(found)


def _judgement(row: Row) -> Judgement:
    """One row, checked."""
    points = row.number("points", missing=float("nan"))
    if not (points != points or 0 <= points <= MOST):
        raise row.error(f"{points:g}", f"0 to {MOST:g} points", column="points")
    stop = row.required("stop")
    return Judgement(
        session=row.required("session_id").removeprefix("ses-"),
        perceiver=row.required("perceiver").removeprefix("sub-"),
        target=row.required("target").removeprefix("sub-"),
        stop=stop,
        thought_of=row.text("thought_of", stop),
        judge=row.required("judge"),
        points=points,
    )
