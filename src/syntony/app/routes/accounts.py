"""Accounts of a study that several people share, and the log of who did what: for its owner."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from syntony.app.guard import visitor_of
from syntony.app.schema import (
    REFUSALS,
    AccountShape,
    AccountToAdd,
    RoleGiven,
    SessionsGiven,
)
from syntony.app.visitors import ALONE, OWNER, ROLES
from syntony.core.errors import FileError, InputError
from syntony.io.study import open_study

if TYPE_CHECKING:
    from syntony.app.accounts import Account
    from syntony.app.audit import Audit

router = APIRouter(responses=REFUSALS)
LAST = 200
"""So many lines of the log are shown."""


@router.get("/accounts", name="accounts", response_class=HTMLResponse)
def accounts(request: Request) -> Response:
    """Show who may open the study, with the form to add and to change."""
    state, visitor = request.app.state, visitor_of(request.scope)
    page: Response = state.pages.render(
        request,
        "accounts.html",
        accounts=state.accounts.all(),
        roles=ROLES,
        sessions=_sessions(request),
        alone=visitor.name == ALONE,
        text=["common", "accounts"],
    )
    return page


@router.post("/api/accounts", name="add_account", status_code=201)
def add_account(request: Request, given: AccountToAdd) -> AccountShape:
    """Make an account; its password is drawn, told once, and good for one log-in."""
    from syntony.app.accounts import one_time_password

    held = request.app.state.accounts
    if not held and given.role != OWNER:
        hint = "Else nobody could add the others here."
        raise InputError("role", given.role, "an owner as the first account", hint)
    password = one_time_password()
    made = held.add(given.name, given.role, password, once=True)
    _tell(request, made, f" role={made.role}")
    return _shape(made, password)


@router.post("/api/accounts/{account}/password", name="renew_password")
def renew_password(request: Request, account: str) -> AccountShape:
    """Draw another password, told once and good for one log-in; the account is logged off."""
    from syntony.app.accounts import one_time_password

    held = request.app.state.accounts
    password = one_time_password()
    changed = held.set_password(held.of_number(account).name, password, once=True)
    return _shape(changed, password)


@router.put("/api/accounts/{account}/role", name="set_role")
def set_role(request: Request, account: str, given: RoleGiven) -> AccountShape:
    """Give an account another role; it counts at its next request."""
    held = request.app.state.accounts
    changed = held.set_role(held.of_number(account).name, given.role)
    _tell(request, changed, f" role={changed.role}")
    return _shape(changed)


@router.put("/api/accounts/{account}/sessions", name="assign_sessions")
def assign_sessions(request: Request, account: str, given: SessionsGiven) -> AccountShape:
    """Let a coder see exactly these sessions."""
    held, known = request.app.state.accounts, _sessions(request)
    name = held.of_number(account).name
    for session in given.sessions:
        if session not in known:
            raise InputError("sessions", session, "a session of the study")
    changed = held.assign(name, given.sessions)
    _tell(request, changed, f" sessions={','.join(changed.sessions)}")
    return _shape(changed)


@router.delete("/api/accounts/{account}", name="remove_account", status_code=204)
def remove_account(request: Request, account: str) -> Response:
    """Take an account away; what it did stays in the log."""
    held = request.app.state.accounts
    held.remove(held.of_number(account).name)
    return Response(status_code=204)


@router.get("/audit", name="audit", response_class=HTMLResponse)
def audit(request: Request) -> Response:
    """Show whether the log is whole, and its last lines with the newest first."""
    state = request.app.state
    count, broken = _verified(state.audit)
    lines = deque(state.audit.lines() if state.audit.path.is_file() else (), maxlen=LAST)
    page: Response = state.pages.render(
        request,
        "audit.html",
        count=count,
        broken=broken,
        lines=list(reversed(lines)),
        names={a.visitor.id: a.name for a in state.accounts.all()},
    )
    return page


def _verified(log: Audit) -> tuple[int, str]:
    """Number of lines, and what is wrong with them."""
    try:
        return log.verify(), ""
    except FileError as error:
        return 0, str(error)


def _sessions(request: Request) -> list[str]:
    """Sessions of the study; none where there is no study yet."""
    root = request.app.state.home.study
    if not root.exists() or not any(root.iterdir()):
        return []
    return [row.id for row in open_study(root, recordings=False).sessions]


def _tell(request: Request, account: Account, more: str = "") -> None:
    """Have the audit line say which account it was and what it got."""
    request.state.about = f"account={account.visitor.id}{more}"


def _shape(account: Account, password: str = "") -> AccountShape:
    return AccountShape.model_validate(
        {
            "id": account.visitor.id,
            "name": account.name,
            "role": account.role,
            "sessions": list(account.sessions),
            "once": account.once,
            "password": password,
        }
    )
