"""Data quality: what each channel holds, what was lost and why, artefacts marked by hand."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from syntony.app.guard import visitor_of
from syntony.app.routes.signals import study_of
from syntony.app.schema import REFUSALS
from syntony.app.schema_quality import MarkGiven, MarkList, MarkShown
from syntony.io.study import Study
from syntony.pipeline.run_states import find_run, newest_run

router = APIRouter(responses=REFUSALS)


@router.get("/quality/{session}", name="quality", response_class=HTMLResponse)
def quality(request: Request, session: str) -> Response:
    """Show the page; its scripts ask for signals and marks."""
    from syntony.report.story import losses_of

    study, visitor = study_of(request, session), visitor_of(request.scope)
    ids = [row.id for row in study.sessions if visitor.may_open(row.id)]
    at = ids.index(session)
    newest = newest_run(study.root)
    page: Response = request.app.state.pages.render(
        request,
        "quality.html",
        session=study.session(session),
        study=study,
        before=ids[at - 1] if at else "",
        after=ids[at + 1] if at + 1 < len(ids) else "",
        run=newest.name if newest else "",
        losses=losses_of(find_run(study.root, newest.name), session) if newest else [],
        text=["common", "quality"],
    )
    return page


@router.get("/api/quality/{session}/marks", name="marks")
def marks(request: Request, session: str) -> MarkList:
    """Every mark of a session, those that were withdrawn too."""
    return _list(study_of(request, session), session)


@router.post("/api/quality/{session}/marks", name="add_mark", status_code=201)
def add_mark(request: Request, session: str, given: MarkGiven) -> MarkList:
    """Call a stretch of a channel an artefact; the next run leaves it out."""
    from syntony.core.session import Mark
    from syntony.pipeline import marked

    study = study_of(request, session)
    mark = Mark(**given.model_dump(exclude={"reason"}))
    by = visitor_of(request.scope).name
    made = marked.add_mark(study, session, mark, by=by, reason=given.reason)
    return _list(study, session, made.id)


@router.post("/api/quality/{session}/marks/{mark}/withdraw", name="withdraw_mark")
def withdraw_mark(request: Request, session: str, mark: str) -> MarkList:
    """Take a mark back; the mark and its withdrawal both stay in the list."""
    from syntony.pipeline import marked

    study = study_of(request, session)
    marked.withdraw_mark(study, session, mark, by=visitor_of(request.scope).name)
    return _list(study, session)


def _list(study: Study, session: str, made: str = "") -> MarkList:
    from syntony.pipeline.marked import mark_lines, runs_before

    shown = [MarkShown(**asdict(line)) for line in mark_lines(study, session)]
    return MarkList(marks=shown, runs_before=list(runs_before(study, session)), made=made)
