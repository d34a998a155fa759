"""``syntony accounts``: who may open a study that several people share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from syntony.app.accounts import Accounts
    from syntony.app.audit import Audit

STUDY = click.argument("study", type=click.Path(path_type=Path, file_okay=False))
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of accounts and audit log, as of `serve`.",
)
ROLES = ("owner", "analyst", "coder", "supervisor", "reader")


@click.group("accounts")
def command() -> None:
    """Accounts of a study: add, list, assign, role, password, remove.

    As soon as there is one, `syntony serve` asks for a name and a password. Accounts lie in
    your own data folder, not in the study; of a password only an Argon2id hash is kept.

    \b
    Examples:
        syntony accounts add my-study mira --role owner
        syntony accounts assign my-study jo d01s01 d02s01
    """


@command.command("add")
@STUDY
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from a pipe.")
@DATA
def add(study: Path, name: str, role: str, password_stdin: bool, data: Path | None) -> None:
    """Make an account; the password is asked for, twice."""
    accounts, audit = _open(study, data)
    made = accounts.add(name, role, _password(password_stdin))
    audit.append("shell", "account", "add", f"account=u{made.id} role={role}")
    click.echo(f"{name} may log in as {role}.")


@command.command("list")
@STUDY
@DATA
def list_(study: Path, data: Path | None) -> None:
    """Show the accounts, as the audit log numbers them."""
    accounts, _ = _open(study, data)
    for a in accounts.all():
        click.echo(f"u{a.id}  {a.name}  {a.role}  {' '.join(a.sessions)}".rstrip())


@command.command("assign")
@STUDY
@click.argument("name")
@click.argument("sessions", nargs=-1)
@DATA
def assign(study: Path, name: str, sessions: tuple[str, ...], data: Path | None) -> None:
    """Let a coder see exactly these sessions; without any, none."""
    from syntony.io.study import open_study

    found = open_study(study, recordings=False)
    for session in sessions:
        found.session(session)
    accounts, audit = _open(study, data)
    made = accounts.assign(name, sessions)
    about = f"account=u{made.id} sessions={','.join(made.sessions)}"
    audit.append("shell", "account", "assign", about)
    click.echo(f"{name} sees {len(made.sessions)} sessions.")


@command.command("role")
@STUDY
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@DATA
def role(study: Path, name: str, role: str, data: Path | None) -> None:
    """Give an account another role; it counts at once."""
    accounts, audit = _open(study, data)
    changed = accounts.set_role(name, role)
    audit.append("shell", "account", "role", f"account=u{changed.id} role={role}")
    click.echo(f"{name} is {role} now.")


@command.command("password")
@STUDY
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from a pipe.")
@DATA
def password(study: Path, name: str, password_stdin: bool, data: Path | None) -> None:
    """Give an account another password; it is logged off everywhere."""
    accounts, audit = _open(study, data)
    changed = accounts.set_password(name, _password(password_stdin))
    audit.append("shell", "account", "password", f"account=u{changed.id}")
    click.echo(f"{name} has a new password.")


@command.command("remove")
@STUDY
@click.argument("name")
@DATA
def remove(study: Path, name: str, data: Path | None) -> None:
    """Take an account away; what it did stays in the audit log."""
    accounts, audit = _open(study, data)
    gone = accounts.remove(name)
    audit.append("shell", "account", "remove", f"account=u{gone.id}")
    click.echo(f"{name} is removed.")


def _open(study: Path, data: Path | None) -> tuple[Accounts, Audit]:
    from syntony.app.accounts import Accounts
    from syntony.app.audit import Audit
    from syntony.app.home import data_beside

    folder = data_beside(study, data)
    return Accounts(folder), Audit(folder)


def _password(from_pipe: bool) -> str:
    """Ask for a password; it is never an argument, which others on the machine could read."""
    if from_pipe:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked
