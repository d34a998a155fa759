"""What a session has: facts, tiles of its signals, courses and maps of a run."""

from __future__ import annotations

import asyncio
import re
import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as Part
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from syntony.app import schema_review as schema
from syntony.app.jobs import Busy
from syntony.app.refusal import Refusal
from syntony.app.schema import REFUSALS, refusal
from syntony.io.study import Study, open_study
from syntony.pipeline.pyramid import open_pyramid
from syntony.pipeline.review import FACTS, make_review, review_key, review_path, run_names
from syntony.pipeline.review_channels import pyramid_path

router = APIRouter(responses=REFUSALS)

AT_ONCE, MOST_WAITING, LOOK_S = 2, 32, 0.05
Hash = Annotated[str, Part(pattern=r"^[0-9a-f]{32}$")]
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "32-bit floats."}
}


def study_of(request: Request, session: str) -> Study:
    """The study, if it has this session; 404 where not."""
    study = open_study(request.app.state.home.study, recordings=False)
    if session not in {row.id for row in study.sessions}:
        raise Refusal(404, "no_session")
    return study


def chosen_run(study: Study, run: str | None) -> str:
    """The run that was asked for; none said: the newest finished; 404 where it is not there."""
    known = run_names(study.root)
    if run is None:
        return known[0] if known else ""
    if run and run not in known:
        raise Refusal(404, "no_run")
    return run


def _kept(request: Request, session: str, run: str | None) -> tuple[Study, str, Path]:
    """Study, run, and where what is shown of a session would be kept."""
    study, cache = study_of(request, session), request.app.state.home.cache
    chosen = chosen_run(study, run)
    return study, chosen, review_path(cache, review_key(study, session, chosen))


async def review_folder(request: Request, session: str, run: str | None) -> Path:
    """Folder of what is shown of a session; made in a process of its own where it is not there.

    One process makes it for all who ask for the same, few at once; who waits holds no thread.
    """
    study, chosen, target = await run_in_threadpool(_kept, request, session, run)
    if (target / FACTS).is_file():
        return target
    jobs, home = request.app.state.jobs, request.app.state.home
    given = {"root": str(study.root), "session": session, "run": chosen, "cache": str(home.cache)}
    start = partial(
        jobs.start,
        *("review", session, make_review, given),
        bounds=home.limits.bounds,
        most=AT_ONCE,
        key=target.name,
    )
    with jobs.waiting(MOST_WAITING):
        until_s, job = time.monotonic() + home.limits.wall_s, None
        while job is None:
            try:
                job = await run_in_threadpool(start)
            except Busy:
                if time.monotonic() > until_s:
                    raise
                await asyncio.sleep(LOOK_S)
        while job.state == "running":  # its bounds end it
            await asyncio.sleep(LOOK_S)
            job = jobs.get(job.id)
    if job.state != "finished":
        raise HTTPException(422, job.message) if job.message else Refusal(422, "unread")
    return review_path(home.cache, str(job.result))


@router.get(
    "/api/sessions/{session}",
    name="review_facts",
    responses={
        200: {"model": schema.Review},
        409: refusal("Too many sessions are being read."),
        429: refusal("Too many wait for a session."),
    },
)
async def review_facts(request: Request, session: str, run: str | None = None) -> Response:
    """People, channels, codes, moments and results of a session; arrays are fetched by name."""
    folder = await review_folder(request, session, run)
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
        raise Refusal(404, "no_channel")
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
        raise Refusal(404, "no_array")
    path = review_path(request.app.state.home.cache, review) / f"{name}.f32"
    if not path.is_file():
        raise Refusal(404, "no_array")
    return FileResponse(path, media_type="application/octet-stream")
