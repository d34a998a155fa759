"""The door: the launch token, accounts, their roles and how long a log-in lasts."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from app_client import let_in, test_client
from click.testing import CliRunner

from syntony.app.accounts import Accounts, Attempts
from syntony.app.make import make_app
from syntony.app.visitors import Visitor, Visitors
from syntony.cli import main
from syntony.core.errors import InputError

PASSWORD = "correct horse battery"


def test_the_token_lets_one_browser_in_once(bare):
    token = bare.app.state.home.token
    answer = bare.get("/enter", params={"token": token}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token not in cookie
    assert bare.get("/").status_code == 200
    with test_client(bare.app) as other:
        assert other.get("/enter", params={"token": token}).status_code == 403
        assert other.get("/").status_code == 401


@pytest.mark.parametrize("token", ["x", "é", "0" * 5000])
def test_a_wrong_token_lets_nobody_in_and_spoils_nothing(bare, token):
    assert bare.get("/enter", params={"token": token}).status_code == 403
    right = bare.get("/enter", params={"token": bare.app.state.home.token}, follow_redirects=False)
    assert right.status_code == 303


def test_tokens_and_cookies_are_long_and_differ(bare_home):
    other = replace(bare_home, token="t")
    assert len(bare_home.token) >= 43
    assert bare_home.token not in repr(bare_home)
    visitors = Visitors(token=other.token, idle_s=1)
    cookies = {visitors.let_in(Visitor(name="local", role="owner")) for _ in range(5)}
    assert len(cookies) == 5
    assert min(map(len, cookies)) >= 43
    assert not any(c in repr(visitors) for c in cookies)


def test_the_cookie_is_for_encrypted_lines_where_there_is_one(bare_home):
    with test_client(make_app(replace(bare_home, secure=True))) as client:
        answer = client.get("/enter", params={"token": bare_home.token}, follow_redirects=False)
    assert "Secure" in answer.headers["set-cookie"]


@pytest.fixture
def shared(bare_home):
    """A client of a home with two accounts, and the accounts."""
    accounts = Accounts(bare_home.data)
    accounts.add("mira", "owner", PASSWORD)
    accounts.add("jo", "coder", PASSWORD + " two")
    with test_client(make_app(replace(bare_home, token=""))) as client:
        yield client, accounts


def _log_in(client, name, password):
    client.cookies.clear()
    page = client.get("/enter", headers={"Accept": "text/html"})
    token = page.text.split('name="syntony-token" content="')[1].split('"')[0]
    asked = {"name": name, "password": password}
    answer = client.post("/api/enter", json=asked, headers={"X-Syntony-Token": token})
    if answer.status_code == 204:
        client.headers["X-Syntony-Token"] = client.app.state.visitors.csrf(
            client.cookies[client.app.state.home.cookie]
        )
    return answer


def test_an_account_enters_with_its_password_and_leaves(shared):
    client, _ = shared
    assert client.get("/").status_code == 401
    assert _log_in(client, "mira", PASSWORD).status_code == 204
    assert "mira" in client.get("/").text
    cookie = dict(client.cookies)
    assert client.post("/api/leave").status_code == 204
    client.cookies.update(cookie)  # a copy that somebody kept is of no use
    assert client.get("/").status_code == 401


@pytest.mark.parametrize(
    ("name", "password"), [("mira", "wrong"), ("nobody", PASSWORD), ("jo", PASSWORD), ("", "")]
)
def test_a_wrong_password_and_an_unknown_name_are_told_alike(shared, name, password):
    answer = _log_in(shared[0], name, password)
    assert answer.status_code == 401
    assert answer.json()["problems"][0]["message"] == "Name and password do not go together."


def test_too_many_wrong_tries_have_to_wait_even_with_the_right_one(shared):
    client, _ = shared
    now = [0.0]
    client.app.state.attempts = Attempts(clock=lambda: now[0], tries=3, within_s=600)
    for _ in range(3):
        assert _log_in(client, "mira", "wrong").status_code == 401
    answer = _log_in(client, "mira", PASSWORD)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "600"
    now[0] = 601.0
    assert _log_in(client, "mira", PASSWORD).status_code == 204


def test_tries_are_counted_for_an_address_too():
    attempts = Attempts(clock=lambda: 0.0, tries=2)
    assert attempts.begin("name a", "from 1") == 0
    assert attempts.begin("name b", "from 1") == 0
    assert attempts.begin("name c", "from 1") > 0
    assert attempts.begin("name c", "from 2") == 0
    attempts.undo("name b", "from 1")
    assert attempts.begin("name b", "from 1") == 0


def _as_from(client, address, name, password="wrong"):
    """A try from an address that a proxy names; what the stranger says of it stands before."""
    said = {"X-Forwarded-For": f"10.9.9.9, {address}"}
    client.headers.update(said)
    try:
        return _log_in(client, name, password).status_code
    finally:
        client.headers.pop("X-Forwarded-For")


def test_by_the_route_an_address_waits_whatever_the_name(shared):
    client, _ = shared
    tries = [_log_in(client, f"name{k}", "wrong").status_code for k in range(6)]
    assert tries == [401] * 5 + [429]
    assert _log_in(client, "mira", PASSWORD).status_code == 429
    assert _as_from(client, "10.0.0.8", "mira", PASSWORD) == 429  # without a proxy: anybody's word


def test_behind_a_proxy_only_the_one_who_tried_waits(shared):
    client, _ = shared
    app = make_app(replace(client.app.state.home, behind_proxy=True))
    with test_client(app) as proxied:
        tries = [_as_from(proxied, "10.0.0.7", f"name{k}") for k in range(6)]
        assert tries == [401] * 5 + [429]
        assert _as_from(proxied, "10.0.0.7", "mira", PASSWORD) == 429
        assert _as_from(proxied, "10.0.0.8", "mira", PASSWORD) == 204


def test_tries_at_the_same_time_are_counted_before_any_is_judged(shared, monkeypatch):
    client, _ = shared
    at_once, most, lock = 0, 0, threading.Lock()

    def check(self, name, password):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.05)
        with lock:
            at_once -= 1

    monkeypatch.setattr(Accounts, "check", check)
    token = {"X-Syntony-Token": client.app.state.visitors.csrf("")}

    def attempt(k):
        asked = {"name": "mira" if k % 2 else f"name{k}", "password": "wrong"}
        return client.post("/api/enter", json=asked, headers=token).status_code

    with ThreadPoolExecutor(30) as pool:
        answers = Counter(pool.map(attempt, range(30)))
    assert answers == {401: 5, 429: 25}
    assert most <= 2


def test_a_good_password_is_no_try_of_its_address(shared):
    client, _ = shared
    for _ in range(7):
        assert _log_in(client, "mira", PASSWORD).status_code == 204


def test_an_unknown_name_costs_a_hash_as_a_known_one_does(shared, monkeypatch):
    import argon2

    counted = []

    class Counting(argon2.PasswordHasher):
        def verify(self, hashed, password):
            counted.append((hashed.split("$")[1:4], len(password)))
            return super().verify(hashed, password)

    monkeypatch.setattr(argon2, "PasswordHasher", Counting)
    accounts = shared[1]
    assert accounts.check("mira", "wrong word") is None
    known = list(counted)
    assert accounts.check("nobody", "wrong word") is None
    assert counted == known * 2
    assert len(known) == 1


def test_an_account_is_logged_off_when_idle():
    now = [0.0]
    mira = Visitor(name="mira", role="owner")
    visitors = Visitors(token="", idle_s=60, lookup=lambda name: (mira, 1), clock=lambda: now[0])
    cookie = visitors.let_in(mira, 1)
    for now[0] in (59.0, 118.0):
        assert visitors.find(cookie) == mira
    now[0] = 179.0
    assert visitors.find(cookie) is None
    now[0] = 118.0
    assert visitors.find(cookie) is None


def test_only_what_a_person_did_is_use():
    now = [0.0]
    mira = Visitor(name="mira", role="owner")
    visitors = Visitors(token="", idle_s=60, lookup=lambda name: (mira, 1), clock=lambda: now[0])
    cookie = visitors.let_in(mira, 1)
    for now[0] in (20.0, 40.0, 60.0):  # a page asks of itself, a socket is open
        assert visitors.find(cookie, idle_s=now[0]) == mira
        assert visitors.find(cookie, idle_s=None) == mira
    now[0] = 61.0
    assert visitors.find(cookie, idle_s=61.0) is None
    cookie = visitors.let_in(mira, 1)
    now[0] = 111.0
    assert visitors.find(cookie, idle_s=10.0) == mira  # a click at 101, told at 111
    now[0] = 160.0
    assert visitors.find(cookie, idle_s=59.0) == mira
    now[0] = 162.0
    assert visitors.find(cookie, idle_s=0.0) is None


def test_a_cookie_of_one_who_is_gone_is_not_the_next_of_that_name(shared):
    client, accounts = shared
    accounts.add("kim", "reader", PASSWORD)
    assert _log_in(client, "kim", PASSWORD).status_code == 204
    assert client.get("/").status_code == 200
    gone = accounts.find("kim")
    accounts.remove("kim")
    accounts.add("kim", "owner", PASSWORD)
    now = accounts.find("kim")
    assert gone[1] == now[1]
    assert gone[0].id < now[0].id
    assert client.get("/").status_code == 401
    assert client.get("/accounts").status_code == 401


def test_the_first_account_ends_the_address_and_the_log_in_without_accounts(bare):
    state = bare.app.state
    with test_client(bare.app) as other:
        let_in(other)
        assert other.get("/").status_code == 200
        state.accounts.add("mira", "owner", PASSWORD)
        assert other.get("/").status_code == 401
    answer = bare.get("/enter", params={"token": state.home.token}, follow_redirects=False)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert bare.get("/").status_code == 401
    assert _log_in(bare, "mira", PASSWORD).status_code == 204


def test_an_entry_from_elsewhere_goes_on_by_a_page_of_our_own(bare):
    """A browser would follow a redirect from a file without the cookie (SameSite=Strict)."""
    asked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
    token = bare.app.state.home.token
    answer = bare.get("/enter", params={"token": token}, headers=asked, follow_redirects=False)
    assert answer.status_code == 200
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert '<meta http-equiv="refresh" content="0; url=/">' in answer.text
    assert token not in answer.text


def test_changes_of_an_account_count_at_once(shared):
    client, accounts = shared
    _log_in(client, "jo", PASSWORD + " two")
    assert client.get("/").status_code == 200
    accounts.assign("jo", ["d01s01"])
    cookie = client.cookies[client.app.state.home.cookie]
    assert client.app.state.visitors.find(cookie).sessions == {"d01s01"}
    accounts.set_password("jo", "another long password")
    assert client.get("/").status_code == 401
    _log_in(client, "jo", "another long password")
    accounts.remove("jo")
    assert client.get("/").status_code == 401


def test_the_launch_token_is_nothing_where_there_are_accounts(shared):
    client, _ = shared
    assert client.get("/enter", params={"token": ""}).status_code == 200
    assert client.app.state.visitors.exchange("") is None


def test_passwords_are_kept_as_argon2id_and_the_file_is_private(bare_home):
    Accounts(bare_home.data).add("mira", "owner", PASSWORD)
    path = bare_home.data / "accounts.sqlite"
    held = path.read_bytes()
    assert b"$argon2id$v=19$m=65536,t=3,p=4$" in held
    assert PASSWORD.encode() not in held
    assert path.stat().st_mode & 0o077 == 0
    assert bare_home.data.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "role", "password", "field"),
    [
        ("../x", "owner", PASSWORD, "name"),
        ("local", "owner", PASSWORD, "name"),
        ("a b", "owner", PASSWORD, "name"),
        ("jo_x", "coder", PASSWORD, "name"),
        ("a@b", "coder", PASSWORD, "name"),
        ("x" * 33, "coder", PASSWORD, "name"),
        ("self", "coder", PASSWORD, "name"),
        ("raters", "coder", PASSWORD, "name"),
        ("phases", "coder", PASSWORD, "name"),
        ("a", "king", PASSWORD, "role"),
        ("a", "owner", "short", "password"),
        ("a", "owner", "x" * 300, "password"),
    ],
)
def test_accounts_that_cannot_be(bare_home, name, role, password, field):
    with pytest.raises(InputError) as refused:
        Accounts(bare_home.data).add(name, role, password)
    assert refused.value.field == field
    assert password not in str(refused.value)


def test_the_last_owner_stays(bare_home):
    accounts = Accounts(bare_home.data)
    accounts.add("mira", "owner", PASSWORD)
    accounts.add("jo", "reader", PASSWORD)
    with pytest.raises(InputError, match="last owner"):
        accounts.remove("mira")
    with pytest.raises(InputError, match="a coder"):
        accounts.assign("jo", ["d01s01"])


def _verb(*words, data, stdin=None):
    return CliRunner().invoke(main, ["accounts", *words, "--data", str(data)], input=stdin)


def test_the_shell_makes_lists_and_removes_accounts(made_study, tmp_path):
    study, data = str(made_study), tmp_path / "data"
    twice = f"{PASSWORD}\n{PASSWORD}\n"
    assert _verb("add", study, "mira", "--role", "owner", data=data, stdin=twice).exit_code == 0
    asked = _verb(
        "add", study, "jo", "--role", "coder", "--password-stdin", data=data, stdin=PASSWORD
    )
    assert asked.exit_code == 0
    assert PASSWORD not in asked.output
    assert _verb("assign", study, "jo", "d02s01", "d01s01", data=data).exit_code == 0
    assert _verb("assign", study, "jo", "d99s01", data=data).exit_code == 2
    assert "u2  jo  coder  d01s01 d02s01" in _verb("list", study, data=data).output
    assert _verb("role", study, "jo", "reader", data=data).exit_code == 0
    assert "u2  jo  reader\n" in _verb("list", study, data=data).output
    assert _verb("role", study, "mira", "reader", data=data).exit_code == 2
    assert _verb("remove", study, "jo", data=data).exit_code == 0
    assert "jo" not in _verb("list", study, data=data).output
    told = CliRunner().invoke(main, ["audit", "show", study, "--data", str(data)]).output
    assert "account=u2 sessions=d01s01,d02s01" in told
    assert "mira" not in told
    assert "jo" not in told


def test_a_coder_sees_the_assigned_sessions_and_no_figure(as_visitor):
    coder = Visitor(name="local", role="coder", sessions=frozenset({"d02s01", "d05s01"}))
    text = as_visitor(coder).get("/").text.split("<main")[1].split("</main>")[0]
    assert [f"d0{k}s01" for k in range(1, 9) if f'data-session="d0{k}s01"' in text] == [
        "d02s01",
        "d05s01",
    ]
    for word in ("chance", "strip", "Coverage", "Empath", '<h2 id="runs-title"', "d03s01"):
        assert word not in text
    assert "chance" in let_in_reader(as_visitor)


def let_in_reader(as_visitor):
    return as_visitor(Visitor(name="local", role="reader")).get("/").text


def test_an_entry_by_the_door_is_in_the_log(shared):
    client, _ = shared
    _log_in(client, "mira", "wrong")
    _log_in(client, "mira", PASSWORD)
    client.get("/")
    told = [(e.who, e.what, e.status) for e in client.app.state.audit.lines()]
    assert ("nobody", "log_in", 401) in told
    assert told[-2:] == [("u1", "log_in", 204), ("u1", "study", 200)]
    assert let_in(client) is client
