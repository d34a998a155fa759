"""Routes of the session review: what is sent, to whom, and what is refused."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from syntony.app.visitors import CODER, READER, Visitor
from syntony.io.study import load_session, open_study

API = "/api/sessions/d01s01"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing of a test is kept in the cache of whoever runs it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def facts(client):
    answer = client.get(API)
    assert answer.status_code == 200
    return answer.json() | {"key": answer.headers["X-Syntony-Review"]}


def test_the_page_is_served_with_the_sessions_to_go_to(client):
    page = client.get("/session/d02s01")
    assert page.status_code == 200
    assert 'href="/session/d01s01?run=demo" rel="prev"' in page.text
    assert 'href="/session/d03s01?run=demo" rel="next"' in page.text
    assert page.text.count("<option") >= 8
    assert "Simulated data" in page.text


@pytest.mark.parametrize("run", ["", "demo"])
def test_the_run_goes_along_to_every_page_of_the_session_and_back(client, run):
    shown = client.get(f"/session/d02s01?run={run}").text
    assert f'href="/session/d01s01?run={run}" rel="prev"' in shown
    for part in ("code", "quality", "rate"):
        assert f'href="/{part}/d02s01?run={run}"' in shown
        there = client.get(f"/{part}/d02s01?run={run}").text
        assert f'href="/session/d02s01?run={run}"' in there
        assert there.count('aria-current="page"') == 1
    assert 'href="/session/d02s01"' in client.get("/code/d02s01").text


def test_without_runs_there_is_none_to_carry(client, home):
    shutil.rmtree(home.study / "derivatives")
    assert 'href="/session/d01s01" rel="prev"' in client.get("/session/d02s01").text


def test_tiles_are_the_samples_of_the_session(client, facts, home):
    signals = load_session(open_study(home.study), "d01s01").signals
    told = [c for c in facts["channels"] if c["source"] == "recording"]
    for about, signal in zip(told, signals, strict=True):
        tiles = []
        for k in range(-(-about["n_samples"] // 4096)):
            answer = client.get(f"{API}/tiles/{about['id']}/0/{k}")
            assert answer.headers["content-type"] == "application/octet-stream"
            tiles.append(np.frombuffer(answer.content, dtype="<f4"))
        assert_array_equal(np.concatenate(tiles), signal.values.astype(np.float32))


def test_arrays_are_sent_by_name(client, facts):
    course = client.get(f"{API}/arrays/{facts['key']}/course_0")
    n = facts["steps"][0]["course"]["n_windows"]
    assert len(course.content) == 4 * 5 * n
    shown = client.get(f"{API}/arrays/{facts['key']}/map_0")
    assert len(shown.content) == 4 * n * len(facts["steps"][0]["map"]["at"])


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/session/d99s01", 404),
        ("/session/d01s01?run=nothing", 404),
        ("/api/sessions/d99s01", 404),
        ("/api/sessions/..%2Fdemo", 404),
        (f"{API}?run=../demo", 404),
        (f"{API}/tiles/{'0' * 32}/0/0", 404),
        (f"{API}/tiles/nothash/0/0", 422),
        (f"{API}/tiles/{'0' * 32}/-1/0", 422),
        (f"{API}/arrays/{'0' * 32}/course_0", 404),
        (f"{API}/arrays/{'0' * 32}/review.json", 404),
        (f"{API}/media/0", 404),
    ],
)
def test_what_is_not_there_is_refused_without_a_trace(client, url, status):
    answer = client.get(url)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_who_ask_for_the_same_session_wait_for_one_process(client):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.get(API).status_code, range(8)))
    assert answers == [200] * 8
    assert [j.kind for j in client.app.state.jobs.all()] == ["review"]


def test_few_sessions_are_read_at_once_and_few_wait(client, monkeypatch):
    jobs, running = client.app.state.jobs, []
    start = jobs.start

    def counting(*given, **more):
        job = start(*given, **more)
        running.append(sum(j.state == "running" for j in jobs.all()))
        return job

    monkeypatch.setattr(jobs, "start", counting)
    names = [f"/api/sessions/d0{k}s01" for k in range(1, 6)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda url: client.get(url).status_code, names))
    assert answers == [200] * 5
    assert max(running) <= 2
    monkeypatch.setattr("syntony.app.routes.signals.MOST_WAITING", 0)
    answer = client.get("/api/sessions/d06s01")
    assert answer.status_code == 429
    assert "Try again" in answer.text


def test_a_film_that_is_a_link_out_of_the_study_is_not_sent(client, home, tmp_path):
    (tmp_path / "secret.webm").write_bytes(b"secret")
    (home.study / "media").mkdir(exist_ok=True)
    (home.study / "media" / "d01s01_x.webm").symlink_to(tmp_path / "secret.webm")
    (told,) = client.get(f"{API}/media").json()["media"]
    assert told["url"] == ""
    assert "outside of the study" in told["trouble"]
    assert client.get(f"{API}/media/0").status_code == 404


def test_a_tile_beyond_the_end_is_refused(client, facts):
    answer = client.get(f"{API}/tiles/{facts['channels'][0]['id']}/0/99")
    assert answer.status_code == 422
    assert "expected 0 to" in answer.json()["problems"][0]["message"]


def test_without_a_run_it_is_signals_and_codes(client):
    found = client.get(f"{API}?run=").json()
    assert found["steps"] == []
    assert found["channels"]


def test_a_session_that_cannot_be_read_says_why(client, home):
    victim = next(home.study.glob("sub-P01/ses-d01s01/beh/*eda_physio.tsv.gz"))
    victim.write_bytes(b"no gzip")
    answer = client.get(API)
    assert answer.status_code == 422
    assert "eda_physio" in answer.json()["problems"][0]["message"]


@pytest.fixture
def film(home):
    folder = home.study / "media"
    folder.mkdir()
    content = bytes(range(256)) * 40
    (folder / "d01s01_room.webm").write_bytes(content)
    (folder / "d01s01_old.avi").write_bytes(b"x")
    return content


def test_media_are_listed_with_what_cannot_be_played(client, film):
    found = client.get(f"{API}/media").json()["media"]
    assert [(m["name"], bool(m["url"])) for m in found] == [
        ("d01s01_old.avi", False),
        ("d01s01_room.webm", True),
    ]
    assert "ffmpeg" in found[0]["remedy"]
    assert client.get(f"{API}/media/0").status_code == 404


def test_parts_of_a_file_are_sent_as_they_are_asked_for(client, film):
    url = f"{API}/media/1"
    whole = client.get(url)
    assert (whole.status_code, whole.content) == (200, film)
    assert whole.headers["accept-ranges"] == "bytes"
    part = client.get(url, headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, film[100:300])
    assert part.headers["content-range"] == f"bytes 100-299/{len(film)}"
    tail = client.get(url, headers={"Range": "bytes=-10"})
    assert (tail.status_code, tail.content) == (206, film[-10:])
    assert client.get(url, headers={"Range": f"bytes={len(film)}-"}).status_code == 416


def test_an_offset_is_kept_and_told_again(client, film, home):
    answer = client.put(f"{API}/media/1/offset", json={"offset_s": 1.24})
    assert answer.status_code == 200
    assert (answer.json()["offset_s"], answer.json()["offset_from"]) == (1.24, "eye")
    again = client.get(f"{API}/media").json()["media"][1]
    assert again["offset_s"] == 1.24
    kept = json.loads((home.study / "media" / "d01s01.offsets.json").read_text("utf-8"))
    assert kept["offset_s"] == {"d01s01_room.webm": 1.24}


@pytest.mark.parametrize("offset", ["x", None, 1e9])
def test_an_offset_that_is_none_is_refused(client, film, offset):
    assert client.put(f"{API}/media/1/offset", json={"offset_s": offset}).status_code == 422


def test_an_offset_needs_the_token_of_the_page(client, film):
    del client.headers["X-Syntony-Token"]
    assert client.put(f"{API}/media/1/offset", json={"offset_s": 1.0}).status_code == 403


def test_readers_look_and_do_not_set(as_visitor, film):
    reader = as_visitor(Visitor(name="local", role=READER))
    assert reader.get(f"{API}/media").status_code == 200
    assert reader.put(f"{API}/media/1/offset", json={"offset_s": 1.0}).status_code == 403


def test_coders_are_blind_here(as_visitor):
    coder = as_visitor(Visitor(name="local", role=CODER, sessions=frozenset({"d01s01"})))
    for url in ("/session/d01s01", API, f"{API}/tiles/{'0' * 32}/0/0", f"{API}/runs"):
        assert coder.get(url).status_code == 403
