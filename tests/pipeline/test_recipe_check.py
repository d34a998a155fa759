"""What is said of a recipe before any work: at its field, what was given and what is expected."""

import pytest
from beats_study import write_beats

from syntony.config import Recipe
from syntony.io.study import open_study
from syntony.pipeline.plan import settle
from syntony.pipeline.recipe_check import check_recipe, free_name
from syntony.pipeline.source import FromStudy
from syntony.synchrony.registry import methods


def marci(**options):
    return {"method": "marci", "options": options}


WRONG = [
    ({"trim_start_s": "12,5"}, "trim_start_s", "12,5 was given; expected a number"),
    ({"emotion": {"rotations": 3}}, "emotion.rotations", "expected at least 19"),
    ({"moments": {"share": 3}}, "moments.share", "expected at most 1"),
    ({"stretches": {"alpha": 0}}, "stretches.alpha", "0 was given; expected more than 0"),
    ({"emotion": {"code_book": {"a": "great"}}}, "emotion.code_book.a", "expected 'positive'"),
    ({"joined": {"before_s": 7}}, "joined", "whole bins"),
    ({"synchrony": []}, "synchrony", "at least one method"),
    ({"nonsense": 1}, "nonsense", "no recipe has such a field"),
    ({"synchrony": [{"method": "marcy"}]}, "synchrony.0.method", "Did you mean 'marci'?"),
    ({"synchrony": [marci(), marci(window=2)]}, "synchrony.1.options.window", "expected one of"),
    ({"synchrony": [marci(window_s="a")]}, "synchrony.0.options.window_s", "a was given"),
    ({"synchrony": [marci(slope="x")]}, "synchrony.0.options.slope", "one of mean_gradient"),
    ({"synchrony": [marci(window_s=-3.0)]}, "synchrony.0.options.window_s", "0 or more"),
    ({"synchrony": [marci(), marci(window_s=1.0)]}, "synchrony.1.options.window_s", "at least 3 s"),
    ({"surrogates": [{"name": "rotation"}]}, "surrogates.0.name", "acts on signals"),
    (
        {"signal": "hr", "surrogates": [{"name": "event_shuffle"}]},
        "surrogates.0.name",
        "hr was given",
    ),
    (
        {"surrogates": [{"name": "circular_shift", "options": {"guard_s": 5000.0}}]},
        "surrogates.0.options",
        "three times the guard",
    ),
    ({"roles": ["patient", "patient"]}, "roles", "two of the study's roles"),
    ({"session_types": ["x"]}, "session_types", "the study has types"),
    ({"models": [{"model": "apim", "outcome": "foo"}]}, "models", "foo was given"),
    ({"surrogates": [{"name": "pseudo_sessions"}]}, "surrogates.0.name", "two sessions of one"),
]


@pytest.mark.parametrize(("given", "place", "words"), WRONG, ids=lambda v: str(v)[:40])
def test_what_is_wrong_is_said_at_its_field(study, given, place, words):
    found = check_recipe(open_study(study), given)
    assert found.recipe is None
    told = {p.place: p.message for p in found.problems}
    assert place in told, told
    assert words in told[place]


def test_everything_that_the_schema_refuses_is_said_at_once(study):
    given = {"trim_start_s": -1, "moments": {"share": 3}, "corpus": {"min_dyads": 1}}
    found = check_recipe(open_study(study), given)
    assert [p.place for p in found.problems] == [
        "trim_start_s",
        "moments.share",
        "corpus.min_dyads",
    ]


def test_what_is_right_is_settled_and_counted(study):
    found = check_recipe(open_study(study), {"emotion": {"rotations": 99}})
    assert found.problems == ()
    assert (found.sessions, found.strangers) == (8, 56)
    assert found.recipe == Recipe(emotion={"rotations": 99})
    assert found.followed == {"state": "none"}


@pytest.mark.parametrize("name", sorted(methods()))
def test_the_defaults_of_every_method_pass_as_the_form_gives_them(study, name):
    opened = open_study(study)
    recipe = settle(Recipe(synchrony=({"method": name},)), FromStudy(opened))
    found = check_recipe(opened, recipe.model_dump(mode="json"))
    assert found.problems == ()


def test_a_name_is_a_plain_one_that_no_run_has(tmp_path):
    (tmp_path / "derivatives/syntony/run-001").mkdir(parents=True)
    assert free_name(tmp_path, "") == ("run-002", "")
    assert free_name(tmp_path, "second.try-2") == ("second.try-2", "")
    for name in ("../up", "a/b", ".hidden", "a b", "", "x" * 81, "run-001", "COM1:"):
        assert name == "" or free_name(tmp_path, name)[1], name


def test_a_signal_that_nobody_recorded_is_said_at_its_field(tmp_path):
    study = open_study(write_beats(tmp_path / "beats"))
    (problem,) = check_recipe(study, {}).problems
    assert problem.place == "signal"
    assert "skin conductance" in problem.message
    assert "there is" in problem.message
    assert check_recipe(study, {"signal": "hr"}).problems == ()
