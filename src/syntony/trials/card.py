"""The calibration card: how often strangers pass, and what is found where something is planted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syntony.config import Recipe
from syntony.synchrony import registry as method_list
from syntony.trials.twin_study import ALPHA, LEADER, NULL, SESSION, STUDY, Condition

if TYPE_CHECKING:
    import pandas as pd

POWER = 0.8
SHARES = (0.1, 0.2, 0.3, 0.5)
DELAYS_S = (0.0, 1.0, 2.0, 3.0, 5.0)
PLANTED_SHARE = 0.3
LIMITS = 0.99
FEWEST = 20

Counts = Sequence[tuple[int, int]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Card:
    """What calibration found.

    Attributes
    ----------
    facts : mapping
        Everything, ready for JSON: ``rates``, ``power``, ``detectable``, ``fit``,
        ``likeness``, ``settings`` and where it comes from.
    path : Path or None
        Where it was written.
    """

    facts: Mapping[str, Any]
    path: Path | None = None

    @property
    def rates(self) -> list[dict[str, Any]]:
        """False-positive rates: a row per level, method and surrogate."""
        return list(self.facts["rates"])

    @property
    def power(self) -> list[dict[str, Any]]:
        """Share found: a row per planted share and delay, level, method and surrogate."""
        return list(self.facts["power"])

    def table(self, name: str = "rates") -> pd.DataFrame:
        """``rates``, ``power``, ``detectable`` or ``fit`` with labels."""
        import pandas as pd

        return pd.DataFrame(self.facts[name])

    def __repr__(self) -> str:
        from syntony.report.card import card_in_words

        return "\n".join(card_in_words(self.facts))


def conditions(delay_s: float) -> list[Condition]:
    """What is planted, one after another: every share at one delay, every delay at one share.

    Examples
    --------
    >>> len(conditions(2.0)), conditions(2.0)[0].name
    (8, 'share 0.1, delay 2 s')
    """
    planted = [Condition(share, delay_s) for share in SHARES]
    planted += [Condition(PLANTED_SHARE, delay) for delay in DELAYS_S]
    return list(dict.fromkeys(planted))


def wilson(rate: float, number: float, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share by Wilson's formula; ``number`` need not be whole.

    Parameters
    ----------
    rate : float
        Share observed, 0 to 1.
    number : float
        Of independent tests behind it.
    level : float, default 0.95

    Returns
    -------
    low, high : float
        NaN without a test.

    References
    ----------
    .. [1] Wilson (1927), Journal of the American Statistical Association 22, 209-212.
       https://doi.org/10.1080/01621459.1927.10502953

    Examples
    --------
    >>> [round(v, 4) for v in wilson(0.05, 200)]
    [0.0274, 0.0896]
    """
    from scipy.special import ndtri

    if not number > 0:
        return math.nan, math.nan
    z = float(ndtri(0.5 + level / 2.0))
    shrink = 1.0 + z**2 / number
    middle = (rate + z**2 / (2 * number)) / shrink
    half = z / shrink * math.sqrt(rate * (1 - rate) / number + z**2 / (4 * number**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def effective_number(counts: Counts) -> float:
    """How many independent tests the tests of several studies are worth.

    Sessions of one study share strangers, so their tests go together. The number is the one
    with which a plain share would vary as the studies' shares vary, between the number of
    studies and the number of tests; the number of studies where nothing varies.

    Parameters
    ----------
    counts : sequence of (int, int)
        Claimed and tested, a study each.

    Examples
    --------
    >>> effective_number([(0, 10), (10, 10), (0, 10), (10, 10)])
    4.0
    >>> effective_number([(1, 10), (1, 10)])
    2.0
    """
    tested = [(k, n) for k, n in counts if n]
    total = sum(n for _, n in tested)
    studies = len(tested)
    if studies < 2:
        return float(studies)
    rate = sum(k for k, _ in tested) / total
    spread = sum((k - rate * n) ** 2 for k, n in tested) / total**2 * studies / (studies - 1)
    if not (0 < rate < 1 and spread > 0):
        return float(studies)
    return float(min(total, max(studies, rate * (1 - rate) / spread)))


def verdict(rate: float, number: float) -> str:
    """Whether a rate of false positives is what 5 in 100 promises, by the 99 % binomial limits.

    Examples
    --------
    >>> verdict(0.05, 200), verdict(0.12, 200), verdict(0.0, 200), verdict(0.0, 10)
    ('as claimed', 'too often', 'conservative', 'too few to tell')
    """
    from scipy.stats import binom

    if number < FEWEST:
        return "too few to tell"
    whole = round(number)
    low, high = binom.ppf([(1 - LIMITS) / 2, (1 + LIMITS) / 2], whole, ALPHA)
    claimed = rate * whole
    return "too often" if claimed > high else "conservative" if claimed < low else "as claimed"


def rates_of(rows: Iterable[Mapping[str, Any]], recipe: Recipe) -> list[dict[str, Any]]:
    """Rates of false positives in twin studies where nothing is planted, and their verdicts."""
    null = [r for r in rows if r["condition"] == NULL.name]
    found = []
    for base in _kinds(recipe):
        kept = _counted(null, base)
        row = base | {k: v for k, v in kept.items() if k != "number_effective"}
        number = kept["number_effective"]
        row["verdict"] = verdict(kept["rate"], number) if kept["tested"] else "not testable"
        found.append(row | {"number_effective": number})
    return found


def power_of(
    rows: Iterable[Mapping[str, Any]], recipe: Recipe, planted: Sequence[Condition]
) -> list[dict[str, Any]]:
    """Share of coupled twin studies, and of their sessions, in which something is found."""
    listed = list(rows)
    found = []
    for condition in planted:
        mine = [r for r in listed if r["condition"] == condition.name]
        for base in _kinds(recipe):
            if not base["leader"]:
                place = {"share": condition.share, "delay_s": condition.delay_s}
                found.append(place | base | _counted(mine, base))
    return found


def detectable(power: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Delays at which the planted share is found eight times in ten or more."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    keys = ("level", "step", "method", "statistic", "surrogate")
    for row in power:
        if row["share"] != PLANTED_SHARE or not row["tested"]:
            continue
        kept = found.setdefault(
            tuple(row[k] for k in keys),
            {k: row[k] for k in keys} | {"share": PLANTED_SHARE, "tried_s": [], "found_s": []},
        )
        kept["tried_s"].append(row["delay_s"])
        if row["rate"] >= POWER:
            kept["found_s"].append(row["delay_s"])
    for kept in found.values():
        kept["tried_s"].sort()
        kept["found_s"].sort()
    return list(found.values())


def _kinds(recipe: Recipe) -> list[dict[str, Any]]:
    """Every claim there is: level, method and surrogate, and who leads."""
    kinds = []
    for number, step in enumerate(recipe.synchrony):
        entry = method_list.get(step.method)
        base = {"step": number, "method": step.method, "statistic": entry.statistics[0].name}
        names = [s.name for s in recipe.surrogates]
        for level in (SESSION, STUDY):
            kinds += [
                {"level": level, **base, "surrogate": name, "leader": False} for name in names
            ]
        if entry.profile is not None and "lag" in entry.dims:
            kinds.append({"level": STUDY, **base, "surrogate": "", "leader": True})
    return kinds


def _counted(rows: Sequence[Mapping[str, Any]], base: Mapping[str, Any]) -> dict[str, Any]:
    """Rate with its interval for one kind of claim."""
    key = f"{base['level']}|{base['step']}|{base['surrogate']}"
    key += f"|{LEADER}" if base["leader"] else ""
    counts = [(r["claims"][key][0], r["claims"][key][1]) for r in rows if key in r["claims"]]
    claimed, tested = sum(k for k, _ in counts), sum(n for _, n in counts)
    if not tested:
        return dict.fromkeys(("rate", "low", "high"), None) | {
            "claimed": 0,
            "tested": 0,
            "number_effective": 0.0,
        }
    rate = claimed / tested
    number = float(tested) if base["level"] == STUDY else effective_number(counts)
    low, high = wilson(rate, number)
    return {
        "rate": round(rate, 5),
        "low": round(low, 5),
        "high": round(high, 5),
        "claimed": claimed,
        "tested": tested,
        "number_effective": round(number, 1),
    }
