"""From a hand on a scale to a signal of the study; nothing is written over."""

import numpy as np
import pytest
from coding_study import make_coding_study

from syntony.core.errors import FileError, InputError
from syntony.core.rated import ratings_of
from syntony.io.hashing import sha256_of
from syntony.io.rating_log import RatingLog, unfinished
from syntony.io.study import load_session, open_study
from syntony.io.tsv import read_tsv
from syntony.pipeline.rating import (
    add_samples,
    begin_rating,
    drop_rating,
    finish_rating,
    kept_rating,
    rating_sheet,
)


@pytest.fixture
def root(tmp_path):
    """A study of two people and 120 s."""
    return make_coding_study(tmp_path / "study")


def log(**more):
    """A rating of the patient by the therapist."""
    facts = {"session": "d01s01", "person": "P01", "what": "valence", "rater": "therapist",
             "rate_hz": 10.0, "low": -100.0, "high": 100.0}  # fmt: skip
    return RatingLog(**(facts | more))


def rate(root, values, one=None, first=0):
    """Rate from beginning to end."""
    begun, _ = begin_rating(root, one or log())
    add_samples(root, "d01s01", begun.id, first, values)
    return finish_rating(root, "d01s01", begun.id)


def test_a_rating_is_a_signal_of_the_study_and_its_log_the_original(root):
    values = [round(50 * np.sin(k / 9), 1) for k in range(80)]
    rate(root, values, first=12)
    session = load_session(open_study(root), "d01s01")
    (found,) = ratings_of(session.signals, session.people)
    assert (found.what, found.about.id, found.rater) == ("valence", "P01", "therapist")
    assert (found.signal.rate_hz, found.signal.start_s) == (10.0, 1.2)
    np.testing.assert_array_equal(found.signal.values, values)
    assert unfinished(root, "d01s01") == []
    _, rows = read_tsv(root / "sourcedata/ratings/sources.tsv", ["file", "sha256"])
    (row,) = rows
    kept = root / "sourcedata/ratings" / row.text("file")
    assert sha256_of(kept) == row.text("sha256")
    assert kept.read_text("utf-8").count("\n") == 81
    np.testing.assert_array_equal(
        kept_rating(root, "d01s01", "P01", "valence_by_therapist").values, values
    )


def test_a_rating_that_never_moves_is_one_too(root):
    assert set(rate(root, [0.0] * 40).values) == {0.0}


def test_nothing_is_written_over(root):
    rate(root, [1.0] * 30)
    with pytest.raises(FileError, match="never written over"):
        begin_rating(root, log())
    begin_rating(root, log(rater="kim"))  # another rater is another signal


def test_a_rater_named_by_the_rated_persons_role_is_that_person(root):
    begun, following = begin_rating(root, log(rater="patient"))
    assert (begun.rater, following) == ("self", 0)
    rate(root, [1.0] * 30, log(rater="self"))
    with pytest.raises(FileError):
        begin_rating(root, log(rater="P01"))


def test_samples_after_the_end_are_left_out_and_short_ones_refused(root):
    begun, _ = begin_rating(root, log())
    with pytest.raises(InputError, match="two samples"):
        finish_rating(root, "d01s01", begun.id)
    add_samples(root, "d01s01", begun.id, 1195, [3.0] * 10)
    with pytest.raises(InputError, match="at least 2 s"):
        finish_rating(root, "d01s01", begun.id)
    drop_rating(root, "d01s01", begun.id)
    signal = rate(root, [3.0] * 100, first=1150)
    assert signal.values.size == 50
    assert signal.stop_s == 120.0


def test_a_rater_is_told_of_their_own_only(root):
    rate(root, [1.0] * 30, log(rater="kim"))
    rate(root, [2.0] * 30, log(rater="lee"))
    begin_rating(root, log(rater="lee", what="arousal"))
    everything = rating_sheet(root, "d01s01")
    assert everything.kept == (("P01", "valence_by_kim"), ("P01", "valence_by_lee"))
    mine = rating_sheet(root, "d01s01", rater="kim")
    assert mine.kept == (("P01", "valence_by_kim"),)
    assert mine.begun == ()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"person": "X"}, "P01"),
        ({"session": "d09"}, "d01s01"),
        ({"rater": "a/b"}, "letters"),
        ({"what": "how nice"}, "letters"),
        ({"rater": "raters"}, "letters"),
    ],
)
def test_what_cannot_be_kept_is_refused(root, more, told):
    with pytest.raises(InputError, match=told):
        begin_rating(root, log(**more))


def test_only_a_rating_of_this_session_can_be_fed(root):
    begun, _ = begin_rating(root, log())
    with pytest.raises(InputError, match="id="):
        add_samples(root, "d01s02", begun.id, 0, [1.0])
    with pytest.raises(InputError, match="id="):
        add_samples(root, "d01s01", "../../study", 0, [1.0])
    with pytest.raises(InputError, match="one of"):
        kept_rating(root, "d01s01", "P01", "eda")
