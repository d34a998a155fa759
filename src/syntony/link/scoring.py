"""Questionnaire scores: from answers to scales, and how well the items hang together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.session import Answers
from syntony.link.instruments.registry import Instrument, Scale

_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One scale of one filled-in questionnaire.

    Attributes
    ----------
    session, dyad, person, about, instrument, scale : str
        ``person`` answered, about ``about``.
    value : float
        On the scale of the instrument; NaN where too many items are missing.
    missing : int
        Items of the scale without an answer.
    """

    session: str
    dyad: str
    person: str
    about: str
    instrument: str
    scale: str
    value: float
    missing: int

    def to_row(self) -> dict[str, Any]:
        """Make a row of ``scores.parquet``."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def score(
    answers: Answers, instrument: Instrument, *, session: str = "", dyad: str = ""
) -> tuple[Score, ...]:
    """Score one filled-in questionnaire.

    Reversed items count as low + high - answer (for a range that is even around 0: the answer
    with its sign turned). Up to ``max_missing`` items of a scale may be missing: a mean is that
    of the rest, a sum that mean times the number of items. More missing gives NaN.

    Parameters
    ----------
    answers : Answers
        Item to number; NaN, or no entry, is missing.
    instrument : Instrument
    session, dyad : str, optional
        Where the answers are from: named in errors and in the scores.

    Returns
    -------
    tuple of Score
        One per scale of the instrument.

    Raises
    ------
    InputError
        If the answers are of another instrument or hold an unknown item, an answer is off the
        scale (0 included where there is none), or the instrument lacks its key.

    Examples
    --------
    >>> from syntony.link.instruments.registry import get
    >>> filled = Answers(instrument="demo_closeness", person="P", items={"c1": 6, "c2": 7, "c3": 1})
    >>> score(filled, get("demo_closeness"))[0].value
    6.666666666666667
    """
    where = f"answers of {answers.person}" + (f" in session {session}" if session else "")
    if answers.instrument != instrument.name:
        raise InputError(where, answers.instrument, f"answers to {instrument.name}")
    strange = sorted(set(answers.items) - set(instrument.items))
    if strange:
        expected = f"items of {instrument.name}, {list(instrument.items)}"
        raise InputError(f"{where}, items", strange, expected, "Mend the names of the columns.")
    for item, value in answers.items.items():
        if not np.isnan(value) and not is_allowed(value, instrument):
            hint = "Mend the answer, or leave it empty if it is missing."
            raise InputError(f"{where}, item {item}", value, allowed(instrument), hint)
    scores = []
    for scale in instrument.scales:
        value, missing = _scale_value(answers, instrument, scale)
        scores.append(
            Score(
                session=session,
                dyad=dyad,
                person=answers.person,
                about=answers.about,
                instrument=instrument.name,
                scale=scale.name,
                value=value,
                missing=missing,
            )
        )
    return tuple(scores)


def allowed(instrument: Instrument) -> str:
    """Say which answers an instrument allows.

    Examples
    --------
    >>> from syntony.link.instruments.registry import get
    >>> allowed(get("demo_empathy"))
    'one of -3, -2, -1, 1, 2, 3'
    """
    if not instrument.whole:
        return f"a number from {instrument.low:g} to {instrument.high:g}" + (
            " that is not 0" if instrument.no_zero else ""
        )
    numbers = range(int(np.ceil(instrument.low)), int(np.floor(instrument.high)) + 1)
    return "one of " + ", ".join(str(v) for v in numbers if v or not instrument.no_zero)


def scale_range(instrument: Instrument, scale: Scale) -> tuple[float, float]:
    """Lowest and highest value that a scale can take.

    Examples
    --------
    >>> from syntony.link.instruments.registry import get
    >>> scale_range(get("demo_empathy"), get("demo_empathy").scales[0])
    (-48.0, 48.0)
    """
    times = len(scale.items) if scale.combine == "sum" else 1
    return float(instrument.low * times), float(instrument.high * times)


def is_allowed(value: float, instrument: Instrument) -> bool:
    """Whether an answer is one that the instrument allows."""
    on_scale = instrument.low <= value <= instrument.high
    whole = float(value).is_integer() or not instrument.whole
    return on_scale and whole and not (instrument.no_zero and value == 0)


def _scale_value(answers: Answers, instrument: Instrument, scale: Scale) -> tuple[float, int]:
    """One score, and how many of its items are missing."""
    values = turned_items(answers, instrument, scale)
    there = values[np.isfinite(values)]
    missing = values.size - there.size
    if missing > scale.max_missing:
        return _NAN, missing
    mean = float(there.mean())
    return (mean * values.size if scale.combine == "sum" else mean), missing


def turned_items(answers: Answers, instrument: Instrument, scale: Scale) -> Array:
    """Answers to the items of a scale with the reversed ones turned round; NaN is missing.

    Returns
    -------
    ndarray of float64, shape (n_items,)

    Raises
    ------
    InputError
        If the instrument lacks its key.

    Examples
    --------
    >>> from syntony.link.instruments.registry import get
    >>> entry = get("demo_closeness")
    >>> filled = Answers(instrument=entry.name, person="P", items={"c1": 6, "c2": 7, "c3": 1})
    >>> turned_items(filled, entry, entry.scales[0]).tolist()
    [6.0, 7.0, 7.0, nan]
    """
    reverse = _key(instrument, scale)
    values = np.array([answers.items.get(item, _NAN) for item in scale.items], dtype=np.float64)
    turned = np.array([item in reverse for item in scale.items])
    return np.where(turned, instrument.low + instrument.high - values, values)


def _key(instrument: Instrument, scale: Scale) -> frozenset[str]:
    """Take the reversed items of a scale, or say where they come from."""
    if scale.reverse is None:
        hint = "Take it from your licensed manual and give it in a key file (link/keys.py)."
        expected = "its reversed items, which are not shipped with the program"
        raise InputError(f"key of {instrument.name}, scale {scale.name}", None, expected, hint)
    return scale.reverse


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Cronbach's alpha of a scale with its 95 % interval over people."""

    alpha: float
    low: float
    high: float
    people: int
    items: int


