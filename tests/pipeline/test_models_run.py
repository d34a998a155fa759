"""Models of a run: from the recipe to tables, R scripts, notes and the study's page."""

import json
from dataclasses import replace

import numpy as np
import pytest

import syntony as sy
from syntony.config import Empathy, Model, Recipe, Step, Surrogate
from syntony.core.errors import InputError
from syntony.io.study_write import create_study, write_session
from syntony.link.models.registry import models
from syntony.pipeline.model_variables import settle_models, variable_of
from syntony.report.methods import cited_keys, read_bib
from syntony.simulate.study import demo_setup, make_study

SCORE = "demo_empathy.empathic_understanding"
QUICK = {
    "synchrony": (Step(), Step(method="stability_influence")),
    "surrogates": (Surrogate(name="circular_shift", count=19),),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("study") / "s"
    setup = replace(
        demo_setup(dyads=8, minutes=4.0), sessions_per_dyad=3, therapists=4, faults=False
    )
    create_study(root, title="Made", roles=("patient", "therapist"), simulated=True)
    for session in make_study(setup).sessions:
        write_session(root, session)
    table = root / "sessions.tsv"
    head, *rows = table.read_text("utf-8").splitlines()
    rng = np.random.default_rng(1)
    rows = [f"{row}\t{rng.standard_normal():.3f}" for row in rows]
    table.write_text("\n".join([f"{head}\tgsi", *rows]) + "\n", "utf-8")
    return root


@pytest.fixture(scope="module")
def without_a_word(study):
    return sy.run(study, Recipe(**QUICK), name="plain", jobs=1)


@pytest.fixture(scope="module")
def asked(study):
    models = (
        Model(name="alliance", outcome=f"{SCORE}@patient", predictor="marci.mean_z"),
        Model(model="quadratic", outcome="sessions.gsi", options={"bootstrap": 50}),
        Model(model="stability_influence", variables={"moderator": SCORE}),
        Model(model="threshold"),
        Model(model="apim", outcome=SCORE),
        Model(name="unknown", outcome="nothing.total"),
        Model(model="mediation", outcome=SCORE, variables={"mediator": "sessions.gsi"},
              options={"outcome_later": 1, "bootstrap": 99}),
    )  # fmt: skip
    return sy.run(study, Recipe(**QUICK, models=models), name="asked", jobs=1)


def test_without_a_word_several_sessions_and_a_score_are_joined(without_a_word):
    table = without_a_word.table("models")
    assert set(table["name"]) == {"within_between"}
    assert list(table["term"])[:2] == ["intercept", "sync_ws"]
    assert table["outcome"].unique() == [SCORE]
    assert table["predictor"].unique() == ["marci.ssi"]
    part = table[table["term"] == "sync_bt"].iloc[0]
    assert part["status"] == "not testable: 4 therapists, under 6"
    assert np.isnan(part["estimate"])
    assert (table["n_sessions"] <= 24).all()
    assert (table["n_therapists"] == 4).all()
    assert {"normality", "sd residual"} <= set(without_a_word.table("model_checks")["check"])
    for name in ("within_between.R", "within_between.csv"):
        assert (without_a_word.path / "models" / name).is_file()
    assert "{name}" not in (without_a_word.path / "models" / "within_between.R").read_text("utf-8")


def test_the_methods_tell_the_models_that_ran_and_their_sources_resolve(without_a_word, asked):
    for made in (without_a_word, asked):
        said = (made.path / "methods.md").read_text("utf-8")
        assert set(cited_keys(said)) == set(read_bib((made.path / "references.bib").read_text()))
        table = made.table("models")
        ran = set(table[table["status"] == "ok"]["model"])
        assert ran
        for name, entry in models().items():
            start = entry.sentence.split("{")[0].removesuffix(".")
            assert (start in said) == (name in ran), name
            if name in ran:
                assert set(entry.cites) <= set(cited_keys(said)), name
    assert "@Bates2015" in said
    assert "(within a session they stand at 0, 1 and 1)" in said
    assert "50 draws of dyads" in said  # of the parabola, as the recipe has it
    assert "@BenjaminiHochberg1995" in said


def test_the_page_says_it_with_interval_before_p(without_a_word):
    page = (without_a_word.path / "report" / "index.html").read_text("utf-8")
    part = page[page.index('<section id="models">') :]
    part = part[: part.index("</section>")]
    said = part[part.index("in sessions with one SD more synchrony") - 200 :]
    assert said.index("[") < said.index("(p =")
    assert "sync_bt: not testable: 4 therapists, under 6." in part
    assert 'href="../models/within_between.R"' in part
    assert part.count("<svg") == 4


def test_every_model_that_is_asked_has_its_rows(asked):
    table = asked.table("models")
    status = table.groupby("name")["status"].first()
    assert status["alliance"] == status["quadratic"] == status["stability_influence"] == "ok"
    assert status["threshold"] == "not testable: 8 dyads, under 12 for a search"
    assert "expected a score of this study" in status["unknown"]
    assert status["apim"].startswith("not testable")
    assert {
        "influence_patient",
        "influence_therapist",
        "influence_difference",
        "moderator_patient",
    } <= set(table["term"])
    assert table[table["key"] & table["p"].notna()]["q_exploratory"].notna().all()
    codes = {n.code for n in asked.notes}
    assert {"model-refused", "model-not-testable", "model"} <= codes
    saved = json.loads((asked.path / "recipe.json").read_text("utf-8"))["models"]
    assert saved[0]["options"] == {"slopes": True}
    assert saved[-1]["options"]["times"] == [0.0, 1.0, 1.0]


def test_an_empty_list_is_no_model(study):
    run = sy.run(study, Recipe(**QUICK, models=()), name="none", jobs=1)
    assert not len(run.table("models"))
    assert '<section id="models">' not in (run.path / "report" / "index.html").read_text("utf-8")


def test_refused_before_any_work():
    def settled(**facts):
        return settle_models(Recipe(models=(Model(**facts),)))

    with pytest.raises(InputError, match="same window as synchrony"):
        settled(model="mediation", variables={"mediator": "lagged_correlation.peak_z"})
    with pytest.raises(InputError, match="expected one of"):
        settled(model="within_betwen")
    with pytest.raises(InputError, match="expected one of"):
        settled(options={"slope": 1})
    with pytest.raises(InputError, match=r"marci\. and one of"):
        settled(predictor="marci.sssi")
    with pytest.raises(InputError, match=r"models\.variables"):
        settled(variables={"mediator": SCORE})
    with pytest.raises(InputError, match=r"instrument\.scale"):
        settled(outcome="empathy")
    with pytest.raises(ValueError, match="a name of its own"):
        Recipe(models=(Model(), Model()))
    twice = Recipe(synchrony=(Step(), Step()))
    with pytest.raises(InputError, match="number of the step"):
        variable_of("marci.ssi", twice)
    assert variable_of("marci.ssi@1", twice).step == 1
    assert Empathy().scale == ""
