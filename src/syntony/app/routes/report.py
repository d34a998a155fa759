"""Reports in the app: the pages as they were written, their figures and tables to take along."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from syntony.app.guard import REPORT_POLICY
from syntony.app.refusal import Refusal
from syntony.app.routes.run import run_folder
from syntony.app.schema import REFUSALS, Documented
from syntony.core.errors import FileError
from syntony.core.files import is_within
from syntony.pipeline.run_states import list_run_states

router = APIRouter(responses=REFUSALS)
INDEX = "index.html"
TEXTS = {"methods.md": "text/markdown", "references.bib": "application/x-bibtex"}


PARQUET = "application/vnd.apache.parquet"


def _of(*kinds: str) -> Documented:
    """What a route answers that gives a file of one of these kinds."""
    return {200: {"content": {kind: {} for kind in kinds}, "description": "A file to keep."}}


MOVED: dict[int | str, dict[str, Any]] = {303: {"description": "To the newest report."}}


@router.get("/report", name="report", response_class=HTMLResponse, responses=MOVED)
def report(request: Request) -> Response:
    """Go to the report of the newest run that has one; without any, say so."""
    states = list_run_states(request.app.state.home.study)
    newest = next((s for s in states if s.has_report), None)
    if newest is not None:
        return RedirectResponse(f"/report/{newest.name}", status_code=303)
    page: Response = request.app.state.pages.render(request, "no_report.html")
    return page


@router.get("/report/{run}", name="report_of", response_class=HTMLResponse)
def report_of(request: Request, run: str, page: str = INDEX) -> Response:
    """Show a page of a report in its frame, with what can be taken along."""
    from syntony.report.loose_figures import figures_in
    from syntony.report.story import story_of

    state = request.app.state
    folder = run_folder(request, run)
    file = _page(request, folder, page)
    story = story_of(folder)
    names = [s.name for s in list_run_states(state.home.study) if s.has_report]
    shown: Response = state.pages.render(
        request,
        "report.html",
        run=run,
        runs=names,
        page=file.name,
        story=story,
        figures=figures_in(file),
        texts=[name for name in TEXTS if (folder / name).is_file()],
        text=["common", "report"],
    )
    return shown


@router.get("/report/{run}/report/{page}", name="report_page", response_class=HTMLResponse)
def report_page(request: Request, run: str, page: str) -> Response:
    """A page of a report as it was written: one file, without scripts, that loads nothing."""
    file = _page(request, run_folder(request, run), page)
    return FileResponse(
        file, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY}
    )


@router.get(
    "/report/{run}/figures/{page}/{number}.svg",
    name="figure",
    response_class=Response,
    responses=_of("image/svg+xml"),
)
def figure(request: Request, run: str, page: str, number: int) -> Response:
    """One figure of a page as a picture that stands alone."""
    from syntony.report.loose_figures import figures_in

    file = _page(request, run_folder(request, run), page)
    found = figures_in(file)
    if not 1 <= number <= len(found):
        raise HTTPException(404, request.app.state.pages.words("report.no_figure"))
    name = f"{run}_{file.stem}_figure-{number}.svg"
    return Response(
        found[number - 1].svg,
        media_type="image/svg+xml",
        headers={"Content-Security-Policy": REPORT_POLICY, **_as_file(name)},
    )


@router.get(
    "/report/{run}/tables/{table}.{ending}",
    name="table",
    response_class=FileResponse,
    responses=_of("text/csv", PARQUET),
)
def table(request: Request, run: str, table: str, ending: Literal["csv", "parquet"]) -> Response:
    """One table of a run, whole."""
    from syntony.report.story import table_file

    try:
        file = table_file(run_folder(request, run), table, ending)
    except FileError as error:
        raise HTTPException(404, error.found) from error
    _refuse_outside(request, file)
    kind = "text/csv" if ending == "csv" else PARQUET
    return FileResponse(file, media_type=kind, headers=_as_file(f"{run}_{table}.{ending}"))


@router.get(
    "/report/{run}/texts/{name}",
    name="text_file",
    response_class=FileResponse,
    responses=_of(*TEXTS.values()),
)
def text_file(
    request: Request, run: str, name: Literal["methods.md", "references.bib"]
) -> Response:
    """The methods paragraph of a run, or its references."""
    file = run_folder(request, run) / name
    if not file.is_file():
        raise HTTPException(404, request.app.state.pages.words("report.no_page"))
    _refuse_outside(request, file)
    return FileResponse(file, media_type=TEXTS[name], headers=_as_file(f"{run}_{name}"))


def _page(request: Request, folder: Path, page: str) -> Path:
    """File of a page by its name, looked up among those that lie there; 404 where there is none."""
    known = {p.name: p for p in (folder / "report").glob("*.html")}
    if page not in known:
        raise Refusal(404, "no_report_page", run=folder.name, page=page)
    _refuse_outside(request, known[page])
    return known[page]


def _refuse_outside(request: Request, file: Path) -> None:
    """Follow no link that leads out of the study."""
    if not is_within(file, request.app.state.home.study):
        raise HTTPException(404, request.app.state.pages.words("report.outside"))


def _as_file(name: str) -> dict[str, str]:
    """Headers of a download; run and page names hold no quotes, and what is not ASCII goes."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return {"Content-Disposition": f'attachment; filename="{plain}"'}
