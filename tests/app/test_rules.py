"""The permission table, over every route that the app has, by asking each as each role."""

import pytest
from app_client import let_in, let_in_as
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from syntony.app import make, rules
from syntony.app.visitors import ROLES

FILLED = {"session": "d01s01", "job": "none", "upload": "none", "account": "u1"}
SAFE = {"GET", "HEAD", "OPTIONS"}


def routes_of(app):
    return list(app.router.routes)


def uses_of(app):
    """Every route and method, with its path filled in."""
    for route in routes_of(app):
        if isinstance(route, WebSocketRoute):  # asked below
            continue
        path = "/static/style.css" if isinstance(route, Mount) else route.path
        for name in getattr(route, "param_convertors", {}):
            path = path.replace("{" + name + "}", FILLED.get(name, "none"))
        for method in sorted(getattr(route, "methods", None) or {"GET"}):
            yield route, method, path


def test_every_route_has_a_name_and_a_rule(bare):
    names = [r.name for r in routes_of(bare.app)]
    assert len(set(names)) == len(names), "two routes share a name"
    assert set(names) == set(rules.RULES)
    known = {*ROLES, "anybody"}
    assert all(who and who <= known for who in rules.RULES.values())


def test_only_files_of_the_app_are_mounted(bare):
    assert [r.name for r in routes_of(bare.app) if isinstance(r, Mount)] == ["static"]
    assert all(isinstance(r, Route | WebSocketRoute | Mount) for r in routes_of(bare.app))


def test_only_the_door_is_open_to_anybody():
    open_ = {name for name, who in rules.RULES.items() if who is rules.ANYBODY}
    assert open_ == {"static", "enter", "log_in"}


CODERS_ROUTES = {
    *("static", "enter", "log_in", "here", "leave", "study", "media_list", "media_file"),
    *("code", "coding", "save_coding", "finish_coding", "reopen_coding"),
    *("clips", "code_clip", "clip_coding", "clip_film", "save_clip_coding"),
    *("rate", "rating", "begin_rating", "add_samples", "finish_rating", "drop_rating", "rated"),
}
"""What blind eyes may use; a page for coding adds its routes here, and they show no signals."""
OF_ALL_ROLES = {"log_in", "leave"}
"""What changes something and is open to readers: the door."""


def test_coders_and_readers_are_held_to_a_list_of_their_own(bare):
    assert {n for n in rules.RULES if rules.allows(n, "coder")} == CODERS_ROUTES
    for route in routes_of(bare.app):
        if not set(getattr(route, "methods", None) or {"GET"}) <= SAFE:
            assert rules.allows(route.name, "reader") == (route.name in OF_ALL_ROLES), route.name
            assert rules.allows(route.name, "owner")


def test_what_changes_or_shows_something_is_audited(bare):
    for route in routes_of(bare.app):
        changes = not set(getattr(route, "methods", None) or {"GET"}) <= SAFE
        about = {"session", "run"} & set(getattr(route, "param_convertors", {}))
        if changes or about:
            assert route.name in rules.ACTS, f"{route.name} stands in no list of acts"
    assert set(rules.ACTS) <= set(rules.RULES)


@pytest.fixture
def as_role(bare):
    """The client of a study with an account of every role, let in as one of them or nobody."""
    accounts = bare.app.state.accounts
    for role in ROLES:
        accounts.add(f"one-{role}", role, "a long enough password")
    accounts.assign("one-coder", ["d01s01"])

    def enter(role):
        return bare if role is None else let_in_as(bare, f"one-{role}")

    return enter


def test_there_are_accounts_where_roles_are_asked(bare, as_role):
    let_in(bare)  # the one person of a study without accounts is nobody here
    assert bare.get("/").status_code == 401
    for role in ROLES:
        assert f"one-{role}" in as_role(role).get("/").text


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_socket_is_held_to_its_rule(as_role, role):
    client = as_role(role)
    sockets = [r for r in routes_of(client.app) if isinstance(r, WebSocketRoute)]
    assert [r.name for r in sockets] == ["live_signals"]
    own = {"Origin": "http://127.0.0.1", "Host": "127.0.0.1"}
    for route in sockets:
        address = f"ws://127.0.0.1{route.path}"
        if rules.allows(route.name, role):
            with client.websocket_connect(address, headers=own) as socket:
                assert socket.receive_text()
        else:
            with (
                pytest.raises(WebSocketDisconnect) as refused,
                client.websocket_connect(address, headers=own),
            ):
                pass
            assert refused.value.code == 1008


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_route_is_held_to_its_rule(as_role, role, monkeypatch):
    monkeypatch.setattr("syntony.app.jobs.Jobs.start", lambda *a, **k: pytest.fail("work began"))
    bare = as_role(role)
    bare.headers["X-Syntony-Token"] = "wrong"  # so that nothing that is allowed changes anything
    for route, method, path in uses_of(bare.app):
        answer = bare.request(method, path, follow_redirects=False)
        allowed = rules.allows(route.name, role)
        told = f"{role} {method} {path}: {answer.status_code}"
        if allowed and method in SAFE:
            assert answer.status_code not in {401, 403}, told
        elif allowed:
            assert answer.status_code == 403, told
            assert "X-Syntony-Token" in answer.text, told
        else:
            assert answer.status_code == (401 if role is None else 403), told


def test_a_route_without_a_rule_is_refused(bare):
    bare.app.add_api_route("/new", lambda: "secret", name="a new page")
    assert bare.get("/new").status_code == 401
    answer = let_in(bare).get("/new")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_a_coder_opens_only_what_is_assigned(bare, as_role, monkeypatch):
    bare.app.add_api_route("/clip/{session}", lambda session: session, name="clip")
    monkeypatch.setattr("syntony.app.rules.RULES", {**rules.RULES, "clip": rules.ALL})
    as_role("coder")
    assert bare.get("/clip/d01s01").status_code == 200
    assert bare.get("/clip/d02s01").status_code == 403
    assert bare.get("/clip/%64%302s01").status_code == 403
    as_role("reader")
    assert bare.get("/clip/d02s01").status_code == 200


def test_what_a_coder_was_refused_is_in_the_log_with_its_session(bare, as_role, monkeypatch):
    bare.app.add_api_route("/clip/{session}", lambda session: session, name="clip")
    monkeypatch.setattr("syntony.app.rules.RULES", {**rules.RULES, "clip": rules.ALL})
    monkeypatch.setattr("syntony.app.notes.ACTS", {**rules.ACTS, "clip": rules.PLAY})
    as_role("coder")
    bare.get("/clip/d02s01")
    bare.get("/clip/d01s01")
    told = [(e.who, e.act, e.about, e.status) for e in bare.app.state.audit.lines()]
    assert told == [("u3", "play", "session=d02s01", 403), ("u3", "play", "session=d01s01", 200)]


def test_every_part_is_made_from_one_list():
    from pathlib import Path

    files = {p.stem for p in Path(make.__file__).with_name("routes").glob("*.py")} - {"__init__"}
    assert files == set(make.PARTS)
