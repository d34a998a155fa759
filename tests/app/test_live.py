import json
import time

import made_live
import numpy as np
import pytest
from app_client import let_in, test_client
from starlette.websockets import WebSocketDisconnect

from syntony.app.live_lanes import BIN_S, KEPT_S, Lanes
from syntony.app.make import make_app
from syntony.app.visitors import Visitor
from syntony.io.study import load_session, open_study
from syntony.io.xdf.headers import StreamInfo
from syntony.live.streams import remember

ADDRESS = "ws://127.0.0.1/api/live/signals"
OWN = {"Origin": "http://127.0.0.1", "Host": "127.0.0.1"}
PEOPLE = {"patient": ["made-patient-eda"], "therapist": ["made-therapist-eda"]}


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr("syntony.app.live_desk.look", made_live.look_made)
    monkeypatch.setattr("syntony.app.live_desk.record_beside", made_live.record_made)
    monkeypatch.setattr("syntony.app.live_desk.PREVIEW_S", 0.2)


def wait_for(client, *stages):
    for _ in range(600):
        state = client.get("/api/live").json()
        if state["stage"] in stages:
            return state
        time.sleep(0.05)
    raise AssertionError(f"still {state}")


def start(client, session="live01", **more):
    return client.post("/api/live/start", json={"session": session, "people": PEOPLE, **more})


def frames_until(socket, wanted, most=900):
    frames = []
    for _ in range(most):
        frames.append(json.loads(socket.receive_text()))
        if wanted(frames[-1]):
            return frames
    raise AssertionError("it never came")


def test_streams_are_found_with_what_they_lack(made, client):
    found = client.post("/api/live/find", json={}).json()
    assert [s["name"] for s in found["streams"]] == [
        "patient eda",
        "therapist eda",
        "patient strain",
    ]
    assert [s["unitless"] for s in found["streams"]] == [[], [], ["strain"]]
    assert found["people"] == {}


def test_devices_beside_lsl_are_asked_for_by_name_and_remembered(made, client, own_study):
    given = {"devices": ["board:synthetic/eda"]}
    found = client.post("/api/live/find", json=given).json()
    assert found["streams"][-1]["source_id"] == "board:synthetic/eda"
    assert client.post("/api/live/find", json={"devices": ["x"] * 17}).status_code == 422
    remember(own_study, {"patient": ["EDA-7", "strap:A0:9E:1A:00:00:01"]})
    assert 'value="strap:A0:9E:1A:00:00:01"' in client.get("/live").text


def test_where_lsl_cannot_be_used_it_says_so(monkeypatch, client):
    monkeypatch.setattr("syntony.app.live_desk.look", made_live.look_in_vain)
    answer = client.post("/api/live/find", json={})
    assert answer.status_code == 422
    assert "The extra 'live' is not installed." in answer.text
    monkeypatch.setattr("syntony.app.live_desk.look", made_live.vanish)
    assert "without a word" in client.post("/api/live/find", json={}).text


def test_a_recording_from_its_start_to_the_study(made, client, app, own_study):
    assert start(client).json()["stage"] == "waiting"
    wait_for(client, "recording")
    assert start(client, "live02").status_code == 409
    with client.websocket_connect(ADDRESS, headers=OWN) as socket:
        frames = frames_until(socket, lambda f: f["now_s"] > 3)
        lanes = next(f["state"]["lanes"] for f in frames if f["state"] and f["state"]["lanes"])
        assert [(x["role"], x["label"], x["unit"]) for x in lanes] == [
            ("patient", "eda", "uS"),
            ("therapist", "eda", "uS"),
        ]
        patient = [b for f in frames for b in f["bins"].get("0", ())]
        assert len(patient) > 60
        assert all(4 <= low <= high <= 6 for _, low, high in patient)
        therapist = [b for f in frames for b in f["bins"].get("1", ())]
        assert abs(max(k for k, *_ in patient) - max(k for k, *_ in therapist)) * BIN_S < 0.5
        shown = frames_until(socket, lambda f: f["preview"] is not None)[-1]["preview"]
        assert [p["role"] for p in shown["people"]] == ["patient", "therapist"]
        assert shown["draws"] == 0
    said = ({"do": "mark", "text": "a laugh"}, {"do": "mark", "text": "stop"}, {"do": "pause"})
    for words in said:
        assert client.post("/api/live/do", json=words).status_code == 200
    wait_for(client, "paused")
    client.post("/api/live/do", json={"do": "resume"})
    wait_for(client, "recording")
    client.post("/api/live/do", json={"do": "stop"})
    state = wait_for(client, "filed")
    assert state["file"] == "sourcedata/live01/live01.xdf"
    session = load_session(open_study(own_study), "live01")
    assert {s.kind for s in session.signals} == {"eda"}
    assert b"a laugh" in (own_study / state["file"]).read_bytes()
    assert np.isnan(session.signals[0].values).any()  # the pause
    again = client.post("/api/live/do", json={"do": "stop"})
    assert again.status_code == 409
    before = app.state.desk.previewed
    assert before[1] is not None
    start(client, "live02", ids={"therapist": "T02"})
    number, shown = app.state.desk.previewed
    assert number > before[0]
    assert shown is None  # of another session: shown to nobody
    wait_for(client, "recording")
    client.post("/api/live/do", json={"do": "stop"})
    wait_for(client, "filed")
    people = {p.role: p.id for p in load_session(open_study(own_study), "live02").people}
    assert people == {"patient": "live02patient", "therapist": "T02"}


