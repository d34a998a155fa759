"""Every model on the list: it finds what was planted, and says what it cannot tell."""

import numpy as np
import pytest
from reference import models as naive

from syntony.core.errors import InputError
from syntony.link.models.apim import before
from syntony.link.models.centring import centre
from syntony.link.models.fitting import checked, fit_model
from syntony.link.models.next_session import following
from syntony.link.models.registry import get, models
from syntony.link.models.threshold import search
from syntony.link.models.values import Sessions
from syntony.report.methods import bibliography, cited_keys
from syntony.trials.model_studies import WORLDS, layout


def rng():
    return np.random.default_rng(1)


@pytest.mark.parametrize("world", WORLDS)
def test_each_model_finds_what_was_planted(world):
    name, make = WORLDS[world]
    made = make(np.random.default_rng(11), True)
    entry = get(name)
    fitted = entry.fit(made.sessions, rng(), **entry.settle(made.options))
    assert fitted.status == "ok", fitted.status
    for term, true in made.truth.items():
        found = fitted.term(term)
        half = (found.high - found.low) / 2
        assert abs(found.estimate - true) < 2 * half, (term, found)
        assert found.low < found.estimate < found.high


@pytest.mark.parametrize("entry", models().values(), ids=lambda e: e.name)
def test_each_entry_tells_every_option_and_cites_what_is_known(entry):
    plain = {k for k in entry.options if k not in ("roles",)}
    told = {k for k in plain if "{" + k + "}" in entry.sentence}
    assert told == plain
    bibliography(list(entry.cites))
    bibliography(cited_keys(entry.sentence))
    assert "{" not in entry.tell({})
    with pytest.raises(InputError, match="expected one of"):
        entry.settle({"bootstap": 1})


def test_parts_are_those_of_loops():
    some = layout(rng(), 4, 11, 5, 0.3)
    found = centre(some, "sync").parts
    wanted = naive.centred(some.column("sync").tolist(), some.dyad, some.therapist)
    for name, values in zip(("sync_ws", "sync_bd", "sync_bt"), wanted, strict=True):
        np.testing.assert_allclose(found[name], values, atol=1e-12)
    whole = sum(found.values())
    np.testing.assert_allclose(
        whole - whole[0], some.column("sync") - some.column("sync")[0], atol=1e-12
    )


def sessions(dyads=8, per=3, therapists=(), seed=1, **more):
    gen = np.random.default_rng(seed)
    dyad = np.repeat(np.arange(dyads), per)
    sync = gen.standard_normal(dyad.size)
    outcome = 0.5 * sync + gen.standard_normal(dyads)[dyad] + 0.5 * gen.standard_normal(dyad.size)
    return Sessions(
        dyad=tuple(f"d{d}" for d in dyad),
        number=np.tile(np.arange(1.0, per + 1), dyads),
        therapist=tuple(therapists[d] for d in dyad) if therapists else (),
        columns={"sync": sync, "outcome": outcome, **more},
    )


def notes_of(fitted):
    return " ".join(fitted.notes)


def test_one_session_a_dyad_has_no_within_part():
    fitted = fit_model("within_between", sessions(dyads=20, per=1))
    assert [t.name for t in fitted.terms if t.key] == ["sync_bd"]
    assert "one session per dyad: there is no within-dyad part" in notes_of(fitted)
    assert "ordinary least squares of statsmodels" in fitted.method


def test_one_dyad_is_not_testable():
    for name in ("within_between", "next_session", "growth"):
        fitted = fit_model(name, sessions(dyads=1, per=9))
        assert fitted.status.startswith("not testable: one dyad only, under 6"), name
        assert not fitted.terms
    one = sessions(dyads=1, per=9)
    for name in ("quadratic", "threshold"):
        assert fit_model(name, one).status.startswith("not testable: one dyad only")


def test_one_therapist_and_one_each_say_what_cannot_be_told():
    one = fit_model("within_between", sessions(therapists=("t",) * 8))
    assert "One therapist" in notes_of(one)
    each = fit_model("within_between", sessions(therapists=tuple(f"t{k}" for k in range(8))))
    assert "cannot be told apart" in notes_of(each)
    for fitted in (one, each):
        assert {t.name for t in fitted.terms if t.key} == {"sync_ws", "sync_bd"}


