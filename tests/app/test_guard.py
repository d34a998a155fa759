"""What reaches the app and what does not: hosts, origins, tokens, sockets; the headers."""

import asyncio
import sqlite3
import time
from collections import deque
from contextlib import closing
from dataclasses import replace

import pytest
from app_client import let_in, let_in_as, test_client
from starlette.websockets import WebSocket, WebSocketDisconnect

from syntony.app import rules
from syntony.app.guard import POLICY, REPORT_POLICY
from syntony.app.make import make_app

OWN = "http://127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8123", "localhost:1", "[::1]:99"])
def test_own_names_are_answered(bare, host):
    assert let_in(bare).get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "127.0.0.1@evil.example",
     "10.0.0.7", "[::1", "localhost.evil.example"],
)  # fmt: skip
def test_a_name_that_was_bound_anew_is_refused(bare, host):
    answer = let_in(bare).get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "Syntony" not in answer.text


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:8080", "https://127.0.0.1.evil.example",
     "", "http://[", "http://localhost"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/jobs"])
def test_other_origins_get_nothing_and_no_cors(bare, origin, path):
    for method in ("GET", "OPTIONS", "POST"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = let_in(bare).request(method, path, headers=asked)
        assert answer.status_code == 403
        assert not [h for h in answer.headers if h.startswith("access-control-")]


def test_no_answer_ever_allows_another_origin(bare):
    for path in ("/", "/enter", "/static/common.js", "/api/jobs", "/nothing"):
        answer = let_in(bare).get(path, headers={"Origin": OWN})
        assert answer.status_code in {200, 404}
        assert not [h for h in answer.headers if h.startswith("access-control-")]


@pytest.mark.parametrize(
    ("site", "mode", "method", "status"),
    [
        ("cross-site", "no-cors", "GET", 403),
        ("same-site", "no-cors", "GET", 403),
        ("same-site", "navigate", "POST", 403),
        ("cross-site", "navigate", "GET", 200),
        ("same-origin", "cors", "GET", 200),
        ("none", "navigate", "GET", 200),
    ],
)
def test_what_the_browser_says_of_the_site_counts(bare, site, mode, method, status):
    asked = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
    assert let_in(bare).request(method, "/", headers=asked).status_code == status


@pytest.mark.parametrize("token", [None, "", "wrong", "0" * 64])
def test_unsafe_methods_need_the_token_of_the_page(bare, token):
    let_in(bare)
    good = bare.headers.pop("X-Syntony-Token")
    asked = {} if token is None else {"X-Syntony-Token": token}
    assert bare.post("/api/uploads", headers=asked).status_code == 403
    assert bare.post("/api/uploads", headers={"X-Syntony-Token": good}).status_code == 201


def test_the_token_of_another_log_in_is_wrong(bare):
    let_in(bare)
    of_the_first = bare.headers["X-Syntony-Token"]
    let_in(bare)
    bare.headers["X-Syntony-Token"] = of_the_first
    assert bare.post("/api/uploads").status_code == 403


def test_a_form_of_another_site_cannot_log_in(bare):
    form = {"Content-Type": "text/plain"}
    answer = bare.post("/api/enter", content='{"name": "a", "password": "b"}', headers=form)
    assert answer.status_code == 403


@pytest.fixture
def with_socket(bare_home, monkeypatch):
    """An app with a socket that tells a secret to whoever is connected."""
    made = make_app(bare_home)

    @made.websocket("/live/{session}", name="live")
    async def live(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_text("secret")
        await websocket.close()

    monkeypatch.setattr(rules, "RULES", {**rules.RULES, "live": rules.SEEING})
    with test_client(made) as client:
        yield client


def _hear(client, path, headers):
    with client.websocket_connect(path, headers=headers) as socket:
        return socket.receive_text()


def test_a_socket_of_our_own_page_is_let_in(with_socket):
    let_in(with_socket)
    own = {"Origin": OWN, "Host": "127.0.0.1"}
    assert _hear(with_socket, "ws://127.0.0.1/live/d01s01", own) == "secret"


@pytest.fixture
def held_open(bare_home, monkeypatch):
    """An app with two accounts, let in as the second, and a socket that never ends of itself."""
    monkeypatch.setattr("syntony.app.guard.RECHECK_S", 0.05)
    made = make_app(bare_home)

    @made.websocket("/talk/{session}", name="talk")
    async def talk(websocket: WebSocket):
        await websocket.accept()
        while True:
            await websocket.send_text("secret")
            await asyncio.sleep(0.02)

    monkeypatch.setattr(rules, "RULES", {**rules.RULES, "talk": rules.CODING})
    monkeypatch.setattr("syntony.app.notes.ACTS", {**rules.ACTS, "talk": rules.VIEW})
    for name, role in (("mira", "owner"), ("jo", "coder")):
        made.state.accounts.add(name, role, "a long enough password")
    made.state.accounts.assign("jo", ["d01s01"])
    with test_client(made) as client:
        yield let_in_as(client, "jo")


def _demoted(client):
    client.app.state.accounts.set_role("jo", "reader")


def _unassigned(client):
    client.app.state.accounts.assign("jo", [])


def _removed(client):
    client.app.state.accounts.remove("jo")


def _with_another_password(client):
    client.app.state.accounts.set_password("jo", "another long password")


def _idle(client):
    visitors = client.app.state.visitors
    visitors.clock = lambda: time.monotonic() + visitors.idle_s + 1


def _left(client):
    client.app.state.visitors.let_out(client.cookies[client.app.state.home.cookie])


@pytest.mark.parametrize(
    "ended", [_demoted, _unassigned, _removed, _with_another_password, _idle, _left]
)
def test_an_open_socket_ends_with_the_right_to_it(held_open, ended):
    own = {"Origin": OWN, "Host": "127.0.0.1"}
    with held_open.websocket_connect("ws://127.0.0.1/talk/d01s01", headers=own) as socket:
        assert [socket.receive_text() for _ in range(20)] == ["secret"] * 20
        ended(held_open)
        with pytest.raises(WebSocketDisconnect) as closed:
            deque(socket.receive_text() for _ in range(500))
    assert closed.value.code == 1008
    told = [(e.who, e.what, e.about, e.status) for e in held_open.app.state.audit.lines()]
    assert told == [("u2", "talk", "session=d01s01", s) for s in (101, 403)]


def test_a_recording_that_is_watched_is_use_and_another_socket_is_none(held_open):
    """Nobody clicks for an hour while a session is recorded; then Stop has to work."""
    app, now = held_open.app, [0.0]
    visitors = app.state.visitors
    visitors.clock = lambda: now[0]
    let_in_as(held_open, "mira")
    own = {"Origin": OWN, "Host": "127.0.0.1"}
    app.state.desk.stage = "recording"
    with held_open.websocket_connect("ws://127.0.0.1/api/live/signals", headers=own):
        for now[0] in (1700.0, 3400.0, 5100.0):
            time.sleep(0.4)
        answer = held_open.post("/api/live/do", json={"do": "stop"})
        assert answer.status_code == 409  # let in: and nothing is there to be stopped
        app.state.desk.stage = "idle"
        now[0] = 5000.0 + 1900.0 + 100.0
        time.sleep(0.4)
        assert held_open.get("/").status_code == 401


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:8080", "http://localhost", None]
)
@pytest.mark.parametrize("path", ["/live/d01s01", "/no-such-socket"])
def test_sockets_of_other_origins_are_refused(with_socket, origin, path):
    let_in(with_socket)
    headers = {"Host": "127.0.0.1"} | ({} if origin is None else {"Origin": origin})
    with pytest.raises(WebSocketDisconnect) as refused:
        _hear(with_socket, f"ws://127.0.0.1{path}", headers)
    assert refused.value.code == 1008


def test_sockets_of_strangers_other_hosts_and_other_roles_are_refused(with_socket):
    from syntony.app.visitors import Visitor

    own = {"Origin": OWN, "Host": "127.0.0.1"}
    with pytest.raises(WebSocketDisconnect):
        _hear(with_socket, "ws://127.0.0.1/live/d01s01", own)
    let_in(with_socket, Visitor(name="local", role="coder", sessions=frozenset({"d01s01"})))
    with pytest.raises(WebSocketDisconnect):
        _hear(with_socket, "ws://127.0.0.1/live/d01s01", own)
    let_in(with_socket, Visitor(name="local", role="owner"))
    other = {"Origin": "http://evil.example", "Host": "evil.example"}
    with pytest.raises(WebSocketDisconnect):
        _hear(with_socket, "ws://evil.example/live/d01s01", other)


def test_an_origin_of_another_scheme_is_another_site(bare_home):
    """A page that came over the open line may have been changed on its way."""
    app = make_app(replace(bare_home, secure=True))
    with test_client(app) as client:
        client.base_url = "https://127.0.0.1"
        let_in(client)
        assert client.get("/", headers={"Origin": "https://127.0.0.1"}).status_code == 200
        assert client.get("/", headers={"Origin": OWN}).status_code == 403
    with test_client(make_app(bare_home)) as client:
        assert let_in(client).get("/", headers={"Origin": "https://127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    ("said", "origin", "status"),
    [
        ({}, "https://127.0.0.1", 200),
        ({}, "http://127.0.0.1", 403),
        ({"X-Forwarded-Proto": "https"}, "http://127.0.0.1", 403),
        ({"X-Forwarded-Proto": "http, https"}, "https://127.0.0.1", 200),
        ({"X-Forwarded-Proto": "https, http"}, "https://127.0.0.1", 403),
    ],
)
def test_behind_a_proxy_its_word_on_the_scheme_counts(bare_home, said, origin, status):
    with test_client(make_app(replace(bare_home, secure=True, behind_proxy=True))) as client:
        let_in(client)
        assert client.get("/", headers={"Origin": origin, **said}).status_code == status


def test_without_a_proxy_nobody_s_word_on_the_scheme_counts(bare):
    asked = {"Origin": "https://127.0.0.1", "X-Forwarded-Proto": "https"}
    assert let_in(bare).get("/", headers=asked).status_code == 403


@pytest.mark.parametrize(
    "other", ["theme=dark mode", 'odd={"a": 1, "b": [2]}', "a=b,c", "=", "x=\u00e4", '"']
)
def test_cookies_of_other_programs_do_not_hide_ours(bare, other):
    let_in(bare)
    ours = f"{bare.app.state.home.cookie}={bare.cookies.get(bare.app.state.home.cookie)}"
    bare.cookies.clear()
    for both in (f"{other}; {ours}", f"{ours}; {other}"):
        headers = [(b"cookie", both.encode())]
        assert bare.get("/", headers=headers).status_code == 200


def test_browsers_are_told_to_come_encrypted_where_they_can(bare_home):
    for secure, host, expected in (
        (True, "lab.example.org", True),
        (False, "lab.example.org", False),
        (True, "localhost", False),  # other programs of this machine have that name, too
    ):
        home = replace(bare_home, secure=secure, hosts=(*bare_home.hosts, "lab.example.org"))
        with test_client(make_app(home)) as client:
            headers = client.get("/enter", headers={"Host": host}).headers
        assert ("strict-transport-security" in headers) == expected


def test_an_error_of_the_program_is_answered_like_everything_else(bare, monkeypatch):
    def broken(session: str) -> str:
        raise RuntimeError("Anna Meier")

    bare.app.add_api_route("/api/broken/{session}", broken, name="broken")
    bare.app.add_api_route("/broken/{session}", broken, name="broken_page")
    ours = {"broken": rules.ALL, "broken_page": rules.ALL}
    monkeypatch.setattr(rules, "RULES", {**rules.RULES, **ours})
    monkeypatch.setattr("syntony.app.notes.ACTS", {**rules.ACTS, **dict.fromkeys(ours, rules.VIEW)})
    with test_client(bare.app, raise_server_exceptions=False) as client:
        let_in(client)
        for path in ("/api/broken/d01s01", "/broken/d01s01"):
            answer = client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 500
            assert "Anna" not in answer.text
            assert "An error in the program." in answer.text
            assert answer.headers["content-security-policy"] == POLICY
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
    told = [(e.what, e.about, e.status) for e in bare.app.state.audit.lines()]
    assert told == [("broken", "session=d01s01", 500), ("broken_page", "session=d01s01", 500)]


def test_an_error_is_told_to_the_server_s_log(bare, monkeypatch):
    bare.app.add_api_route("/broken", lambda: 1 / 0, name="broken")
    monkeypatch.setattr(rules, "RULES", {**rules.RULES, "broken": rules.ALL})
    with pytest.raises(ZeroDivisionError):
        let_in(bare).get("/broken")


def test_a_lock_that_is_held_is_told_soon_and_holds_up_nobody_else(bare, monkeypatch):
    monkeypatch.setattr("syntony.app.database.PATIENCE_S", 0.3)
    accounts = bare.app.state.accounts
    accounts.add("mira", "owner", "a long enough password")
    let_in_as(bare, "mira")
    with closing(sqlite3.connect(accounts.folder / "accounts.sqlite")) as held:
        held.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        answer = bare.get("/")
        assert time.monotonic() - began < 5
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.headers["content-security-policy"] == POLICY
        bare.cookies.clear()
        assert bare.get("/static/style.css").status_code == 200
        held.rollback()


def test_reading_accounts_waits_for_no_writer_who_has_not_ended(bare):
    accounts = bare.app.state.accounts
    accounts.add("mira", "owner", "a long enough password")
    let_in_as(bare, "mira")
    with closing(sqlite3.connect(accounts.folder / "accounts.sqlite")) as held:
        held.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert bare.get("/enter").status_code == 200
        assert time.monotonic() - began < 1.5
        held.rollback()


@pytest.mark.parametrize("path", ["/", "/enter", "/api/jobs", "/nothing", "/api/jobs/none"])
def test_every_answer_carries_the_headers(bare, path):
    for client in (bare, let_in(bare)):
        for method in ("GET", "POST"):
            headers = client.request(method, path, headers={"Accept": "text/html"}).headers
            assert headers["content-security-policy"] == POLICY
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"
            assert headers["cross-origin-resource-policy"] == "same-origin"


def test_the_policy_allows_our_own_files_and_no_inline_script():
    assert POLICY.startswith("default-src 'self';")
    for policy in (POLICY, REPORT_POLICY):
        parts = dict(p.strip().split(" ", 1) for p in policy.split(";"))
        scripts = parts.get("script-src", parts["default-src"])
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:"} & set(scripts.split())
        assert "http" not in policy


def test_an_answer_cannot_loosen_the_policy(bare, monkeypatch):
    from starlette.responses import PlainTextResponse

    loose = {"Content-Security-Policy": "default-src *", "Cache-Control": "public"}
    bare.app.add_api_route("/loose", lambda: PlainTextResponse("", headers=loose), name="loose")
    monkeypatch.setattr(rules, "RULES", {**rules.RULES, "loose": rules.ALL})
    headers = let_in(bare).get("/loose").headers
    assert headers["content-security-policy"] == POLICY
    assert headers["cache-control"] == "no-store"


def test_templates_hold_no_inline_script_style_or_address_elsewhere():
    import re
    from importlib.resources import files

    for path in files("syntony.app").joinpath("templates").iterdir():
        text = path.read_text("utf-8")
        tags = re.findall(r"<script\b[^>]*>", text)
        assert all(
            'src="{{ static(' in t or 'type="application/json"' in t or "text/html" in t
            for t in tags
        ), path
        assert not re.search(r"<style\b|\sstyle=|\son\w+=\"|https?://|javascript:", text), path
