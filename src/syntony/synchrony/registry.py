"""The list of synchrony methods: what the program knows besides how to compute them."""

from __future__ import annotations

import difflib
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from syntony.core.arrays import Array, Ints
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.core.notes import Note
from syntony.synchrony.drawn import Drawn

Compute = Callable[..., Coupling]
InBulk = Callable[..., Array | None]
InDraws = Callable[..., Drawn | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """One number that a method draws from its coupling.

    ``chance`` is roughly what independent signals give; the run says it exactly.
    ``is_correlation`` marks numbers that are Fisher z (their r is shown beside them).
    """

    name: str
    title: str
    explain: str
    bounds: tuple[float, float]
    chance: float
    is_fisher_z: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What the program knows about a method besides how to compute it.

    The flags are promises: the contract checks hold every method to them.
    ``chance`` is what independent white noise gives at the default options.
    ``summarise`` turns a Coupling into one number per entry of ``statistics``;
    ``words`` says choices of an option as the sentence needs them;
    the first statistic is the one that is linked and plotted by default. ``profile`` gives
    one value per lag on the scale of the first statistic, for methods with lags.
    ``lags`` says in a phrase which delays a method without the option ``max_lag_s`` sees.
    ``unit``: both signals must be in it, because an option is (an amplitude in uS); None: any.
    ``bib``: BibTeX of what it cites, where the package does not hold it: a plug-in brings its own.
    ``people``: a method for two takes ``(x, y)``, one for many an array of shape
    (n_people, n_samples); :meth:`of_pair` calls either.
    ``in_bulk``: a faster way to the statistics of many pairs,
    ``(first, second, pairs, *, rate_hz, **options)`` as :meth:`of_pairs`, which calls it with
    lengths filled in; it gives None for options that it does not cover.
    ``in_draws``: a faster way to the couplings of one signal with many, as :meth:`of_draws`,
    which calls it with all options; it too may give None.
    """

    name: str
    title: str
    compute: Compute
    summarise: Callable[[Coupling], dict[str, float]]
    profile: Callable[[Coupling], Array] | None = None
    statistics: tuple[Statistic, ...]
    dims: tuple[str, ...]
    bounds: tuple[float, float]
    chance: float
    swap: Literal["same", "mirror_lag", "differs"]
    scale_free: bool
    cites: tuple[str, ...]
    sentence: str
    question: str
    not_when: str
    units: Mapping[str, str]
    words: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    lags: str = ""
    unit: str | None = None
    people: Literal["two", "many"] = "two"
    bib: str = ""
    in_bulk: InBulk | None = None
    in_draws: InDraws | None = None

    def of_pair(self, x: Array, y: Array, *, rate_hz: float, **options: Any) -> Coupling:
        """Compute the method for two people, also where it takes any number of them."""
        if self.people == "two":
            return self.compute(x, y, rate_hz=rate_hz, **options)
        if x.shape != y.shape:
            raise InputError("y", y.shape, f"the shape of x, {x.shape}", "Align the signals.")
        return self.compute(np.stack([x, y]), rate_hz=rate_hz, **options)

    def of_pairs(
        self,
        first: Sequence[Array],
        second: Sequence[Array],
        pairs: Ints,
        *,
        rate_hz: float,
        **options: Any,
    ) -> Array:
        """Give every statistic of many pairs, for those who need no coupling.

        Parameters
        ----------
        first, second : sequences of ndarray of float64, shape (n_samples,)
            Signals of first and of second persons, which begin together; lengths may differ.
        pairs : ndarray of int64, shape (n_pairs, 2) or (n_pairs, 3)
            Place of the first person in ``first`` and of the second in ``second``, and to how
            many samples both are cut (without it, to the shorter of the two).
        rate_hz : float
        **options
            Of the method.

        Returns
        -------
        ndarray of float64, shape (n_pairs, n_statistics)
            In the order of ``statistics``. NaN for a pair that the method refuses, such as one
            too short for a window.

        Raises
        ------
        InputError
            If an option is unknown, or a pair is longer than one of its signals.

        Notes
        -----
        The figures are those of :meth:`of_pair` and ``summarise`` up to rounding (1e-12), and
        those of a pair do not depend on the others. The same two people at growing lengths, one
        after the other, can cost little more than once.
        """
        settled, pairs = self.settle(options), _with_lengths(first, second, pairs)
        rows = np.full((len(pairs), len(self.statistics)), np.nan)
        if self.in_bulk is not None:
            ends = [np.array([_first_inf(v) for v in some]) for some in (first, second)]
            sound = pairs[:, 2] <= np.minimum(ends[0][pairs[:, 0]], ends[1][pairs[:, 1]])
            if not sound.any():
                return rows
            found = self.in_bulk(first, second, pairs[sound], rate_hz=rate_hz, **settled)
            if found is not None:
                rows[sound] = np.where(np.isnan(found), np.nan, found)  # one sign of NaN
                return rows
        for k, (i, j, samples) in enumerate(pairs.tolist()):
            x, y = first[i][:samples], second[j][:samples]
            try:
                told = self.summarise(self.of_pair(x, y, rate_hz=rate_hz, **options))
            except InputError:
                continue
            rows[k] = [told[s.name] for s in self.statistics]
        return rows

    def of_draws(self, x: Array, ys: Array, *, rate_hz: float, **options: Any) -> Drawn | None:
        """Couple one signal with every row of many, where the method has a way of its own.

        Parameters
        ----------
        x : ndarray of float64, shape (n_samples,)
            The first person's.
        ys : ndarray of float64, shape (n_draws, n_samples)
            The second person's, such as draws of a surrogate.
        rate_hz : float
        **options
            Of the method; it has been computed with them for a pair of this length.

        Returns
        -------
        Drawn or None
            What :meth:`of_pair`, ``summarise`` and ``profile`` give of every row, to 1e-12; None
            where each has to be computed by itself.
        """
        if self.in_draws is None or np.isinf(x).any() or np.isinf(ys).any():
            return None
        return self.in_draws(x, ys, rate_hz=rate_hz, **self.settle(options))

    def lag_range(self, options: Mapping[str, Any] | None = None) -> str:
        """Which delays the method sees, in a phrase."""
        settled = self.settle(options or {})
        if "max_lag_s" in settled:
            return f"{-settled['max_lag_s']:+g} to {settled['max_lag_s']:+g} s"
        return self.lags

    @property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """Keyword options with their defaults, read off the signature."""
        return _options_of(self.compute)

    def tell(self, options: Mapping[str, Any]) -> str:
        """Give the sentence for a methods section, with choices in words.

        Parameters
        ----------
        options : mapping
            The options as they ran; what is left out takes its default.
        """
        settled = self.settle(options)
        said = {k: self.words.get(k, {}).get(v, v) for k, v in settled.items()}
        text = self.sentence.format(**said).strip()
        return text if text.endswith(".") else text + "."

    def settle(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option with its value: the given ones, and the defaults of the rest."""
        for name in options:
            if name not in self.options:
                near = difflib.get_close_matches(name, self.options, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else ""
                raise InputError(
                    f"synchrony.options of {self.name}",
                    name,
                    f"one of {sorted(self.options)}",
                    hint,
                )
        return {k: options.get(k, p.default) for k, p in self.options.items()}


def _with_lengths(first: Sequence[Array], second: Sequence[Array], pairs: Ints) -> Ints:
    """Pairs with the samples to which both are cut."""
    pairs = np.asarray(pairs, dtype=np.int64)
    if pairs.ndim != 2 or pairs.shape[1] not in (2, 3):
        raise InputError("pairs", pairs.shape, "shape (n_pairs, 2), or (n_pairs, 3) with lengths")
    sizes = [np.array([v.size for v in some], dtype=np.int64) for some in (first, second)]
    most = np.minimum(sizes[0][pairs[:, 0]], sizes[1][pairs[:, 1]])
    if pairs.shape[1] == 2:
        return np.column_stack([pairs, most])
    if (pairs[:, 2] > most).any():
        k = int(np.argmax(pairs[:, 2] > most))
        raise InputError("pairs", pairs[k].tolist(), f"at most {most[k]} samples for pair {k}")
    return pairs


def _first_inf(values: Array) -> float:
    """Samples before the first that is infinite; infinity where none is."""
    endless = np.isinf(values)
    return int(endless.argmax()) if endless.any() else math.inf


@cache
def _options_of(compute: Compute) -> Mapping[str, inspect.Parameter]:
    """Keyword options of a function, read once: reading a signature takes longer than a draw."""
    params = inspect.signature(compute).parameters
    return MappingProxyType(
        {k: p for k, p in params.items() if p.kind is p.KEYWORD_ONLY and k != "rate_hz"}
    )


_METHODS: dict[str, Method] = {}
LEFT_OUT: list[Note] = []


def method(**facts: Any) -> Callable[[Compute], Compute]:
    """Register a function ``(x, y, *, rate_hz, **options) -> Coupling`` as a method.

    With ``people="many"`` the function is ``(signals, *, rate_hz, **options) -> Coupling``,
    ``signals`` of shape (n_people, n_samples).
    """

    def keep(compute: Compute) -> Compute:
        add(Method(compute=compute, **facts))
        return compute

    return keep


class NameTaken(InputError):
    """Two methods of one name."""


def add(entry: Method) -> None:
    """Put an entry on the list; a name used twice is an error, never a silent choice."""
    if entry.name in _METHODS:
        raise NameTaken("method", entry.name, "a name that is not yet on the list")
    _METHODS[entry.name] = entry


def methods() -> Mapping[str, Method]:
    """Every method by name: ours, and those of installed plug-ins."""
    _load_plugins()
    return MappingProxyType(_METHODS)


def get(name: str) -> Method:
    """Look a method up by name."""
    known = methods()
    try:
        return known[name]
    except KeyError:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else ""
        raise InputError("method", name, f"one of {sorted(known)}", hint) from None


@cache
def _load_plugins() -> None:
    """Load entry points, once; one that fails is left out with a note.

    An entry point names a ``Method``, or a function that the decorator ``method`` has put on
    the list when its file was imported.
    """
    for point in entry_points(group="syntony.synchrony"):
        try:
            entry = point.load()
        except NameTaken:
            raise  # never a silent choice
        except Exception as error:  # a plug-in may fail in any way; the note says how
            _leave_out(point.value, repr(error))
            continue
        if isinstance(entry, Method):
            if _METHODS.get(entry.name) is not entry:
                add(entry)
        elif not any(known.compute is entry for known in _METHODS.values()):
            _leave_out(point.value, f"it is {type(entry).__name__}, no Method")


def _leave_out(plugin: str, why: str) -> None:
    """Note a plug-in that is not on the list."""
    LEFT_OUT.append(Note(f"plug-in {plugin}", "plug-in-failed", why))