def test_few_therapists_are_not_tested():
    fitted = fit_model(
        "within_between", sessions(dyads=12, therapists=tuple(f"t{k % 4}" for k in range(12)))
    )
    part = fitted.term("sync_bt")
    assert part.status == "not testable: 4 therapists, under 6"
    assert np.isnan([part.estimate, part.low, part.p]).all()
    assert fitted.term("sync_ws").status == "ok"


def test_two_sessions_a_dyad_have_one_slope_in_common():
    fitted = fit_model("within_between", sessions(per=2))
    assert "have one common slope" in notes_of(fitted)
    assert "sd dyad sync_ws" not in fitted.random
    assert "sd dyad sync_ws" in fit_model("within_between", sessions(per=6)).random


def test_missing_sessions_are_left_out_not_filled():
    some = sessions(dyads=10, per=5)
    holes = some.column("outcome").copy()
    holes[::7] = np.nan
    missing = fit_model("within_between", some.with_columns(outcome=holes))
    without = fit_model("within_between", some.where(np.isfinite(holes)))
    assert missing.n_sessions == np.isfinite(holes).sum()
    assert missing.term("sync_ws") == without.term("sync_ws")


def test_a_constant_outcome_is_refused():
    some = sessions().with_columns(outcome=np.ones(24))
    assert (
        fit_model("within_between", some).status
        == "not testable: the outcome is the same everywhere"
    )


def test_a_model_that_does_not_converge_gives_no_number():
    """The outcome is told wholly by the predictor: the variance runs to zero."""
    some = sessions()
    told = fit_model("within_between", some.with_columns(outcome=2 * some.column("sync")))
    assert told.status == "not testable: the model did not converge"
    assert not told.terms
    assert "no number of this model is given" in notes_of(told)


def test_a_singular_fit_is_named():
    gen = np.random.default_rng(3)
    flat = sessions(dyads=10, per=4).with_columns(outcome=gen.standard_normal(40))
    found = [
        fit_model("within_between", flat.with_columns(outcome=gen.standard_normal(40)))
        for _ in range(4)
    ]
    assert any("Singular fit" in notes_of(f) for f in found)


def test_checks_see_what_was_planted():
    gen = np.random.default_rng(5)
    some = sessions(dyads=30, per=4, seed=2)
    good = {c.name: c for c in fit_model("within_between", some).checks}
    assert good["normality"].p > 0.01
    assert good["variance"].p > 0.01
    wild = some.column("outcome") + gen.standard_t(1.1, 120) * 3
    assert {c.name: c for c in fit_model("within_between", some.with_columns(outcome=wild)).checks}[
        "normality"
    ].p < 0.01
    spread = 2 * some.column("sync") + np.exp(1.2 * some.column("sync")) * gen.standard_normal(120)
    uneven = fit_model("within_between", some.with_columns(outcome=spread))
    assert {c.name: c for c in uneven.checks}["variance"].p < 0.01
    assert "Breusch-Pagan" in notes_of(uneven)


def test_the_dyad_that_weighs_is_named():
    some = sessions(dyads=12, per=4, seed=4)
    strange = some.column("outcome").copy()
    strange[4:8] += 12 * (some.column("sync")[4:8] - some.column("sync")[4:8].mean())
    fitted = fit_model("within_between", some.with_columns(outcome=strange))
    words = {c.name: c.words for c in fitted.checks}["influence on sync_ws"]
    assert words.startswith("Without dyad d1,")


def test_next_session_reads_the_following_number_only():
    some = Sessions(dyad=("a",) * 4, number=[1, 2, 4, 5], columns={"o": [1, 2, 3, 4]})
    np.testing.assert_array_equal(following(some, "o"), [2, np.nan, 4, np.nan])
    twice = Sessions(dyad=("a", "a"), number=[1, 1], columns={"outcome": [1, 2], "sync": [1, 2]})
    with pytest.raises(InputError, match="different numbers"):
        fit_model("next_session", twice)
    np.testing.assert_array_equal(
        before(some, np.column_stack([some.column("o")] * 2))[:, 0], [np.nan, 1, np.nan, 3]
    )


