import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference import recurrence as reference
from shared import SHARED, needs_shared

from syntony.core.errors import InputError
from syntony.synchrony._recurrence import largest_square
from syntony.synchrony.recurrence import crqa, recurrence_profile
from syntony.synchrony.registry import get


def slow(seed, n, width=12):
    noise = np.random.default_rng(seed).standard_normal(n + width - 1)
    return np.convolve(noise, np.ones(width) / width, "valid")


def by_definition(x, y, *, size, dimension, delay, rate, norm="euclidean", theiler=0, reach=5):
    """Profile, coverage and measures of standardised block means, all pairs in a matrix."""
    least = max(1, math.ceil(0.5 * size))
    a, b = (reference.standardised(reference.block_means(v, size, least), 1)[None] for v in (x, y))
    d = reference.distances(a, b, dimension, delay, norm)
    n = len(d)
    cells = reference.countable(d, (1 - n, n - 1), theiler)
    near = cells & (d <= reference.rank_distance(d, cells, rate))
    profile, coverage = [], []
    for k in range(-reach, reach + 1):
        pairs = np.diagonal(cells, k).sum()
        coverage.append(pairs / (n - abs(k)))
        enough = pairs and coverage[-1] >= 0.5
        profile.append(np.diagonal(near, k).sum() / pairs if enough else np.nan)
    along = reference.measures(reference.diagonal_runs(near), near.sum(), 2)
    down = reference.measures(reference.row_runs(near), near.sum(), 2)
    return np.array(profile), np.array(coverage), near.sum() / cells.sum(), along, down


@pytest.mark.parametrize("missing", [0.0, 0.08])
@pytest.mark.parametrize(
    ("rate_hz", "size", "options"),
    [
        (4.0, 4, {}),
        (6.7, 6, {"dimension": 2, "delay_s": 3.0, "norm": "maximum"}),
        (1.0, 1, {"dimension": 1, "rate": 0.11, "theiler_s": 3.0}),
    ],
)
def test_it_does_what_the_definition_says(rate_hz, size, options, missing):
    n = 151 * size + 3
    x, y = 1e5 + 1e-2 * slow(1, n), slow(2, n)
    x[np.random.default_rng(3).random(n) < missing] = np.nan
    y[30 * size : 30 * size + 9 * round(100 * missing)] = np.nan
    c = crqa(x, y, rate_hz=rate_hz, **options)
    at_hz = rate_hz / size
    assert c.options["thin_to_hz"] == at_hz
    dimension, delay_s = options.get("dimension", 3), options.get("delay_s", 2.0)
    profile, coverage, rr, along, down = by_definition(
        x,
        y,
        size=size,
        dimension=dimension,
        delay=round(delay_s * at_hz),
        rate=options.get("rate", 0.05),
        norm=options.get("norm", "euclidean"),
        theiler=round(options.get("theiler_s", 0.0) * at_hz),
        reach=math.floor(5.0 * at_hz),
    )
    assert_allclose(c.values, profile, rtol=1e-14)
    assert_allclose(c.coverage, coverage, rtol=1e-14)
    found = get("crqa").summarise(c)
    for name, want in {
        "rr": rr,
        "det": along["share"],
        "n_lines": along["count"],
        "max_line_s": along["longest"] / at_hz,
        "mean_line_s": along["mean"] / at_hz,
        "entropy": along["entropy"],
        "relative_entropy": along["relative"],
        "lam": down["share"],
        "trapping_time_s": down["mean"] / at_hz,
    }.items():
        assert_allclose(found[name], want, rtol=1e-12, err_msg=name)
    assert_allclose(c.parts["mean_line_all_s"], along["mean_all"] / at_hz, rtol=1e-12)
    assert_allclose(c.parts["vertical_entropy"], down["entropy"], rtol=1e-12)
    assert_allclose(c.parts["max_vertical_s"], down["longest"] / at_hz, rtol=1e-12)
    lags, there = c.coords["lag"], np.isfinite(profile)
    assert_allclose(found["rr_near"], np.nanmean(profile), rtol=1e-12)
    assert found["peak_rr"] == c.values[there].max()
    assert found["best_lag_s"] == lags[np.nanargmax(c.values)]
    first, second = np.nanmean(profile[lags > 0]), np.nanmean(profile[lags < 0])
    assert_allclose(found["leading"], first - second, atol=1e-14)


