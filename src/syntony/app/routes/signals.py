"""What a session has: facts, tiles of its signals, courses and maps of a run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as Part
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from syntony.app import schema_review as schema
from syntony.app.schema import REFUSALS
from syntony.io.study import Study, open_study
from syntony.pipeline.pyramid import open_pyramid
from syntony.pipeline.review import FACTS, make_review, review_key, review_path, run_names
from syntony.pipeline.review_channels import pyramid_path

router = APIRouter(responses=REFUSALS)

PATIENCE_S = 600.0
Hash = Annotated[str, Part(pattern=r"^[0-9a-f]{32}$")]
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "32-bit floats."}
}


def study_of(request: Request, session: str) -> Study:
    """The study, if it has this session; 404 where not."""
    study = open_study(request.app.state.home.study, recordings=False)
    if session not in {row.id for row in study.sessions}:
        raise HTTPException(404, "This study has no such session.")
    return study


def chosen_run(study: Study, run: str | None) -> str:
    """The run that was asked for; none said: the newest finished; 404 where it is not there."""
    known = run_names(study.root)
    if run is None:
        return known[0] if known else ""
    if run and run not in known:
        raise HTTPException(404, "This study has no such finished run.")
    return run


def review_folder(request: Request, session: str, run: str | None) -> Path:
    """Folder of what is shown of a session; made in a process of its own where it is not there."""
    study, cache = study_of(request, session), request.app.state.home.cache
    chosen = chosen_run(study, run)
    target = review_path(cache, review_key(study, session, chosen))
    if not (target / FACTS).is_file():
        given = {"root": str(study.root), "session": session, "run": chosen, "cache": str(cache)}
        jobs = request.app.state.jobs
        job = jobs.wait(jobs.start("review", session, make_review, given).id, PATIENCE_S)
        if job.state != "finished":
            raise HTTPException(422, job.message or "The session could not be read.")
        target = review_path(cache, str(job.result))
    return target


@router.get(
    "/api/sessions/{session}",
    name="review_facts",
    responses={200: {"model": schema.Review}},
)
def review_facts(request: Request, session: str, run: str | None = None) -> Response:
    """People, channels, codes, moments and results of a session; arrays are fetched by name."""
    folder = review_folder(request, session, run)
    return Response(
        (folder / FACTS).read_bytes(),
        media_type="application/json",
        headers={"X-Syntony-Review": folder.name},
    )


@router.get("/api/sessions/{session}/runs", name="review_runs")
def review_runs(request: Request, session: str) -> schema.RunNames:
    """Finished runs of the study, the newest first."""
    return schema.RunNames(runs=run_names(study_of(request, session).root))


@router.get(
    "/api/sessions/{session}/tiles/{channel}/{level}/{tile}",
    name="tile",
    response_class=Response,
    responses=BYTES,
)
def tile(
    request: Request,
    session: str,
    channel: Hash,
    level: Annotated[int, Part(ge=0, le=30)],
    tile: Annotated[int, Part(ge=0, le=2**31)],
) -> Response:
    """One tile of a channel's pyramid; the name of the channel is the hash of its samples."""
    path = pyramid_path(request.app.state.home.cache, channel)
    if not path.is_file():
        raise HTTPException(404, "No such channel: open the session again.")
    data = open_pyramid(path).tile(level, tile)
    return Response(data, media_type="application/octet-stream")


@router.get(
    "/api/sessions/{session}/arrays/{review}/{name}",
    name="review_array",
    response_class=FileResponse,
    responses=BYTES,
)
def review_array(request: Request, session: str, review: Hash, name: str) -> Response:
    """Course, map or moments of a review: ``course_0``, ``map_0``, ``events_1``."""
    if not re.fullmatch(r"(course|map|events)_[0-9]{1,3}", name):
        raise HTTPException(404, "No such array.")
    path = review_path(request.app.state.home.cache, review) / f"{name}.f32"
    if not path.is_file():
        raise HTTPException(404, "No such array: open the session again.")
    return FileResponse(path, media_type="application/octet-stream")
