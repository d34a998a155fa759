"""The verb ``power``: how many dyads does a study need, and what would a given number find?"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from syntony.config import Recipe
from syntony.core.errors import FileError, InputError, SyntonyError
from syntony.core.files import write_text, write_whole
from syntony.core.version import __version__
from syntony.link.dyadic import dyads_for_power, power_of_r
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.executors import Failed, cores, each
from syntony.pipeline.run import silent
from syntony.report.power import write_power_page
from syntony.report.power_words import finding_sentence, plan_sentence
from syntony.simulate.study import make_study
from syntony.trials.power_pools import PoolTask, do_pool, rng_of
from syntony.trials.power_setup import PowerSetup, power_recipe, power_setup, study_setup
from syntony.trials.power_studies import (
    FOUND,
    UNTESTED,
    WRONG,
    Tally,
    do_studies,
    needed,
    power_interval,
    questions,
    t_cut,
)

if TYPE_CHECKING:
    import pandas as pd

Made = TypeVar("Made")
CLOSED = "correlation"
POOLS = "pools.json"


@dataclass(frozen=True, kw_only=True)
class Needed:
    """Dyads that one question needs.

    ``n`` is None where it lies outside the sizes that were tried; ``status`` then says on
    which side. ``low`` and ``high`` are its 95 % interval over pools, each None where it lies
    outside, or where there is nothing to sample (closed form).
    """

    question: str
    n: int | None
    low: int | None
    high: int | None
    status: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Power:
    """Power over numbers of dyads, and the number that is needed.

    Attributes
    ----------
    is_simulated : bool
        False for the closed form of a correlation.
    settings : mapping
        Every choice, ``recipe`` included.
    curve : tuple of mapping
        Rows: ``question``, ``dyads``, ``power``, ``low``, ``high`` (95 %), ``studies``,
        ``wrong_sign`` (share that found the contrary), ``not_testable`` (share).
    needed : tuple of Needed
        One per question.
    session_power : mapping of str to tuple of float
        By surrogate: share of single sessions that pass at alpha one-sided, with its interval.
    expected_r : tuple of float
        Correlation to be expected between the *measured* index and the rating, with its
        interval over pools; NaN where nothing is planted.
    sentence : str
        For a grant application or a preregistration.
    report : Path or None
        The page, where a folder was asked for.
    """

    is_simulated: bool
    settings: Mapping[str, Any]
    curve: tuple[Mapping[str, Any], ...]
    needed: tuple[Needed, ...]
    session_power: Mapping[str, tuple[float, float, float]]
    expected_r: tuple[float, float, float]
    sentence: str
    report: Path | None = None

    def __post_init__(self) -> None:
        for name in ("settings", "session_power"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def n_needed(self, question: str) -> Needed:
        """What one question needs."""
        for one in self.needed:
            if one.question == question:
                return one
        raise InputError("question", question, f"one of {[n.question for n in self.needed]}")

    def table(self) -> pd.DataFrame:
        """The curve, a row per question and number of dyads."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.curve])

    def lines(self) -> list[str]:
        """What was found, a sentence a line."""
        return [finding_sentence(self.to_dict(), one.question) for one in self.needed]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; None where a number is missing."""
        plain = {
            "simulated": self.is_simulated,
            "settings": dict(self.settings),
            "curve": [dict(row) for row in self.curve],
            "needed": [asdict(one) for one in self.needed],
            "session_power": {k: list(v) for k, v in self.session_power.items()},
            "expected_r": list(self.expected_r),
            "sentence": self.sentence,
            "report": str(self.report) if self.report else None,
        }
        return dict(_none_where_nan(plain))

    def __repr__(self) -> str:
        return "\n".join([*self.lines(), self.sentence])


def _none_where_nan(value: Any) -> Any:
    """Replace missing numbers, at any depth."""
    if isinstance(value, Mapping):
        return {k: _none_where_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_none_where_nan(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def power(
    setup: PowerSetup | None = None,
    *,
    r: float | None = None,
    recipe: Recipe | None = None,
    jobs: int | None = None,
    out: Path | str | None = None,
    on_progress: Callable[[int, int], None] = silent,
    on_cost: Callable[[str], None] | None = None,
    **choices: Any,
) -> Power:
    """Say what a planned study would find, and how many dyads it needs.

    Dyads are simulated as planned, put through the chain that ``run`` uses, and drawn into
    many studies of each size, whose tests are those of a run: synchrony beside each surrogate
    of the recipe (first statistic of its first step, towards more), the correlation of that
    index with rated empathy (two-sided permutation), and synchrony in shared positive emotion
    less that in other coded seconds (two-sided, codes rotated).

    Parameters
    ----------
    setup : PowerSetup, optional
        The planned study; default: the choices below with their defaults.
    r : float, optional
        Instead of simulating: the closed form for a correlation of this size between the
        *measured* index and a score (Fisher's z).
    recipe : Recipe, optional
        What will be run; default: the defaults.
    jobs : int, optional
        Processes; default: one per core.
    out : path, optional
        Folder for the pools, the table, the figure and the page. Pools that lie there are
        used again, so that a stopped analysis goes on and other sizes cost little.
    on_progress : callable, optional
        Called with (steps done, steps in all).
    on_cost : callable, optional
        Called once with a sentence that says what will be done and about how long it takes.
    **choices
        Fields of :class:`PowerSetup` that differ from ``setup``: ``dyads=(20, 34)``,
        ``share=0.2``, ``wanted=0.9``, ...

    Returns
    -------
    Power

    Raises
    ------
    InputError
        For a choice out of its range, or a recipe that made studies do not suit.
    FileError
        If ``out`` holds something else, or pools of other choices.

    Notes
    -----
    Studies drawn from one pool share dyads, so the interval of a power comes from how much
    independent pools differ, and not from the number of studies drawn. Averaged over pools a
    draw without replacement is distributed as a fresh study. Chance of synchrony has 199
    draws here by default, where a run has 999: of a power of 80 % that costs 0.6 points.

    References
    ----------
    .. [1] Cohen (1988), Statistical power analysis for the behavioral sciences, chapter 3.

    Examples
    --------
    The closed form, for the r of the 2007 study:

    >>> import syntony as sy
    >>> found = sy.power(r=0.47)
    >>> found.needed[0].n
    34
    >>> print(found.lines()[0])
    A true correlation of .47 is found with a power of 80 % by 34 dyads (alpha .05, two-sided).
    """
    base = setup or PowerSetup()
    chosen = power_setup({**asdict(base), **choices}) if choices else base
    if r is not None:
        return _closed_form(r, chosen, out)
    plan = recipe or Recipe()
    with ExitStack() as held:
        folder = Path(out) if out else Path(held.enter_context(tempfile.TemporaryDirectory()))
        tasks = [PoolTask(folder, chosen, plan, k) for k in range(chosen.pools)]
        _claim_folder(folder, chosen, plan)
        if on_cost is not None:
            on_cost(cost_in_words(tasks, jobs or cores()))
        tallies = _work(tasks, jobs or cores(), on_progress)
    found = _gather(chosen, plan, tallies)
    return found if out is None else _write(found, folder)


def _claim_folder(folder: Path, setup: PowerSetup, recipe: Recipe) -> None:
    """Write down what the pools are made of; refuse a folder of anything else."""
    made = {"syntony": __version__, "setup": setup.of_pools()}
    made["recipe"] = json.loads(power_recipe(recipe, setup).model_dump_json())
    text = json.dumps(made, indent=1, sort_keys=True)
    path = folder / POOLS
    if path.exists():
        there = json.loads(path.read_text("utf-8"))
        if there != json.loads(text):
            differ = sorted(_differences(there, json.loads(text)))
            expected = f"pools of these choices; they differ in {', '.join(differ)}"
            raise FileError(path, "pools of other choices", expected, "Name another folder.")
        return
    if folder.exists() and any(folder.iterdir()):
        raise FileError(
            folder, "a folder with something in it", "a folder to make", "Name another."
        )
    write_text(path, text)


def _differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Names of the values in which two nested dictionaries differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other})
        return [
            d
            for n in names
            for d in _differences(one.get(n), other.get(n), f"{place}.{n}".lstrip("."))
        ]
    return [] if one == other else [place]


def cost_in_words(tasks: list[PoolTask], jobs: int) -> str:
    """Say what will be done and about how long it takes, from a small pool made first."""
    setup, recipe = tasks[0].setup, tasks[0].recipe
    left = sum(not task.path.exists() for task in tasks)
    sessions = setup.pool_dyads * setup.sessions_per_dyad
    within = sum(s.name != "pseudo_dyads" for s in recipe.surrogates)
    per_pair = _seconds_per_coupling(setup, recipe) if left else 0.0
    couplings = sessions * (2 * setup.pool_dyads + within * setup.draws)
    seconds = left * couplings * per_pair
    seconds += 2e-5 * setup.draws * setup.studies * sum(setup.sizes) / 10
    seconds = seconds / min(jobs, len(tasks)) + 4
    told = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(5, round(seconds, -1)):.0f} s"
    return (
        f"{left} of {setup.pools} pools of {setup.pool_dyads} simulated dyads are to be made "
        f"({sessions * left:,} sessions of {setup.minutes:g} min, {couplings * left:,} pairs), "
        f"then {setup.studies_per_pool * setup.pools} studies of each of {len(setup.sizes)} "
        f"sizes are drawn: about {told} on {min(jobs, len(tasks))} "
        f"{'process' if min(jobs, len(tasks)) == 1 else 'processes'}."
    )


def _seconds_per_coupling(setup: PowerSetup, recipe: Recipe) -> float:
    """Seconds that one pair takes, seen on two sessions with a few draws."""
    small = replace(setup, dyads=(), most_dyads=8, draws=99, sessions_per_dyad=1)
    made = replace(study_setup(small, 0, recipe), dyads=2, therapists=2)
    sessions = make_study(made).sessions
    asked = power_recipe(recipe, small)
    seconds = math.inf
    for count in (19, 99):  # the first compiles what is not compiled yet
        chance = [s.model_copy(update={"count": count}) for s in asked.surrogates]
        begin = time.perf_counter()
        analyse_sessions(sessions, asked.model_copy(update={"surrogates": tuple(chance)}))
        within = sum(s.name != "pseudo_dyads" for s in chance)
        seconds = (time.perf_counter() - begin) / (2 * (4 + within * count))
    return seconds


def _work(tasks: list[PoolTask], jobs: int, on_progress: Callable[[int, int], None]) -> list[Tally]:
    """Make every pool, then draw its studies."""
    total, done = 2 * len(tasks), 0
    on_progress(0, total)
    for _, made in each(do_pool, tasks, jobs=jobs):
        _or_raise(made)
        done += 1
        on_progress(done, total)
    found: dict[int, Tally] = {}
    for task, judged in each(do_studies, tasks, jobs=jobs):
        found[task.pool] = _or_raise(judged)
        done += 1
        on_progress(done, total)
    return [found[task.pool] for task in tasks]


def _or_raise(made: Made | Failed) -> Made:
    """Raise what went wrong in a pool: without one of them there is no answer."""
    if isinstance(made, Failed):
        raise made.error or SyntonyError(f"A pool could not be made: {made.reason}")
    return made


def _gather(setup: PowerSetup, recipe: Recipe, tallies: list[Tally]) -> Power:
    """From the claims of all studies to the curve and the numbers needed."""
    curve: list[dict[str, Any]] = []
    wanted: list[Needed] = []
    for question in questions(recipe):
        outcome = np.stack([t.outcome[question] for t in tallies])
        if (outcome == UNTESTED).all():
            wanted.append(_needed_of(question, setup, (math.nan,) * 3))
            continue
        curve += _curve_rows(question, outcome, setup)
        found = needed(
            setup.sizes,
            (outcome == FOUND).mean(axis=2),
            wanted=setup.wanted,
            studies=outcome[:, 0].size,
            rng=rng_of(setup, "needed", question),
        )
        wanted.append(_needed_of(question, setup, found))
    settings = asdict(setup) | {"recipe": json.loads(recipe.model_dump_json())}
    z = np.array([t.z_of_index for t in tallies])
    made = Power(
        is_simulated=True,
        settings=settings,
        curve=tuple(curve),
        needed=tuple(wanted),
        session_power={
            s.name: _share_over(np.array([t.session_share[s.name] for t in tallies]), setup)
            for s in recipe.surrogates
        },
        expected_r=tuple(float(np.tanh(v)) for v in _over_pools(z)),  # type: ignore[arg-type]
        sentence="",
    )
    return replace(made, sentence=plan_sentence(made.to_dict()))


def _curve_rows(question: str, outcome: Any, setup: PowerSetup) -> list[dict[str, Any]]:
    """One row per number of dyads; outcome has shape (n_pools, n_sizes, n_studies)."""
    rows = []
    for k, size in enumerate(setup.sizes):
        here = outcome[:, k]
        by_pool = (here == FOUND).mean(axis=1)
        apart = setup.pools * max(1, setup.pool_dyads // size)
        low, high = power_interval(by_pool, studies=here.size, apart=apart)
        rows.append(
            {
                "question": question,
                "dyads": size,
                "power": float(by_pool.mean()),
                "low": low,
                "high": high,
                "studies": int(here.size),
                "wrong_sign": float((here == WRONG).mean()),
                "not_testable": float((here == UNTESTED).mean()),
            }
        )
    return rows


def _needed_of(question: str, setup: PowerSetup, found: tuple[float, float, float]) -> Needed:
    """Turn what was interpolated into whole numbers, or words where it lies outside."""
    n, low, high = found
    least, most = setup.sizes[0], setup.sizes[-1]
    status = "ok"
    if math.isnan(n):
        status = "not testable"
    elif n == math.inf:
        status = f"more than {most} dyads"
    elif n == -math.inf:
        status = f"{least} dyads or fewer"
    inside = [int(v) if math.isfinite(v) else None for v in (n, low, high)]
    return Needed(question=question, n=inside[0], low=inside[1], high=inside[2], status=status)


def _over_pools(values: Any) -> tuple[float, float, float]:
    """Mean of pools and its interval by Student's t; NaN where a pool has none."""
    if not np.isfinite(values).all():
        return math.nan, math.nan, math.nan
    half = t_cut(values.size) * float(values.std(ddof=1)) / math.sqrt(values.size)
    middle = float(values.mean())
    return middle, middle - half, middle + half


def _share_over(by_pool: Any, setup: PowerSetup) -> tuple[float, float, float]:
    """Share of sessions that pass, with its interval over pools."""
    if not np.isfinite(by_pool).all():
        return math.nan, math.nan, math.nan
    n = setup.pools * setup.pool_dyads * setup.sessions_per_dyad
    low, high = power_interval(by_pool, studies=n, apart=setup.pools)
    return float(by_pool.mean()), low, high


def _closed_form(r: float, setup: PowerSetup, out: Path | str | None) -> Power:
    """Power of the test of a correlation, by Fisher's z; nothing is simulated."""
    least = dyads_for_power(r, power=setup.wanted, alpha=setup.alpha)
    spread = (least * f for f in (0.4, 0.55, 0.75, 1.0, 1.3, 1.7, 2.2))
    sizes = setup.dyads or tuple(sorted({max(4, round(n)) for n in spread}))
    empty = {"low": math.nan, "high": math.nan, "wrong_sign": 0.0, "not_testable": 0.0}
    curve = [
        {"question": CLOSED, "dyads": n, "power": power_of_r(r, n, alpha=setup.alpha), "studies": 0}
        | empty
        for n in sizes
    ]
    made = Power(
        is_simulated=False,
        settings={"r": r, "wanted": setup.wanted, "alpha": setup.alpha},
        curve=tuple(curve),
        needed=(Needed(question=CLOSED, n=least, low=None, high=None, status="ok"),),
        session_power={},
        expected_r=(math.nan,) * 3,
        sentence="",
    )
    made = replace(made, sentence=plan_sentence(made.to_dict()))
    if out is None:
        return made
    folder = Path(out)
    if folder.exists() and any(folder.iterdir()):
        raise FileError(
            folder, "a folder with something in it", "a folder to make", "Name another."
        )
    return _write(made, folder)


def _write(found: Power, folder: Path) -> Power:
    """Write table, settings, figure and page; give the value with the page's path."""
    made = replace(found, report=folder / "report" / "index.html")
    plain = made.to_dict()
    frame = made.table()
    write_whole(folder / "power.csv", partial(frame.to_csv, index=False))
    write_whole(folder / "power.parquet", frame.to_parquet)
    write_text(folder / "power.json", json.dumps(plain, indent=1, ensure_ascii=False))
    write_power_page(folder, plain, version=__version__)
    return made
