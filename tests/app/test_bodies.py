"""How much a request may bring: refused by its own word, and while it is read."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from app_client import let_in

from syntony.app.bodies import LIMIT
from syntony.app.guard import POLICY

MARK = {"person": "P01", "kind": "eda", "start_s": 1.0, "stop_s": 2.0}


def test_a_stranger_s_long_log_in_is_refused_before_it_is_read(bare):
    bare.headers["X-Syntony-Token"] = bare.app.state.visitors.csrf("")
    bare.headers["Content-Type"] = "application/json"
    long = b'{"name": "' + b"a" * LIMIT + b'"}'
    answer = bare.post("/api/enter", content=long)
    assert answer.status_code == 413
    assert answer.headers["content-security-policy"] == POLICY
    read = []

    def pieces():
        for _ in range(64):
            read.append(1)
            yield b"a" * (LIMIT // 16)

    answer = bare.post("/api/enter", content=pieces())  # says no length
    assert answer.status_code == 413
    assert answer.json()["problems"]
    assert bare.post("/api/enter", content=b"{}").status_code == 422


def test_what_says_that_it_is_too_long_is_not_read(bare):
    said = {
        "Host": "127.0.0.1",
        "Content-Length": str(150 * LIMIT),
        "X-Syntony-Token": bare.app.state.visitors.csrf(""),
    }
    scope = {
        "type": "http", "method": "POST", "path": "/api/enter", "query_string": b"",
        "scheme": "http", "root_path": "", "http_version": "1.1", "client": ("127.0.0.1", 1),
        "headers": [(k.lower().encode(), v.encode()) for k, v in said.items()],
    }  # fmt: skip
    sent = []

    async def receive():
        pytest.fail("it was read")

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(
        1
    ) as beside:  # a browser that a test opened keeps a loop in this thread
        beside.submit(asyncio.run, bare.app(scope, receive, send)).result()
    assert sent[0]["status"] == 413


@pytest.mark.parametrize(("size", "status"), [(LIMIT // 2, 422), (LIMIT + 1, 413)])
def test_other_routes_take_a_megabyte(bare, size, status):
    let_in(bare).headers["Content-Type"] = "application/json"
    answer = bare.post("/api/recipe/check", content=b'{"recipe": {"a' + b"a" * (size - 14))
    assert answer.status_code == status


def test_codes_and_uploads_take_more(bare):
    let_in(bare).headers["Content-Type"] = "application/json"
    long = b" " * (2 * LIMIT)
    assert bare.put("/api/coding/d01s01", content=long).status_code == 422
    assert bare.put("/api/coding/d01s01", content=long * 9).status_code == 413
    upload = bare.post("/api/uploads").json()["id"]
    there = f"/api/uploads/{upload}/files"
    assert bare.put(there, params={"name": "a.csv"}, content=long).status_code == 200


def test_texts_and_lists_have_an_end(bare):
    let_in(bare)
    mark = bare.post("/api/quality/d01s01/marks", json=MARK | {"reason": "a" * 2001})
    assert (mark.status_code, mark.json()["problems"][0]["field"]) == (422, "reason")
    recipe = {str(k): k for k in range(300)}
    said = bare.post("/api/recipe/check", json={"recipe": recipe})
    assert (said.status_code, said.json()["problems"][0]["field"]) == (422, "recipe")
    for more in ({"session": "a" * 65}, {"people": {str(k): ["a"] for k in range(99)}},
                 {"people": {"patient": ["a"] * 99}}, {"lsl_session": "a" * 201}):  # fmt: skip
        given = {"session": "a", "people": {"patient": ["a"]}} | more
        assert bare.post("/api/live/start", json=given).status_code == 422, more
    assert bare.post("/api/live/do", json={"do": "mark", "text": "a" * 2001}).status_code == 422
