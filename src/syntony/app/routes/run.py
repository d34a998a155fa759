"""Runs: the form of a recipe, its check, start and resume; the list; one run; two side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from syntony.app.run_lines import job_of, run_lines
from syntony.app.schema import REFUSALS, Documented, Job, Problem, Problems, refusal
from syntony.app.schema_run import RecipeChecked, RunGiven, RunLine, RunList
from syntony.app.work_run import run_multiverse, run_study
from syntony.core.errors import FileError
from syntony.io.study import open_study
from syntony.pipeline.run_states import find_run, list_run_states, newest_run

if TYPE_CHECKING:
    from syntony.pipeline.recipe_check import Checked

router = APIRouter(responses=REFUSALS)
HEAVY = "run"
"""The group of all work that takes every core: one at a time."""
KINDS: Mapping[str, Callable[..., object]] = {"run": run_study, "multiverse": run_multiverse}
PLAN = "preregistration.json"
BUSY: Documented = {
    409: refusal("Another run is at work."),
    429: refusal("Too many wait for options to be tried."),
}
STARTED: Documented = {202: {"model": Job, "description": "The run is at work."}}


@router.get("/run", name="run", response_class=HTMLResponse)
def run(request: Request, like: str = "") -> Response:
    """Show the form: the study's own recipe, or that of an earlier run."""
    from syntony.config import Recipe
    from syntony.core.run import Run
    from syntony.pipeline.preregistered import read_preregistration
    from syntony.pipeline.recipe_form import recipe_form
    from syntony.pipeline.run import next_free

    state = request.app.state
    study = open_study(state.home.study, recordings=False)
    begun = Recipe.model_validate(Run(run_folder(request, like)).recipe) if like else None
    form = recipe_form(study, begun)
    page: Response = state.pages.render(
        request,
        "run.html",
        study=study,
        like=like,
        form=form,
        held={"rows": [asdict(r) for r in form.rows], "kept": form.kept},
        plan=read_preregistration(study.root),
        next_name=next_free(study.root / "derivatives" / "syntony", "run"),
        runs=_lines(request),
        text=["common", "run", "jobs"],
    )
    return page


@router.post("/api/recipe/check", name="check_recipe", responses=BUSY)
def check_recipe(request: Request, given: RunGiven) -> RecipeChecked:
    """Say what is wrong with a recipe, and what a run of it would do; nothing is computed."""
    from syntony.report.preregistration import sentence

    found, _, problems = checked(request, given)
    told = found.followed if found.followed.get("state") != "none" else None
    return RecipeChecked(
        problems=problems,
        sessions=found.sessions,
        strangers=found.strangers,
        notes=list(found.notes),
        registered=sentence(told),
    )


@router.post("/api/runs", name="start_run", status_code=202, responses=BUSY | STARTED)
def start_run(request: Request, given: RunGiven) -> Response:
    """Start a run, unless something is wrong with it."""
    return start_kind(request, given, "run")


@router.post("/api/runs/{run}/resume", name="resume_run", status_code=202, responses=BUSY)
def resume_run(request: Request, run: str) -> Job:
    """Go on with a run that was stopped; what it has finished is not computed again."""
    run_folder(request, run)
    states = list_run_states(request.app.state.home.study)
    kind = next(s.kind for s in states if s.name == run)
    return _start(request, "multiverse" if kind == "multiverse" else "run", run, None)


@router.get("/api/runs", name="run_list")
def run_list(request: Request) -> RunList:
    """Every run of the study, the newest first."""
    return RunList(runs=_lines(request))


@router.get("/runs", name="runs", response_class=HTMLResponse)
def runs(request: Request) -> Response:
    """Show the list of runs."""
    state = request.app.state
    study = open_study(state.home.study, recordings=False)
    page: Response = state.pages.render(
        request, "runs.html", study=study, runs=_lines(request), text=["common", "run"]
    )
    return page


