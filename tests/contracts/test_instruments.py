"""Every questionnaire on the list keeps its promises, and the checks refuse a broken one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syntony.core.errors import InputError
from syntony.core.session import Answers
from syntony.link import instruments as full_list
from syntony.link import scoring
from syntony.link.instruments.registry import Scale, instrument, instruments
from syntony.link.keys import with_key
from syntony.link.scoring import scale_range, score


def ready(entry):
    """The instrument, with a made-up key (every other item) where the lab's is needed."""
    if all(s.reverse is not None for s in entry.scales):
        return entry
    return with_key(entry, {s.name: s.items[::2] for s in entry.scales if s.reverse is None})


ALL = [ready(entry) for entry in instruments().values()]
each = pytest.mark.parametrize("entry", ALL, ids=lambda e: e.name)


def answers_to(entry, values):
    items = dict(zip(entry.items, values, strict=True))
    return Answers(instrument=entry.name, person="P", items=items)


def allowed_answers(entry):
    whole = range(int(entry.low), int(entry.high) + 1)
    return [v for v in whole if v or not entry.no_zero]


def scores_stay_on_the_scale(entry, values):
    for scale, got in zip(entry.scales, score(answers_to(entry, values), entry), strict=True):
        low, high = scale_range(entry, scale)
        assert low - 1e-9 <= got.value <= high + 1e-9, (scale.name, got.value)


def mirrored_answers_mirror_scores(entry, values):
    turned = [entry.low + entry.high - v for v in values]
    here, there = (score(answers_to(entry, v), entry) for v in (values, turned))
    for scale, a, b in zip(entry.scales, here, there, strict=True):
        low, high = scale_range(entry, scale)
        assert abs((a.value - low) - (high - b.value)) < 1e-9, scale.name


def both_ends_are_reached(entry):
    for scale, k in ((s, k) for s in entry.scales for k in (0, 1)):
        ends = (entry.low, entry.high)
        values = [ends[k] if i not in scale.reverse else ends[1 - k] for i in entry.items]
        got = {s.scale: s.value for s in score(answers_to(entry, values), entry)}
        assert got[scale.name] == pytest.approx(scale_range(entry, scale)[k])


def test_every_file_of_the_list_puts_something_on_it():
    files = {module.__name__ for module in map(full_list.__dict__.get, full_list.__all__)}
    assert len(instruments()) >= len(files) > 0


@each
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_scores_stay_on_the_scale_and_mirror(entry, data):
    n = len(entry.items)
    values = data.draw(st.lists(st.sampled_from(allowed_answers(entry)), min_size=n, max_size=n))
    scores_stay_on_the_scale(entry, values)
    mirrored_answers_mirror_scores(entry, values)
    gaps = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    holes = [np.nan if g else v for g, v in zip(gaps, values, strict=True)]
    for scale, got in zip(entry.scales, score(answers_to(entry, holes), entry), strict=True):
        low, high = scale_range(entry, scale)
        lost = sum(np.isnan(v) for i, v in zip(entry.items, holes, strict=True) if i in scale.items)
        assert got.missing == lost
        assert np.isnan(got.value) == (lost > scale.max_missing)
        assert not got.value < low - 1e-9  # NaN, where too many are missing, passes
        assert not got.value > high + 1e-9


@each
def test_both_ends_of_the_scale_are_reached(entry):
    both_ends_are_reached(entry)


@each
def test_answers_beyond_the_ends_are_refused(entry):
    for wrong in (entry.low - 1, entry.high + 1, *([0] if entry.no_zero else [])):
        values = [entry.high] * (len(entry.items) - 1) + [wrong]
        with pytest.raises(InputError, match=entry.items[-1]):
            score(answers_to(entry, values), entry)


@each
def test_at_most_a_fifth_of_a_sum_may_be_missing(entry):
    for scale in entry.scales:
        assert scale.combine == "mean" or scale.max_missing <= 0.2 * len(scale.items)


@each
def test_it_says_what_it_is(entry):
    assert entry.title
    assert entry.wording == "free" or entry.cites, "a licensed scale names its source"


def test_the_checks_bite_when_items_are_turned_by_their_sign_alone(monkeypatch):
    real = scoring._scale_value
    entry = next(e for e in ALL if e.name == "demo_closeness")

    def sign_alone(answers, instrument, scale):
        items = {k: -v if k in scale.reverse else v for k, v in answers.items.items()}
        return real(replace(answers, items=items), instrument, replace(scale, reverse=frozenset()))

    monkeypatch.setattr(scoring, "_scale_value", sign_alone)
    with pytest.raises(AssertionError):
        mirrored_answers_mirror_scores(entry, [7, 7, 1, 7])
    with pytest.raises(AssertionError):
        both_ends_are_reached(entry)


def test_the_checks_bite_when_a_mean_is_left_as_a_sum(monkeypatch):
    entry = next(e for e in ALL if e.name == "demo_closeness")
    real = scoring._scale_value
    monkeypatch.setattr(
        scoring, "_scale_value", lambda *a: (4 * real(*a)[0], 0) if a[2].combine == "mean" else 0
    )
    with pytest.raises(AssertionError):
        scores_stay_on_the_scale(entry, [7, 7, 1, 7])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 5, "high": 1}, "low below high"),
        ({"low": -2, "high": 3, "no_zero": True}, "-high to high, no 0"),
        ({"scales": ()}, "at least one scale"),
        ({"scales": (Scale(name="x", items=("a", "a")),)}, "every item once"),
        ({"scales": (Scale(name="x", items=("a",), reverse=frozenset("b")),)}, "items of the sc"),
        ({"scales": (Scale(name="x", items=("a",), max_missing=1),)}, "0 to one less"),
    ],
)
def test_a_definition_that_does_not_fit_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(ALL[0], **change)


def test_a_name_is_used_once():
    entry = ALL[0]
    with pytest.raises(InputError, match="not yet on the list"):
        instrument(
            name=entry.name, title="x", low=1, high=2, scales=entry.scales, cites=(), wording="free"
        )