@pytest.mark.parametrize("thin_to_hz", [1.0, 2.0, 0.0])
@pytest.mark.parametrize("dimension", [1, 3])
def test_lag_points_from_leader_to_follower(thin_to_hz, dimension):
    leader = slow(4, 2408, 24)
    x, y = leader[8:], leader[:-8]
    options = {"rate_hz": 4.0, "thin_to_hz": thin_to_hz, "dimension": dimension}
    there, back = crqa(x, y, **options), crqa(y, x, **options)
    assert get("crqa").summarise(there)["best_lag_s"] == 2.0
    assert get("crqa").summarise(there)["leading"] > 0.01
    assert get("crqa").summarise(back)["best_lag_s"] == -2.0
    assert get("crqa").summarise(back)["leading"] < -0.01
    assert_array_equal(there.values, back.values[::-1])


def test_a_state_that_lacks_a_sample_is_no_state():
    x, y = slow(5, 400), slow(6, 400)
    options = {"rate_hz": 1.0, "threshold": "radius", "normalise": "none", "radius": 0.1}
    whole = crqa(x, y, **options)
    x[100:140] = np.nan
    holed = crqa(x, y, **options)
    assert_allclose(holed.coverage[5], 1 - 44 / 396)  # states of three samples 2 s apart
    far = crqa(x, y, **options, denominator="full")
    assert_allclose(
        far.parts["rr"] * 396**2, holed.parts["rr"] * (396 - 44) * 396, rtol=1e-12
    )  # the same matches, over fewer pairs
    assert 0 < holed.parts["rr"] != whole.parts["rr"]
    x[100:320] = np.nan
    scarce = crqa(x, y, **options)
    assert np.isnan(scarce.values).all()
    assert math.isnan(get("crqa").summarise(scarce)["det"])
    some = crqa(x, y, **options, min_coverage=0.3)
    assert np.isfinite(some.values).all()


def test_sides_and_the_theiler_window_leave_lags_out():
    x, y = slow(7, 300), slow(8, 300)
    options = {"rate_hz": 1.0, "threshold": "radius", "radius": 0.5}
    both = crqa(x, y, **options)
    ahead = crqa(x, y, **options, side="second_follows")
    behind = crqa(x, y, **options, side="first_follows", theiler_s=2.0)
    lags = both.coords["lag"]
    assert_array_equal(np.isnan(ahead.values), lags < 0)
    assert_array_equal(ahead.values[lags >= 0], both.values[lags >= 0])
    assert_array_equal(np.isnan(behind.values), lags > -2)
    assert math.isnan(get("crqa").summarise(ahead)["leading"])
    n = 296
    full = crqa(x, y, **options, side="second_follows", denominator="full")
    assert_allclose(full.parts["rr"] * n**2, ahead.parts["rr"] * n * (n + 1) / 2, rtol=1e-12)


@pytest.mark.parametrize(
    ("rescale", "what"),
    [
        ("mean", lambda d: d.mean()),
        ("max", lambda d: d.max()),
        ("min", lambda d: d.min()),
        ("mean_apart", lambda d: d.sum() / (d.size - len(d))),
    ],
)
def test_the_radius_is_a_multiple_of_a_statistic_of_the_distances(rescale, what):
    x, y = slow(9, 200), slow(10, 200)
    options = {"rate_hz": 1.0, "threshold": "radius", "normalise": "unit_interval"}
    c = crqa(x, y, **options, rescale=rescale, radius=0.3)
    a, b = ((v - v.min())[None] / np.ptp(v) for v in (x, y))
    d = reference.distances(a, b, 3, 2, "euclidean")
    assert_allclose(c.parts["radius"], 0.3 * what(d), rtol=1e-13)
    assert_allclose(c.parts["rr"], (d <= c.parts["radius"]).mean(), rtol=1e-12)


