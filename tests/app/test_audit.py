"""The audit log: nothing can be changed, taken out or cut off unseen."""

import sqlite3
from contextlib import closing

import pytest
from app_client import let_in
from click.testing import CliRunner

from syntony.app.audit import Audit
from syntony.app.guard import POLICY
from syntony.cli import main
from syntony.core.errors import FileError


@pytest.fixture
def audit(tmp_path):
    """A log of five lines."""
    made = Audit(tmp_path / "data")
    for k in range(5):
        made.append("u1", "view", "session", f"session=d0{k}s01", 200)
    return made


def _tamper(audit, *questions):
    with closing(sqlite3.connect(audit.path)) as held:
        held.execute("DROP TRIGGER no_update")
        held.execute("DROP TRIGGER no_delete")
        for question in questions:
            held.execute(question)
        held.commit()


def test_a_whole_log_is_whole(audit):
    assert audit.verify() == 5
    assert [e.number for e in audit.lines()] == [1, 2, 3, 4, 5]
    assert audit.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("question", ["UPDATE log SET who = 'u2'", "DELETE FROM log"])
def test_the_file_itself_refuses_changes(audit, question):
    with closing(sqlite3.connect(audit.path)) as held, pytest.raises(sqlite3.IntegrityError):
        held.execute(question)


@pytest.mark.parametrize(
    "question",
    [
        "UPDATE log SET who = 'u2' WHERE number = 3",
        "UPDATE log SET at = '2020-01-01T00:00:00.000+00:00' WHERE number = 1",
        "UPDATE log SET about = 'session=d09s01' WHERE number = 5",
        "UPDATE log SET status = 403 WHERE number = 2",
        "UPDATE log SET hash = previous WHERE number = 2",
        "DELETE FROM log WHERE number = 3",
        "DELETE FROM log WHERE number = 1",
    ],
)
def test_a_changed_line_is_found(audit, question):
    _tamper(audit, question)
    with pytest.raises(FileError, match="does not fit"):
        audit.verify()


def test_lines_put_in_and_renumbered_are_found(audit):
    _tamper(
        audit,
        "DELETE FROM log WHERE number = 3",
        "UPDATE log SET number = number - 1 WHERE number > 3",
    )
    with pytest.raises(FileError, match="number 3"):
        audit.verify()


def _reseal(audit, *, forget=(), chained):
    """Write the log anew: lines left out, who changed in line 3, each hash right for itself."""
    from dataclasses import asdict

    from syntony.app.audit import FIRST, _sealed

    previous, lines = FIRST, []
    for line in [e for e in audit.lines() if e.number not in forget]:
        said = {k: v for k, v in asdict(line).items() if k != "hash"}
        said |= {"who": "u2"} if line.number == 3 else {}
        said |= {"previous": previous} if chained else {}
        lines.append(_sealed(**said))
        previous = lines[-1].hash
    _tamper(audit, "DELETE FROM log")
    with closing(sqlite3.connect(audit.path)) as held:
        for line in lines:
            held.execute("INSERT INTO log VALUES (?,?,?,?,?,?,?,?,?)", tuple(asdict(line).values()))
        held.commit()


def test_a_line_that_is_right_for_itself_and_not_in_the_chain_is_found(audit):
    _reseal(audit, chained=False)
    with pytest.raises(FileError, match="number 4"):
        audit.verify()


def test_a_chain_made_anew_without_a_line_is_found_by_its_numbers(audit):
    _reseal(audit, forget=(2,), chained=True)
    with pytest.raises(FileError, match="number 3"):
        audit.verify()


def test_a_cut_end_is_found_beside_a_backup(audit, tmp_path):
    copy = tmp_path / "kept" / "log.sqlite"
    assert audit.backup(copy) == 5
    audit.append("u1", "view", "study", "", 200)
    assert audit.verify(copy) == 6
    _tamper(audit, "DELETE FROM log WHERE number > 4")
    assert audit.verify() == 4
    with pytest.raises(FileError, match="no line in place of number 5"):
        audit.verify(copy)


def test_a_log_written_anew_is_found_beside_a_backup(audit, tmp_path):
    audit.backup(tmp_path / "log.sqlite")
    audit.path.unlink()
    for k in range(6):
        audit.append("u1", "view", "session", f"session=d0{k}s01", 200)
    assert audit.verify() == 6
    with pytest.raises(FileError, match="another line in place of number 1"):
        audit.verify(tmp_path / "log.sqlite")


def test_a_backup_is_never_written_over(audit, tmp_path):
    (tmp_path / "there").write_text("")
    with pytest.raises(FileError, match="a new file"):
        audit.backup(tmp_path / "there")


def test_the_shell_verifies_and_copies(audit, tmp_path):
    def verb(*words):
        return CliRunner().invoke(main, ["audit", *words, "--data", str(audit.folder)])

    assert "5 lines" in verb("verify", "study").output
    assert verb("backup", "study", str(tmp_path / "copy")).exit_code == 0
    _tamper(audit, "DELETE FROM log WHERE number = 2")
    assert verb("verify", "study").exit_code == 1


def test_what_is_used_is_written_down_without_names(client):
    client.get("/")
    upload = client.post("/api/uploads").json()["id"]
    name = "Anna_Meier.csv"
    assert client.put(f"/api/uploads/{upload}/files", params={"name": name}).status_code == 200
    client.get("/api/jobs")
    told = [(e.act, e.what, e.about, e.status) for e in client.app.state.audit.lines()]
    assert told == [
        ("view", "study", "", 200),
        ("intent", "upload_file", "upload=?", 0),
        ("edit", "upload_file", f"upload={upload}", 200),
        ("view", "jobs", "", 200),
    ]
    assert b"Anna" not in client.app.state.audit.path.read_bytes()


def test_what_is_refused_to_a_known_person_is_written_down(bare):
    let_in(bare)
    bare.headers["X-Syntony-Token"] = "wrong"
    assert bare.post("/api/demo").status_code == 403
    (line,) = bare.app.state.audit.lines()
    assert (line.act, line.what, line.status) == ("work", "make_demo", 403)


def test_without_a_line_there_is_no_answer(bare, monkeypatch):
    def full(*line):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Audit, "append", full)
    answer = let_in(bare).get("/")
    assert answer.status_code == 503
    assert "audit log cannot be written" in answer.text
    assert "Syntony" not in answer.text
    assert answer.headers["content-security-policy"] == POLICY


def test_the_log_is_kept_outside_the_study(client, home):
    before = sorted(p for p in home.study.rglob("*"))
    client.get("/")
    assert sorted(p for p in home.study.rglob("*")) == before
    assert (home.data / "audit.sqlite").is_file()
