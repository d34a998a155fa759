import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from reference import chance as reference

from syntony.core.errors import InputError
from syntony.surrogates.partners import (
    Meeting,
    admissible,
    partner_masks,
    pseudo_of,
    refuse_without_partners,
    same_dyad,
    same_stimulus,
    why_alone,
)
from syntony.surrogates.registry import get


def meeting(session, first, second, **facts):
    return Meeting(
        **{"session": session, "dyad": "", "type": "therapy", "number": 1, **facts},
        first=first,
        second=second,
    )


def allowed(*meetings, same_therapist=True):
    return admissible(meetings, same_therapist=same_therapist).astype(int).tolist()


def test_strangers_of_the_same_kind_of_session_may_be_paired():
    assert allowed(meeting("a", "P1", "T1"), meeting("b", "P2", "T2")) == [[0, 1], [1, 0]]


def test_a_therapist_is_no_stranger_to_another_of_their_patients():
    shared = [meeting("a", "P1", "T1"), meeting("b", "P2", "T1"), meeting("c", "P3", "T3")]
    assert allowed(*shared) == [[0, 0, 1], [0, 0, 1], [1, 1, 0]]


def test_who_met_in_another_kind_of_session_is_no_stranger():
    before = meeting("x", "P1", "T2", type="intake")
    rows = allowed(meeting("a", "P1", "T1"), meeting("b", "P2", "T2"), before)
    assert rows == [[0, 0, 0], [1, 0, 0], [0, 0, 0]]


def test_nobody_is_paired_with_themselves():
    assert allowed(meeting("a", "A", "B"), meeting("b", "C", "A")) == [[0, 0], [1, 0]]


def test_type_and_number_must_agree():
    one, two = meeting("a", "P1", "T1", number=3), meeting("b", "P2", "T2", number=4)
    assert allowed(one, two) == [[0, 0], [0, 0]]
    one, two = meeting("a", "P1", "T1", type="calm"), meeting("b", "P2", "T2", type="task")
    assert allowed(one, two) == [[0, 0], [0, 0]]


def test_couples_of_one_therapist_can_be_kept_apart():
    couples = [
        meeting("a", "A1", "B1", others=("T1",)),
        meeting("b", "A2", "B2", others=("T1",)),
        meeting("c", "A3", "B3", others=("T3",)),
    ]
    assert allowed(*couples) == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert allowed(*couples, same_therapist=False) == [[0, 0, 1], [0, 0, 1], [1, 1, 0]]


def test_a_change_of_therapist_is_seen_through_the_dyad():
    sessions = [
        meeting("a", "P1", "T1", dyad="d1"),
        meeting("b", "P2", "T2", dyad="d2"),
        meeting("c", "P2", "T1", dyad="d2", number=9),
    ]
    assert allowed(*sessions)[0] == [0, 1, 0]
    assert allowed(*sessions, same_therapist=False)[0] == [0, 0, 0]


PEOPLE = [f"p{k}" for k in range(7)]


@st.composite
def studies(draw):
    meetings = []
    for k in range(draw(st.integers(1, 7))):
        there = draw(st.permutations(PEOPLE))[: draw(st.integers(2, 3))]
        meetings.append(
            meeting(
                f"s{k}",
                *there[:2],
                dyad=draw(st.sampled_from(["", "d1", "d2"])),
                type=draw(st.sampled_from(["calm", "task"])),
                number=draw(st.integers(1, 2)),
                others=tuple(there[2:]),
            )
        )
    return meetings


@settings(deadline=None)
@given(studies(), st.booleans())
def test_the_rules_are_those_read_out_one_by_one(meetings, same_therapist):
    got = admissible(meetings, same_therapist=same_therapist)
    assert_array_equal(got, reference.admissible(meetings, same_therapist))


def test_each_admissible_partner_comes_once_on_both_sides():
    strangers = pseudo_of(np.array([[0, 1, 1], [0, 0, 1], [1, 0, 0]], dtype=bool), 0)
    assert strangers.pairs.tolist() == [[0, 1], [0, 2], [2, 0]]
    assert strangers.count == 3
    assert strangers.floor == 1 / 4
    assert "1/4 = 0.25" in strangers.note("s1").text


def test_a_session_without_strangers_says_so():
    strangers = pseudo_of(np.zeros((2, 2), dtype=bool), 1)
    assert strangers.count == 0
    assert strangers.pairs.shape == (0, 2)
    assert "No admissible stranger" in strangers.note("s2").text


