"""The study page: its sessions as a table, what is missing, the runs."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from syntony.app.guard import visitor_of
from syntony.app.run_lines import run_lines
from syntony.app.schema import REFUSALS
from syntony.app.session_table import session_table, shown_figure, sorted_by
from syntony.core.units import KINDS, units_for

AT_ONCE = 100
"""Rows that are drawn with the page; further ones are in it, and drawn when they are reached."""
router = APIRouter(responses=REFUSALS)


@router.get("/", name="study", response_class=HTMLResponse)
def study(request: Request) -> Response:
    """Show the sessions; an empty folder is offered a demo and an import."""
    from syntony.pipeline.overview import overview

    visitor, state = visitor_of(request.scope), request.app.state
    found = overview(state.home.study)
    words = state.pages.words
    lines = [s for s in found.sessions if visitor.may_open(s.id)]
    table = session_table(lines, blind=visitor.is_blind)
    page: Response = state.pages.render(
        request,
        "study.html",
        study=found,
        table=table,
        sorted_by=sorted_by(table),
        at_once=AT_ONCE,
        lacking=any(r.problem or r.missing for r in table),
        types=sorted({s.type for s in lines if s.type}),
        leading=shown_figure(lines),
        nowhere=[words(f"study.no_{what}") for what in found.nowhere],
        runs=run_lines(found.runs, state.jobs),
        kinds={name: kind.title for name, kind in KINDS.items()},
        units_of={name: list(units_for(name) or (kind.unit,)) for name, kind in KINDS.items()},
        folder=state.home.study.name,
        text=["common", "study", "jobs"],
    )
    return page
