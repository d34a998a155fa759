"""The app, built around one home; nothing of it lives at module level."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.resources import files

from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from syntony.app.errors import answer_errors
from syntony.app.guard import Guard
from syntony.app.home import Home
from syntony.app.jobs import Jobs
from syntony.app.pages import Pages
from syntony.app.visitors import Visitors
from syntony.core.version import __version__

PARTS = ("enter", "study", "jobs", "code", "clips", "rate")
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
        ``app.state`` holds ``home``, ``visitors``, ``jobs`` and ``pages``.

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
    app.state.visitors = Visitors(token=home.token, idle_s=home.idle_s)
    app.state.jobs = Jobs()
    app.state.pages = Pages()
    answer_errors(app)
    app.mount("/static", StaticFiles(directory=str(files("syntony.app") / "static")), name="static")
    for part in PARTS:
        router: APIRouter = import_module(f"syntony.app.routes.{part}").router
        app.router.routes.extend(router.routes)  # flat: the guard reads every one by its name
    app.add_middleware(Guard, home=home, visitors=app.state.visitors, router=app.router)
    return app


@asynccontextmanager
async def _stopping_jobs(app: FastAPI) -> AsyncIterator[None]:
    """End what is still running when the app ends."""
    yield
    app.state.jobs.close()
