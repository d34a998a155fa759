"""The OpenAPI document fuzzed: no answer is a 500, none is undocumented or of another shape."""

import warnings

import pytest
from app_client import let_in, test_client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from syntony.app.make import make_app
from syntony.app.schema import Job

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

REAL = {"session": ["d01s01", "d08s01"], "run": ["demo"], "account": ["u1", "u2"]}
NOT_FUZZED = {"leave"}
"""Logs the fuzzing client off, and then all is 401."""


def pretended(kind, title, work, arguments, **more):
    """A job that ended at once: what is fuzzed is the request, not the work."""
    return Job(
        id="0", kind=kind, title=title, state="finished", done=1, total=1, elapsed_s=0.0,
        message="", field="",
    )  # fmt: skip


@pytest.fixture
def fuzzed(home):
    """A client that shows a 500 as an answer, and the operations of its document."""
    made = make_app(home)
    made.state.jobs.start = pretended
    with test_client(made, raise_server_exceptions=False) as client:
        let_in(client)
        schema = schemathesis.openapi.from_dict(made.openapi())
        left = {
            (m.lower(), r.path)
            for r in made.router.routes
            if r.name in NOT_FUZZED
            for m in r.methods
        }
        found = [o.ok() for o in schema.get_all_operations()]
        yield client, [o for o in found if (o.method.lower(), o.path) not in left]


def _checks():
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as more

    return [
        checks.not_a_server_error,
        more.status_code_conformance,
        more.content_type_conformance,
        more.response_schema_conformance,
    ]


def _fuzz(client, operation, examples):
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
    @given(case=cases, real=st.booleans(), data=st.data())
    def ask(case, real, data):
        for name, values in REAL.items():
            if real and name in (case.path_parameters or {}):
                case.path_parameters[name] = data.draw(st.sampled_from(values))
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


def _all(fuzzed, examples):
    client, operations = fuzzed
    assert len(operations) >= 10
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {f"{o.method} {o.path}": _fuzz(client, o, examples) for o in operations}


def test_no_answer_is_a_500_or_undocumented(fuzzed):
    seen = _all(fuzzed, 12)
    assert all(len(codes) >= 1 for codes in seen.values())
    assert {c for codes in seen.values() for c in codes} >= {200, 404, 422}


@pytest.mark.slow
def test_no_answer_is_a_500_or_undocumented_long(fuzzed):
    _all(fuzzed, 200)


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
                    _fuzz(client, schema[path]["GET"], 5)
