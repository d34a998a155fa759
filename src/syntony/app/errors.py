"""Errors as answers: the field to mark in a form, or a page that says what to do."""

from __future__ import annotations

import os
from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from syntony.app.refusal import Refusal
from syntony.app.schema import Problem, Problems
from syntony.core.errors import Conflict, SyntonyError


def answer_errors(app: FastAPI) -> None:
    """Teach the app to answer errors made on purpose; others stay errors, and are 500."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ValidationError, _invalid)
    app.add_exception_handler(SyntonyError, _known)


async def _http(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    headers = getattr(error, "headers", None)
    message = str(getattr(error, "detail", error))
    if isinstance(error, Refusal):
        message = request.app.state.pages.words(error.key, **error.values)
    return answer(request, status, [Problem(field="", message=message)], headers)


async def _invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError | ValidationError) else []
    problems = [
        Problem(field=".".join(str(p) for p in e["loc"] if p != "body"), message=str(e["msg"]))
        for e in found
    ]
    return answer(request, 422, problems)


async def _known(request: Request, error: Exception) -> Response:
    field = str(getattr(error, "field", ""))
    status = 409 if isinstance(error, Conflict) else 422
    return answer(request, status, [Problem(field=field, message=str(error))])


def answer(
    request: Request,
    status: int,
    problems: Sequence[Problem],
    headers: dict[str, str] | None = None,
) -> Response:
    """Problems as a page where one was asked for, else as JSON."""
    problems = [p.model_copy(update={"message": _told_here(request, p.message)}) for p in problems]
    is_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(
        "/api/"
    )
    if is_page:
        page: Response = request.app.state.pages.render(
            request, "error.html", status=status, problems=problems
        )
        page.status_code = status
        return page
    return JSONResponse(
        Problems(problems=list(problems)).model_dump(), status_code=status, headers=headers
    )


def _told_here(request: Request, text: str) -> str:
    """Files as they lie in the study: where that is on the machine is nobody's business here."""
    home = request.app.state.home
    for folder in (home.study, home.data, home.cache):
        for root in {str(folder.absolute()), str(folder.resolve())}:
            text = text.replace(f"{root}{os.sep}", "").replace(root, folder.name)
    return text
