"""The list of surrogates: each with the sentence of what it keeps and destroys."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Protocol

from syntony.core.arrays import Array
from syntony.core.errors import InputError

Draw = Callable[..., Any]
ActsOn = Literal["signal", "partners", "codes"]
ACTS_ON: Mapping[ActsOn, str] = MappingProxyType(
    {
        "signal": "the second person's signal, session by session",
        "partners": "who is paired with whom: the other signal comes from another session",
        "codes": "the emotion codes of a session, not its signals",
    }
)


class Told(Protocol):
    """A draw that says how it came out: its values, and numbers that are kept of each draw."""

    @property
    def values(self) -> Array:
        """What ``draw`` gives for the same arguments."""

    @property
    def facts(self) -> Mapping[str, float]:
        """Numbers by name, the same names in every draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """One way to say what chance gives.

    The sentence a reader sees is "keeps {keeps}; destroys {destroys}".

    Attributes
    ----------
    acts_on : {"signal", "partners", "codes"}
        What is drawn anew. ``"signal"`` and ``"partners"`` may stand in the ``surrogates`` of a
        recipe; codes are drawn anew wherever a study has them.
    draw : callable or None
        For signals ``draw(y, rng, *, rate_hz, **options)`` gives the second person's signal as it
        would be under chance, shape as ``y``, NaN carried along; for codes see
        :func:`syntony.surrogates.codes.rotate`. None where the null comes from other sessions:
        the plan finds the partners.
    features : tuple of str
        Features of the second person that it makes sense for; empty: any.
    told : callable or None
        As ``draw``, but gives a :class:`Told`, for surrogates that can come out more or less well.
    say : callable or None
        From the facts of all draws of a session, by name, to the sentence of a note.
    """

    name: str
    title: str
    keeps: str
    destroys: str
    question: str
    pitfall: str
    cites: tuple[str, ...]
    draw: Callable[..., Any] | None
    acts_on: ActsOn = "signal"
    features: tuple[str, ...] = ()
    told: Callable[..., Told] | None = None
    say: Callable[[Mapping[str, Array]], str] | None = None

    def __post_init__(self) -> None:
        if (self.draw is None) != (self.acts_on == "partners"):
            raise InputError(
                f"acts_on of {self.name}", self.acts_on, "partners where there is no draw, and then"
            )

    @property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """Keyword options with their defaults, read off the signature."""
        if self.draw is None:
            return MappingProxyType({})
        params = inspect.signature(self.draw).parameters
        return MappingProxyType(
            {k: p for k, p in params.items() if p.kind is p.KEYWORD_ONLY and k != "rate_hz"}
        )

    def settle(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option with its value: the given ones, and the defaults of the rest."""
        for name in options:
            if name not in self.options:
                raise InputError(
                    f"surrogates.options of {self.name}", name, f"one of {sorted(self.options)}"
                )
        return {k: options.get(k, p.default) for k, p in self.options.items()}

    def sentence(self) -> str:
        """What it keeps, destroys and answers, in one sentence.

        Examples
        --------
        >>> from syntony.surrogates.registry import get
        >>> get("segment_shuffle").sentence()[:36]
        'keeps the values of each person, and'
        """
        question = self.question[:1].lower() + self.question[1:]
        return f"keeps {self.keeps}; destroys {self.destroys}; answers the question: {question}"


_SURROGATES: dict[str, Surrogate] = {}


def surrogate(**facts: Any) -> Callable[[Draw], Draw]:
    """Register a function ``(y, rng, *, rate_hz, **options) -> y'`` as a surrogate."""

    def keep(draw: Draw) -> Draw:
        add(Surrogate(draw=draw, **facts))
        return draw

    return keep


def add(entry: Surrogate) -> None:
    """Put an entry on the list; a name used twice is an error."""
    if entry.name in _SURROGATES:
        raise InputError("surrogate", entry.name, "a name that is not yet on the list")
    _SURROGATES[entry.name] = entry


def surrogates() -> Mapping[str, Surrogate]:
    """Every surrogate by name."""
    return MappingProxyType(_SURROGATES)


def get(name: str) -> Surrogate:
    """Look a surrogate up by name."""
    try:
        return _SURROGATES[name]
    except KeyError:
        near = difflib.get_close_matches(name, _SURROGATES, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else ""
        raise InputError("surrogate", name, f"one of {sorted(_SURROGATES)}", hint) from None


def get_for_recipe(name: str, feature: str) -> Surrogate:
    """Look up a surrogate that a recipe names among its ``surrogates``.

    Parameters
    ----------
    name : str
    feature : str
        What is compared of the second person.

    Raises
    ------
    InputError
        If there is none of that name, it acts on codes, or makes no sense for the feature; says
        what to do instead.

    Examples
    --------
    >>> get_for_recipe("rotation", "eda")
    Traceback (most recent call last):
    syntony.core.errors.InputError: surrogates='rotation': expected one that acts on signals or ...
    """
    entry = get(name)
    if entry.acts_on == "codes":
        raise InputError(
            "surrogates",
            name,
            "one that acts on signals or partners, "
            f"{sorted(s.name for s in _SURROGATES.values() if s.acts_on != 'codes')}",
            "Codes are rotated in every run of a study that has them: leave it out, and set how "
            "often and how far with emotion.rotations and emotion.min_rotation_s.",
        )
    if entry.features and feature not in entry.features:
        raise InputError(
            f"surrogates: {name}, for the second person's signal",
            feature,
            f"one of {list(entry.features)}",
            "No separate responses are found in other signals: take shift_thirds or "
            "circular_shift for them.",
        )
    return entry


def takes_partners(name: str) -> bool:
    """Whether the null of a surrogate comes from other sessions.

    Examples
    --------
    >>> takes_partners("pseudo_dyads"), takes_partners("iaaft")
    (True, False)
    """
    return get(name).acts_on == "partners"
