"""The coding page: one coder, one session, their own codes and nobody else's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from syntony.app import schema_coding as schema
from syntony.app.guard import visitor_of
from syntony.app.refusal import Refusal
from syntony.app.schema import REFUSALS, refusal
from syntony.app.visitors import ALONE
from syntony.io.codes.book import CodeBook, code_books
from syntony.io.codes.kept import KeptCodes, finish_codes, reopen_codes
from syntony.io.codes.value import CodeEvent
from syntony.io.study import open_study
from syntony.pipeline.coding import Film, Sheet, coding_sheet, keep_codes

if TYPE_CHECKING:
    from syntony.link.agreement.looking import Disagreement
    from syntony.link.agreement.study import AgreementRow

router = APIRouter(responses=REFUSALS | {409: refusal("These codes were changed meanwhile.")})


@router.get("/code/{session}", name="code", response_class=HTMLResponse)
def code(request: Request, session: str) -> Response:
    """Show the coding page; its script asks for the codes."""
    state, study = request.app.state, open_study(request.app.state.home.study, recordings=False)
    row = study.session(session)
    visitor = visitor_of(request.scope)
    page: Response = state.pages.render(
        request,
        "code.html",
        title=row.id,
        session=row.id,
        api=f"/api/coding/{quote(row.id)}",
        simulated=study.simulated,
        coder="" if visitor.name == ALONE else visitor.name,
        asked="",
        text=["common", "films", "code"],
    )
    return page


@router.get("/api/coding/{session}", name="coding")
def coding(request: Request, session: str, coder: str = "", book: str = "") -> schema.CodingSheet:
    """Give the book, the people and the coder's own codes."""
    who = coder_of(request, coder)
    return _sheet(coding_sheet(request.app.state.home.study, session, who, book=book))


@router.put("/api/coding/{session}", name="save_coding")
def save_coding(request: Request, session: str, given: schema.CodesToSave) -> schema.CodesSaved:
    """Keep all codes of the coder; when this answers, they are on the disk."""
    kept = keep_codes(
        request.app.state.home.study,
        session,
        coder_of(request, given.coder),
        [CodeEvent(**e.model_dump()) for e in given.events],
        revision=given.revision,
        book=given.book,
    )
    return _saved(kept)


@router.post("/api/coding/{session}/finish", name="finish_coding")
def finish_coding(request: Request, session: str, given: schema.CodesToFinish) -> schema.CodesSaved:
    """Call the codes finished: they may be compared from here."""
    study = open_study(request.app.state.home.study, recordings=False)
    who = coder_of(request, given.coder)
    return _saved(finish_codes(study.root, study.session(session).id, who, revision=given.revision))


@router.post("/api/coding/{session}/reopen", name="reopen_coding")
def reopen_coding(request: Request, session: str, given: schema.CodesToFinish) -> schema.CodesSaved:
    """Take finished codes up again."""
    study = open_study(request.app.state.home.study, recordings=False)
    who = coder_of(request, given.coder)
    return _saved(reopen_codes(study.root, study.session(session).id, who))


@router.get("/api/coding/{session}/agreement", name="coding_agreement")
def coding_agreement(request: Request, session: str, coder: str = "") -> schema.CodingAgreement:
    """Compare those who have finished; the asker must have, too."""
    from syntony.pipeline.coding_agreement import compare_session

    found = compare_session(request.app.state.home.study, session, coder_of(request, coder))
    return schema.CodingAgreement(
        words=request.app.state.pages.words("code.agreement_words"),
        rows=[_kappa(r) for r in found.rows],
        disagreements=[_parting(d) for d in found.disagreements],
        notes=list(found.notes),
    )


def coder_of(request: Request, asked: str) -> str:
    """Who codes: with an account its name and no other; else the name that is given."""
    visitor = visitor_of(request.scope)
    if visitor.name == ALONE:
        return asked
    if asked not in ("", visitor.name):
        raise Refusal(403, "other_codes", name=visitor.name)
    return visitor.name


def media_address(session: str) -> str:
    """Where the media of a session lie."""
    return f"/api/sessions/{quote(session)}/media"


def film_shapes(address: str, films: Iterable[Film]) -> list[schema.FilmShape]:
    """Films with the address they are played from, or what keeps a browser from playing them."""
    return [
        schema.FilmShape(
            url=f"{address}/{f.number}" if f.plays else "",
            name=f.name,
            offset_s=f.offset_s,
            rate_hz=f.rate_hz,
            trouble=f.trouble,
            remedy=f.remedy,
        )
        for f in films
    ]


def code_shapes(book: CodeBook, keys: Mapping[str, str]) -> list[schema.CodeShape]:
    """The book, with a key for each code."""
    return [
        schema.CodeShape(
            name=c.name,
            title=c.title or c.name,
            valence=c.valence,
            about="dyad" if c.about == "dyad" else "person",
            exclusive=c.exclusive,
            colour=c.colour,
            key=keys.get(c.name, ""),
        )
        for c in book.codes
    ]


def _sheet(sheet: Sheet) -> schema.CodingSheet:
    return schema.CodingSheet(
        session=sheet.session,
        coder=sheet.kept.coder,
        people=[schema.CodedPerson(id=p.id, role=p.role) for p in sheet.people],
        start_s=sheet.start_s,
        stop_s=sheet.stop_s,
        films=film_shapes(media_address(sheet.session), sheet.films),
        book=sheet.book.name,
        book_title=sheet.book.title,
        book_status=sheet.book.status,
        book_is_fixed=sheet.book_is_fixed,
        books=sorted(code_books()),
        codes=code_shapes(sheet.book, sheet.keys),
        events=[event_shape(e) for e in sheet.kept.events],
        revision=sheet.kept.revision,
        standing=_standing(sheet.kept),
    )


def event_shape(event: CodeEvent) -> schema.CodedEvent:
    """An event as JSON; one without a stop ends where it begins."""
    known = event.duration_s == event.duration_s
    return schema.CodedEvent(
        onset_s=event.onset_s,
        duration_s=event.duration_s if known else 0.0,
        **{k: getattr(event, k) for k in ("person", "code", "comment", "tier", "modifier")},
    )


def _standing(kept: KeptCodes) -> schema.StandingShape:
    standing = kept.standing
    return schema.StandingShape(
        finished_at=standing.finished_at,
        compared_at=standing.compared_at,
        reopened_at=standing.reopened_at,
    )


def _saved(kept: KeptCodes) -> schema.CodesSaved:
    return schema.CodesSaved(
        revision=kept.revision, count=len(kept.events), standing=_standing(kept)
    )


def _number(value: float) -> float | None:
    return value if isfinite(value) else None


def _kappa(row: AgreementRow) -> schema.KappaRow:
    return schema.KappaRow(
        coder_a=row.coder_a,
        coder_b=row.coder_b,
        code=row.code,
        value=_number(row.value),
        low=_number(row.low),
        high=_number(row.high),
        seconds=_number(row.units),
        share_a=_number(row.prevalence_a),
        share_b=_number(row.prevalence_b),
        status=row.status,
    )


def _parting(one: Disagreement) -> schema.Parting:
    names = ("role", "coder_a", "code_a", "coder_b", "code_b", "start_s", "stop_s", "seconds")
    return schema.Parting(**{n: getattr(one, n) for n in names})
