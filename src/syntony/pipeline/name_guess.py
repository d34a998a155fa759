"""A first guess at the pattern of file names: which piece is the dyad, the session, the role."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from syntony.core.errors import InputError
from syntony.pipeline.naming import DATE, compile_pattern

_PEOPLE = """
patient pat client therapist ther th counsellor counselor mother mom father dad infant baby
child parent woman man wife husband female male teacher student interviewer interviewee speaker
listener first second left right self partner a b x y"""
ROLE_WORDS = frozenset(_PEOPLE.split())
"""Words in names that say which of two people it is."""
_STARTS = (
    ("session", re.compile(r"(ses|session|visit|s|v)-?\d+", re.IGNORECASE)),
    ("dyad", re.compile(r"(dyad|pair|couple|dy|d|c)-?\d+", re.IGNORECASE)),
    ("person", re.compile(r"(sub|subject|participant)-?\w+", re.IGNORECASE)),
)
_FEW_TYPES = 4
_DATE_STANDS = "\0"


def guess_pattern(names: Iterable[str]) -> str:
    """Guess the pattern of file names, to be looked at and mended by a person.

    Names are cut at slashes, underscores and blanks. Of the largest group of names that are cut
    alike, what never changes is taken as it is; a piece of two values that come with the same
    other pieces, or of words for people only, is the role; what is left becomes dyad, session
    and type.

    Parameters
    ----------
    names : iterable of str
        With the folders they lie in; folders that all share are left out.

    Returns
    -------
    str
        A pattern that fits the group (see `compile_pattern`); empty where nothing can be said.

    Examples
    --------
    >>> guess_pattern(["d1_s1_pat.csv", "d1_s1_th.csv", "d2_s1_pat.csv", "d2_s1_th.csv"])
    '{dyad}_{session}_{role}.csv'
    >>> guess_pattern(["all/normal/200_01.txt", "all/normal/201_02.txt", "all/dropout/100_01.txt"])
    '{type}/{dyad}_{session}.txt'
    >>> guess_pattern(["README.md"])
    ''
    """
    paths = [PurePosixPath(n) for n in names]
    shared = _shared_folders(paths)
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for path in paths:
        pieces, marks = _cut("/".join(path.parts[shared:]))
        groups[marks].append(pieces)
    marks, rows = max(groups.items(), key=lambda g: len(g[1]), default=((), []))
    if len(marks) < 2 or len(rows) < 2:  # a single piece before the ending says too little
        return ""
    text = "".join(a + b for a, b in zip(_named(rows, marks), marks, strict=True))
    try:
        compile_pattern(text)
    except InputError:
        return ""
    return text


def _shared_folders(paths: Sequence[PurePosixPath]) -> int:
    """How many of the first folders all files share."""
    count = 0
    while paths and all(len(p.parts) > count + 1 for p in paths):
        if len({p.parts[count] for p in paths}) > 1:
            break
        count += 1
    return count


def _cut(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Pieces, and what follows each: a mark, at last the ending; a date is one piece."""
    path = PurePosixPath(name)
    stem = re.sub(DATE, _DATE_STANDS, name[: len(name) - len(path.suffix)])
    cut = [" " if x.isspace() else x for x in re.split(r"([/_]|\s+)", stem)]
    pieces = tuple("{date}" if _DATE_STANDS in x else x for x in cut[::2])
    return pieces, (*cut[1::2], path.suffix)


def _named(rows: Sequence[tuple[str, ...]], marks: Sequence[str]) -> list[str]:
    """What stands at each place of the pattern: a field, or the piece that never changes."""
    places = range(len(marks))
    seen = [Counter(row[k] for row in rows) for k in places]
    found = {k: next(iter(seen[k])) for k in places if len(seen[k]) == 1 and not _counts(seen[k])}
    found |= {k: "{_}" for k in places if any(_repeats(rows, k, j) for j in range(k))}
    free = [k for k in places if k not in found]
    role = next((k for k in reversed(free) if _is_role(rows, seen[k], k)), None)
    if role is not None:
        found[role] = "{role}"
    left = [k for k in free if k != role]
    for k in list(left):
        told = next((f for f, p in _STARTS if all(p.fullmatch(v) for v in seen[k])), "")
        is_type = not told and marks[k] == "/" and len(seen[k]) <= _FEW_TYPES
        field = "{type}" if is_type else f"{{{told}}}"
        if (told or is_type) and field not in found.values():
            found[k] = field
            left.remove(k)
    rest = [f for f in ("{dyad}", "{session}", "{type}") if f not in found.values()]
    found |= {k: rest.pop(0) if rest else "{_}" for k in left}
    return [found[k] for k in places]


def _counts(values: Iterable[str]) -> bool:
    """Whether every value is a number, or a number after a word for what is counted."""
    known = (re.compile(r"\d+"), *(p for _, p in _STARTS))
    return all(any(p.fullmatch(v) for p in known) for v in values)


def _repeats(rows: Sequence[tuple[str, ...]], place: int, earlier: int) -> bool:
    """Whether a piece says again what an earlier one says, as BIDS has it."""
    return all(row[place] == row[earlier] for row in rows)


def _is_role(rows: Sequence[tuple[str, ...]], values: Counter[str], place: int) -> bool:
    """Whether a piece says which of two people: a word for people, or one of two for each rest."""
    if all(re.sub(r"\d+$", "", v).lower() in ROLE_WORDS for v in values):
        return True
    rests = Counter(row[:place] + row[place + 1 :] for row in rows)
    return len(values) == 2 and len(rows) > 2 and set(rests.values()) == {2}
