"""Bringing recordings in: files sent by the browser, the plan shown first, then the import."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from syntony.app import work
from syntony.app.jobs import Bounds
from syntony.app.schema import REFUSALS, Documented, ImportOptions, Job, Upload, refusal

MORE: Documented = {
    409: refusal("Another one is running, or a study is there."),
    413: refusal("More than may be sent."),
}
RAW = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
router = APIRouter(responses=REFUSALS | MORE)


@router.post("/api/demo", name="make_demo", status_code=202)
def make_demo(request: Request) -> Job:
    """Make the demo study in a folder that is empty or not there."""
    state = request.app.state
    study = state.home.study
    if study.exists() and any(study.iterdir()):
        raise HTTPException(409, state.pages.words("study.not_empty"))
    title = state.pages.words("jobs.demo")
    started: Job = state.jobs.start(
        "demo", title, work.make_demo, {"study": str(study)}, alone=True
    )
    return started


@router.post("/api/uploads", name="begin_upload", status_code=201)
def begin_upload(request: Request) -> Upload:
    """Open an upload."""
    begun: Upload = request.app.state.uploads.begin()
    return begun


@router.put("/api/uploads/{upload}/files", name="upload_file", openapi_extra=RAW)
async def upload_file(
    request: Request, upload: str, name: Annotated[str, Query(min_length=1, max_length=800)]
) -> Upload:
    """Take one file in, as the bytes of the request."""
    taken: Upload = await request.app.state.uploads.add(upload, name, request.stream())
    return taken


@router.delete("/api/uploads/{upload}", name="drop_upload", status_code=204)
def drop_upload(request: Request, upload: str) -> Response:
    """Throw an upload away."""
    request.app.state.uploads.drop(upload)
    return Response(status_code=204)


@router.post("/api/uploads/{upload}/plan", name="plan_import", status_code=202)
def plan_import(request: Request, upload: str, options: ImportOptions) -> Job:
    """Say what an import would do; the job's result is the plan. Nothing is written."""
    return _start(request, upload, options, dry_run=True)


@router.post("/api/uploads/{upload}/import", name="import", status_code=202)
def carry_out(request: Request, upload: str, options: ImportOptions) -> Job:
    """Import the files into the study."""
    return _start(request, upload, options, dry_run=False)


def _start(request: Request, upload: str, options: ImportOptions, *, dry_run: bool) -> Job:
    """Read what was sent in a process with limits of its own."""
    state = request.app.state
    limits = state.home.limits
    arguments = {
        "folder": str(state.uploads.folder(upload)),
        "study": str(state.home.study),
        "options": options.chosen(),
        "ratio": limits.ratio,
        "most_bytes": limits.total_bytes,
        "dry_run": dry_run,
    }
    bounds = Bounds(memory_bytes=limits.memory_bytes, cpu_s=limits.cpu_s, wall_s=limits.wall_s)
    title = state.pages.words("jobs.plan" if dry_run else "jobs.import")
    kind = "plan" if dry_run else "import"
    started: Job = state.jobs.start(
        kind, title, work.bring_in, arguments, bounds=bounds, alone=True
    )
    return started
