"""Routes of coding, clips and rating: own codes only, by role and by name."""

import json

import pytest
from app_client import let_in, test_client
from coding_study import make_coding_study

from syntony.app.home import Home
from syntony.app.make import make_app
from syntony.app.visitors import ANALYST, CODER, OWNER, READER, SUPERVISOR, Visitor
from syntony.io.tsv import tsv_text

ONE = {"onset_s": 2.0, "duration_s": 3.0, "person": "P01", "code": "positive", "comment": "smiles"}


@pytest.fixture
def own_study(tmp_path):
    """In place of the large made study: two sessions, one set of two clips."""
    root = make_coding_study(tmp_path / "study", seconds=400.0)
    folder = root / "derivatives" / "syntony" / "clips-001"
    folder.mkdir(parents=True)
    rows = [
        {"number": n, "session": f"d01s0{n}", "dyad": "d01", "kind": kind, "start_s": 50.0,
         "stop_s": 74.0, "core_start_s": 52.0, "core_stop_s": 72.0}
        for n, kind in ((1, "high"), (2, "low"))
    ]  # fmt: skip
    (folder / "key.tsv").write_text(tsv_text(list(rows[0]), rows), "utf-8")
    return root


@pytest.fixture
def home(own_study, tmp_path):
    """A home around it."""
    return Home(study=own_study, data=tmp_path / "data")


@pytest.fixture
def as_visitor(home):
    """A client that is let in as a visitor, in place of whoever it was before."""
    known = {}
    with test_client(make_app(home)) as made:
        made.app.state.visitors.lookup = lambda name: (known[name], 0)

        def enter(visitor):
            known[visitor.name] = visitor
            return let_in(made, visitor)

        yield enter


def kim(*sessions):
    """A coder to whom sessions are assigned."""
    return Visitor(name="kim", role=CODER, sessions=frozenset(sessions))


def put(client, events, revision="", session="d01s01", **more):
    """Save codes."""
    body = {"coder": "", "revision": revision, "events": events} | more
    return client.put(f"/api/coding/{session}", json=body)


def test_saved_is_there_and_a_second_window_is_told(client):
    first = put(client, [ONE], coder="kim")
    assert first.status_code == 200
    assert first.json()["count"] == 1
    sheet = client.get("/api/coding/d01s01", params={"coder": "kim"}).json()
    assert sheet["revision"] == first.json()["revision"]
    assert [e["comment"] for e in sheet["events"]] == ["smiles"]
    assert [c["key"] for c in sheet["codes"]] == ["p", "n", "m"]
    late = put(client, [], coder="kim")
    assert late.status_code == 409
    assert "another window" in late.json()["problems"][0]["message"]
    wrong = put(client, [ONE | {"person": "T09"}], first.json()["revision"], coder="kim")
    assert wrong.status_code == 422
    assert "T09" in wrong.json()["problems"][0]["message"]