def reliability(answers: Sequence[Answers], instrument: Instrument, scale: str) -> Reliability:
    """Cronbach's alpha of one scale over filled-in questionnaires.

    Parameters
    ----------
    answers : sequence of Answers
        One per person; give one session each, the formula takes them as independent. Those
        with a missing item are left out.
    instrument : Instrument
    scale : str
        Name of one of its scales.

    Returns
    -------
    Reliability
        NaN where fewer than 3 people are whole or their sums do not vary.

    Raises
    ------
    InputError
        If the instrument has no such scale, or lacks its key.

    References
    ----------
    .. [1] Cronbach (1951), Psychometrika 16, 297-334, eq. 2. https://doi.org/10.1007/BF02310555
    .. [2] Feldt (1965), Psychometrika 30, 357-370: (1 - alpha) / (1 - estimate) follows
       F(n - 1, (n - 1)(k - 1)). https://doi.org/10.1007/BF02289499
    """
    found = [s for s in instrument.scales if s.name == scale]
    if not found:
        raise InputError("scale", scale, f"one of {[s.name for s in instrument.scales]}")
    _key(instrument, found[0])
    rows = [turned_items(a, instrument, found[0]) for a in answers]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(found[0].items))
    return alpha_of(table[np.isfinite(table).all(axis=1)])


def alpha_of(table: Array, *, level: float = 0.95) -> Reliability:
    """Cronbach's alpha of a table of answers that all point the same way.

    Parameters
    ----------
    table : ndarray of float64, shape (n_people, n_items)
        Without NaN.
    level : float, default 0.95

    Returns
    -------
    Reliability
        alpha = k / (k - 1) (1 - sum of item variances / variance of sums), Feldt's interval.

    Examples
    --------
    >>> table = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0], [4.0, 5.0]])
    >>> alpha_of(table).alpha
    1.0
    """
    n, k = table.shape
    whole = float(table.sum(axis=1).var(ddof=1)) if n > 1 else 0.0
    if n < 3 or k < 2 or whole <= 0:
        return Reliability(alpha=_NAN, low=_NAN, high=_NAN, people=n, items=k)
    from scipy.special import fdtri

    alpha = k / (k - 1) * (1 - float(table.var(axis=0, ddof=1).sum()) / whole)
    tail, free = (1 - level) / 2, (n - 1, (n - 1) * (k - 1))
    low = 1 - (1 - alpha) * float(fdtri(*free, 1 - tail))
    high = 1 - (1 - alpha) * float(fdtri(*free, tail))
    return Reliability(alpha=alpha, low=low, high=high, people=n, items=k)