def test_meetings_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="each session once"):
        allowed(meeting("a", "P1", "T1"), meeting("a", "P2", "T2"))
    with pytest.raises(InputError, match="different people"):
        allowed(meeting("a", "P1", "P1"))
    with pytest.raises(InputError, match="session=5"):
        pseudo_of(np.zeros((2, 2), dtype=bool), 5)
    with pytest.raises(InputError, match="allowed"):
        pseudo_of(np.zeros((2, 3), dtype=bool), 0)
    assert admissible([], same_therapist=True).shape == (0, 0)


PARTNERS = ("pseudo_dyads", "pseudo_sessions", "stimulus_pairs")


@pytest.mark.parametrize("name", PARTNERS)
def test_partners_are_on_the_list_without_a_draw(name):
    assert get(name).draw is None
    assert get(name).acts_on == "partners"
    assert dict(get(name).options) == {}
    assert why_alone(name)


def test_pseudo_sessions_are_the_same_two_people_in_another_session():
    course = [
        meeting("a1", "P1", "T1", dyad="a", number=1),
        meeting("a2", "P1", "T1", dyad="a", number=2),
        meeting("a2b", "P1", "T1", dyad="a", number=2),  # a session in two parts
        meeting("a3", "P1", "T2", dyad="a", number=3),  # another therapist
        meeting("a4", "P1", "T1", dyad="a", number=4, type="intake"),
        meeting("b1", "P2", "T1", dyad="b", number=2),
    ]
    found = same_dyad(course).astype(int).tolist()
    assert found == [
        [0, 1, 1, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]


def test_stimulus_pairs_had_the_same_stimulus_and_never_met():
    films = [
        meeting("a", "A1", "B1", stimulus="sea", number=1),
        meeting("b", "A2", "B2", stimulus="sea", number=2),
        meeting("c", "A3", "B3", stimulus="desert"),
        meeting("d", "A4", "B4"),
        meeting("e", "A5", "B5"),
        meeting("f", "A6", "B1", stimulus="sea"),
        meeting("g", "A7", "B7", stimulus="sea", type="alone"),
        meeting("h", "A2", "B6", stimulus="desert"),
    ]
    found = same_stimulus(films, same_therapist=True)
    pairs = {(films[i].session, films[j].session) for i, j in zip(*np.nonzero(found), strict=True)}
    # A1 met B1, who also met A6; b's people never met those of a and f
    assert pairs == {("a", "b"), ("b", "a"), ("b", "f"), ("f", "b"), ("c", "h"), ("h", "c")}


def test_the_therapist_of_two_couples_can_keep_their_stimuli_apart():
    couples = [
        meeting("a", "A1", "B1", others=("T1",), stimulus="sea"),
        meeting("b", "A2", "B2", others=("T1",), stimulus="sea"),
    ]
    assert same_stimulus(couples, same_therapist=True).any()
    assert not same_stimulus(couples, same_therapist=False).any()


def test_every_rule_has_its_own_mask():
    course = [meeting(f"{d}{n}", f"P{d}", f"T{d}", dyad=d, number=n, stimulus="s")
              for d in "ab" for n in (1, 2)]  # fmt: skip
    masks = partner_masks(course, PARTNERS, same_therapist=True)
    assert [int(masks[name].sum()) for name in PARTNERS] == [4, 4, 8]
    assert_array_equal(masks["pseudo_dyads"], admissible(course, same_therapist=True))
    assert not (masks["pseudo_sessions"] & masks["stimulus_pairs"]).any()
    assert list(partner_masks(course, ["pseudo_sessions"], same_therapist=True)) == [
        "pseudo_sessions"
    ]
    assert all(m.shape == (0, 0) for m in partner_masks([], PARTNERS, same_therapist=True).values())


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("pseudo_sessions", {}, "With one session a dyad take pseudo_dyads"),
        ("stimulus_pairs", {}, "Add a column stimulus"),
        ("stimulus_pairs", {"stimulus": "sea"}, "belongs to one dyad or one type"),
    ],
)
def test_a_study_without_partners_is_told_what_to_do(name, facts, words):
    with pytest.raises(InputError, match=words):
        refuse_without_partners(name, [meeting("a", "P1", "T1", **facts)])
    refuse_without_partners("pseudo_dyads", [])  # one dyad: each session says so
