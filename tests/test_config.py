"""The recipe: closed to unknown keys, errors name the place, a round trip loses nothing."""

import pytest

from syntony.config import Recipe, read_recipe
from syntony.core.errors import RecipeError


def written(tmp_path, text):
    path = tmp_path / "r.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sed = 1", r"unknown key 'sed', expected one of \[.*'seed'"),
        ("[[synchrony]]\nmethd = 'marci'", r"unknown key 'synchrony.0.methd'.*'method'"),
        ("[body.eda]\nlow_pas_hz = 1", r"unknown key 'body.eda.low_pas_hz'.*low_pass_hz"),
        ("seed = 'x'", "seed = 'x'"),
        ("seed = -1", "seed = -1"),
        ("seed =", "a recipe in TOML"),
        ("synchrony = []", "name at least one method"),
        ("[[surrogates]]\nname='a'\n[[surrogates]]\nname='a'", "name each one once"),
        ("[[models]]\nname='Moment_Model'", "'Moment_Model' is the name of the model of moments"),
        ("[[models]]\nname='a'\n[[models]]\nname='A'", "give each one a name of its own"),
        ("[emotion]\ncode_book = { smile = 'nice' }", "emotion.code_book.smile = 'nice'"),
    ],
)
def test_a_wrong_recipe_names_the_place(tmp_path, text, told):
    with pytest.raises(RecipeError, match=told):
        read_recipe(written(tmp_path, text))


def test_a_missing_recipe_says_so(tmp_path):
    with pytest.raises(RecipeError, match="no such file"):
        read_recipe(tmp_path / "none.toml")


def test_a_saved_recipe_is_the_same_recipe(tmp_path):
    recipe = read_recipe(written(tmp_path, "seed = 4\n[[synchrony]]\noptions = {max_lag_s = 5}"))
    assert Recipe.model_validate_json(recipe.model_dump_json()) == recipe
    assert recipe.synchrony[0].options == {"max_lag_s": 5}
