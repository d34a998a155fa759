"""What the log is told: labels that the study has, intents before edits, one line of a play."""

import shutil

import pytest
from app_client import let_in, let_in_as, test_client
from click.testing import CliRunner

from syntony.app.audit import Audit
from syntony.app.make import make_app
from syntony.app.notes import ONCE_S
from syntony.cli import main

PASSWORD = "a long enough password"
MARK = {"person": "P01", "kind": "eda", "start_s": 1.0, "stop_s": 2.0}
CODES = {"coder": "kim", "events": []}


def lines_of(client, *acts):
    return [
        (e.act, e.what, e.about, e.status)
        for e in client.app.state.audit.lines()
        if not acts or e.act in acts
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/sessions/Anna%20Meier"),
        ("GET", "/api/sessions/Meier"),
        ("GET", "/code/Meier"),
        ("GET", "/runs/Meier"),
        ("GET", "/report/Meier"),
        ("GET", "/compare?first=Meier&second=Meier"),
        ("GET", "/api/sessions/Meier%0A7%09x%09local%09view"),
        ("GET", "/code/clips/Meier/1"),
        ("GET", "/report/demo/texts/Meier"),
        ("GET", "/report/demo?page=Meier"),
        ("PUT", "/api/coding/Meier"),
        ("POST", "/api/quality/Meier/marks"),
        ("POST", "/api/quality/d01s01/marks/Meier/withdraw"),
        ("POST", "/api/jobs/Meier/stop"),
        ("DELETE", "/api/uploads/Meier"),
        ("PUT", "/api/clips/Meier/1"),
        ("POST", "/api/runs/Meier/resume"),
        ("PUT", "/api/accounts/Meier/role"),
    ],
)
def test_what_somebody_typed_is_not_told(client, method, path):
    given = CODES if "/coding/" in path or "/clips/" in path else MARK
    client.request(method, path, json=None if method in {"GET", "DELETE"} else given)
    told = lines_of(client)
    assert told, "nothing was told: the test asks the wrong path"
    kept = client.app.state.audit.path.read_bytes()
    assert b"Meier" not in kept, told
    assert any("?" in about for _, _, about, _ in told)
    assert all("\n" not in about for _, _, about, _ in told)


def test_what_the_study_has_is_told_in_full(client):
    paths = [
        *("/api/sessions/d01s01?run=demo", "/runs/demo", "/report/demo?page=index.html"),
        *("/report/demo/texts/methods.md", "/report/demo/tables/pairs.csv"),
        *("/runs", "/report", "/run?like=demo"),
    ]
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)
    client.get("/compare?first=demo&second=demo")  # the same one twice: refused, and told
    client.get("/plan")  # there is none
    told = {(what, about) for _, what, about, _ in lines_of(client)}
    assert told >= {
        ("review_facts", "session=d01s01 run=demo"),
        ("run_page", "run=demo"),
        ("compare", "first=demo second=demo"),
        ("report_of", "run=demo page=index.html"),
        ("text_file", "run=demo name=methods.md"),
        ("table", "run=demo table=pairs"),
        ("plan", ""),
        ("runs", ""),
        ("report", ""),
        ("run", "like=demo"),
    }


def test_which_mark_clip_and_film_is_told(client, home):
    mark = client.post("/api/quality/d01s01/marks", json=MARK | {"kind": "*"}).json()["made"]
    client.post(f"/api/quality/d01s01/marks/{mark}/withdraw")
    media = home.study / "media"
    media.mkdir()
    (media / "d01s01.webm").write_bytes(bytes(100))
    client.get("/api/sessions/d01s01/media/0")
    told = {(what, about) for _, what, about, s in lines_of(client) if s}
    assert ("withdraw_mark", f"session=d01s01 mark={mark}") in told
    assert ("media_file", "session=d01s01 number=0") in told


def test_a_film_that_is_played_is_a_line_a_minute(client, home):
    media = home.study / "media"
    media.mkdir()
    for name in ("d01s01.webm", "d02s01.webm"):
        (media / name).write_bytes(bytes(10_000))
    now = [0.0]
    notes = _notes_of(client)
    notes._clock = lambda: now[0]

    def play(session):
        for k in range(20):
            part = {"Range": f"bytes={k * 100}-{k * 100 + 99}"}
            path = f"/api/sessions/{session}/media/0"
            assert client.get(path, headers=part).status_code == 206

    play("d01s01")
    assert len(lines_of(client, "play")) == 1
    play("d02s01")
    now[0] = ONCE_S - 1
    play("d01s01")
    assert len(lines_of(client, "play")) == 2
    now[0] = ONCE_S + 1
    play("d01s01")
    assert len(lines_of(client, "play")) == 3
    assert client.get("/api/sessions/d01s01/media/7").status_code == 404
    assert len(lines_of(client, "play")) == 4


