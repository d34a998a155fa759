"""A rating that grows by the second: what was appended is there, and sent twice is there once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.core.errors import FileError, InputError
from syntony.io.rating_log import (
    RatingLog,
    append_samples,
    begin_log,
    log_path,
    next_free,
    put_aside,
    read_facts,
    read_signal,
    unfinished,
)

NAN = float("nan")


def log(**more):
    """A rating of a patient by themself."""
    facts = {"session": "d01s01", "person": "P01", "what": "valence", "rater": "self",
             "rate_hz": 10.0, "low": -100.0, "high": 100.0}  # fmt: skip
    return RatingLog(**(facts | more))


def test_chunks_become_one_signal_with_gaps(tmp_path):
    one = log()
    assert begin_log(tmp_path, one) == 0
    assert append_samples(tmp_path, one, 5, [1.0, 2.5, NAN]) == 8
    assert append_samples(tmp_path, one, 10, [-100.0, 100.0]) == 12
    signal = read_signal(tmp_path, one)
    assert signal.start_s == 0.5
    assert signal.rate_hz == 10.0
    assert signal.kind == "valence_by_self"
    np.testing.assert_array_equal(signal.values, [1.0, 2.5, NAN, NAN, NAN, -100.0, 100.0])


def test_what_is_sent_twice_is_there_once_and_keeps_its_first_value(tmp_path):
    one = log()
    begin_log(tmp_path, one)
    append_samples(tmp_path, one, 0, [1.0, 2.0, 3.0])
    assert append_samples(tmp_path, one, 1, [7.0, 7.0, 4.0]) == 4
    assert append_samples(tmp_path, one, 0, [9.0]) == 4
    np.testing.assert_array_equal(read_signal(tmp_path, one).values, [1.0, 2.0, 3.0, 4.0])


def test_a_line_cut_off_by_a_crash_is_dropped(tmp_path):
    one = log()
    begin_log(tmp_path, one)
    append_samples(tmp_path, one, 0, [1.0, 2.0, 3.0])
    path = log_path(tmp_path, one.id)
    path.write_bytes(path.read_bytes()[:-4])  # "2,0.2000,3.0\n" cut in its value
    assert begin_log(tmp_path, one) == 2
    np.testing.assert_array_equal(read_signal(tmp_path, one).values, [1.0, 2.0])
    append_samples(tmp_path, one, 2, [5.0])
    np.testing.assert_array_equal(read_signal(tmp_path, one).values, [1.0, 2.0, 5.0])


def test_an_unfinished_one_is_taken_up_and_another_scale_refused(tmp_path):
    begin_log(tmp_path, log())
    append_samples(tmp_path, log(), 0, [1.0] * 25)
    assert [u.id for u in unfinished(tmp_path, "d01s01")] == [log().id]
    assert unfinished(tmp_path, "d01s02") == []
    assert begin_log(tmp_path, log()) == 25
    for other in (log(low=0.0), log(rate_hz=5.0)):
        with pytest.raises(InputError, match="same rate and scale"):
            begin_log(tmp_path, other)
    aside = put_aside(tmp_path, log())
    assert aside.read_text("utf-8").count("\n") == 26
    assert unfinished(tmp_path, "d01s01") == []
    assert begin_log(tmp_path, log()) == 0


@pytest.mark.parametrize("rate_hz", [0.05, 10.5, 0.0, NAN])
def test_rates_beyond_the_limits_are_refused(rate_hz):
    with pytest.raises(InputError, match="10 Hz"):
        log(rate_hz=rate_hz)


@pytest.mark.parametrize(("first", "values"), [(-1, [0.0]), (0, [101.0]), (0, [0.0] * 3001)])
def test_samples_that_cannot_be_are_refused(tmp_path, first, values):
    begin_log(tmp_path, log())
    with pytest.raises(InputError):
        append_samples(tmp_path, log(), first, values)
    assert next_free(tmp_path, log()) == 0


def test_names_are_never_paths(tmp_path):
    for name in ("../x", "a/b", ".hidden"):
        with pytest.raises(InputError, match="name of a rating"):
            read_facts(tmp_path, name)
    with pytest.raises(FileError, match="unfinished"):
        read_facts(tmp_path, "nobody")


@given(
    chunks=st.lists(
        st.tuples(st.integers(0, 60), st.lists(st.floats(-100, 100), min_size=1, max_size=20)),
        min_size=1,
        max_size=12,
    )
)
def test_any_order_of_requests_gives_each_number_its_first_value(tmp_path_factory, chunks):
    root = tmp_path_factory.mktemp("log")
    one, wanted, following = log(), {}, 0
    begin_log(root, one)
    for first, values in chunks:  # what a careful reader would write down, number by number
        for k, value in enumerate(values, start=first):
            if k < following:
                continue
            wanted[k] = value
        following = max(following, first + len(values))
        assert append_samples(root, one, first, values) == following
    signal = read_signal(root, one)
    start = min(wanted)
    assert round(signal.start_s * 10) == start
    np.testing.assert_array_equal(
        signal.values, [wanted.get(k, NAN) for k in range(start, max(wanted) + 1)]
    )
