"""Work around a run: the multiverse, the calibration of a run, a plan registered beforehand."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from syntony.app.routes.run import BUSY, HEAVY, PLAN, STARTED, checked, run_folder, start_kind
from syntony.app.schema import REFUSALS, Job, Problem, Problems
from syntony.app.schema_run import CalibrationGiven, PlanGiven, RunGiven
from syntony.app.work_run import calibrate_run, register_plan

router = APIRouter(responses=REFUSALS)


@router.post("/api/multiverses", name="start_multiverse", status_code=202, responses=BUSY | STARTED)
def start_multiverse(request: Request, given: RunGiven) -> Response:
    """Compute every reasonable path through the analysis, with the default grid of the signal."""
    return start_kind(request, given, "multiverse")


@router.post("/api/runs/{run}/calibrate", name="calibrate", status_code=202, responses=BUSY)
def calibrate(request: Request, run: str, given: CalibrationGiven) -> Job:
    """Measure how often strangers pass with the settings of a finished run."""
    from syntony.pipeline.review import run_names

    run_folder(request, run)
    state = request.app.state
    if run not in run_names(state.home.study):
        raise HTTPException(422, state.pages.words("run.calibrate_finished"))
    arguments = {"study": str(state.home.study), "name": run, "quick": given.quick}
    job: Job = state.jobs.start("calibrate", run, calibrate_run, arguments, alone=True, group=HEAVY)
    return job


@router.post("/api/plan", name="register", status_code=202, responses=BUSY | STARTED)
def register(request: Request, given: PlanGiven) -> Response:
    """Write the plan of an analysis down; one that is there is replaced only when asked."""
    state = request.app.state
    found, _, problems = checked(request, RunGiven(recipe=given.recipe))
    if (state.home.study / PLAN).is_file() and not given.replace:
        problems.append(Problem(field="replace", message=state.pages.words("plan.there")))
    if problems or found.recipe is None:
        return JSONResponse(Problems(problems=problems).model_dump(), status_code=422)
    arguments = {
        "study": str(state.home.study),
        "recipe": found.recipe.model_dump(mode="json"),
        "replace": given.replace,
    }
    title = state.pages.words("jobs.register")
    job: Job = state.jobs.start("register", title, register_plan, arguments, alone=True)
    return JSONResponse(job.model_dump(), status_code=202)
