"""The pages of accounts and of the log: passwords good once, roles, sessions, who may."""

import pytest
from app_client import let_in, let_in_as, test_client

from syntony.app.accounts import Accounts
from syntony.app.home import Home
from syntony.app.make import make_app

OWN = "a password of my own"


@pytest.fixture
def shared(tmp_path):
    """A client, let in as the owner of a study whose folder lists two sessions."""
    study = tmp_path / "study"
    study.mkdir()
    tables = {
        "study.toml": 'title = "two"\nroles = ["patient", "therapist"]\n',
        "sessions.tsv": "session_id\nses-a\nses-b\n",
        "participants.tsv": "participant_id\nsub-P1\nsub-T1\n",
        "people.tsv": "session_id\tparticipant_id\trole\n",
    }
    for session in "ab":
        tables["people.tsv"] += (
            f"ses-{session}\tsub-P1\tpatient\nses-{session}\tsub-T1\ttherapist\n"
        )
    for name, text in tables.items():
        (study / name).write_text(text, "utf-8")
    with test_client(make_app(Home(study=study, data=tmp_path / "data"))) as client:
        yield let_in(client)


def add(client, name, role):
    """Add an account; the first ends the log-in that made it, so go on as that owner."""
    is_first = not client.app.state.accounts
    answer = client.post("/api/accounts", json={"name": name, "role": role})
    assert answer.status_code == 201, answer.text
    if is_first:
        let_in_as(client, name)
    return answer.json()


def log_in(client, **given):
    client.cookies.clear()
    client.headers["X-Syntony-Token"] = client.app.state.visitors.csrf("")
    return client.post("/api/enter", json=given)


def test_the_first_account_is_an_owner(shared):
    refused = shared.post("/api/accounts", json={"name": "jo", "role": "coder"})
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["field"] == "role"
    assert add(shared, "mira", "owner")["id"] == "u1"
    assert "mira" in shared.get("/accounts").text


def test_a_password_that_was_given_out_opens_the_door_once(shared):
    given = add(shared, "mira", "owner")["password"]
    assert given not in shared.get("/accounts").text
    assert log_in(shared, name="mira", password=given).status_code == 409
    assert log_in(shared, name="mira", password=given, own="short").status_code == 422
    assert log_in(shared, name="mira", password=given, own=given).status_code == 422
    assert log_in(shared, name="mira", password="wrong", own=OWN).status_code == 401
    assert log_in(shared, name="mira", password=given, own=OWN).status_code == 204
    assert shared.get("/accounts").status_code == 200
    assert log_in(shared, name="mira", password=given, own=OWN).status_code == 401
    assert log_in(shared, name="mira", password=OWN).status_code == 204


def test_a_new_password_logs_the_account_off(shared):
    add(shared, "mira", "owner")
    held = Accounts(shared.app.state.home.data)
    held.set_password("mira", OWN)
    assert log_in(shared, name="mira", password=OWN).status_code == 204
    token = shared.app.state.visitors.csrf(shared.cookies[shared.app.state.home.cookie])
    shared.headers["X-Syntony-Token"] = token
    given = shared.post("/api/accounts/u1/password").json()["password"]
    assert shared.get("/accounts", follow_redirects=False).status_code == 401
    assert held.check("mira", OWN) is None
    assert held.check("mira", given)[0].once


def test_role_and_sessions_are_changed_and_told_to_the_log(shared):
    add(shared, "mira", "owner")
    add(shared, "jo", "coder")
    assert shared.put("/api/accounts/u2/sessions", json={"sessions": ["a"]}).json()["sessions"] == [
        "a"
    ]
    unknown = shared.put("/api/accounts/u2/sessions", json={"sessions": ["z"]})
    assert (unknown.status_code, unknown.json()["problems"][0]["field"]) == (422, "sessions")
    assert shared.put("/api/accounts/u1/sessions", json={"sessions": ["a"]}).status_code == 422
    changed = shared.put("/api/accounts/u2/role", json={"role": "reader"}).json()
    assert (changed["role"], changed["sessions"]) == ("reader", [])
    assert shared.put("/api/accounts/u1/role", json={"role": "reader"}).status_code == 422
    assert shared.put("/api/accounts/u9/role", json={"role": "reader"}).status_code == 422
    assert shared.delete("/api/accounts/u1").status_code == 422
    assert shared.delete("/api/accounts/u2").status_code == 204
    told = [
        (e.what, e.about, e.status) for e in shared.app.state.audit.lines() if e.act == "account"
    ]
    assert told == [
        ("add_account", "account=u1 role=owner", 201),
        ("add_account", "account=u2 role=coder", 201),
        ("assign_sessions", "account=u2 sessions=a", 200),
        ("assign_sessions", "account=u2", 422),
        ("assign_sessions", "account=u1", 422),
        ("set_role", "account=u2 role=reader", 200),
        ("set_role", "account=u1", 422),
        ("set_role", "account=u9", 422),
        ("remove_account", "account=u1", 422),
        ("remove_account", "account=u2", 204),
    ]
    assert "mira" not in "".join(e.about for e in shared.app.state.audit.lines())


def test_only_the_owner_changes_accounts_and_a_supervisor_sees_the_log(shared):
    add(shared, "mira", "owner")
    for role, sees in (("supervisor", 200), ("analyst", 403), ("coder", 403), ("reader", 403)):
        shared.app.state.accounts.add(role, role, OWN)
        let_in_as(shared, role)
        assert shared.get("/audit").status_code == sees
        assert shared.get("/accounts").status_code == 403
        refused = shared.post("/api/accounts", json={"name": "x", "role": "owner"})
        assert refused.status_code == 403


def test_the_log_is_shown_with_its_state(shared):
    add(shared, "mira", "owner")
    shared.get("/accounts")
    page = shared.get("/audit").text
    assert "3 lines, the chain is whole." in page
    assert "add_account" in page
    from contextlib import closing
    from sqlite3 import connect

    with closing(connect(shared.app.state.audit.path)) as log:
        log.execute("DROP TRIGGER no_update")
        log.execute("UPDATE log SET about = 'account=u7' WHERE number = 1")
        log.commit()
    assert "The chain is broken." in shared.get("/audit").text
