"""A plan written down, and runs that say whether they followed it."""

import json

import pytest
from click.testing import CliRunner

import syntony as sy
from syntony.cli import main
from syntony.config import Recipe, Step, Surrogate
from syntony.core.errors import FileError
from syntony.io.study_write import create_study, write_session
from syntony.pipeline.plan import settle
from syntony.pipeline.preregistered import followed, hash_of, read_preregistration
from syntony.pipeline.source import FromStudy
from syntony.report import preregistration
from syntony.simulate.session import StudySetup
from syntony.simulate.study import make_study

PLAN = Recipe(synchrony=(Step(options={"window_s": 30.0}),), surrogates=(Surrogate(),))


@pytest.fixture
def study(tmp_path):
    root = tmp_path / "study"
    create_study(root, title="made", roles=("patient", "therapist"), simulated=True, truth={})
    setup = StudySetup(dyads=2, minutes=2.0, rate_hz=4.0, seed=3)
    for session in make_study(setup).sessions:
        write_session(root, session)
    return root


def settled(study, recipe):
    return settle(recipe, FromStudy(sy.open_study(study)))


def test_the_document_says_what_the_recipe_decides(study):
    for path in (study / "codes").glob("*"):
        path.unlink()
    made = sy.preregister(study, PLAN)
    text = made.document.read_text("utf-8")
    assert made.recipe_sha256 == hash_of(json.loads(settled(study, PLAN).model_dump_json()))
    assert text.count(made.recipe_sha256) >= 2
    for said in (
        "## For AsPredicted",
        "## For OSF",
        "by concordance of slopes",
        '"window_s": 30.0',
        "999 derangements",
        "Emotion codes: none were there; they could not have been seen.",
        "Questionnaire answers: 1 file lay there, so they could have been seen.",
        "2 dyads with 2 sessions (4 people)",
        "simulated",
    ):
        assert said in text, said
    assert [f"### {k}." in text for k in range(1, 9)] == [True] * 8
    assert {"preregistration.md", "preregistration.json"} <= set(
        (study / ".bidsignore").read_text("utf-8").splitlines()
    )
    plan = read_preregistration(study)
    assert plan["recipe"]["synchrony"][0]["options"]["cap"] == 10.0  # defaults are in it
    assert any(f["path"].startswith("sub-P01") for f in plan["inputs"])


def test_it_can_be_made_before_there_are_ratings_or_codes(study):
    import shutil

    shutil.rmtree(study / "phenotype")
    shutil.rmtree(study / "codes")
    text = sy.preregister(study, PLAN).document.read_text("utf-8")
    assert text.count("they could not have been seen") >= 2


def test_a_run_says_whether_it_followed(study):
    sy.preregister(study, PLAN)
    same = sy.run(study, PLAN.model_copy(update={"title": "another title"}), name="a", jobs=1)
    assert same.origin["preregistration"]["state"] == "followed"
    assert next(n.code for n in same.notes) == "preregistration-followed"
    assert "followed the preregistered one" in (same.path / "methods.md").read_text("utf-8")
    assert "followed the preregistered one" in (same.path / "report/index.html").read_text("utf-8")
    changed = PLAN.model_copy(update={"trim_start_s": 10.0, "seed": 5})
    other = sy.run(study, changed, name="b", jobs=1)
    told = other.origin["preregistration"]
    assert told["state"] == "differs"
    assert told["fields"] == [
        {"field": "seed", "registered": 20070301, "run": 5},
        {"field": "trim_start_s", "registered": 0.0, "run": 10.0},
    ]
    assert next(n.code for n in other.notes) == "preregistration-differs"
    said = "seed (registered 20070301, here 5); trim_start_s (registered 0.0, here 10.0)"
    assert said in (other.path / "methods.md").read_text("utf-8")
    assert said in (other.path / "report" / "index.html").read_text("utf-8")


def test_without_a_plan_a_run_says_so(study):
    run = sy.run(study, PLAN, name="a", jobs=1)
    assert run.origin["preregistration"] == {"state": "none"}
    assert not [n for n in run.notes if n.code.startswith("preregistration")]
    assert "was not preregistered" in (run.path / "methods.md").read_text("utf-8")


def test_a_step_more_and_an_option_less_are_told(study):
    sy.preregister(study, PLAN)
    more = PLAN.model_copy(update={"synchrony": (*PLAN.synchrony, Step(method="susy"))})
    told = followed(study, settled(study, more))
    assert [f["field"] for f in told["fields"]] == ["synchrony"]
    less = PLAN.model_copy(update={"synchrony": (Step(),)})
    told = followed(study, settled(study, less))
    assert told["fields"] == [
        {"field": "synchrony[1].options.window_s", "registered": 30.0, "run": 15.0}
    ]


def test_a_scoring_key_that_comes_later_is_no_change_of_plan(study):
    sy.preregister(study, PLAN)
    keys = {"cecs": {"total": ("i1",)}}
    later = PLAN.model_copy(update={"empathy": PLAN.empathy.model_copy(update={"keys": keys})})
    told = followed(study, settled(study, later))
    assert (told["state"], told["added"]) == ("followed", ["cecs"])
    assert "Scoring keys were added since: cecs." in preregistration.sentence(told)


def test_a_plan_is_not_written_over(study):
    first = sy.preregister(study, PLAN)
    with pytest.raises(FileError, match="made before"):
        sy.preregister(study, PLAN)
    again = sy.preregister(study, Recipe(), replace=True)
    assert again.recipe_sha256 != first.recipe_sha256
    assert first.recipe_sha256 in again.document.read_text("utf-8")


def test_a_plan_changed_by_hand_is_refused(study):
    made = sy.preregister(study, PLAN)
    made.path.write_text(made.path.read_text("utf-8").replace("30.0", "20.0"), "utf-8")
    with pytest.raises(FileError, match="changed after it was made"):
        sy.run(study, PLAN, name="a", jobs=1)
    made.path.write_text("{", "utf-8")
    with pytest.raises(FileError, match="expected a preregistration"):
        read_preregistration(study)


def test_the_shell_says_where_it_lies(study, tmp_path):
    out = tmp_path / "plan.md"
    done = CliRunner().invoke(main, ["preregister", str(study), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["document"] == str(out)
    assert told["recipe_sha256"] in out.read_text("utf-8")
    again = CliRunner().invoke(main, ["preregister", str(study)])
    assert again.exit_code == 1
    assert "--replace" in again.output
    wrong = CliRunner().invoke(main, ["preregister", str(tmp_path / "no"), "--recipe", "no.toml"])
    assert wrong.exit_code == 1
    bad = tmp_path / "bad.toml"
    bad.write_text("seeed = 1\n")
    refused = CliRunner().invoke(
        main, ["preregister", str(study), "--replace", "--recipe", str(bad)]
    )
    assert refused.exit_code == 2
    assert "seeed" in refused.output
