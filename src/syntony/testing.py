"""Checks that hold every synchrony method to its promises, for ours and for plug-ins.

In a plug-in's own tests::

    @pytest.mark.parametrize("check", METHOD_CHECKS, ids=lambda c: c.__name__)
    def test_promise(check):
        check(ENTRY)
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import numpy as np

from syntony.core.arrays import Array
from syntony.core.coupling import Coupling
from syntony.core.errors import InputError
from syntony.report.methods import bibliography
from syntony.synchrony.registry import Method

_RATE_HZ = 4.0
_SUFFIXES = {"_s": "s", "_ms": "ms", "_hz": "Hz", "_bpm": "/min", "_rad": "rad", "_us": "uS"}
_SECTIONS = ("Parameters", "Returns", "References", "Examples")


def _slow(seed: int, duration_s: float, rate_hz: float = _RATE_HZ) -> Array:
    """Smooth noise that rises and falls over some seconds, around 5."""
    rng = np.random.default_rng(seed)
    width = round(3.0 * rate_hz)
    n = round(duration_s * rate_hz)
    noise = rng.standard_normal(n + 2 * width)
    for _ in range(2):
        noise = np.convolve(noise, np.ones(width) / width, "valid")
    made: Array = 5.0 + noise[:n]
    return made


def _delayed_pair(seed: int, lag_s: float, rate_hz: float) -> tuple[Array, Array]:
    """Two signals of ten minutes that share much; the second follows by ``lag_s``."""
    shift = round(lag_s * rate_hz)
    common = _slow(seed, 600.0 + lag_s, rate_hz)
    n = common.size - shift
    own = [0.6 * _slow(seed + i, 600.0 + lag_s, rate_hz)[:n] for i in (1, 2)]
    return common[shift:] + own[0], common[:n] + own[1]


def _couple(entry: Method, x: Array, y: Array, rate_hz: float = _RATE_HZ) -> Coupling:
    """Run the method at its defaults."""
    return entry.of_pair(x, y, rate_hz=rate_hz)


def _values(entry: Method, x: Array, y: Array) -> Array:
    """Values of the method at its defaults."""
    return _couple(entry, x, y).values


def _span(entry: Method, values: Array) -> float:
    """Width of the bounds; without bounds, 20 SD of the values or twice the largest."""
    width = entry.bounds[1] - entry.bounds[0]
    if np.isfinite(width):
        return width
    return float(max(20.0 * np.nanstd(values), 2.0 * np.nanmax(np.abs(values))))


def page_is_complete(entry: Method) -> None:
    """Everything a reader of its page looks for is there."""
    for name in ("title", "question", "not_when", "sentence"):
        assert getattr(entry, name).strip(), f"{entry.name}: {name} is empty"
    assert entry.cites, f"{entry.name}: cites nothing"
    page = inspect.getdoc(entry.compute) or ""
    missing = [s for s in _SECTIONS if not re.search(rf"^{s}\n-+$", page, re.MULTILINE)]
    assert not missing, f"{entry.name}: its docstring lacks {missing}"
    unsaid = [name for name in entry.options if not re.search(rf"\b{name}\b", page)]
    assert not unsaid, f"{entry.name}: its docstring does not say what {unsaid} are"
    assert entry.lag_range(), f"{entry.name}: does not say which delays it sees"
    assert entry.statistics, f"{entry.name}: offers no statistic"
    for statistic in entry.statistics:
        said = len(statistic.explain.split())
        assert statistic.title, f"{entry.name}: {statistic.name} has no title"
        assert said >= 6, f"{entry.name}: {statistic.name} is explained in {said} words"


def citations_resolve(entry: Method) -> None:
    """Have an entry for every citation, ours or brought along in ``bib``."""
    text = bibliography(entry.cites, more=entry.bib)
    missing = [key for key in entry.cites if f"{{{key}," not in text]
    assert not missing, f"{entry.name}: no BibTeX entry of {missing}"


def options_carry_their_unit(entry: Method) -> None:
    """Every option has a default and a unit, and a unit in its name is the unit it has."""
    assert set(entry.units) == set(entry.options), (
        f"{entry.name}: units for {sorted(entry.units)}, options are {sorted(entry.options)}"
    )
    for name, option in entry.options.items():
        assert option.default is not inspect.Parameter.empty, (
            f"{entry.name}: {name} has no default; physical facts belong to the signal"
        )
        unit = entry.units[name]
        assert unit, f"{entry.name}: {name} has no unit (write '1', 'choice' or 'yes/no')"
        by_name = next((u for end, u in _SUFFIXES.items() if name.endswith(end)), None)
        timed = unit in _SUFFIXES.values()
        assert unit == by_name or not (timed or by_name), (
            f"{entry.name}: {name} has unit {unit!r}, its name says {by_name!r}"
        )


def sentence_tells_every_option(entry: Method) -> None:
    """Name the source and every choice made in the sentence for the methods section."""
    told = set(re.findall(r"{(\w+)", entry.sentence))
    assert told == set(entry.options), (
        f"{entry.name}: sentence tells {told}, options are {set(entry.options)}"
    )
    entry.sentence.format(**entry.settle({}))
    unsaid = [key for key in entry.cites if f"@{key}" not in entry.sentence]
    assert not unsaid, f"{entry.name}: sentence does not cite {unsaid}"


def coupling_is_as_declared(entry: Method) -> None:
    """Dimensions, coordinates, coverage and options of the result are what they should be."""
    x, y = _slow(1, 300.0), _slow(2, 300.0)
    c = _couple(entry, x, y)
    assert c.dims == entry.dims, f"{entry.name}: dims {c.dims}, declared {entry.dims}"
    assert c.method == entry.name, f"{entry.name}: the result says it is of {c.method!r}"
    assert set(c.options) == set(entry.options), (
        f"{entry.name}: the result tells options {sorted(c.options)}"
    )
    for dim in c.dims:
        assert np.all(np.diff(c.coords[dim]) > 0), f"{entry.name}: {dim} does not ascend"
    if "time" in c.dims:
        times = c.coords["time"]
        assert times[0] >= 0.0, f"{entry.name}: a window centre lies before the signal"
        assert times[-1] <= 300.0, f"{entry.name}: a window centre lies after the signal"
    if "lag" in c.dims:
        assert 0.0 in c.coords["lag"], f"{entry.name}: no lag of 0"
    if c.coverage is not None:
        assert np.all((c.coverage >= 0) & (c.coverage <= 1)), f"{entry.name}: coverage off 0..1"
    again = _couple(entry, x, y).values
    assert np.array_equal(c.values, again, equal_nan=True), f"{entry.name}: not the same twice"


def summary_is_as_declared(entry: Method) -> None:
    """One number per statistic, inside its bounds; a profile with a value per lag."""
    c = _couple(entry, _slow(3, 300.0), _slow(4, 300.0))
    found = entry.summarise(c)
    names = [s.name for s in entry.statistics]
    assert list(found) == names, f"{entry.name}: summary gives {list(found)}, declared {names}"
    for s in entry.statistics:
        low, high = s.bounds
        assert low <= found[s.name] <= high, f"{entry.name}: {s.name} = {found[s.name]:g}"
    if "lag" in entry.dims:
        assert entry.profile is not None, f"{entry.name}: has lags but no profile"
        size = len(c.coords["lag"])
        assert entry.profile(c).shape == (size,), f"{entry.name}: profile is not one per lag"


def values_stay_within_bounds(entry: Method) -> None:
    """No value leaves the declared bounds, whatever the offset; copies included.

    A copy may have no value: a model that tells two people apart finds one.
    """
    low, high = entry.bounds
    x = _slow(5, 300.0)
    for number, y in enumerate((_slow(6, 300.0), x, -x, x + 1e5, 1e-6 * x)):
        values = _values(entry, x, y)
        seen = values[np.isfinite(values)]
        assert seen.size or number, f"{entry.name}: no value at all for whole signals"
        if not seen.size:
            continue
        assert low <= seen.min(), f"{entry.name}: {seen.min():g} lies under {low:g}"
        assert seen.max() <= high, f"{entry.name}: {seen.max():g} lies over {high:g}"


def scale_freedom_is_as_declared(entry: Method) -> None:
    """Gain and offset of either person change nothing, or the method says that they do."""
    x, y = _slow(7, 300.0), _slow(8, 300.0)
    plain, scaled = _values(entry, x, y), _values(entry, 3.0 * x + 40.0, 0.2 * y - 7.0)
    same = plain.shape == scaled.shape and np.allclose(plain, scaled, atol=1e-8, equal_nan=True)
    assert same == entry.scale_free, f"{entry.name}: declared scale_free={entry.scale_free}"


def swapping_is_as_declared(entry: Method) -> None:
    """Exchanging the two people does what the method says it does."""
    x, y = _slow(9, 300.0), _slow(10, 300.0)
    there, back = _values(entry, x, y), _values(entry, y, x)
    same = np.allclose(there, back, equal_nan=True)
    mirrored = "lag" in entry.dims and np.allclose(
        there, np.flip(back, entry.dims.index("lag")), equal_nan=True
    )
    found = "same" if same else "mirror_lag" if mirrored else "differs"
    assert found == entry.swap, f"{entry.name}: swapping gives {found!r}, declared {entry.swap!r}"


def strangers_do_not_look_alike(entry: Method) -> None:
    """Two unrelated signals around 70 and 80 sit near the method's own zero."""
    rng = np.random.default_rng(2)
    means = [
        np.nanmean(_values(entry, 70 + rng.standard_normal(800), 80 + rng.standard_normal(800)))
        for _ in range(20)
    ]
    span = _span(entry, np.array(means))
    assert abs(np.mean(means) - entry.chance) < 0.1 * span, (
        f"{entry.name}: strangers score {np.mean(means):.2f}, declared {entry.chance:.2f}"
    )


