"""Codes to tracks: the twin, the borders of a second, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference import link as reference

from syntony.core.errors import InputError
from syntony.core.session import Span
from syntony.link.codes import CLASSES, VALENCES, four_classes, pick_coder, valence_track

BOOK = {"pos": "positive", "neu": "neutral", "neg": "negative"}
LABELS = list(BOOK)


def spans_of(rows, person="P", coder="kim"):
    return [
        Span(label=LABELS[v], start_s=a, stop_s=b, person=person, coder=coder) for a, b, v in rows
    ]


def track(rows, seconds):
    return valence_track(spans_of(rows), "P", seconds=seconds, code_book=BOOK).tolist()


@st.composite
def tiers(draw):
    """Codes one after the other on whole milliseconds, with and without pauses."""
    cuts = draw(st.lists(st.integers(0, 6000), min_size=2, max_size=12, unique=True).map(sorted))
    rows = []
    for start, stop in pairwise(cuts):
        if draw(st.booleans()) or not rows:
            rows.append((start / 1000, stop / 1000, draw(st.integers(0, 2))))
    return rows


@settings(deadline=None, max_examples=60)
@given(tiers())
@example([(0.001, 0.002, 0), (0.002, 0.031, 0), (0.031, 0.461, 1), (0.464, 0.504, 2)])  # just half
def test_track_is_what_every_millisecond_says(rows):
    assert track(rows, 6) == reference.valence_track(rows, 6)


def test_a_code_per_second_is_copied():
    rng = np.random.default_rng(3)
    valences = rng.integers(0, 3, 400)
    assert track([(k, k + 1, v) for k, v in enumerate(valences)], 400) == valences.tolist()


@pytest.mark.parametrize(
    ("rows", "want"),
    [
        ([(0.0, 1.5, 0)], [0, 0, -1]),  # half a second is enough
        ([(0.0, 1.499, 0)], [0, -1, -1]),
        ([(0.0, 1.3, 0), (1.3, 2.0, 2)], [0, 2, -1]),  # the longer cover
        ([(0.0, 1.5, 2), (1.5, 3.0, 0)], [2, 2, 0]),  # the first of two alike
        ([(0.0, 1.5, 0), (1.5, 3.0, 2)], [0, 0, 2]),
        ([(1.0, 1.3, 0), (1.3, 1.6, 2), (1.6, 1.9, 0)], [-1, 0, -1]),  # covers add up
        ([(0.1, 0.3, 0), (0.6, 0.8, 2)], [-1, -1, -1]),  # less than half is coded
    ],
)
def test_a_second_partly_or_doubly_covered(rows, want):
    assert track(rows, 3) == want


def test_a_code_may_end_inside_the_last_broken_second():
    assert track([(0.0, 3.7, 1)], 3) == [1, 1, 1]


def test_milliseconds_of_overlap_by_rounding_are_let_pass():
    assert track([(0.0, 1.0005, 0), (1.0, 2.0, 2)], 2) == [0, 2]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(0.0, 2.0, 0), (1.5, 3.0, 2)], r"pos 0-2 s and neg 1.5-3 s"),
        ([(2.0, 11.0, 0)], r"pos 2-11 s.*inside the session, 0 to 10 s"),
        ([(-1.0, 2.0, 2)], r"neg -1-2 s.*inside the session"),
        ([(4.0, 4.0, 2)], r"neg 4-4 s.*codes that last"),
    ],
)
def test_codes_that_cannot_be_laid_on_seconds_are_named(rows, message):
    with pytest.raises(InputError, match=message):
        track(rows, 10)


def test_a_code_that_the_book_lacks_is_listed():
    spans = [Span(label=name, start_s=0, stop_s=1, person="P") for name in ("joy", "awe")]
    with pytest.raises(InputError, match=r"codes of P=\['awe', 'joy'\].*\['neg', 'neu', 'pos'\]"):
        valence_track(spans, "P", seconds=4, code_book=BOOK)
    with pytest.raises(InputError, match="code_book=\\['good'\\]"):
        valence_track(spans, "P", seconds=4, code_book={"joy": "good", "awe": "good"})


def test_codes_of_others_and_of_other_coders_are_left_aside():
    spans = (
        spans_of([(0.0, 2.0, 0)], coder="ada")
        + spans_of([(0.0, 2.0, 2)], coder="kim")
        + spans_of([(0.0, 2.0, 1)], person="T", coder="ada")
        + [Span(label="phase one", start_s=0.0, stop_s=2.0)]
    )
    kwargs = {"seconds": 2, "code_book": BOOK}
    assert valence_track(spans, "P", **kwargs).tolist() == [0, 0]  # ada is the first by name
    assert valence_track(spans, "P", coder="kim", **kwargs).tolist() == [2, 2]
    assert valence_track(spans, "nobody", **kwargs).tolist() == [-1, -1]
    with pytest.raises(InputError, match=r"coder='kim': expected one of \['ada'\]"):
        valence_track(spans, "T", coder="kim", **kwargs)
    assert pick_coder(spans) == "ada"
    assert pick_coder([]) == ""


@given(st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 2)), max_size=40))
def test_classes_are_as_defined_and_do_not_mind_the_order_of_people(pairs):
    a, b = (np.array([p[i] for p in pairs], dtype=np.int64) for i in (0, 1))
    got = four_classes(a, b)
    assert [CLASSES[k] for k in got] == reference.four_classes(a, b)
    assert got.tolist() == four_classes(b, a).tolist()


def test_tracks_of_two_lengths_are_refused():
    with pytest.raises(InputError, match="track_b"):
        four_classes(np.zeros(3, dtype=int), np.zeros(4, dtype=int))


def test_names_of_valences_are_those_of_the_recipe():
    from syntony.config import Emotion

    assert set(Emotion().code_book.values()) == set(VALENCES)
