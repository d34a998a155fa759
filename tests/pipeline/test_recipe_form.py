"""The form of a recipe: all of the schema, all of the lists, and only what the study offers."""

import pytest
from beats_study import write_beats

from syntony.config import Recipe
from syntony.io.study import open_study
from syntony.link.models.registry import models
from syntony.pipeline.form_fields import fields_of, options_of, parts_of, plain
from syntony.pipeline.recipe_form import ROWS, SECOND, gathered, recipe_form
from syntony.surrogates.registry import surrogates
from syntony.synchrony.registry import get, methods


@pytest.fixture
def form(study):
    return recipe_form(open_study(study))


def fields_in(form):
    return {f.place: f for s in (*form.basics, *form.more) for f in s.fields}


def test_every_field_of_the_schema_stands_in_the_form_once(form):
    recipe = Recipe()
    wanted = {
        f.place for place, part in [("", recipe), *parts_of(recipe)] for f in fields_of(part, place)
    }
    shown = [f.place for s in (*form.basics, *form.more) for f in s.fields]
    assert len(set(shown)) == len(shown)
    assert {*shown, *form.kept, *ROWS} - {SECOND} == wanted


def test_what_the_form_holds_is_the_recipe_again(form):
    given = {}
    places = {p: f.value for p, f in fields_in(form).items()} | form.kept
    for place, value in {**places, **{r.place: r.value for r in form.rows}}.items():
        *parts, last = place.split(".")
        here = given
        for part in parts:
            here = here.setdefault(part, {})
        here[last] = value
    assert Recipe.model_validate(gathered(given)) == Recipe()


def test_every_entry_of_the_lists_can_be_chosen_with_all_its_options(form):
    rows = {r.place: {e.name: e for e in r.entries} for r in form.rows}
    assert set(rows["synchrony"]) == set(methods())
    assert set(rows["models"]) == set(models())
    on_signals = {n for n, s in surrogates().items() if s.acts_on != "codes"}
    assert set(rows["surrogates"]) == on_signals
    for name, entry in rows["synchrony"].items():
        assert [o.place for o in entry.options] == list(methods()[name].options)
    assert rows["surrogates"]["pseudo_dyads"].without == ("count",)


@pytest.mark.parametrize("name", sorted(methods()))
def test_every_option_has_a_default_a_kind_and_words(name):
    entry = get(name)
    for field in options_of(entry.compute, entry.options, entry.units, entry.words):
        assert field.kind in ("number", "whole", "yes-no", "choice"), field
        assert field.help, field
        assert field.default == plain(entry.options[field.place].default)
        if field.kind == "choice":
            assert field.default in [c.value for c in field.choices]


def test_a_study_offers_its_own_signals_codes_coders_and_questionnaires(form):
    held = fields_in(form)
    offered = {p: [c.value for c in held[p].choices] for p in held if held[p].choices}
    assert offered["signal"] == ["eda", "eda_tonic", "eda_phasic"]
    assert offered["emotion.coder"][1:] == ["coder1"]
    assert offered["empathy.instrument"][1:] == ["demo_empathy"]
    assert offered["roles"] == ["patient", "therapist"]
    assert held["emotion.code_book"].known == ("negative", "neutral", "positive")


def test_the_form_begins_with_the_recipe_given(study):
    recipe = Recipe(signal=("eda", "hr"), emotion={"rotations": 99}, models=())
    held = recipe_form(open_study(study), recipe)
    fields = fields_in(held)
    assert (fields["signal"].value, fields[SECOND].value) == ("eda", "hr")
    assert (fields["emotion.rotations"].value, fields["emotion.rotations"].default) == (99, 999)
    assert next(r for r in held.rows if r.place == "models").value == []


def test_the_form_begins_with_a_signal_that_was_recorded(tmp_path):
    root = write_beats(tmp_path / "beats")
    assert fields_in(recipe_form(open_study(root)))["signal"].value == "hr"
    (root / "recipe.toml").write_text('signal = "eda"\n', "utf-8")
    assert fields_in(recipe_form(open_study(root)))["signal"].value == "eda", "the study says so"
