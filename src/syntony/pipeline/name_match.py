"""Patterns of file names as small programs that try no way twice.

A pattern may come from anyone who may import, and the server tries it on every name. A regular
expression would try again and again what cannot fit: time grows with a power of the length, or
doubles with each optional part. Here a step and a place in the name are tried once, so time is
at most their product; which way counts first is as in a regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

Mark = tuple[str, int, "Mark | None"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: take text, or go on at the first of several steps that leads to the end.

    Attributes
    ----------
    then : tuple of int
        Numbers of the next steps, the preferred one first.
    takes : re.Pattern, optional
        What is taken from the name; it fits at one place in one way at most.
    mark : str
        The field that begins or ends here.
    """

    then: tuple[int, ...]
    takes: re.Pattern[str] | None = None
    mark: str = ""


@dataclass(slots=True)
class Program:
    """Steps in order; the end is the step after the last."""

    steps: list[Step] = field(default_factory=list)
    _open: list[int] = field(default_factory=list)

    def take(self, regex: str) -> None:
        """Take what this fits."""
        self.steps.append(Step((len(self.steps) + 1,), re.compile(regex)))

    def repeat(self, regex: str, *, least: bool = True, lazy: bool = False) -> None:
        """Take letters that this fits, at ``least`` one; as few as will do when ``lazy``."""
        if least:
            self.take(regex)
        fork = len(self.steps)
        again, out = fork + 1, fork + 2
        self.steps.append(Step((out, again) if lazy else (again, out)))
        self.steps.append(Step((fork,), re.compile(regex)))

    def up_to(self, most: int, regex: str, *, lazy: bool) -> None:
        """Take one letter that this fits, and up to ``most`` of them."""
        out = len(self.steps) + 2 * most - 1
        self.take(regex)
        for _ in range(most - 1):
            more = len(self.steps) + 1
            self.steps.append(Step((out, more) if lazy else (more, out)))
            self.take(regex)

    def one_of(self, regexes: Sequence[str]) -> None:
        """Take what one of these fits, tried in this order."""
        out = len(self.steps) + 2 * len(regexes) - 1
        for regex in regexes[:-1]:
            here = len(self.steps)
            self.steps.append(Step((here + 1, here + 2)))
            self.steps.append(Step((out,), re.compile(regex)))
        self.take(regexes[-1])

    def mark(self, name: str) -> None:
        """Note that a field begins, or ends, here."""
        self.steps.append(Step((len(self.steps) + 1,), mark=name))

    def open(self) -> None:
        """Begin a part that may be absent."""
        self._open.append(len(self.steps))
        self.steps.append(Step(()))

    def close(self) -> bool:
        """End it; False where none was begun."""
        if not self._open:
            return False
        begin = self._open.pop()
        self.steps[begin] = Step((begin + 1, len(self.steps)))
        return True

    @property
    def is_whole(self) -> bool:
        """Whether every part that was begun is ended."""
        return not self._open

    def match(self, text: str) -> tuple[dict[str, str] | None, int]:
        """Fields of a text, or None where it does not fit, and how many steps were tried."""
        tried: set[tuple[int, int]] = set()
        waiting: list[tuple[int, int, Mark | None]] = [(0, 0, None)]
        while waiting:
            number, at, marks = waiting.pop()
            if (number, at) in tried:
                continue
            tried.add((number, at))
            if number == len(self.steps):
                if at == len(text):
                    return _fields(text, marks), len(tried)
                continue
            step = self.steps[number]
            if step.takes is not None:
                found = step.takes.match(text, at)
                if found is None:
                    continue
                at = found.end()
            elif step.mark:
                marks = (step.mark, at, marks)
            waiting.extend((then, at, marks) for then in reversed(step.then))
        return None, len(tried)


def _fields(text: str, marks: Mark | None) -> dict[str, str]:
    """Fields between their marks, in the order of the text."""
    found: dict[str, str] = {}
    ends: dict[str, int] = {}
    while marks is not None:
        name, at, marks = marks
        if name in ends:
            if at < ends[name]:
                found[name] = text[at : ends[name]]
        else:
            ends[name] = at
    return dict(reversed(found.items()))
