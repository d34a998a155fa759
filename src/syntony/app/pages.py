"""Pages from templates: what every page is given, and the English of all of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from syntony.app.assets import Assets
from syntony.app.rules import allows

NAV = (
    ("study", "/"),
    ("run", "/run"),
    ("runs", "/runs"),
    ("report", "/report"),
    ("clips", "/clips"),
    ("live", "/live"),
    ("accounts", "/accounts"),
    ("audit", "/audit"),
)
"""Entries of the navigation that stand on every page: route name and address."""

OF_SESSION = (("review", "session"), ("code", "code"), ("rate", "rate"), ("quality", "quality"))
"""Entries that stand on the pages of a session: route name and first part of the address."""


class Words:
    """The English of the app, read once: ``t("study.title", count=3)``."""

    def __init__(self, language: str = "en") -> None:
        text = files("syntony.app").joinpath("text", f"{language}.toml").read_text("utf-8")
        self.held: Mapping[str, Any] = tomllib.loads(text)

    def __call__(self, key: str, **values: object) -> str:
        """Text of a key such as ``study.title``, with values put into its braces."""
        found = self.part(key)
        if not isinstance(found, str):
            raise KeyError(key)
        return found.format(**values) if values else found

    def part(self, key: str) -> Any:
        """All texts below a key, for scripts."""
        found: Any = self.held
        for name in key.split("."):
            found = found[name]
        return found


class Pages:
    """The templates, and the words in them."""

    def __init__(self, assets: Assets) -> None:
        self.words = Words()
        self.assets = assets
        self.templates = Environment(
            loader=PackageLoader("syntony.app", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals["t"] = self.words
        self.templates.globals["text_part"] = self.words.part

    def render(self, request: Request, template: str, **context: object) -> HTMLResponse:
        """Fill a template; ``visitor``, ``csrf`` and ``nav`` are given to every page.

        ``text`` names the parts of the English that the page's scripts need.
        """
        state = request.scope.get("state", {})
        visitor = state.get("visitor")
        role = visitor.role if visitor else None
        routes = {getattr(r, "name", "") for r in request.app.router.routes}
        carried = context.get("carried", carried_run(request.query_params.get("run")))
        given = {
            "visitor": visitor,
            "csrf": state.get("csrf", ""),
            "nav": [
                [(name, url) for name, url in part if name in routes and allows(name, role)]
                for part in (NAV, _of_session(request, str(carried)))
            ],
            "here": request.url.path,
            "can": lambda route: route in routes and allows(route, role),
            "text": ["common"],
            **context,
        }
        return HTMLResponse(self.fill(template, **given))

    def fill(self, template: str, **context: object) -> str:
        """Fill a template that stands for itself."""
        found = self.templates.get_template(template)
        return found.render(context, static=self.assets.addresses())


def carried_run(run: str | None) -> str:
    """The end of an address by which a run goes along from page to page; None: nothing does.

    Examples
    --------
    >>> carried_run("as planned")
    '?run=as+planned'
    """
    return "" if run is None else "?" + urlencode({"run": run})


def _of_session(request: Request, carried: str) -> list[tuple[str, str]]:
    """Pages of the session in the address, where there is one."""
    session = request.path_params.get("session", "")
    if not session:
        return []
    return [(name, f"/{part}/{session}{carried}") for name, part in OF_SESSION]