def test_a_mediator_of_the_same_window_is_refused():
    some = sessions(dyads=20, per=3, mediator=np.zeros(60))
    with pytest.raises(InputError, match="synchrony before mediator before outcome"):
        fit_model("mediation", some)
    with pytest.raises(InputError, match="same window as synchrony"):
        fit_model("mediation", some, times=(0, 0, 1))
    with pytest.raises(InputError, match="synchrony before mediator"):
        fit_model("mediation", some, times=(0, 1, 1))
    made = WORLDS["mediation"][1](rng(), True).sessions
    later = fit_model("mediation", made, times=(0, 1, 2), bootstrap=200)
    assert later.status == "ok"


def test_mediation_within_dyads_takes_the_next_sessions_outcome():
    gen = np.random.default_rng(8)
    some = sessions(dyads=40, per=6)
    mediator = 0.6 * some.column("sync") + gen.standard_normal(240)
    outcome = np.concatenate([[0.0], 0.5 * mediator[:-1]]) + gen.standard_normal(240)
    fitted = fit_model(
        "mediation",
        some.with_columns(mediator=mediator, outcome=outcome),
        times=(0, 1, 1),
        outcome_later=1,
        bootstrap=500,
    )
    assert fitted.n_sessions == 200
    found = fitted.term("indirect")
    assert found.low < 0.3 < found.high
    assert found.low > 0


def test_search_is_that_of_single_fits():
    gen = np.random.default_rng(2)
    x = gen.standard_normal(40)
    y = np.maximum(x, 0.3) + 0.2 * gen.standard_normal(40)
    places = np.quantile(x, np.linspace(0.15, 0.85, 29))
    found = search(x, y[None], places)
    f, place = naive.best_change(x, y, places)
    assert found.f[0] == pytest.approx(f)
    assert found.place[0] == pytest.approx(place)
    weights = np.tile(gen.integers(0, 3, 40).astype(float), (2, 1))
    drawn = np.repeat(np.arange(40), weights[0].astype(int))
    f, place = naive.best_change(x[drawn], y[drawn], places)
    again = search(x, np.tile(y, (2, 1)), places, weights)
    np.testing.assert_allclose(again.f, f)
    np.testing.assert_allclose(again.place, place)


def test_no_change_beyond_chance_names_no_place():
    made = WORLDS["threshold"][1](np.random.default_rng(3), False)
    fitted = fit_model("threshold", made.sessions, draws=199, bootstrap=20)
    assert fitted.term("change").p > 0.05
    for name in ("change_point", "slope_below", "slope_above"):
        assert np.isnan(fitted.term(name).estimate)
        assert "no place to name" in fitted.term(name).status


def test_a_straight_line_has_no_turning_point():
    gen = np.random.default_rng(4)
    some = sessions(dyads=30, per=1).with_columns(outcome=gen.standard_normal(30))
    fitted = fit_model("quadratic", some, bootstrap=100)
    assert np.isnan(fitted.term("turning_point").estimate)
    made = WORLDS["quadratic"][1](rng(), True)
    bent = fit_model("quadratic", made.sessions, bootstrap=300).term("turning_point")
    assert bent.low < bent.estimate < bent.high


def test_surface_contrasts_are_sums_of_coefficients():
    made = WORLDS["response_surface"][1](rng(), True)
    fitted = fit_model("response_surface", made.sessions, bootstrap=300)
    b = {t.name: t.estimate for t in fitted.terms}
    assert b["a1"] == pytest.approx(b["x"] + b["y"])
    assert b["a2"] == pytest.approx(b["x2"] + b["xy"] + b["y2"])
    assert b["a3"] == pytest.approx(b["x"] - b["y"])
    assert b["a4"] == pytest.approx(b["x2"] - b["xy"] + b["y2"])
    a4 = fitted.term("a4")
    assert a4.boot_low < a4.estimate < a4.boot_high
    swapped = made.sessions.with_columns(x=made.sessions.column("y"), y=made.sessions.column("x"))
    again = fit_model("response_surface", swapped, bootstrap=50)
    assert again.term("a3").estimate == pytest.approx(-b["a3"])
    assert again.term("a4").estimate == pytest.approx(b["a4"])


