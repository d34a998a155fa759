"""Calibration of a run and of a study: a card that is true, kept, found again, and that bites."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

import syntony as sy
from syntony.cli import main
from syntony.config import Recipe
from syntony.core.errors import FileError, InputError
from syntony.surrogates import registry
from syntony.trials import calibrate as verb
from syntony.trials.demo import demo, demo_card, demo_recipe, setup_key

FEW = {"studies": 2, "coupled": 1, "jobs": 1}


@pytest.fixture(scope="module")
def card(made_run, tmp_path_factory):
    """Card of the made run, few twins, in a copy of its folder."""
    folder = tmp_path_factory.mktemp("runs") / "demo"
    shutil.copytree(made_run.path, folder)
    return sy.calibrate(like=folder, **FEW)


def beside(card, name):
    """A copy of the run beside it, with which it shares the rows that are kept."""
    return shutil.copytree(card.path.parent, card.path.parent.with_name(name))


def page(card):
    return (card.path.parent / "report" / "index.html").read_text("utf-8")


def test_the_card_of_a_run_holds_what_was_done(card, made_run):
    facts = json.loads(card.path.read_text("utf-8"))
    assert facts == dict(card.facts)
    assert (facts["dyads"], facts["dyads_in_study"], facts["sessions"]) == (8, 8, 8)
    assert facts["seed"] == made_run.recipe["seed"]
    assert {r["level"] for r in card.rates} == {"session", "study"}
    assert {r["surrogate"] for r in card.rates if not r["leader"]} == {
        "pseudo_dyads",
        "shift_thirds",
    }
    tested = [r for r in card.rates if r["level"] == "session" and r["surrogate"] == "shift_thirds"]
    assert {r["tested"] for r in tested} == {2 * 8}
    over = [r for r in card.rates if r["level"] == "study"]
    assert {r["tested"] for r in over} == {2}
    assert len(facts["likeness"]["sessions"]) == 8
    assert {"responses", "missing"} <= {r["quantity"] for r in facts["fit"]}


def test_the_twins_are_like_the_recordings(card):
    fit = {r["quantity"]: r for r in card.facts["fit"]}
    assert fit["responses"]["twins"] == pytest.approx(fit["responses"]["data"], rel=0.1)
    assert fit["missing"]["twins"] == pytest.approx(fit["missing"]["data"], abs=0.01)
    assert fit["spread (SD)"]["twins"] == pytest.approx(fit["spread (SD)"]["data"], rel=0.35)
    fast = fit["memory without slow drift"]
    assert fast["twins"] == pytest.approx(fast["data"], rel=0.25)


def test_the_report_shows_the_card_and_the_shell_prints_it(card):
    text = page(card)
    assert "8 dyads, 22 min" in text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "Not calibrated" not in text
    assert "95 % interval" in repr(card)
    assert "shift within session thirds" in repr(card)
    session = next(p for p in (card.path.parent / "report").glob("d*.html"))
    assert "Calibrated: of 16 sessions" in session.read_text("utf-8")


def test_without_a_card_the_report_says_so_and_what_to_type(made_run):
    text = (made_run.path / "report" / "index.html").read_text("utf-8")
    assert "Not calibrated" in text
    assert "<code>syntony calibrate --like RUN</code>" in text


def test_a_second_time_goes_on_where_the_first_stopped(card, monkeypatch):
    monkeypatch.setattr(verb, "do_twin", lambda task: pytest.fail("made again"))
    again = sy.calibrate(like=card.path.parent, **FEW)
    assert again.rates == card.rates
    assert again.power == card.power


def test_a_stop_keeps_what_is_done_and_a_line_cut_short_is_made_again(card, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(card.path.parent, folder)

    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sy.calibrate(like=folder, **FEW, on_progress=stop)
    (desk,) = tmp_path.glob(".calibration-rows-*.jsonl")
    lines = desk.read_text("utf-8").splitlines()
    assert len([json.loads(x)["number"] for x in lines]) == 3
    desk.write_text("\n".join([*lines[:2], lines[2][:30]]), "utf-8")
    told = []
    again = sy.calibrate(like=folder, **FEW, on_estimate=lambda *given: told.append(given))
    assert again.rates == card.rates
    assert told[0][0] == (2 + 8 - 2) - 2  # two were kept, two are done against the clock
    kept = [line for line in desk.read_text("utf-8").splitlines() if line.endswith("}")]
    assert len(kept) == 2 + 8


@pytest.mark.slow
def test_the_card_does_not_depend_on_the_number_of_processes(card, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(card.path.parent, folder)
    again = sy.calibrate(like=folder, studies=4, coupled=0, jobs=2)
    alone = sy.calibrate(like=beside(card, "alone"), studies=4, coupled=0, jobs=1)
    assert again.rates == alone.rates
    assert again.facts["likeness"] == alone.facts["likeness"]


@pytest.mark.slow
def test_a_study_keeps_its_card_for_the_next_run_with_the_same_recipe(study, small_recipe, card):
    made = sy.calibrate(study, small_recipe, **FEW)
    assert made.rates == card.rates  # features, recipe and seed are those of the run
    assert made.path.parent == study / "derivatives" / "syntony"
    run = sy.run(study, small_recipe, name="with", jobs=1)
    kept = json.loads((run.path / "card.json").read_text("utf-8"))
    assert kept == dict(made.facts)
    assert "Not calibrated" not in (run.path / "report" / "index.html").read_text("utf-8")
    other = small_recipe.model_copy(update={"trim_start_s": 60.0})
    run = sy.run(study, other, name="without", jobs=1)
    assert not (run.path / "card.json").exists()
    assert "Not calibrated" in (run.path / "report" / "index.html").read_text("utf-8")


@pytest.mark.slow
def test_another_title_is_the_same_recipe_and_a_changed_recording_is_not(study, small_recipe):
    made = sy.calibrate(study, small_recipe, studies=2, coupled=0, jobs=1)
    titled = small_recipe.model_copy(update={"title": "Another"})
    again = sy.calibrate(study, titled, studies=2, coupled=0, jobs=1)
    assert again.path == made.path
    codes = next((study / "codes").iterdir())
    codes.write_text(codes.read_text("utf-8") + "\n", "utf-8")
    changed = sy.calibrate(study, small_recipe, studies=2, coupled=0, jobs=1)
    assert changed.path != made.path


def test_fewer_dyads_are_drawn_and_the_card_says_so(card):
    part = sy.calibrate(like=beside(card, "part"), studies=2, coupled=0, dyads=6, jobs=1)
    assert (part.facts["dyads"], part.facts["dyads_in_study"]) == (6, 8)
    assert "6 of its 8 dyads" in repr(part)
    assert part.power == []
    assert "6 of its 8 dyads" in page(part)


def white_noise(y, rng, *, rate_hz):
    """A null that forgets how a signal moves: every shuffled sample stands for itself."""
    return np.where(np.isnan(y), np.nan, np.nanmean(y) + np.nanstd(y) * rng.standard_normal(y.size))


@pytest.fixture
def careless():
    """A surrogate that calls strangers synchronous, on the list for one test."""
    entry = registry.Surrogate(
        name="white_noise",
        title="White noise",
        keeps="mean and spread",
        destroys="everything else",
        question="",
        pitfall="",
        cites=(),
        draw=white_noise,
    )
    registry.add(entry)
    yield entry.name
    registry._SURROGATES.pop(entry.name)


@pytest.fixture(scope="module")
def uncoupled(tmp_path_factory):
    """A made study in which nothing is coupled."""
    recipe = Recipe.model_validate(
        {
            "body": {"grid": {"rate_hz": 2.0}},
            "synchrony": [{"method": "lagged_correlation"}],
            "surrogates": [{"name": "pseudo_dyads"}],
            "emotion": {"rotations": 19},
            "empathy": {"bootstrap": 99},
            "corpus": {"derangements": 99, "bootstrap": 99},
        }
    )
    root = tmp_path_factory.mktemp("un") / "study"
    demo(root, dyads=12, minutes=10, world="stationary", recipe=recipe, jobs=1)
    return root, recipe


def test_strangers_pass_as_claimed_and_a_careless_null_is_caught(uncoupled, careless):
    root, recipe = uncoupled
    both = recipe.model_copy(
        update={
            "surrogates": (
                *recipe.surrogates,
                recipe.surrogates[0].model_copy(update={"name": careless, "count": 39}),
            )
        }
    )
    found = sy.calibrate(root, both, studies=40, coupled=0, jobs=1)
    said = {(r["level"], r["surrogate"]): r for r in found.rates if not r["leader"]}
    assert said["study", "pseudo_dyads"]["verdict"] in ("as claimed", "conservative")
    assert said["session", "pseudo_dyads"]["verdict"] in ("as claimed", "conservative")
    assert said["session", "white_noise"]["verdict"] == "too often"
    assert said["session", "white_noise"]["rate"] > 0.2
    assert "Too often: " in repr(found)


@pytest.mark.slow
def test_three_hundred_twins_of_an_uncoupled_study_pass_as_claimed(uncoupled):
    root, recipe = uncoupled
    shifted = recipe.model_copy(
        update={
            "surrogates": (
                *recipe.surrogates,
                recipe.surrogates[0].model_copy(update={"name": "shift_thirds"}),
            )
        }
    )
    found = sy.calibrate(root, shifted, studies=300, coupled=0)
    print(
        {(r["level"], r["surrogate"], r["leader"]): (r["rate"], r["verdict"]) for r in found.rates}
    )
    assert {r["verdict"] for r in found.rates} <= {"as claimed", "conservative", "not testable"}


def test_heart_rate_is_calibrated_by_noise_with_its_spectrum(made_run, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path / "run"
    shutil.copytree(made_run.path, folder)
    rng = np.random.default_rng(1)
    for path in sorted((folder / "signals").glob("*.parquet")):
        table = pq.read_table(path)
        beat = {
            name: pa.array(70 + np.cumsum(rng.standard_normal(len(table))) / 20)
            for name in table.column_names[1:]
        }
        made = pa.table(
            {table.column_names[0]: table.column(0), **beat}, metadata=table.schema.metadata
        )
        pq.write_table(made, path)
    recipe = json.loads((folder / "recipe.json").read_text("utf-8")) | {"signal": "hr"}
    (folder / "recipe.json").write_text(json.dumps(recipe), "utf-8")
    found = sy.calibrate(like=folder, studies=1, coupled=0, jobs=1)
    assert found.facts["model"] == "noise"
    fit = {r["quantity"]: r for r in found.facts["fit"]}
    assert fit["spread (SD)"]["twins"] == pytest.approx(fit["spread (SD)"]["data"], rel=0.35)
    assert "noise with each person's spectrum" in " ".join(repr(found).split())


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "study, like"),
        ({"study": "a", "like": "b"}, "study, like"),
        ({"like": "a", "studies": 0}, "studies"),
        ({"like": "a", "draws": 9}, "draws"),
        ({"like": "a", "dyads": 0}, "dyads"),
        ({"like": "a", "coupled": -1}, "coupled"),
    ],
)
def test_wrong_use_is_named(given, field):
    with pytest.raises(InputError, match=field):
        sy.calibrate(**given)


def test_a_run_has_its_own_recipe_and_a_folder_that_is_none_is_refused(made_run, tmp_path):
    with pytest.raises(InputError, match="recipe"):
        sy.calibrate(made_run, Recipe())
    with pytest.raises(FileError):
        sy.calibrate(like=tmp_path)


@pytest.mark.slow
def test_the_shell_gives_the_same_card(card):
    words = ["calibrate", "--like", str(card.path.parent), "--studies", "2", "--coupled", "1"]
    done = CliRunner().invoke(main, [*words, "--jobs", "1", "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["rates"] == card.rates
    plain = CliRunner().invoke(main, [*words, "--jobs", "1"], catch_exceptions=False)
    assert "verdict" in plain.stdout
    assert "card.json" in plain.stdout
    assert CliRunner().invoke(main, ["calibrate"]).exit_code == 2


def test_the_card_that_is_shipped_is_that_of_todays_demo():
    from syntony.pipeline.cards import recipe_sha256
    from syntony.pipeline.plan import settle
    from syntony.pipeline.source import FromMemory
    from syntony.simulate.study import demo_setup, make_study

    one = make_study(demo_setup(dyads=1, minutes=1)).sessions
    settled = json.loads(settle(demo_recipe(), FromMemory(one)).model_dump_json())
    made_anew = "A default changed: make the card anew with benchmarks/demo_card.py."
    assert demo_card()["recipe_sha256"] == recipe_sha256(settled), made_anew
    assert demo_card()["setup"] == setup_key(demo_setup()), made_anew
    assert demo_card()["studies"] >= 200
    assert "too often" not in {r["verdict"] for r in demo_card()["rates"] if r["level"] == "study"}
