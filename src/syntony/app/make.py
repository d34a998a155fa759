"""The app, built around one home; nothing of it lives at module level."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI

from syntony.app.accounts import AT_ONCE, Accounts, Attempts
from syntony.app.assets import Assets
from syntony.app.audit import Audit
from syntony.app.errors import answer_errors
from syntony.app.guard import Guard
from syntony.app.home import Home
from syntony.app.jobs import Jobs
from syntony.app.live_desk import Desk
from syntony.app.notes import Notes
from syntony.app.pages import Pages
from syntony.app.schema import Problem, Problems
from syntony.app.trying import Trials
from syntony.app.uploads import Uploads
from syntony.app.visitors import Lookup, Visitor, Visitors
from syntony.core.version import __version__

PARTS = (
    "enter",
    "study",
    "importing",
    "jobs",
    "review",
    "signals",
    "media",
    "code",
    "run",
    "report",
    "quality",
    "clips",
    "rate",
    "live",
    "accounts",
    "trials",
)
"""Files of ``routes/``, each with a ``router``; a new page adds its name here and its routes to
``rules.py``."""


def make_app(home: Home) -> FastAPI:
    """Build the app around one study.

    Parameters
    ----------
    home : Home

    Returns
    -------
    FastAPI
        ``app.state`` holds ``home``, ``accounts``, ``visitors``, ``audit``, ``jobs``, ``desk``,
        ``uploads``, ``pages`` and ``trials``.

    Examples
    --------
    >>> from pathlib import Path
    >>> app = make_app(Home(study=Path("my-study"), data=Path("my-data")))
    >>> app.state.home.study
    PosixPath('my-study')
    """
    app = FastAPI(
        title="Syntony",
        version=__version__,
        docs_url=None,  # both pages bring scripts from elsewhere
        redoc_url=None,
        openapi_url=None,
        lifespan=_stopping_jobs,
    )
    app.state.home = home
    app.state.accounts = Accounts(home.data)
    app.state.attempts = Attempts()
    app.state.hashing = CapacityLimiter(AT_ONCE)
    app.state.audit = Audit(home.data)
    app.state.visitors = Visitors(
        token=home.token,
        idle_s=home.idle_s,
        lookup=_lookup(app.state.accounts),
        is_shared=app.state.accounts.__bool__,
    )
    app.state.jobs = Jobs()
    app.state.desk = Desk(home.study)
    app.state.uploads = Uploads(home)
    assets = Assets(Path(str(files("syntony.app") / "static")))
    app.state.pages = Pages(assets)
    app.state.trials = Trials(app.state.jobs, app.state.pages.words("jobs.check"))
    answer_errors(app)
    app.mount("/static", assets, name="static")
    for part in PARTS:
        router: APIRouter = import_module(f"syntony.app.routes.{part}").router
        app.router.routes.extend(router.routes)  # flat: the guard reads every one by its name
    _document_problems(app)
    app.add_middleware(
        Guard,
        home=home,
        visitors=app.state.visitors,
        notes=Notes(app.state.audit, home),
        router=app.router,
        watches=lambda route: route == "live_signals" and app.state.desk.is_awake,
    )
    return app


def _document_problems(app: FastAPI) -> None:
    """Put the shape of every refusal into the document, as no route names it by itself."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        said = plain()
        shapes = said.setdefault("components", {}).setdefault("schemas", {})
        for shape in (Problem, Problems):
            made = shape.model_json_schema(ref_template="#/components/schemas/{model}")
            made.pop("$defs", None)
            shapes[shape.__name__] = made
        return said

    app.openapi = openapi  # type: ignore[method-assign]


def _lookup(accounts: Accounts) -> Lookup:
    """How the visitors ask for an account."""

    def find(name: str) -> tuple[Visitor, int] | None:
        found = accounts.find(name)
        return found and (found[0].visitor, found[1])

    return find


@asynccontextmanager
async def _stopping_jobs(app: FastAPI) -> AsyncIterator[None]:
    """End what is still running when the app ends."""
    yield
    app.state.desk.close()
    app.state.jobs.close()
    app.state.uploads.close()