def test_apim_of_one_session_is_least_squares_role_by_role():
    made = WORLDS["apim"][1](rng(), True).sessions
    fitted = checked(get("apim").fit(made, rng(), roles=("patient", "therapist")))
    own, other = made.column("actor_first"), made.column("actor_second")
    x = np.column_stack([np.ones(40), own, other])
    y = made.column("outcome_first")
    beta, rest = np.linalg.lstsq(x, y, rcond=None)[:2]
    found = [fitted.term(f"{n}_patient") for n in ("intercept", "actor", "partner")]
    np.testing.assert_allclose([t.estimate for t in found], beta, rtol=1e-6)
    se = np.sqrt(np.diag(rest[0] / 37 * np.linalg.inv(x.T @ x)))
    np.testing.assert_allclose([t.se for t in found], se, rtol=1e-3)
    np.testing.assert_allclose([t.df for t in found], 37, rtol=1e-3)
    left = [y - x @ beta]
    z = x[:, [0, 2, 1]]
    second = made.column("outcome_second")
    left.append(second - z @ np.linalg.lstsq(z, second, rcond=None)[0])
    assert fitted.random["r residual patient therapist"] == pytest.approx(
        np.corrcoef(left)[0, 1], abs=1e-3
    )
    assert "generalised least squares of statsmodels" in fitted.method


def test_apim_takes_leaders_and_the_session_before():
    gen = np.random.default_rng(4)
    dyad = np.repeat(np.arange(20), 5)
    lead = gen.standard_normal((100, 2))
    columns = {"outcome_first": 0.6 * lead[:, 0] + gen.standard_normal(100),
               "outcome_second": 0.6 * lead[:, 1] + gen.standard_normal(100),
               "first_leads": lead[:, 0], "second_leads": lead[:, 1]}  # fmt: skip
    some = Sessions(dyad=tuple(map(str, dyad)), number=np.tile(np.arange(5.0), 20), columns=columns)
    fitted = fit_model("apim", some, previous=True)
    assert fitted.n_sessions == 80
    strong, weak = fitted.term("first_leads_ws_first"), fitted.term("first_leads_ws_second")
    assert strong.low > 0
    assert weak.low < 0 < weak.high
    with pytest.raises(InputError, match="a predictor beside the outcome"):
        fit_model(
            "apim",
            Sessions(
                dyad=("a",), number=[1], columns={"outcome_first": [1], "outcome_second": [1]}
            ),
        )


def test_a_row_without_one_persons_value_keeps_the_other():
    made = WORLDS["apim"][1](rng(), True).sessions
    y = made.column("outcome_first").copy()
    y[:5] = np.nan
    fitted = fit_model("apim", made.with_columns(outcome_first=y))
    assert fitted.n_sessions == 40
    assert len(fitted.data["outcome"]) == 75


def test_sessions_refuse_what_cannot_be():
    with pytest.raises(InputError, match="one value for each"):
        Sessions(dyad=("a",), number=[1, 2])
    with pytest.raises(InputError, match="one therapist for dyad a"):
        Sessions(dyad=("a", "a"), number=[1, 2], therapist=("t", "u"))


def test_statsmodels_is_asked_in_every_way_it_can_answer():
    therapists = tuple(f"t{k % 7}" for k in range(21))
    some = sessions(dyads=21, per=5, therapists=therapists)
    plain = Sessions(dyad=some.dyad, number=some.number, columns=some.columns)
    told = {
        "nested": fit_model("within_between", some, slopes=False).method,
        "slopes": fit_model("within_between", plain).method,
        "both": fit_model("within_between", some).method,
    }
    assert "the same by MixedLM of statsmodels" in told["nested"], told
    assert "the same by MixedLM of statsmodels" in told["slopes"], told
    assert "the same by generalised least squares of statsmodels" in told["both"], told
