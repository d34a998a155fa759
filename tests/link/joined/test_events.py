"""Event-locked averages: the twin, counts by cause, planted courses, ties."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from reference import joined as reference

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.link.joined.events import EventCount, Window, count_events, locked, onsets
from syntony.link.joined.findings import event_finding, sum_counts
from syntony.link.joined.pool import pool
from syntony.surrogates.codes import rotation_offsets

WINDOW = Window(before_s=10, after_s=20, bin_s=5)


def flicker(rng, seconds, mean_s=15):
    """A code that goes on and off, uncoded at times."""
    out = np.empty(0, dtype=np.int64)
    while out.size < seconds:
        out = np.append(out, np.full(1 + rng.geometric(1 / mean_s), rng.choice([1, 0, 0, 0, -1])))
    return out[:seconds]


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.15])
@pytest.mark.parametrize("seconds", [211, 340])
def test_every_turn_is_that_of_the_definition(missing, seconds):
    rng = np.random.default_rng(3)
    values = np.cumsum(rng.standard_normal(seconds)) + 1e6
    values[rng.random(seconds) < missing] = np.nan
    values[:7] = np.nan
    codes = [flicker(rng, seconds), flicker(rng, seconds, mean_s=6)]
    shifts = rotation_offsets(seconds, 25, rng)
    found = locked(values, codes, shifts, window=WINDOW)
    compared = 0
    for k, code in enumerate(codes):
        every = np.array([reference.locked(values, code, t, 10, 20, 5) for t in range(seconds)])
        if np.isnan(every[0]).all():
            assert np.isnan(found[:, k]).all()  # nothing as coded: nothing to compare draws with
            continue
        compared += 1
        twin = np.array([reference.all_turns(every[:, b], shifts) for b in range(6)]).T
        assert_allclose(found[:, k], twin, atol=1e-6)
    assert compared


def test_onsets_are_left_out_for_one_cause_each():
    code = np.array([1, 0, 0, 1, 0, 1, -1, 1, 0, 0, 0, 0, 1])
    kept, overlap, unseen = onsets(code, apart_s=3)
    assert kept.tolist() == [3, 12] == reference.onsets(code, 3)
    assert (overlap, unseen) == (2, 1)  # at 5 and 7 soon after another; at 0 nobody saw before
    values = np.ones(400)
    values[200:225] = np.nan
    code = np.zeros(400, dtype=np.int64)
    code[[5, 100, 105, 210, 300, 395]] = 1
    code[299] = -1
    found = count_events(code, values, WINDOW)
    assert found == EventCount(found=6, used=1, overlap=1, unseen=1, edge=2, missing=1)


def test_a_course_after_onsets_is_found_where_it_lies_and_counted():
    tables, counts = [], []
    for d in range(8):
        rng = rng_for(1, "events", d)
        code = np.zeros(1500, dtype=np.int64)
        starts = np.sort(rng.choice(np.arange(40, 1440), 9, replace=False))
        for t in starts:
            code[t : t + 8] = 1
        values = rng.standard_normal(1500)
        for t in starts:
            values[t + 5 : t + 15] += 1.0
        shifts = rotation_offsets(1500, 499, rng)
        tables.append((f"d{d}", locked(values, [code], shifts, window=WINDOW)))
        counts.append(count_events(code, values, WINDOW))
    found, rows = event_finding(
        pool(tables), 0, sum_counts(counts), WINDOW, rng_for(2),
        label="shared_positive", outcome="synchrony", min_events=10, mean_s=20,
    )  # fmt: skip
    assert found.detail["beyond_s"] == [[5, 15]]
    assert found.detail["p_max"] == found.p_two / 2 == 0.002
    assert 0.3 < found.low < found.value < found.high < 0.6  # half of the window, less the mean
    assert [r["beyond"] for r in rows] == [False] * 3 + [True] * 2 + [False]
    assert all(r["band_low"] < r["null_low"] < r["null_high"] < r["band_high"] for r in rows)


def test_a_flat_course_is_never_significant():
    code = flicker(np.random.default_rng(4), 900)
    table = locked(np.full(900, 0.3), [code], rotation_offsets(900, 99, rng_for(1)), window=WINDOW)
    found, _ = event_finding(
        pool([("d1", table)]), 0, sum_counts([count_events(code, np.full(900, 0.3), WINDOW)]),
        WINDOW, rng_for(2), label="x", outcome="synchrony", min_events=1,
    )  # fmt: skip
    assert (found.p_one, found.p_two, found.detail["p_max"]) == (1.0, 1.0, 1.0)


def test_too_few_events_are_told_with_how_many_are_needed():
    code = np.zeros(600, dtype=np.int64)
    code[[100, 300]] = 1
    values = np.arange(600.0)
    table = locked(values, [code], np.array([70, 80]), window=WINDOW)
    found, rows = event_finding(
        pool([("d1", table)]), 0, sum_counts([count_events(code, values, WINDOW)]), WINDOW,
        rng_for(1), label="x", outcome="synchrony", min_events=10,
    )  # fmt: skip
    assert found.status == ("not testable: 2 events found, 2 can be used, at least 10 are needed")
    assert np.isnan(found.p_two)
    assert rows == []


def test_a_code_that_never_begins_has_no_average():
    table = locked(np.arange(300.0), [np.zeros(300, dtype=int)], np.array([70]), window=WINDOW)
    assert np.isnan(table).all()
    assert pool([("d1", table)]) is None


@pytest.mark.parametrize("wrong", [{"bin_s": 0}, {"before_s": 12}, {"after_s": 3, "bin_s": 5}])
def test_a_window_of_broken_bins_is_refused(wrong):
    with pytest.raises(InputError, match=r"bin"):
        Window(**{"before_s": 10, "after_s": 20, "bin_s": 5, **wrong})