def test_what_is_no_number_is_refused_and_not_a_fault(client):
    for bad in ("NaN", "Infinity", "1e999", "-1e308"):
        body = json.dumps({"coder": "kim", "events": [ONE]}).replace("2.0", bad)
        answer = client.put(
            "/api/coding/d01s01", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 422, bad


def test_without_accounts_a_coder_must_be_named(client):
    assert client.get("/api/coding/d01s01").status_code == 422
    assert client.get("/api/coding/d01s01", params={"coder": "../x"}).status_code == 422
    assert client.get("/api/coding/d09s01", params={"coder": "kim"}).status_code == 422


def test_an_account_codes_under_its_own_name_and_no_other(as_visitor):
    client = as_visitor(kim("d01s01"))
    assert put(client, [ONE]).status_code == 200
    assert client.get("/api/coding/d01s01").json()["coder"] == "kim"
    assert client.get("/api/coding/d01s01", params={"coder": "lee"}).status_code == 403
    assert put(client, [ONE], coder="lee").status_code == 403
    assert client.get("/api/coding/d01s02").status_code == 403  # not assigned
    page = client.get("/code/d01s01", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert 'id="compare"' not in page.text


def test_nobody_is_given_the_codes_of_another(as_visitor):
    put(as_visitor(kim("d01s01")), [ONE | {"comment": "a secret of kim"}])
    for visitor in (
        Visitor(name="lee", role=CODER, sessions=frozenset({"d01s01"})),
        Visitor(name="ann", role=OWNER),
        Visitor(name="sue", role=SUPERVISOR),
    ):
        client = as_visitor(visitor)
        assert client.get("/api/coding/d01s01").json()["events"] == []
        for url in ("/api/coding/d01s01/agreement", "/code/d01s01", "/clips", "/rate/d01s01"):
            assert "secret" not in client.get(url).text
    assert as_visitor(Visitor(name="rea", role=READER)).get("/code/d01s01").status_code == 403


def test_agreement_is_for_those_who_may_see_all_and_are_done(as_visitor):
    track = [ONE | {"onset_s": 5.0 * k, "duration_s": 5.0, "code": ("positive", "neutral")[k % 2]}
             for k in range(80)]  # fmt: skip
    ann, coder = Visitor(name="ann", role=OWNER), kim("d01s01")
    other = [e if k % 7 < 5 else e | {"code": "neutral"} for k, e in enumerate(track)]
    for visitor, events in ((coder, track), (ann, other)):
        client = as_visitor(visitor)
        revision = put(client, events).json()["revision"]
        if visitor is ann:
            refused = client.get("/api/coding/d01s01/agreement")
            assert refused.status_code == 422
            assert "finished" in refused.text
        done = client.post("/api/coding/d01s01/finish", json={"revision": revision})
        assert done.json()["standing"]["finished_at"]
    assert as_visitor(coder).get("/api/coding/d01s01/agreement").status_code == 403
    client = as_visitor(ann)
    found = client.get("/api/coding/d01s01/agreement").json()
    assert {r["code"] for r in found["rows"]} == {"", "positive", "neutral"}
    assert all(0 < r["low"] < r["value"] <= r["high"] <= 1 for r in found["rows"] if r["code"])
    parts = {(d["code_a"], d["code_b"]) for d in found["disagreements"]}
    assert parts == {("neutral", "positive")}
    assert len(found["disagreements"]) == 11
    assert put(client, track, revision).status_code == 422  # finished
    assert client.post("/api/coding/d01s01/reopen", json={}).status_code == 200


def test_a_blind_coder_is_given_clips_without_class_or_session(as_visitor, own_study):
    media = own_study / "media"
    media.mkdir()
    for name in ("d01s02_a.webm", "d01s02_b.mp4", "d01s02_c.avi"):
        (media / name).write_bytes(b"a film of some bytes")
    client = as_visitor(kim("d01s02"))
    assert ">1<" in client.get("/clips").text  # one clip of two
    assert client.get("/api/clips/clips-001/1").status_code == 422
    sheet = client.get("/api/clips/clips-001/2")
    assert "d01s02" not in sheet.text
    assert "P01" not in sheet.text
    films = sheet.json()["films"]
    assert [f["name"] for f in films] == ["Camera 1", "Camera 2", "Camera 3"]
    assert films[2]["trouble"] == "Browsers do not play AVI files."
    assert [f["url"] for f in films] == [*(f"/api/clips/clips-001/2/films/{k}" for k in (0, 1)), ""]
    part = client.get(films[1]["url"], headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, b"film")
    assert part.headers["content-type"] == "video/mp4"
    told = [(e.act, e.what, e.about) for e in client.app.state.audit.lines()]
    assert told[-1] == ("play", "clip_film", "set=clips-001 number=2 film=1")
    for answer in (part, sheet):
        assert "d01s02" not in str(answer.headers)
        assert "content-disposition" not in answer.headers
    for number, film, status in ((2, 2, 404), (2, 3, 404), (1, 0, 422), (9, 0, 422)):
        refused = client.get(f"/api/clips/clips-001/{number}/films/{film}")
        assert refused.status_code == status
        assert "d01s0" not in refused.text
    assert sheet.json()["core"] == [2.0, 22.0]
    page = client.get("/code/clips/clips-001/2", headers={"Accept": "text/html"}).text
    for word in ("high", "low", "P01"):
        assert f">{word}" not in page
        assert f'"{word}"' not in page
    assert "d01s02" not in page
    code = ONE | {"person": "patient"}
    saved = client.put("/api/clips/clips-001/2", json={"events": [code]})
    assert saved.json()["count"] == 1
    assert client.put("/api/clips/clips-001/2", json={"events": []}).status_code == 409


def test_a_coder_rates_under_their_own_name(as_visitor):
    client = as_visitor(kim("d01s01"))
    about = {"person": "P01", "what": "valence"}
    assert client.post("/api/rating/d01s01", json=about | {"rater": "self"}).status_code == 403
    begun = client.post("/api/rating/d01s01", json=about).json()
    assert begun["rater"] == "kim"
    assert begun["next"] == 0
    chunk = {"id": begun["id"], "first": 0, "values": [1.5, None] * 20}
    for _ in range(2):  # sent twice, there once
        assert client.post("/api/rating/d01s01/samples", json=chunk).json() == {"next": 40}
    other = as_visitor(Visitor(name="lee", role=CODER, sessions=frozenset({"d01s01"})))
    assert other.get("/api/rating/d01s01").json()["begun"] == []
    assert other.post("/api/rating/d01s01/finish", json={"id": begun["id"]}).status_code == 403
    client = as_visitor(kim("d01s01"))
    done = client.post("/api/rating/d01s01/finish", json={"id": begun["id"]}).json()
    assert done["values"] == [1.5, None] * 20 or done["values"] == ([1.5, None] * 20)[:39]
    assert client.post("/api/rating/d01s01", json=about).status_code == 422  # never written over
    other = as_visitor(Visitor(name="lee", role=CODER, sessions=frozenset({"d01s01"})))
    query = {"person": "P01", "what": "valence", "rater": "kim"}
    assert other.get("/api/rating/d01s01/course", params=query).status_code == 403


def test_a_rating_is_begun_and_ended_by_its_own_rater(as_visitor):
    about = {"person": "P01", "what": "valence"}
    client = as_visitor(kim("d01s01"))
    begun = client.post("/api/rating/d01s01", json=about).json()
    client.app.state.accounts.add("kim", CODER, "correct horse battery")
    ann = as_visitor(Visitor(name="ann", role=ANALYST))
    assert ann.post("/api/rating/d01s01", json=about | {"rater": "kim"}).status_code == 403
    own = ann.post("/api/rating/d01s01", json=about | {"rater": "P01"}).json()
    chunk = {"first": 0, "values": [1.0] * 30}
    for path, more in (("samples", chunk), ("finish", {}), ("drop", {})):
        url = f"/api/rating/d01s01/{path}"
        assert ann.post(url, json={"id": begun["id"]} | more).status_code == 403
    assert ann.post("/api/rating/d01s01/drop", json={"id": own["id"]}).status_code == 200
    ann.post("/api/rating/d01s01", json=about | {"rater": "self"})
    bea = as_visitor(Visitor(name="bea", role=ANALYST))
    answer = bea.post("/api/rating/d01s01", json=about | {"rater": "self"})
    assert answer.status_code == 422
    assert "you began" in answer.text
    owner = as_visitor(Visitor(name="mira", role=OWNER))
    assert owner.post("/api/rating/d01s01/drop", json={"id": begun["id"]}).status_code == 200


def test_a_coder_is_not_told_of_the_ratings_of_others(as_visitor):
    lee = as_visitor(Visitor(name="lee", role=CODER, sessions=frozenset({"d01s01"})))
    theirs = lee.post("/api/rating/d01s01", json={"person": "P01", "what": "valence"}).json()["id"]
    client = as_visitor(kim("d01s01"))
    answers = [
        client.post(f"/api/rating/d01s01/{path}", json={"id": name} | more)
        for name in (theirs, "d01s01_P01_nothing")
        for path, more in (("samples", {"first": 0, "values": [1]}), ("finish", {}), ("drop", {}))
    ]
    assert {a.status_code for a in answers} == {403}
    assert len({a.text for a in answers}) == 1
    query = {"person": "P01", "what": "valence", "rater": "kim"}
    asked = client.get("/api/rating/d01s01/course", params=query)
    assert asked.status_code == 422
    assert "lee" not in "".join(a.text for a in (*answers, asked))


def test_refusals_name_files_as_they_lie_in_the_study(as_visitor, own_study):
    client = as_visitor(kim("d01s01"))
    (own_study / "codes").mkdir(exist_ok=True)
    (own_study / "codes" / "d01s01_kim.tsv").write_text("nothing\tof\tthe\tkind\n1\n", "utf-8")
    answer = client.get("/api/coding/d01s01")
    assert answer.status_code == 422
    message = answer.json()["problems"][0]["message"]
    assert message.startswith("codes/d01s01_kim.tsv")
    assert str(own_study) not in answer.text


def test_samples_off_the_scale_are_refused(client):
    about = {"person": "T01", "what": "arousal", "rater": "self", "low": 0, "high": 100}
    begun = client.post("/api/rating/d01s01", json=about).json()
    bad = {"id": begun["id"], "first": 0, "values": [-1]}
    assert client.post("/api/rating/d01s01/samples", json=bad).status_code == 422
    gone = client.post("/api/rating/d01s01/drop", json={"id": begun["id"]}).json()
    assert gone["begun"] == []
    assert client.post("/api/rating/d01s01/samples", json=bad | {"values": [1]}).status_code == 422


def test_what_a_browser_cannot_play_is_named_with_the_command(client, own_study):
    media = own_study / "media"
    media.mkdir()
    for name in ("d01s01_a.webm", "d01s01_b.mp4", "d01s01_c.avi"):
        (media / name).write_bytes(b"x")
    films = client.get("/api/coding/d01s01?coder=kim").json()["films"]
    assert [(f["name"], bool(f["url"])) for f in films] == [
        ("d01s01_a.webm", True),
        ("d01s01_b.mp4", True),
        ("d01s01_c.avi", False),
    ]
    assert films[2]["trouble"] == "Browsers do not play AVI files."
    assert films[2]["remedy"].startswith("ffmpeg -i media/d01s01_c.avi")
    assert client.get("/api/clips/clips-001/1?coder=kim").json()["films"][2]["url"] == ""
