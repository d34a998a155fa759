"""Shapes of all JSON that the app gives or takes; ``static/types.d.ts`` is made from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ShortForms = dict[str, Annotated[dict[str, str], Field(max_length=200)]]
Role = Literal["owner", "analyst", "coder", "supervisor", "reader"]


class Shape(BaseModel):
    """A shape: closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Problem(Shape):
    """What is wrong, and with which field of a form (empty: with none of them)."""

    field: str
    message: str


class Problems(Shape):
    """Every answer that is not a success."""

    problems: list[Problem]


class Job(Shape):
    """A piece of long work: ``done`` of ``total`` steps; the result when it is finished."""

    id: str
    kind: str
    title: str
    state: Literal["running", "finished", "failed", "stopped"]
    done: int
    total: int
    elapsed_s: float
    message: str
    field: str
    result: Any = None


class JobList(Shape):
    """The jobs of this start of the app, the newest first."""

    jobs: list[Job]


class LogIn(Shape):
    """A name and a password; ``own``: the password that takes the place of one good once."""

    name: str = Field(max_length=64)
    password: str = Field(max_length=256)
    own: str = Field(default="", max_length=256)


class AccountToAdd(Shape):
    """Whom to add; the password is drawn."""

    name: str = Field(max_length=64)
    role: Role


class RoleGiven(Shape):
    """The role that an account is to have."""

    role: Role


class SessionsGiven(Shape):
    """The sessions that a coder is to see, these and no others."""

    sessions: list[str] = Field(max_length=10_000)


class AccountShape(Shape):
    """An account; ``password`` is told once, with the answer that drew it, and else empty."""

    id: str
    name: str
    role: Role
    sessions: list[str]
    once: bool
    password: str


class Upload(Shape):
    """An open upload: how many files it has, and how many bytes."""

    id: str
    files: int
    bytes: int


class NamesTold(Shape):
    """A pattern of file names, and what the short forms in them mean."""

    pattern: str = Field(max_length=400)
    values: ShortForms = {}


class NameRead(Shape):
    """What a pattern reads from one name, by field; nothing where it does not fit."""

    file: str
    fields: dict[str, str]


class NamesRead(Shape):
    """How many of the names a pattern fits, the first of these, and some of the others.

    ``more`` names were not looked at: the plan looks at all.
    """

    all: int
    fit: int
    more: int
    rows: list[NameRead]
    others: list[NameRead]


class ImportOptions(Shape):
    """What the files do not say of themselves; as ``import_files`` takes it."""

    pattern: str = Field(default="", max_length=400)
    values: ShortForms = {}
    type: str = Field(default="", max_length=100)
    roles: list[str] = Field(default=[], max_length=20)
    columns: dict[str, str] = {}
    settings: dict[str, str] = {}
    column: str = Field(default="", max_length=200)
    time_column: str = Field(default="", max_length=200)
    kind: str = Field(default="", max_length=50)
    unit: str = Field(default="", max_length=50)
    rate_hz: float | None = Field(default=None, gt=0, le=1e6)
    format: str = Field(default="", max_length=50)
    offsets_s: dict[str, float] = {}
    together: bool = False
    markers: str = Field(default="", max_length=50)
    edges: str = Field(default="", max_length=50)
    claps: str = Field(default="", max_length=50)
    shared_signal: str = Field(default="", max_length=50)
    zone: str = Field(default="", max_length=100)
    title: str = Field(default="", max_length=400)
    leave_out_problems: bool = False

    def chosen(self) -> dict[str, Any]:
        """The options that were given."""
        return self.model_dump(exclude_defaults=True)


def refusal(description: str) -> dict[str, Any]:
    """How an answer that is not a success is documented: problems as JSON, or a page of them."""
    shape = {"$ref": "#/components/schemas/Problems"}
    content = {"application/json": {"schema": shape}, "text/html": {"schema": {"type": "string"}}}
    return {"description": description, "content": content}


Documented = dict[int | str, dict[str, Any]]
REFUSALS: Documented = {
    400: refusal("Not a request that can be read."),
    401: refusal("Not logged in."),
    403: refusal("Not for this role, session or origin."),
    404: refusal("No such thing in this study."),
    413: refusal("More than may be sent."),
    421: refusal("Not an address of the app."),
    422: refusal("What was given cannot be used."),
    503: refusal("The accounts or the log are in use, or cannot be written."),
}
"""What every route may answer besides its own: ``APIRouter(responses=REFUSALS)``. More of them:
``REFUSALS | {409: refusal("...")}``."""