def test_windows_are_cut_from_the_session_at_its_radius():
    x, y = slow(11, 600), slow(12, 600)
    y[300:380] = np.nan
    options = {"rate_hz": 1.0, "normalise": "none", "threshold": "radius", "radius": 0.25}
    parts = crqa(x, y, window_s=100.0, step_s=50.0, **options).parts
    assert_allclose(parts["window_time_s"], 50.0 + 50.0 * np.arange(11))
    assert np.isnan(parts["window_rr"][6])
    for w in (0, 4, 10):
        piece = slice(50 * w, 50 * w + 100)
        alone = crqa(x[piece], y[piece], **options).parts
        assert_allclose(parts["window_rr"][w], alone["rr"], rtol=1e-13)
        assert_allclose(parts["window_det"][w], alone["det"], rtol=1e-13)
    assert "window_rr" not in crqa(x, y, **options).parts


def test_several_channels_of_each_person():
    x, y = np.array([slow(13, 250), slow(14, 250)]), np.array([slow(15, 250), slow(16, 250)])
    x[1, 40:44] = np.nan
    c = crqa(x, y, rate_hz=1.0, threshold="radius", radius=0.6, dimension=2)
    x[0, 40:44] = np.nan  # what one channel lacks, the state lacks
    a, b = (np.array([reference.standardised(v, 1) for v in u]) for u in (x, y))
    a[0] = reference.standardised(np.where(np.isnan(x[0]), np.nan, x[0]), 1)
    d = reference.distances(a, b, 2, 2, "euclidean")
    assert_allclose(c.parts["rr"], (d <= 0.6).sum() / np.isfinite(d).sum(), rtol=1e-12)


@needs_shared("data/crqa-joint-action")
def test_listeners_look_where_the_narrator_looked():
    path = SHARED / "data/crqa-joint-action/eyemovement.csv"
    gaze = np.genfromtxt(path, delimiter=",", names=True)
    c = crqa(
        gaze["narrator"],
        gaze["listener"],
        rate_hz=1.0,  # not told: seconds are samples
        max_lag_s=100.0,
        thin_to_hz=0.0,
        dimension=1,
        normalise="none",
        threshold="radius",
        radius=0.0,
    )
    same = gaze["narrator"][:-10] == gaze["listener"][10:]
    assert_allclose(c.values[110], same.mean(), rtol=1e-14)
    assert get("crqa").summarise(c)["best_lag_s"] > 0


def test_squares_are_compared_as_roots_would_be():
    for radius in (0.3, 0.1, 1.2, 1e-9, 7.0, 0.0):
        square = largest_square(radius)
        assert math.sqrt(square) <= radius
        assert math.sqrt(math.nextafter(square, math.inf)) > radius


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-1e3, 1e3), st.integers(1, 3))
def test_scale_offset_and_order_do_not_matter(seed, gain, offset, dimension):
    x, y = slow(seed, 90), slow(seed + 1, 90)
    x[20:23] = np.nan
    options = {"rate_hz": 1.0, "dimension": dimension}
    plain = crqa(x, y, **options)
    assert_allclose(crqa(gain * x + offset, y, **options).values, plain.values, atol=1e-12)
    assert_allclose(crqa(y, x, **options).values[::-1], plain.values, atol=1e-12)
    assert plain.parts["rr"] >= 0.05
    assert np.nanmax(plain.values) <= 1.0
    assert_array_equal(recurrence_profile(plain), plain.values)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"dimension": 0}, r"dimension=0: expected a whole number, 1 or more"),
        ({"dimension": 2.5}, r"dimension=2.5: expected a whole number"),
        ({"dimension": 60}, r"dimension=60: expected few enough that 3 states fit"),
        ({"delay_s": 0.1}, r"delay_s=0.1: expected at least 1 s"),
        ({"rate": 0.0}, r"rate=0.0: expected a share above 0"),
        ({"radius": math.nan}, r"radius=nan: expected a number, 0 or more"),
        ({"norm": "city"}, r"norm='city': expected one of"),
        ({"side": "upper"}, r"side='upper': expected one of"),
        ({"max_lag_s": 97.0}, r"max_lag_s=97.0: expected less than 96 s"),
        ({"window_s": 6.0}, r"window_s=6.0: expected at least 7 s"),
        ({"window_s": 200.0}, r"window_s=200.0: expected at most 100 s"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(options, says):
    x = slow(17, 100)
    with pytest.raises(InputError, match=says):
        crqa(x, x, rate_hz=1.0, **options)