def test_why_it_did_not_begin_is_told(made, client):
    start(client, "refused")
    state = wait_for(client, "failed")
    assert "streams that answer" in state["message"]
    monkey = client.post("/api/live/start", json={"session": "a b", "people": PEOPLE})
    assert monkey.status_code == 422
    one = client.post("/api/live/start", json={"session": "x1", "people": {"patient": ["a"]}})
    assert one.status_code == 422
    assert start(client, ids={"patient": "P/1"}).status_code == 422
    assert wait_for(client, "failed")["session"] == "refused"


def test_a_recorder_that_vanishes_is_not_waited_for(monkeypatch, client):
    monkeypatch.setattr("syntony.app.live_desk.record_beside", made_live.vanish)
    start(client)
    assert "without a word" in wait_for(client, "failed")["message"]


def test_the_end_of_the_app_ends_the_recording_in_good_order(made, app, own_study):
    with test_client(app) as client:
        start(let_in(client), "live03")
        wait_for(client, "recording")
        time.sleep(1.5)
    assert app.state.desk._process.exitcode == 0
    assert load_session(open_study(own_study), "live03").signals


def test_another_site_and_a_coder_do_not_see_it(app):
    with test_client(app) as client:
        let_in(client)
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(ADDRESS, headers=OWN | {"Origin": "http://evil.test"}),
        ):
            pass
        let_in(client, Visitor(name="local", role="coder"))
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(ADDRESS, headers=OWN),
        ):
            pass
        assert client.get("/live").status_code == 403


def test_the_page_is_there_before_any_study(bare_home):
    with test_client(make_app(bare_home)) as client:
        page = let_in(client).get("/live").text
    assert "Rehearse with two made people" in page
    assert "neither encrypted nor authenticated" in page


def lanes(channels=1, rate_hz=100.0):
    return Lanes(
        {
            "patient: x": StreamInfo(
                name="x",
                type="EDA",
                nominal_rate_hz=rate_hz,
                format="float32",
                channel_count=channels,
            ),
            "marks": StreamInfo(name="m", type="Markers", nominal_rate_hz=0, format="string"),
        }
    )


def test_bins_hold_the_least_and_the_most_and_what_is_missing():
    drawn = lanes(2)
    assert [s.number for s in drawn.shapes] == [0, 1]
    values = np.array([[1.0, np.nan], [5.0, np.nan], [-2.0, np.nan], [7.0, np.inf]])
    drawn.see("patient: x", np.array([0.0, 0.01, 0.02, 0.04]), values)
    number, bins = drawn.since(0)
    assert bins == {0: [(0, -2.0, 5.0), (1, 7.0, 7.0)], 1: [(0, None, None), (1, None, None)]}
    assert drawn.since(number) == (number, {})
    drawn.see("patient: x", np.array([0.05]), np.array([[9.0, 1.0]]))
    assert drawn.since(number)[1] == {0: [(1, 9.0, 9.0)], 1: [(1, 1.0, 1.0)]}


def test_a_screen_that_slept_gets_the_last_minutes_and_memory_is_bounded():
    drawn = lanes()
    for k in range(300):
        times = k + np.arange(100) / 100
        drawn.see("patient: x", times, np.sin(times)[:, None])
    _, bins = drawn.since(0)
    assert len(bins[0]) == round(KEPT_S / BIN_S)
    assert bins[0][-1][0] == pytest.approx(300 / BIN_S, abs=2)


def test_streams_nobody_draws_are_left_alone():
    drawn = lanes()
    drawn.see("marks", np.array([1.0]), [("laugh",)])
    drawn.see("patient: x", np.array([]), np.empty((0, 1)))
    assert drawn.since(0) == (0, {})
