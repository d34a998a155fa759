"""What reaches the app and what does not: hosts, origins, tokens, sockets; the headers."""

import pytest
from app_client import let_in, test_client
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
            'src="/static/' in t or 'type="application/json"' in t or "text/html" in t for t in tags
        ), path
        assert not re.search(r"<style\b|\sstyle=|\son\w+=\"|https?://|javascript:", text), path
