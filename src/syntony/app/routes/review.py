"""The page of one session: both bodies, synchrony, codes and video on one playhead."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from syntony.app.guard import visitor_of
from syntony.app.pages import carried_run
from syntony.app.routes.signals import chosen_run, study_of
from syntony.app.schema import REFUSALS
from syntony.pipeline.review import run_names

router = APIRouter(responses=REFUSALS)


@router.get("/session/{session}", name="review", response_class=HTMLResponse)
def review(request: Request, session: str, run: str | None = None) -> Response:
    """Show the page; its scripts ask for the rest."""
    study, visitor = study_of(request, session), visitor_of(request.scope)
    ids = [row.id for row in study.sessions if visitor.may_open(row.id)]
    runs, chosen = run_names(study.root), chosen_run(study, run)
    at = ids.index(session) if session in ids else 0
    page: Response = request.app.state.pages.render(
        request,
        "review.html",
        session=study.session(session),
        simulated=study.simulated,
        sessions=ids,
        before=ids[at - 1] if at else "",
        after=ids[at + 1] if at + 1 < len(ids) else "",
        runs=runs,
        run=chosen,
        carried=carried_run(chosen if runs else None),
        text=["common", "films", "review"],
    )
    return page
