"""Video and sound of a session: which there are, their bytes, and where their clock lies."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi import Path as Part
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from syntony.app.refusal import Refusal
from syntony.app.routes.signals import study_of
from syntony.app.schema import REFUSALS
from syntony.app.schema_review import MediaFacts, MediaList, Offset
from syntony.io.media import Media, media_of, write_offset
from syntony.io.video import frame_rate

router = APIRouter(responses=REFUSALS)
Number = Annotated[int, Part(ge=0, le=999)]


def _facts(session: str, number: int, media: Media) -> MediaFacts:
    return MediaFacts(
        number=number,
        name=media.path.name,
        kind="video" if media.kind == "video" else "sound",
        mime=media.mime,
        url=f"/api/sessions/{quote(session)}/media/{number}" if media.mime else "",
        offset_s=media.offset_s,
        offset_from=media.offset_from,
        trouble=media.trouble,
        remedy=media.remedy,
        frame_rate_hz=frame_rate(media.path) if media.mime and media.kind == "video" else None,
    )


def _one(request: Request, session: str, number: int) -> Media:
    found = media_of(study_of(request, session), session)
    if number >= len(found):
        raise Refusal(404, "no_media")
    return found[number]


@router.get("/api/sessions/{session}/media", name="media_list")
def media_list(request: Request, session: str) -> MediaList:
    """Video and sound of a session, with what a browser cannot play and the command that helps."""
    found = media_of(study_of(request, session), session)
    return MediaList(media=[_facts(session, k, m) for k, m in enumerate(found)])


@router.get(
    "/api/sessions/{session}/media/{number}",
    name="media_file",
    response_class=FileResponse,
    responses={
        200: {"content": {"video/*": {}, "audio/*": {}}, "description": "The whole file."},
        206: {"content": {"video/*": {}, "audio/*": {}}, "description": "A part of the file."},
        400: {"description": "A range that is none."},
        416: {"description": "A range outside of the file."},
    },
)
def media_file(request: Request, session: str, number: Number) -> FileResponse:
    """The bytes of one file; parts of it by the header ``Range``."""
    media = _one(request, session, number)
    if not media.mime:
        raise HTTPException(404, media.trouble)
    return FileResponse(media.path, media_type=media.mime)


@router.put("/api/sessions/{session}/media/{number}/offset", name="set_media_offset")
def set_media_offset(request: Request, session: str, number: Number, offset: Offset) -> MediaFacts:
    """Keep, beside the data, at which second of the file the session clock is zero."""
    name = _one(request, session, number).path.name
    write_offset(study_of(request, session), session, name, offset.offset_s)
    return _facts(session, number, _one(request, session, number))
