"""Blind coding: clips in random order, without signals, synchrony or class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi import Path as Part
from fastapi.responses import FileResponse, HTMLResponse, Response

from syntony.app import schema_coding as schema
from syntony.app.guard import visitor_of
from syntony.app.refusal import Refusal
from syntony.app.routes.code import code_shapes, coder_of, event_shape, film_shapes
from syntony.app.rules import allows
from syntony.app.schema import REFUSALS, Job, refusal
from syntony.app.visitors import ALONE
from syntony.app.work_run import lay_clips
from syntony.core.errors import InputError
from syntony.io.codes.value import CodeEvent
from syntony.io.study import open_study
from syntony.pipeline.review import run_names

if TYPE_CHECKING:
    from syntony.pipeline.blind import ClipSheet

router = APIRouter(responses=REFUSALS | {409: refusal("These codes were changed meanwhile.")})
NOTHING = schema.StandingShape(finished_at="", compared_at="", reopened_at="")


@router.get("/clips", name="clips", response_class=HTMLResponse)
def clips(request: Request, coder: str = "") -> Response:
    """Show the sets of clips and how far the coder is."""
    from syntony.pipeline.blind import clip_lists

    visitor, state = visitor_of(request.scope), request.app.state
    who = coder_of(request, coder)
    sets = clip_lists(state.home.study, who, may_open=visitor.may_open)
    may_make = allows("make_clips", visitor.role)
    page: Response = state.pages.render(
        request,
        "clips.html",
        sets=sets,
        coder=who,
        alone=visitor.name == ALONE,
        simulated=open_study(state.home.study, recordings=False).simulated,
        runs=run_names(state.home.study) if may_make else [],
        text=["common", "clips", "jobs"],
    )
    return page


@router.post("/api/clips", name="make_clips", status_code=202)
def make_clips(request: Request, given: schema.ClipsWanted) -> Job:
    """Lay out clips of a run for blind coders; the key stays in the study, the list beside it.

    The folder for coders who work without the app lies in the data folder of the app, since
    nothing for coders may lie in the study.
    """
    from syntony.pipeline.run import next_free

    state = request.app.state
    study = state.home.study
    if given.run and given.run not in run_names(study):
        raise InputError("run", given.run, f"one of {run_names(study)}")
    folder = next_free(state.home.data / "clips", "for-coders")
    arguments = {
        "study": str(study),
        "folder": str(state.home.data / "clips" / folder),
        "options": given.model_dump(),
    }
    title = state.pages.words("jobs.clips")
    job: Job = state.jobs.start("clips", title, lay_clips, arguments, alone=True)
    return job


@router.get("/code/clips/{set}/{number}", name="code_clip", response_class=HTMLResponse)
def code_clip(request: Request, set: str, number: int, coder: str = "") -> Response:
    """Show one clip on the coding page."""
    from syntony.pipeline.blind import clip_sheet

    visitor, state = visitor_of(request.scope), request.app.state
    who = coder_of(request, coder) or "nobody"
    sheet = clip_sheet(state.home.study, set, number, who, may_open=visitor.may_open)
    page: Response = state.pages.render(
        request,
        "code.html",
        title=state.pages.words("code.clip", number=number),
        session="",
        api=f"/api/clips/{quote(sheet.set)}/{number}",
        simulated=open_study(state.home.study, recordings=False).simulated,
        coder="" if visitor.name == ALONE else visitor.name,
        asked=coder,
        text=["common", "films", "code"],
    )
    return page


@router.get("/api/clips/{set}/{number}", name="clip_coding")
def clip_coding(request: Request, set: str, number: int, coder: str = "") -> schema.CodingSheet:
    """Give a clip, the book, and the coder's own codes of it."""
    from syntony.pipeline.blind import clip_sheet

    who = coder_of(request, coder)
    return _sheet(request, clip_sheet(**_asked(request, set, number), coder=who), who)


@router.get(
    "/api/clips/{set}/{number}/films/{film}",
    name="clip_film",
    response_class=FileResponse,
    responses={206: {"description": "A part."}, 416: {"description": "A range outside of it."}},
)
def clip_film(
    request: Request, set: str, number: int, film: Annotated[int, Part(ge=0, le=999)]
) -> FileResponse:
    """The bytes of a film of a clip, under numbers that do not tell the session."""
    from syntony.pipeline.blind import clip_film as find

    found = find(**_asked(request, set, number), film=film)
    if found is None:
        raise Refusal(404, "no_clip_film")
    return FileResponse(found.path, media_type=found.mime)


@router.put("/api/clips/{set}/{number}", name="save_clip_coding")
def save_clip_coding(
    request: Request, set: str, number: int, given: schema.CodesToSave
) -> schema.CodesSaved:
    """Keep all codes of one clip; when this answers, they are on the disk."""
    from syntony.pipeline.blind import keep_clip_codes

    revision, count = keep_clip_codes(
        **_asked(request, set, number),
        coder=coder_of(request, given.coder),
        events=[CodeEvent(**e.model_dump()) for e in given.events],
        revision=given.revision,
    )
    return schema.CodesSaved(revision=revision, count=count, standing=NOTHING)


def _asked(request: Request, name: str, number: int) -> Mapping[str, Any]:
    return {
        "study": request.app.state.home.study,
        "name": name,
        "number": number,
        "may_open": visitor_of(request.scope).may_open,
    }


def _sheet(request: Request, sheet: ClipSheet, coder: str) -> schema.CodingSheet:
    words = request.app.state.pages.words
    films = [replace(f, name=words("code.camera_number", number=f.number + 1)) for f in sheet.films]
    return schema.CodingSheet(
        session=f"{sheet.set} {sheet.number}",
        coder=coder,
        people=[schema.CodedPerson(id=p.id, role=p.role) for p in sheet.people],
        start_s=0.0,
        stop_s=sheet.length_s,
        films=film_shapes(f"/api/clips/{quote(sheet.set)}/{sheet.number}/films", films),
        book=sheet.book.name,
        book_title=sheet.book.title,
        book_status=sheet.book.status,
        book_is_fixed=True,
        books=[sheet.book.name],
        codes=code_shapes(sheet.book, sheet.keys),
        events=[event_shape(e) for e in sheet.events],
        revision=sheet.revision,
        standing=NOTHING,
        core=list(sheet.core_s),
        numbers=list(sheet.numbers),
    )
