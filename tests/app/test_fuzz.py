"""The OpenAPI document fuzzed: no answer is a 500, none is undocumented or of another shape."""

import json
import shutil
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from app_client import let_in, let_in_as, test_client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from syntony.app.accounts import Accounts
from syntony.app.home import Home
from syntony.app.make import make_app
from syntony.app.schema import Job
from syntony.io.tsv import tsv_text

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

SESSIONS, RUNS = ["d01s01", "d08s01"], ["demo"]
GONE = Home(study=Path("no-such-study"), data=Path("no-such-data"))
OPERATIONS = sorted(
    f"{method} {route.path}"
    for route in make_app(GONE).router.routes
    for method in getattr(route, "methods", None) or ()
    if method != "HEAD"
)
"""Every one is a test of its own, so that a long run can be stopped and gone on with:
``pytest tests/app/test_fuzz.py -m slow --stepwise``."""


def pretended(kind, title, work, arguments, **more):
    """A job that ended at once: what is fuzzed is the request, not the work.

    A session whose review is not kept cannot be read: there is nobody to make one.
    """
    state, message = ("failed", "It was not read.") if kind == "review" else ("finished", "")
    return Job(
        id="0", kind=kind, title=title, state=state, done=1, total=1, elapsed_s=0.0,
        message=message, field="",
    )  # fmt: skip


def furnish(root):
    """Give a study what routes ask for besides: media, and a set of two clips."""
    media = root / "media"
    media.mkdir(exist_ok=True)
    for name in ("d01s01.webm", "d01s01_b.avi"):
        (media / name).write_bytes(bytes(range(256)) * 8)
    folder = root / "derivatives" / "syntony" / "clips-001"
    folder.mkdir(parents=True)
    rows = [
        {"number": n, "session": "d01s01", "dyad": "d01", "kind": kind, "start_s": 50.0 * n,
         "stop_s": 50.0 * n + 24, "core_start_s": 50.0 * n + 2, "core_stop_s": 50.0 * n + 22}
        for n, kind in ((1, "high"), (2, "low"))
    ]  # fmt: skip
    (folder / "key.tsv").write_text(tsv_text(list(rows[0]), rows), "utf-8")


@pytest.fixture(scope="module")
def furnished(made_study, tmp_path_factory):
    """A study with all of that, and one session whose review is kept; shared by the routes."""
    from syntony.pipeline.review import FACTS, make_review, review_path

    root = tmp_path_factory.mktemp("fuzzed")
    study, cache = root / "study", root / "cache"
    shutil.copytree(made_study, study)
    furnish(study)
    key = make_review(root=str(study), session="d01s01", run="demo", cache=str(cache))
    facts = json.loads((review_path(cache, key) / FACTS).read_text("utf-8"))
    channels = [c["id"] for c in facts["channels"]]
    arrays = [p.stem for p in review_path(cache, key).glob("*.f32")]
    accounts = Accounts(root / "data")
    for name, role in (("ann", "owner"), ("bo", "coder"), ("cy", "owner")):
        accounts.add(name, role, "a long enough password")
    told = {"review": [key], "channel": channels, "name": [*arrays, "methods.md"]}
    return Home(study=study, data=root / "data", cache=cache), told


@cache
def documented():
    """Every operation of the document, which is the same for every app; read once."""
    schema = schemathesis.openapi.from_dict(make_app(GONE).openapi())
    found = (o.ok() for o in schema.get_all_operations())
    return {f"{o.method.upper()} {o.path}": o for o in found}


@pytest.fixture
def fuzzed(furnished, tmp_path):
    """A client that shows a 500 as an answer, its document, and names that are there."""
    shared, told = furnished
    shutil.copytree(shared.data, tmp_path / "data")
    made = make_app(replace(shared, data=tmp_path / "data"))
    made.state.jobs.start = pretended
    real = {
        "session": SESSIONS,
        "run": RUNS,
        "account": ["u2", "u3"],  # not the one who asks
        "set": ["clips-001"],
        "number": [0, 1, 2],
        "upload": [made.state.uploads.begin().id],
        "page": ["index.html"],
        "table": ["pairs"],
        "ending": ["csv", "parquet"],
        "coder": ["kim"],
        "first": RUNS,
        "level": [0, 1],
        "tile": [0, 1],
    } | told
    with test_client(made, raise_server_exceptions=False) as client:
        let_in_as(client, "ann")
        yield client, documented(), real


def _checks():
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as more

    return [
        checks.not_a_server_error,
        more.status_code_conformance,
        more.content_type_conformance,
        more.response_schema_conformance,
    ]


def _fuzz(client, operation, examples, real):
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
    cases = st.one_of(*[operation.as_strategy(generation_mode=m) for m in modes])
    seen = []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 100,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, is_real=st.booleans(), data=st.data())
    def ask(case, is_real, data):
        if operation.path == "/api/leave":
            let_in_as(client, "ann")  # else the second one is not let in
        for held in (case.path_parameters, case.query) if is_real else ():
            for name in set(real) & set(held or ()):
                held[name] = data.draw(st.sampled_from(real[name]))
        wanted = case.as_transport_kwargs(base_url="http://127.0.0.1")
        wanted = {k: v for k, v in wanted.items() if k in KNOWN and v is not None}
        wanted["headers"] = {
            k: v for k, v in dict(wanted.get("headers") or {}).items() if v is not None
        }
        if isinstance(wanted.get("data"), bytes | str):
            wanted["content"] = wanted.pop("data")
        wanted.pop("cookies", None)
        answer = client.request(**wanted, follow_redirects=False)
        is_login = operation.path == "/api/enter"
        assert answer.status_code != 401 or is_login, "the client was logged off"
        seen.append(answer.status_code)
        case.validate_response(answer, checks=_checks())

    ask()
    return seen


KNOWN = {"method", "url", "params", "headers", "json", "data", "cookies"}


def _one(fuzzed, operation, examples):
    client, operations, real = fuzzed
    assert set(operations) == set(OPERATIONS), "the document lacks a route"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _fuzz(client, operations[operation], examples, real)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_answer_is_a_500_or_undocumented(fuzzed, operation):
    assert _one(fuzzed, operation, 5)


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_answer_is_a_500_or_undocumented_long(fuzzed, operation):
    assert _one(fuzzed, operation, 200)


def test_the_fuzzer_finds_a_500_and_an_undocumented_answer(bare_home):
    from starlette.responses import JSONResponse

    from syntony.app import rules

    made = make_app(bare_home)

    def divide(number: int) -> float:
        return 1 / (number - number)

    made.add_api_route("/divide", divide, name="study_page_that_divides")
    made.add_api_route("/odd", lambda: JSONResponse({}, 418), name="odd")
    known = dict(rules.RULES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            rules, "RULES", {**known, "study_page_that_divides": rules.ALL, "odd": rules.ALL}
        )
        with test_client(made, raise_server_exceptions=False) as client:
            let_in(client)
            schema = schemathesis.openapi.from_dict(made.openapi())
            for path in ("/divide", "/odd"):
                with pytest.raises(BaseException, match=r"(?i)server error|undocumented"):
                    _fuzz(client, schema[path]["GET"], 5, {})
