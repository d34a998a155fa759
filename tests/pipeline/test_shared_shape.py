"""A run says when strangers have the same slow course, and which surrogates that fools."""

import json

import numpy as np
import pytest

from syntony.config import Recipe, Step, Surrogate
from syntony.pipeline import shared_shape as file
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.shared_shape import shared_shape, shared_shape_note
from syntony.simulate.study import demo_setup, make_study

STRANGERS, THIRDS = Surrogate(), Surrogate(name="shift_thirds", count=19)
MARCI = Step()
CELL = {"passed": 400, "studies": 1000, "mark": "fails"}


def results_of(world, *, surrogates=(), dyads=8, seed=3, synchrony=(MARCI,)):
    made = make_study(demo_setup(seed=seed, world=world, dyads=dyads, minutes=8.0))
    recipe = Recipe(synchrony=synchrony, surrogates=surrogates)
    return analyse_sessions(made.sessions, recipe)[0]


@pytest.fixture
def rate(monkeypatch):
    asked = []

    def told(world, method, statistic, surrogate):
        asked.append((world, method, statistic, surrogate))
        if method == "marci":
            return {"passed": 50, "studies": 1000, "mark": "as claimed"}
        return CELL

    monkeypatch.setattr(file, "null_rate", told)
    return asked


def test_a_shared_shape_is_noted_with_what_it_fools(rate):
    steps = (Step(), Step(method="lagged_correlation"))
    results = results_of("shared_shape", surrogates=(STRANGERS, THIRDS), synchrony=steps)
    note = shared_shape_note(results)
    assert (note.where, note.code) == ("study", "shared-shape")
    assert "56 pairs of 8 sessions" in note.text
    doubt, held = note.text.split("so do not trust here: ")[1].split("It misled no more")
    assert (
        "lagged cross-correlation beside the shift within session thirds (40.0 % of 1,000" in doubt
    )
    assert "concordance" in held
    assert "concordance" not in doubt
    assert note.text.endswith("read the answer beside them.")
    assert ("shared_shape", "lagged_correlation", "mean_z", "shift_thirds") in rate


def test_it_is_found_also_where_the_recipe_asks_for_no_strangers(rate):
    note = shared_shape_note(results_of("shared_shape", surrogates=(THIRDS,)))
    assert "56 pairs" in note.text
    assert "Add pseudo_dyads to the surrogates" in note.text


def test_other_settings_were_not_measured(rate):
    steps = (Step(options={"window_s": 20.0}),)
    note = shared_shape_note(results_of("shared_shape", surrogates=(THIRDS,), synchrony=steps))
    assert "Not measured for these settings: concordance" in note.text
    assert rate == []


@pytest.mark.parametrize("world", ["stationary", "gaps"])
def test_where_nothing_is_shared_nothing_is_said(world):
    results = results_of(world, surrogates=(STRANGERS,))
    assert shared_shape(results).status == "ok"
    assert shared_shape_note(results) is None


def test_few_sessions_say_nothing():
    results = results_of("shared_shape", dyads=5)
    assert shared_shape(results).status.startswith("not testable")
    assert shared_shape_note(results) is None


def test_blocks_without_courses_are_left_out():
    results = results_of("shared_shape")
    for block in list(results.blocks.values())[:3]:
        del block["slow_first"]
    assert shared_shape(results).status.startswith("not testable")


def test_of_many_sessions_some_are_taken(monkeypatch):
    results = results_of("shared_shape", dyads=14)
    monkeypatch.setattr(file, "MOST_SESSIONS", 7)
    found = shared_shape(results)
    assert (found.sessions, found.pairs) == (7, 42)
    assert found.p_one <= 0.02


def test_a_run_keeps_the_note_and_the_report_shows_it(tmp_path):
    import syntony as sy
    from syntony.io.study_write import create_study, write_session

    made = make_study(demo_setup(seed=5, world="shared_shape", dyads=6, minutes=8.0))
    folder = tmp_path / "study"
    create_study(folder, title="One course", roles=("patient", "therapist"), simulated=True)
    for session in made.sessions:
        write_session(folder, session)
    run = sy.run(folder, Recipe(surrogates=(STRANGERS,), synchrony=(Step(),)), jobs=1)
    lines = (run.path / "notes.jsonl").read_text("utf-8").splitlines()
    notes = [n for n in map(json.loads, lines) if n["code"] == "shared-shape"]
    assert len(notes) == 1
    page = (run.path / "report" / "index.html").read_text("utf-8")
    beside_chance = page.split('class="say"')[1]  # what stands beside the figure of synchrony
    assert "People who never met have a similar slow course" in beside_chance


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "low", "high"), [("stationary", 0.0, 0.03), ("shared_shape", 0.99, 1.0)]
)
def test_how_often_it_is_noted(world, low, high):
    seeds = range(300, 500)
    said = np.mean(
        [shared_shape_note(results_of(world, dyads=12, seed=s)) is not None for s in seeds]
    )
    assert low <= said <= high, said


def test_the_table_of_the_package_is_that_of_the_manual_and_holds_the_default_recipe():
    from pathlib import Path

    from syntony.pipeline.measured import null_rate
    from syntony.synchrony.registry import get

    manual = Path(__file__).parents[2] / "docs" / "methods" / "calibration.json"
    if not manual.exists():
        pytest.skip("the manual is not beside the tests")
    cells = json.loads(manual.read_text("utf-8"))["cells"]
    worlds = {cell["world"] for cell in cells}
    assert len(worlds) == 6
    recipe = Recipe()
    for world in worlds:
        for step in recipe.synchrony:
            for item in recipe.surrogates:
                statistic = get(step.method).statistics[0].name
                cell = null_rate(world, step.method, statistic, item.name)
                assert cell in cells
                if item.name == "pseudo_dyads":  # what is recommended must not fail
                    assert cell["mark"] in ("as claimed", "conservative"), cell
    fooled = null_rate("shared_shape", "lagged_correlation", "mean_z", "shift_thirds")
    assert fooled["mark"] in ("fails", "above")
    assert null_rate("shared_shape", "lagged_correlation", "mean_z", "no such") is None
