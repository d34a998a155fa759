"""Pooling: sessions in dyads, dyads alike, missing cells; seconds; phases."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from syntony.core.errors import InputError
from syntony.core.seeds import rng_for
from syntony.core.session import Span
from syntony.link.joined.phases import phase_columns, phase_parts, phase_table
from syntony.link.joined.pool import pool
from syntony.link.joined.seconds import CodedSeconds, per_second, standardised, talk_track


def coded(r, classes, **more):
    zero = np.zeros(r.size)
    track = np.zeros(r.size, dtype=np.int64)
    return CodedSeconds(
        session="s", dyad="d", r=r, scale="fisher_z", levels=(zero, zero), classes=classes,
        tracks=(track, track), **more,
    )  # fmt: skip


def test_a_dyad_counts_once_however_many_sessions_it_has():
    rng = np.random.default_rng(1)
    tables = [(d, rng.standard_normal((4, 3))) for d in ("a", "a", "b", "c")]
    tables[2][1][0, 1] = np.nan  # b has no observed value in the second place
    found = pool(tables)
    a = (tables[0][1] + tables[1][1]) / 2
    b, c = tables[2][1], tables[3][1]
    assert_allclose(found.mean, np.nanmean([a[0], b[0], c[0]], axis=0))
    assert_allclose(found.null[:, 0], (a[1:, 0] + b[1:, 0] + c[1:, 0]) / 3)
    assert_allclose(found.null[:, 1], (a[1:, 1] + c[1:, 1]) / 2)
    assert found.count((1,)) == 2
    assert found.sessions == 4
    assert pool([("a", np.full((3, 2), np.nan))]) is None
    assert pool([]) is None


def test_seconds_take_the_nearest_window_and_no_other():
    found = per_second(np.array([5.0, 10.0, 15.0]), np.array([1.0, np.nan, 3.0]), 20)
    assert np.isnan(found[:2]).all()
    assert (found[3:7] == 1).all()
    assert np.isnan(found[8:12]).all()
    assert (found[13:17] == 3).all()
    assert np.isnan(standardised(np.full(9, 70.0))).all()


def test_talk_turns_may_overlap_and_half_a_second_is_a_second():
    turns = [
        Span(label="speech", start_s=a, stop_s=b, person="P")
        for a, b in [(2.0, 4.0), (0.0, 0.5), (3.0, 3.4), (5.0, 5.3), (5.6, 5.8)]
    ]
    assert talk_track(turns, 6).tolist() == [True, False, True, True, False, True]


def test_the_phases_are_two_outcomes_each_beside_rotated_codes():
    rng = np.random.default_rng(3)
    classes = np.repeat(rng.integers(0, 4, 60), 20)
    r = np.tanh(0.3 * rng.standard_normal(1200) + 0.4 * (classes == 0))
    session = coded(r, classes)
    table = phase_table(session, rng_for(1), rotations=99, min_rotation_s=60.0, min_class_s=10.0)
    for p, part in enumerate(phase_parts(r)):
        inside = classes == 0
        assert table[0, p, 0] == pytest.approx(part[inside].mean() - part[~inside].mean())
    rows = phase_columns(table)
    assert rows[0]["in_phase_contrast"] > 0 > rows[0]["anti_phase_contrast"]
    assert rows[0]["in_phase_p_two"] == 0.02
    both = phase_parts(r)
    assert_allclose(both[0] - both[1], r)
    short = coded(r[:100], classes[:100])
    assert np.isnan(
        phase_table(short, rng_for(1), rotations=9, min_rotation_s=60.0, min_class_s=10.0)
    ).all()


def test_seconds_of_different_lengths_are_refused():
    with pytest.raises(InputError, match="one length"):
        coded(np.zeros(5), np.zeros(6, dtype=np.int64))


def test_codes_tell_what_is_not_coded_from_what_is_off():
    track = np.array([0, 2, -1, 1])
    session = CodedSeconds(
        session="s", dyad="d", r=np.zeros(4), scale="plain", levels=(np.zeros(4), np.zeros(4)),
        classes=np.array([0, 3, 4, 2]), tracks=(track, track),
    )  # fmt: skip
    found = session.codes(("patient", "therapist"))
    assert found["shared_positive"].tolist() == [1, 0, -1, 0]
    assert found["therapist negative"].tolist() == [0, 1, -1, 0]
