"""Long work: how it stands, and its stop."""

from __future__ import annotations

from fastapi import APIRouter, Request

from syntony.app.schema import REFUSALS, Job, JobList

router = APIRouter(responses=REFUSALS)


@router.get("/api/jobs", name="jobs")
def jobs(request: Request) -> JobList:
    """Every job since the app was started, the newest first."""
    return JobList(jobs=request.app.state.jobs.all())


@router.get("/api/jobs/{job}", name="job")
def job(request: Request, job: str) -> Job:
    """How one job stands; its result when it is finished."""
    found: Job = request.app.state.jobs.get(job)
    request.state.quiet = found.state == "running"  # only its result is worth a line of the log
    return found


@router.post("/api/jobs/{job}/stop", name="stop_job")
def stop_job(request: Request, job: str) -> Job:
    """Ask a job to stop; what it has finished stays."""
    found: Job = request.app.state.jobs.stop(job)
    return found
