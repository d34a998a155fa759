"""Sentences say what is seen and what chance gives; none is a verdict."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.report import wording, wording_study
from syntony.report.numbers import fixed, p_value, p_with_floor, reached

NAN = float("nan")


def row(**changes):
    base = {
        "surrogate": "pseudo_dyads", "value": 0.62, "low": -0.2, "high": 0.36, "null_mean": 0.07,
        "draws": 118.0, "p_one": 1 / 119, "p_two": 2 / 119, "capped": False, "lag_s": 2.0,
        "leader": "patient", "clock_error_s": 0.1, "status": "ok", "n_dyads": 60.0,
        "null_low": -0.05, "null_high": 0.05, "label": "positive", "method": "m", "statistic": "s",
        "detail": "{}",
    }  # fmt: skip
    return {**base, **changes}


@given(st.integers(0, 2000), st.integers(1, 2000))
def test_the_count_behind_a_p_is_read_back_exactly(many, draws):
    many = min(many, draws)
    assert reached((1 + many) / (draws + 1), float(draws)) == many


@given(st.floats(1e-9, 1.0))
def test_a_p_value_is_never_written_as_zero_or_with_a_leading_zero(p):
    text = p_value(p)
    assert (text == "< .00001") == (p < 1e-5)
    text = text.removeprefix("< ")
    assert text == "1" or text.startswith(".")
    assert float(text) > 0


def test_p_at_the_floor_says_so_and_above_it_does_not():
    assert p_with_floor(1 / 9, 8) == ".11, the floor 1/9"
    assert "floor" not in p_with_floor(2 / 9, 8)


@pytest.mark.parametrize("value", [NAN, None, math.inf])
def test_a_missing_number_is_a_dash(value):
    assert fixed(value) == "–"


def test_the_headline_never_shows_an_index_without_chance():
    with_chance = wording.headline([row()], ("a", "b"), signals=("eda", "eda"))
    assert "0.62" in with_chance
    assert "−0.20 to 0.36" in with_chance
    assert "118 of 118" in with_chance
    without = wording.headline(
        [row(surrogate="", p_one=NAN, draws=NAN)], ("a", "b"), signals=("eda", "eda")
    )
    assert "no chance value" in without


def test_the_headline_of_nothing_says_why():
    assert "too little" in wording.headline([], ("a", "b"), signals=("hr", "hr"))
    assert "too little" in wording.headline([row(value=NAN)], ("a", "b"), signals=("hr", "hr"))


@pytest.mark.parametrize(
    ("far", "near", "says"),
    [
        (0.01, 0.01, "agree: at most"),
        (0.5, 0.5, "agree: more than"),
        (0.5, 0.01, "What everybody does"),
        (0.01, 0.5, "these two share over the whole session"),
    ],
)
def test_agreement_of_the_two_nulls_is_put_in_words(far, near, says):
    rows = [row(p_one=far), row(surrogate="shift", p_one=near, draws=999.0)]
    assert says in wording.do_nulls_agree(rows)


def test_few_strangers_cannot_disagree():
    rows = [row(p_one=1 / 9, draws=8.0), row(surrogate="shift", p_one=0.001, draws=999.0)]
    said = wording.do_nulls_agree(rows)
    assert ".11" in said
    assert "too few" in said


def test_one_kind_of_chance_alone_agrees_with_nothing():
    assert wording.do_nulls_agree([row()]) == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "patient leads by 2.0 s (clock error 0.1 s)"),
        ({"lag_s": -2.0, "leader": "therapist"}, "therapist leads by 2.0 s (clock error 0.1 s)"),
        ({"lag_s": 0.0, "leader": "neither"}, "neither leads: peak at lag 0 (clock error 0.1 s)"),
        (
            {"lag_s": 0.5, "leader": "not resolvable", "clock_error_s": 1.0},
            "not resolvable: peak at 0.5 s, clock error 1.0 s",
        ),
        ({"clock_error_s": NAN}, "patient leads by 2.0 s (clock error unknown)"),
        ({"lag_s": NAN, "leader": ""}, "no peak"),
    ],
)
def test_a_lead_has_a_name_and_the_clock_error_beside_it(changes, says):
    assert wording.lead(row(**changes)).replace("\xa0", " ") == says


def test_the_caution_tells_the_rate_or_that_there_is_none():
    rate = {"rate": 0.31, "low": 0.27, "high": 0.35, "runs": 500}
    said = wording.caution(rate).replace("\u202f", " ")
    assert said.startswith("No strangers")
    assert "31 % did (95 % interval 27 % to 35 %" in said
    assert "was not measured" in wording.caution(None)
    assert "was not measured" in wording.caution({})


@pytest.mark.parametrize(
    "sentence",
    [
        lambda r: wording_study.study_synchrony([r], "index"),
        lambda r: wording_study.study_leader(r),
        lambda r: wording_study.study_emotion([r]),
        lambda r: wording_study.study_moments([r]),
        lambda r: wording_study.study_empathy(r, "index"),
        lambda r: wording_study.study_contrast(r, "index"),
    ],
)
def test_what_is_not_testable_is_called_so_and_shows_no_number(sentence):
    said = sentence(row(status="not testable: 3 dyads, 6 are needed"))
    assert "ot testable: 3 dyads, 6 are needed" in said
    assert "0.62" not in said


def test_every_finding_carries_its_interval_and_its_chance():
    r = row(value=0.47, low=0.2, high=0.7, null_low=-0.05, null_high=0.05)
    for said in (
        wording_study.study_synchrony([r], "index"),
        wording_study.study_emotion([row(label="shared_positive", value=0.47, low=0.2, high=0.7)]),
        wording_study.study_moments([r]),
        wording_study.study_contrast(r, "index"),
    ):
        assert "0.47" in said
        assert "[0.20, 0.70]" in said
        assert "0 of 118" in said
        assert "0.05" in said
    said = wording_study.study_empathy(r, "index")
    assert "r = .47 [.20, .70]" in said
    assert "−.05 to .05" in said


def test_the_moments_are_set_beside_the_selection_before_the_sign_flips():
    rows = [
        row(surrogate="sign_flip", null_low=-9.0),
        row(surrogate="selection_null", null_low=-0.02),
    ]
    said = wording_study.study_moments(rows)
    assert "from the course of strangers" in said
    assert "−0.02" in said
    assert "−9.00" not in said


def test_power_influence_and_rank_correlation_are_read_from_the_detail():
    detail = (
        '{"power": {"0.47": 0.56}, "without": {"d1": 0.2, "d2": 0.46}, "spearman": 0.4,'
        '"largest_change_without": "d1", "t": 2.26, "df": 18, "p_t": 0.036}'
    )
    r = row(value=0.47, low=0.03, high=0.76, detail=detail)
    assert "Without d1" in wording_study.study_empathy(r, "index")
    assert ".20" in wording_study.study_empathy(r, "index")
    assert "56" in wording_study.about_power(r)
    assert "t(18) = 2.26, p = .036" in wording_study.about_spearman(r)


@pytest.mark.parametrize("detail", ["", "{", "[]", None, '{"power": null, "without": null}'])
def test_a_broken_or_empty_detail_is_no_detail(detail):
    r = row(detail=detail)
    assert wording_study.about_power(r) == ""
    assert wording_study.about_spearman(r) == ""


def test_nothing_planted_nothing_said():
    assert wording_study.planted(None, "empathy") == ""
    assert wording_study.planted({}, "leader") == ""
    assert "nothing is coupled" in wording_study.planted({"is_coupled": False}, "leader")
    assert (
        wording_study.planted({"delay_s": 0.0, "leader": None}, "leader")
        == "Planted: neither leads."
    )