def lag_points_from_leader_to_follower(entry: Method) -> None:
    """Where the second person follows by 2 s the profile peaks at +2 s, at any rate."""
    if "lag" not in entry.dims or entry.profile is None:
        return
    for rate_hz in (4.0, 7.5):
        leader, follower = _delayed_pair(11, 2.0, rate_hz)
        for x, y, want in ((leader, follower, 2.0), (follower, leader, -2.0)):
            c = _couple(entry, x, y, rate_hz)
            lags = c.coords["lag"]
            found = float(lags[np.nanargmax(entry.profile(c))])
            assert abs(found - want) <= 0.5 + 1e-9, (
                f"{entry.name}: peak at {found:g} s at {rate_hz:g} Hz, planted {want:g} s"
            )


def gaps_stay_gaps(entry: Method) -> None:
    """Tell a missing minute, never bridge it, and leave the rest of the session untouched."""
    x, y = _slow(13, 600.0), _slow(14, 600.0)
    whole = _couple(entry, x, y)
    for who in (0, 1):
        pair = [x.copy(), y.copy()]
        pair[who][1000:1240] = np.nan  # 250 s to 310 s
        c = _couple(entry, pair[0], pair[1])
        assert c.values.shape == whole.values.shape, f"{entry.name}: a gap shortens the result"
        if "time" not in c.dims:
            continue
        axis = c.dims.index("time")
        times = c.coords["time"]
        inside = np.take(c.values, np.flatnonzero(np.abs(times - 280.0) < 8.0), axis)
        assert np.isnan(inside).all(), f"{entry.name}: values inside a gap"
        far = np.flatnonzero(
            (times + c.reach_s[1] < 250.0 - 1e-9) | (times - c.reach_s[0] > 310.0 + 1e-9)
        )
        assert np.allclose(
            np.take(c.values, far, axis), np.take(whole.values, far, axis), equal_nan=True
        ), f"{entry.name}: a gap changes values that did not see it"
        assert c.coverage is not None, f"{entry.name}: does not tell its coverage"
        near = np.flatnonzero(np.abs(times - 280.0) < 8.0)
        told = np.take(c.coverage, near, axis)
        assert told.size == 0 or told.max() < 0.8, f"{entry.name}: coverage hides a gap"