def _notes_of(client):
    client.get("/enter")  # the app builds its middleware at the first request
    stack = client.app.middleware_stack
    while not hasattr(stack, "notes"):
        stack = stack.app
    return stack.notes


def test_before_an_edit_there_is_a_line_and_without_it_no_edit(client, home, monkeypatch):
    assert client.put("/api/coding/d01s01", json=CODES).status_code == 200
    assert lines_of(client, "intent", "edit") == [
        ("intent", "save_coding", "session=d01s01", 0),
        ("edit", "save_coding", "session=d01s01", 200),
    ]
    before = {p: p.stat().st_mtime_ns for p in home.study.rglob("*")}

    def full(*line):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Audit, "append", full)
    codes = [{"onset_s": 1.0, "duration_s": 2.0, "person": "P01", "code": "positive"}]
    answer = client.put("/api/coding/d01s01", json={**CODES, "events": codes})
    assert answer.status_code == 503
    assert "audit log cannot be written" in answer.text
    assert {p: p.stat().st_mtime_ns for p in home.study.rglob("*")} == before


def test_an_edit_whose_answer_could_not_be_told_has_its_intent(client, monkeypatch):
    kept, append = [], Audit.append

    def nearly_full(self, who, act, *line):
        if act != "intent":
            raise OSError(28, "No space left on device")
        kept.append(append(self, who, act, *line))

    monkeypatch.setattr(Audit, "append", nearly_full)
    assert client.put("/api/coding/d01s01", json=CODES).status_code == 503
    (line,) = client.app.state.audit.lines()
    assert (line.who, line.act, line.about, line.status) == (
        "local", "intent", "session=d01s01", 0
    )  # fmt: skip


def test_strangers_do_not_grow_the_log(bare):
    for _ in range(20):
        bare.get("/enter")
    assert lines_of(bare) == []
    for _ in range(20):
        bare.get("/enter", params={"token": "wrong"})
        bare.post("/api/enter", json={"name": "a", "password": "b"})  # without the page's token
    bare.headers["X-Syntony-Token"] = bare.app.state.visitors.csrf("")
    for k in range(20):
        bare.post("/api/enter", json={"name": f"a{k}", "password": "b"})
        bare.post("/api/enter", json={"name": f"a{k}", "password": 1})
    assert sorted(lines_of(bare)) == [
        ("enter", "enter", "", 403),
        *[("enter", "log_in", "", 401)] * 5,
        *[("enter", "log_in", "", status) for status in (403, 422, 429)],
    ]


def test_the_result_of_a_job_is_a_view_and_its_progress_is_none(bare):
    from syntony.app.schema import Job

    told = {"kind": "plan", "title": "", "done": 0, "total": 0, "elapsed_s": 0.0, "message": ""}
    job = Job(id="a1", state="running", field="", **told)
    bare.app.state.jobs.get = lambda number: job
    let_in(bare)
    for _ in range(3):
        bare.get("/api/jobs/a1")
    assert lines_of(bare) == []
    job = job.model_copy(update={"state": "finished"})
    for _ in range(3):
        bare.get("/api/jobs/a1")
    assert lines_of(bare) == [("view", "job", "job=a1", 200)]


def test_a_password_of_one_s_own_is_an_edit_before_it_is_made(bare):
    state = bare.app.state
    state.accounts.add("mira", "owner", PASSWORD, once=True)
    bare.headers["X-Syntony-Token"] = state.visitors.csrf("")
    asked = {"name": "mira", "password": PASSWORD, "own": PASSWORD + " of mine"}
    assert bare.post("/api/enter", json=asked).status_code == 204
    assert lines_of(bare) == [
        ("intent", "own_password", "account=u1", 0),
        ("enter", "log_in", "", 204),
    ]


def test_the_shell_prints_one_line_of_one(tmp_path):
    audit = Audit(tmp_path / "data")
    audit.append("local", "view", "session", "session=a\n2\tforged\x1b[2J\u2028", 200)
    said = CliRunner().invoke(main, ["audit", "show", "study", "--data", str(tmp_path / "data")])
    assert len(said.output.splitlines()) == 1
    assert r"session=a\n2\tforged\x1b[2J" in said.output
    assert "\x1b" not in said.output


def test_labels_are_known_of_a_study_whose_accounts_are_real(home, own_study):
    app = make_app(home)
    app.state.accounts.add("kim", "coder", PASSWORD)
    app.state.accounts.assign("kim", ["d01s01"])
    with test_client(app) as client:
        let_in_as(client, "kim")
        assert client.put("/api/coding/d01s01", json=CODES).status_code == 200
        assert client.put("/api/coding/d02s01", json=CODES).status_code == 403
        assert lines_of(client) == [
            ("intent", "save_coding", "session=d01s01", 0),
            ("edit", "save_coding", "session=d01s01", 200),
            ("edit", "save_coding", "session=d02s01", 403),
        ]
    shutil.rmtree(own_study)
    assert app.state.audit.verify() == 3
