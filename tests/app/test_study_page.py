"""The study page of very many sessions: what is drawn at once, what is in it besides."""

import json
import re

import pytest
from app_client import let_in, test_client

from syntony.app.home import Home
from syntony.app.make import make_app
from syntony.app.routes.study import AT_ONCE
from syntony.app.visitors import Visitor

MANY = 250


@pytest.fixture
def many(tmp_path):
    """A client of a study of very many sessions that were never recorded."""
    root = tmp_path / "study"
    root.mkdir()
    (root / "study.toml").write_text('title = "many"\nroles = ["patient", "therapist"]\n', "utf-8")
    (root / "participants.tsv").write_text("participant_id\nsub-P1\nsub-T1\n", "utf-8")
    sessions = [f"ses-s{k:03}" for k in range(MANY)]
    (root / "sessions.tsv").write_text("\n".join(["session_id", *sessions]) + "\n", "utf-8")
    people = ["session_id\tparticipant_id\trole"]
    people += [f"{s}\tsub-{p}\t{r}" for s in sessions for p, r in _PAIR]
    (root / "people.tsv").write_text("\n".join(people) + "\n", "utf-8")
    with test_client(make_app(Home(study=root, data=tmp_path / "data"))) as client:
        yield let_in(client)


_PAIR = (("P1", "patient"), ("T1", "therapist"))


def test_only_the_first_sessions_are_drawn_and_all_are_there(many):
    page = many.get("/").text
    drawn, kept = page.split('<script type="text/html" id="further">')
    kept = kept.partition("</script>")[0]
    assert drawn.count("<tr data-session=") == AT_ONCE
    assert kept.count("<tr data-session=") == MANY - AT_ONCE
    keys = json.loads(re.search(r'id="sorted-by">(.*?)</script>', page)[1])
    assert keys["session"] == [f"s{k:03}" for k in range(MANY)]
    assert {len(v) for v in keys.values()} == {MANY}
    assert f"Show all {MANY} sessions" in page


def test_blind_eyes_get_only_what_is_assigned(many):
    let_in(many, Visitor(name="local", role="coder", sessions=frozenset({"s007", "s200"})))
    page = many.get("/").text
    assert page.count("<tr data-session=") == 2
    assert "s008" not in page


@pytest.mark.parametrize("path", ["/clips?coder=kim", "/code/s001", "/rate/s001", "/run"])
def test_pages_that_show_no_recording_ask_for_none(many, path):
    assert many.get(path).status_code == 200