def nothing_gives_nothing(entry: Method) -> None:
    """Give NaN and no error for a person without a single sample, or one who never changes."""
    x = _slow(15, 300.0)
    for y in (np.full(x.size, np.nan), np.full(x.size, 3.3)):
        for a, b in ((x, y), (y, x)):
            c = _couple(entry, a, b)
            assert np.isnan(c.values).all(), f"{entry.name}: a value from nothing"
            found = entry.summarise(c)
            kept = [k for k, v in found.items() if np.isfinite(v)]
            assert not kept, f"{entry.name}: statistics {kept} from nothing"


def missing_is_not_zero(entry: Method) -> None:
    """Scattered missing samples move the values a little; read as 0 they would move them far."""
    x, y = _delayed_pair(16, 0.0, _RATE_HZ)
    gappy = x + 50.0
    gappy[np.random.default_rng(17).random(x.size) < 0.02] = np.nan
    full, holed = _values(entry, x + 50.0, y), _values(entry, gappy, y)
    both = np.isfinite(full) & np.isfinite(holed)
    assert both.mean() > 0.5, f"{entry.name}: a few missing samples take most values away"
    apart = float(np.median(np.abs(full[both] - holed[both])))
    span = _span(entry, full)
    assert apart < 0.1 * span, f"{entry.name}: 2 % missing moves values by {apart:.2f}"


