"""Two runs side by side: differences in words, findings only where they are the same number."""

import shutil

import pytest

from syntony.config import Recipe
from syntony.core.errors import FileError, InputError
from syntony.pipeline.comparing import compare_runs, recipe_differences
from syntony.pipeline.run import run
from syntony.pipeline.run_states import find_run, list_run_states, newest_run


def differences(first, second):
    made = [Recipe.model_validate(r).model_dump(mode="json") for r in (first, second)]
    return {d.place: (d.title, d.first, d.second) for d in recipe_differences(*made)}


def test_the_same_recipe_differs_in_nothing():
    assert differences({}, {"title": "another heading"}) == {}


def test_differences_are_said_in_words():
    found = differences({}, {"trim_start_s": 60, "corpus": {"same_therapist": False}})
    assert found["trim_start_s"] == ("Trim start (s)", "0", "60")
    assert found["corpus.same_therapist"] == ("Corpus: same therapist", "yes", "no")


def test_lists_are_compared_entry_by_entry_whatever_their_order():
    first = {"synchrony": [{"method": "marci"}, {"method": "susy", "options": {"segment_s": 20.0}}]}
    second = {"synchrony": [{"method": "susy", "options": {"segment_s": 30.0}}]}
    found = differences(first, second)
    assert found["synchrony"][1:] == ("in the recipe", "left out")
    assert found["synchrony.options.segment_s"][0].endswith("segment (s)")
    assert found["synchrony.options.segment_s"][1:] == ("20", "30")
    assert "models" in differences({}, {"models": [{"model": "apim"}]})


@pytest.fixture
def two_runs(made_run, small_recipe, tmp_path):
    root = tmp_path / "study"
    shutil.copytree(made_run.path.parents[2], root)
    (root / "codes" / "d01s01_coder1.tsv").write_text(
        (root / "codes" / "d02s01_coder1.tsv").read_text("utf-8").replace("02\t", "01\t"), "utf-8"
    )
    recipe = small_recipe.model_copy(update={"trim_start_s": 60.0})
    run(root, recipe, name="trimmed", jobs=1)
    return root


def test_two_runs_stand_side_by_side(two_runs):
    home = two_runs / "derivatives" / "syntony"
    found = compare_runs(home / "demo", home / "trimmed")
    assert [d.place for d in found.differences] == ["trim_start_s"]
    assert "codes/d01s01_coder1.tsv" in found.data[0]
    assert [b.title for b in found.findings] == ["Synchrony", "Emotion", "Empathy"]
    for beside in found.findings:
        assert beside.comparable
        assert beside.first.low <= beside.first.value <= beside.first.high
    assert found.findings[0].first.value != found.findings[0].second.value
    with pytest.raises(InputError, match="another run"):
        compare_runs(home / "demo", home / "demo")
    states = {s.name: s for s in list_run_states(two_runs)}
    assert set(states) == {"demo", "trimmed"}
    assert newest_run(two_runs).name == "trimmed"
    assert not states["demo"].can_resume


def test_a_run_is_looked_up_and_never_taken_as_a_path(made_run):
    root = made_run.path.parents[2]
    assert find_run(root, "demo") == made_run.path
    for name in ("..", "../syntony/demo", "demo/", "", str(made_run.path)):
        with pytest.raises(FileError, match="no run"):
            find_run(root, name)
