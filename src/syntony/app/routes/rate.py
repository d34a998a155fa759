"""The rating page: a continuous rating while the recording plays, kept as it goes."""

from __future__ import annotations

from math import isfinite, nan

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from syntony.app import schema_coding as schema
from syntony.app.guard import visitor_of
from syntony.app.refusal import Refusal
from syntony.app.routes.code import film_shapes, media_address
from syntony.app.schema import REFUSALS
from syntony.app.visitors import ALONE, OWNER
from syntony.core.errors import InputError
from syntony.core.rated import rating_kind, split_kind
from syntony.core.signal import Signal
from syntony.io.rating_log import RatingLog
from syntony.io.study import open_study
from syntony.pipeline import rating as below

router = APIRouter(responses=REFUSALS)


@router.get("/rate/{session}", name="rate", response_class=HTMLResponse)
def rate(request: Request, session: str) -> Response:
    """Show the rating page; its script asks for what there is to rate."""
    state, study = request.app.state, open_study(request.app.state.home.study, recordings=False)
    row = study.session(session)
    page: Response = state.pages.render(
        request,
        "rate.html",
        session=row.id,
        simulated=study.simulated,
        rater=_only_rater(request),
        text=["common", "films", "rate"],
    )
    return page


@router.get("/api/rating/{session}", name="rating")
def rating(request: Request, session: str) -> schema.RatingPage:
    """Say whom and what can be rated, and what is there."""
    home = request.app.state.home.study
    sheet = below.rating_sheet(home, session, rater=_only_rater(request))
    kept = [(person, split_kind(kind) or ("", "")) for person, kind in sheet.kept]
    return schema.RatingPage(
        session=session,
        people=[schema.CodedPerson(id=p.id, role=p.role) for p in sheet.people],
        start_s=sheet.start_s,
        stop_s=sheet.stop_s,
        films=film_shapes(media_address(session), sheet.films),
        kept=[schema.KeptRating(person=p, what=w[0], rater=w[1]) for p, w in kept],
        begun=[_begun(log, below.next_sample(home, log)) for log in sheet.begun],
    )


@router.post("/api/rating/{session}", name="begin_rating")
def begin_rating(request: Request, session: str, given: schema.RatingToBegin) -> schema.BegunRating:
    """Begin a rating, or go on with one that was not finished."""
    visitor, only = visitor_of(request.scope), _only_rater(request)
    if only and given.rater not in ("", only):
        raise Refusal(403, "own_name", name=only)
    others = given.rater not in ("", visitor.name) and visitor.name != ALONE
    if others and request.app.state.accounts.find(given.rater) is not None:
        raise Refusal(403, "other_name")
    asked = RatingLog(
        session=session,
        by="" if visitor.name == ALONE else visitor.name,
        **{**given.model_dump(), "rater": only or given.rater},
    )
    log, following = below.begin_rating(request.app.state.home.study, asked)
    return _begun(log, following)


@router.post("/api/rating/{session}/samples", name="add_samples")
def add_samples(request: Request, session: str, given: schema.Samples) -> schema.SamplesKept:
    """Keep samples; when this answers, they are on the disk."""
    _refuse_others(request, session, given.id)
    values = [nan if v is None else v for v in given.values]
    home = request.app.state.home.study
    following = below.add_samples(home, session, given.id, given.first, values)
    return schema.SamplesKept(next=following)


@router.post("/api/rating/{session}/finish", name="finish_rating")
def finish_rating(request: Request, session: str, given: schema.RatingName) -> schema.RatedCourse:
    """Make a signal of the study from it."""
    _refuse_others(request, session, given.id)
    return _course(below.finish_rating(request.app.state.home.study, session, given.id))


@router.post("/api/rating/{session}/drop", name="drop_rating")
def drop_rating(request: Request, session: str, given: schema.RatingName) -> schema.RatingPage:
    """Put an unfinished rating aside; nothing is deleted."""
    _refuse_others(request, session, given.id, owner=True)
    below.drop_rating(request.app.state.home.study, session, given.id)
    return rating(request, session)


@router.get("/api/rating/{session}/course", name="rated")
def rated(request: Request, session: str, person: str, what: str, rater: str) -> schema.RatedCourse:
    """Give a rating that is in the study, for its picture."""
    only = _only_rater(request)
    if only and rater != only:
        raise Refusal(403, "other_rating")
    home = request.app.state.home.study
    return _course(below.kept_rating(home, session, person, rating_kind(what, rater)))


def _only_rater(request: Request) -> str:
    """The one name under which a coder rates; empty where any may be chosen."""
    visitor = visitor_of(request.scope)
    return visitor.name if visitor.is_blind else ""


def _refuse_others(request: Request, session: str, log_id: str, *, owner: bool = False) -> None:
    """Refuse a rating that another began; an owner may put it aside, as somebody must be able to.

    A coder is not even told whether there is one of this name.
    """
    visitor = visitor_of(request.scope)
    if visitor.name == ALONE or (owner and visitor.role == OWNER):
        return
    try:
        log = below.log_of(request.app.state.home.study, session, log_id)
    except InputError:
        if not visitor.is_blind:
            raise
        log = None
    before_accounts = log is not None and not log.by and not visitor.is_blind
    if log is None or not (before_accounts or visitor.name == (log.by or log.rater)):
        raise Refusal(403, "other_rating")


def _begun(log: RatingLog, following: int) -> schema.BegunRating:
    names = ("id", "person", "what", "rater", "rate_hz", "low", "high")
    return schema.BegunRating(**{n: getattr(log, n) for n in names}, next=following)


def _course(signal: Signal) -> schema.RatedCourse:
    what, rater = split_kind(signal.kind) or ("", "")
    return schema.RatedCourse(
        person=signal.person,
        what=what,
        rater=rater,
        rate_hz=signal.rate_hz,
        start_s=signal.start_s,
        values=[v if isfinite(v) else None for v in signal.values.tolist()],
    )