def input_is_not_changed(entry: Method) -> None:
    """Only read the signals; read-only ones will do."""
    x, y = _slow(18, 300.0), _slow(19, 300.0)
    x[40:60] = np.nan
    before = x.copy(), y.copy()
    _couple(entry, x, y)
    for now, then in zip((x, y), before, strict=True):
        assert np.array_equal(now, then, equal_nan=True), f"{entry.name}: changes its input"
    x.flags.writeable = y.flags.writeable = False
    _couple(entry, x, y)


def bad_input_is_refused(entry: Method) -> None:
    """Refuse by name what cannot be computed; do not mend it, do not crash."""
    x = _slow(20, 300.0)
    infinite = x.copy()
    infinite[3] = np.inf
    bad: tuple[tuple[str, Array, Array, float], ...] = (
        ("two lengths", x, x[:-1], _RATE_HZ),
        ("one sample", x[:1], x[:1], _RATE_HZ),
        ("no samples", x[:0], x[:0], _RATE_HZ),
        ("infinite values", infinite, x, _RATE_HZ),
        ("a rate of 0", x, x, 0.0),
        ("a rate of NaN", x, x, float("nan")),
    )
    for what, a, b, rate_hz in bad:
        try:
            _couple(entry, a, b, rate_hz)
        except InputError:
            continue
        raise AssertionError(f"{entry.name}: takes {what}")
    try:
        entry.settle({"no_such_option": 1})
    except InputError:
        return
    raise AssertionError(f"{entry.name}: takes an option it does not have")


METHOD_CHECKS: tuple[Callable[[Method], None], ...] = (
    page_is_complete,
    citations_resolve,
    options_carry_their_unit,
    sentence_tells_every_option,
    coupling_is_as_declared,
    summary_is_as_declared,
    values_stay_within_bounds,
    scale_freedom_is_as_declared,
    swapping_is_as_declared,
    strangers_do_not_look_alike,
    lag_points_from_leader_to_follower,
    gaps_stay_gaps,
    nothing_gives_nothing,
    missing_is_not_zero,
    input_is_not_changed,
    bad_input_is_refused,
)
"""Every promise of a synchrony method; a plug-in's tests run them over its own entries."""
