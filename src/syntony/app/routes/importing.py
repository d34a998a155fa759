"""Bringing recordings in: files sent by the browser, the plan shown first, then the import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from syntony.app import work
from syntony.app.schema import (
    REFUSALS,
    Documented,
    ImportOptions,
    Job,
    NameRead,
    NamesRead,
    NamesTold,
    Upload,
    refusal,
)
from syntony.pipeline.naming import read_names

MORE: Documented = {
    409: refusal("Another one is running, a study is there, or the upload is gone."),
    413: refusal("More than may be sent."),
}
RAW = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
router = APIRouter(responses=REFUSALS | MORE)

MOST_NAMES, SHOWN_NAMES = 200, 8


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


@router.post("/api/uploads/{upload}/look", name="look_at_upload", status_code=202)
def look_at_upload(request: Request, upload: str) -> Job:
    """Say what the files hold and guess at their names; the job's result is that."""
    return _read(request, upload, "look", work.look_in)


@router.post("/api/uploads/{upload}/names", name="read_names")
def names(request: Request, upload: str, told: NamesTold) -> NamesRead:
    """Say what a pattern reads from the names of the files; no file is opened."""
    sent = request.app.state.uploads.names(upload)
    read = read_names(sent[:MOST_NAMES], told.pattern, told.values)
    fit = [NameRead(file=name, fields=fields) for name, fields in read if fields is not None]
    unfit = [NameRead(file=name, fields={}) for name, fields in read if fields is None]
    return NamesRead(
        all=len(read),
        fit=len(fit),
        more=max(0, len(sent) - MOST_NAMES),
        rows=fit[:SHOWN_NAMES],
        others=unfit[:3],
    )


@router.post("/api/uploads/{upload}/plan", name="plan_import", status_code=202)
def plan_import(request: Request, upload: str, options: ImportOptions) -> Job:
    """Say what an import would do; the job's result is the plan. Nothing is written."""
    return _start(request, upload, options, dry_run=True)


@router.post("/api/uploads/{upload}/import", name="import", status_code=202)
def carry_out(request: Request, upload: str, options: ImportOptions) -> Job:
    """Import the files into the study."""
    return _start(request, upload, options, dry_run=False)


def _start(request: Request, upload: str, options: ImportOptions, *, dry_run: bool) -> Job:
    """Plan or import, with what the files do not say."""
    study = str(request.app.state.home.study)
    more = {"study": study, "options": options.chosen(), "dry_run": dry_run}
    return _read(request, upload, "plan" if dry_run else "import", work.bring_in, **more)


def _read(request: Request, upload: str, kind: str, do: Callable[..., Any], **more: Any) -> Job:
    """Read what was sent in a process with limits of its own; what was imported goes."""
    state = request.app.state

    def on_end(job: Job) -> None:
        if kind == "import" and job.state == "finished":
            state.uploads.forget(upload)

    limits = state.home.limits
    arguments = {
        "folder": str(state.uploads.folder(upload)),
        "ratio": limits.ratio,
        "most_bytes": limits.total_bytes,
        **more,
    }
    title = state.pages.words(f"jobs.{kind}")
    started: Job = state.jobs.start(
        kind, title, do, arguments, bounds=limits.bounds, alone=True, on_end=on_end
    )
    return started
