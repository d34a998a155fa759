import numpy as np
import pytest
from numpy.testing import assert_array_equal

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.core.signal import Signal
from syntony.simulate.spoil import add_detachment, add_gaps, add_motion, lose_share, spoil


def still(hours=100.0, rate_hz=4.0):
    n = int(hours * 3600 * rate_hz)
    return Signal(
        values=np.full(n, 5.0), rate_hz=rate_hz, start_s=2.5, unit="uS", kind="eda", person="P01"
    )


def inside(signal, spans):
    where = np.zeros(signal.values.size, bool)
    for s in spans:
        first, last = (round((t - signal.start_s) * signal.rate_hz) for t in (s.start_s, s.stop_s))
        where[first:last] = True
    return where


@pytest.mark.parametrize("add", [add_motion, add_detachment, add_gaps])
def test_faults_come_at_their_rate_and_only_where_the_list_says(add):
    before = still()
    after, spans = add(before, rng_for(1, add.__name__), per_hour=3)
    assert abs(len(spans) - 300) < 4 * np.sqrt(300)
    changed = ~(after.values == before.values)
    where = inside(after, spans)
    assert not changed[~where].any()
    assert changed[where].mean() > 0.95
    assert {s.person for s in spans} == {"P01"}
    assert (before.values == 5.0).all()


def test_gaps_are_missing_and_detached_sensors_read_almost_nothing():
    gappy, gaps = add_gaps(still(), rng_for(2, "gaps"), per_hour=2)
    assert_array_equal(np.isnan(gappy.values), inside(gappy, gaps))
    off, spans = add_detachment(still(), rng_for(2, "off"), per_hour=2)
    low = off.values[inside(off, spans)]
    assert low.min() >= 0
    assert low.max() < 0.05


def test_motion_jumps_and_dies_away():
    shaken, spans = add_motion(still(), rng_for(2, "motion"), per_hour=1)
    first = round((spans[0].start_s - 2.5) * 4)
    jump = np.abs(shaken.values[first] - 5.0)
    assert jump > 0.5
    assert abs(shaken.values[first + 15] - 5.0) < 0.05 * jump


def test_what_is_missing_stays_missing():
    values = np.full(14_400, 5.0)
    values[::3] = np.nan
    holes = Signal(values=values, rate_hz=4.0, start_s=0.0, unit="uS", kind="eda", person="P01")
    after, _ = spoil(
        holes, rng_for(3, "nan"), motion_per_hour=60, detached_per_hour=60, gaps_per_hour=0
    )
    assert_array_equal(np.isnan(after.values), np.isnan(values))


def test_spoil_lists_all_kinds_by_start_and_repeats():
    one, spans = spoil(still(), rng_for(4, "all"))
    two, again = spoil(still(), rng_for(4, "all"))
    assert_array_equal(one.values, two.values)
    assert spans == again
    assert {s.label for s in spans} == {"motion", "detached", "gap"}
    assert [s.start_s for s in spans] == sorted(s.start_s for s in spans)


def test_a_negative_rate_is_refused():
    with pytest.raises(InputError, match="per_hour"):
        add_gaps(still(1), rng_for(1), per_hour=-1)


def test_a_share_of_the_time_is_lost_in_stretches():
    whole = Signal(
        values=np.ones(4 * 3600 * 20), rate_hz=4.0, start_s=2.0, unit="uS", kind="eda", person="P01"
    )
    for share in (0.05, 0.3, 0.8):
        lossy, where = lose_share(whole, np.random.default_rng(7), share=share)
        assert abs(1 - lossy.valid_share - share) < 0.03
        inside = np.zeros(whole.values.size, dtype=bool)
        for span in where:
            assert 9.7 <= span.stop_s - span.start_s <= 60.3 or span in (where[0], where[-1])
            first, last = (round((t - 2.0) * 4) for t in (span.start_s, span.stop_s))
            inside[first:last] = True
        assert (np.isnan(lossy.values) == inside).all()
    same, nowhere = lose_share(whole, np.random.default_rng(7), share=0.0)
    assert same is whole
    assert nowhere == ()
    with pytest.raises(InputError, match="share"):
        lose_share(whole, np.random.default_rng(7), share=1.0)