@router.get("/runs/{run}", name="run_page", response_class=HTMLResponse)
def run_page(request: Request, run: str) -> Response:
    """Show what a run found, in words; of one at work, how it stands."""
    from syntony.report.story import story_of

    state = request.app.state
    line = next((r for r in _lines(request) if r.name == run), None)
    job = job_of(request.app.state.jobs, run)
    if line is None and job is None:
        raise HTTPException(404, state.pages.words("run.none_of_name", name=run))
    story = story_of(run_folder(request, run)) if line is not None else None
    page: Response = state.pages.render(
        request,
        "run_page.html",
        name=run,
        line=line,
        job=job,
        story=story,
        planned=(state.home.study / PLAN).is_file(),
        others=[r for r in _lines(request) if r.name != run and r.kind == "run"],
        text=["common", "run"],
    )
    return page


@router.get("/compare", name="compare", response_class=HTMLResponse)
def compare(request: Request, first: str = "", second: str = "") -> Response:
    """Lay two runs side by side."""
    from syntony.pipeline.comparing import compare_runs

    state = request.app.state
    found = None
    if first and second:
        found = compare_runs(run_folder(request, first), run_folder(request, second))
    lines = [r for r in _lines(request) if r.kind == "run" and r.state == "finished"]
    page: Response = state.pages.render(
        request,
        "compare.html",
        found=found,
        first=first,
        second=second,
        runs=lines,
        simulated=open_study(state.home.study, recordings=False).simulated,
    )
    return page


@router.get("/plan", name="plan", response_class=HTMLResponse)
def plan(request: Request) -> Response:
    """Show the plan that was registered before, and how the newest run stands to it."""
    from syntony.pipeline.preregistered import read_preregistration
    from syntony.report.parts import markdown
    from syntony.report.plan_document import plan_document
    from syntony.report.story import story_of

    state = request.app.state
    root = state.home.study
    registered = read_preregistration(root)
    if registered is None:
        raise HTTPException(404, state.pages.words("plan.none"))
    newest = newest_run(root)
    page: Response = state.pages.render(
        request,
        "plan.html",
        document=markdown(plan_document(registered), {}, top=2),
        simulated=bool(registered.get("study", {}).get("simulated")),
        run=newest.name if newest else "",
        registered=story_of(run_folder(request, newest.name)).registered if newest else "",
    )
    return page


def run_folder(request: Request, name: str) -> Path:
    """Folder of a run by its name; 404 where the study has none."""
    try:
        return find_run(request.app.state.home.study, name)
    except FileError as error:
        words = request.app.state.pages.words("run.none_of_name", name=name)
        raise HTTPException(404, words) from error


def start_kind(request: Request, given: RunGiven, kind: str) -> Response:
    """Start a run or a multiverse of a recipe, unless something is wrong with it."""
    found, name, problems = checked(request, given, kind)
    if problems or found.recipe is None:
        return JSONResponse(Problems(problems=problems).model_dump(), status_code=422)
    job = _start(request, kind, name, found.recipe.model_dump(mode="json"))
    return JSONResponse(job.model_dump(), status_code=202)


def checked(
    request: Request, given: RunGiven, kind: str = "run"
) -> tuple[Checked, str, list[Problem]]:
    """A recipe and a name, checked: what came of it, the name, everything that is wrong."""
    from syntony.pipeline.recipe_check import check_recipe, free_name
    from syntony.pipeline.run import next_free

    root = request.app.state.home.study
    study = open_study(root)
    found = check_recipe(study, given.recipe, attempt=request.app.state.trials.attempt)
    problems = [Problem(field=p.place, message=p.message) for p in found.problems]
    name = given.name or next_free(root / "derivatives" / "syntony", kind)
    name, wrong = free_name(root, name)
    if wrong:
        problems.append(Problem(field="name", message=wrong))
    return found, name, problems


def _start(request: Request, kind: str, name: str, recipe: dict[str, object] | None) -> Job:
    """Have a run done in a process of its own; one at a time, since each takes every core."""
    arguments = {"study": str(request.app.state.home.study), "name": name, "recipe": recipe}
    jobs = request.app.state.jobs
    job: Job = jobs.start(kind, name, KINDS[kind], arguments, alone=True, group=HEAVY)
    return job


def _lines(request: Request) -> list[RunLine]:
    """Runs of the study as they stand."""
    state = request.app.state
    return run_lines(list_run_states(state.home.study), state.jobs)
