"""Routes of data quality: marks added and withdrawn, who may, what is refused."""

import pytest
from app_client import let_in

from syntony.app.visitors import ANALYST, READER, Visitor

API = "/api/quality/d01s01/marks"
GIVEN = {"person": "P01", "kind": "eda", "start_s": 60.0, "stop_s": 90.0, "reason": "moved"}


def test_the_page_counts_what_the_newest_run_lost(client):
    page = client.get("/quality/d02s01").text
    assert 'data-cause="total"' in page
    assert "out of range" in page
    assert client.get("/quality/none").status_code == 404


def test_a_mark_is_added_withdrawn_and_both_are_kept(client):
    made = client.post(API, json=GIVEN)
    assert made.status_code == 201
    found = made.json()
    assert found["runs_before"] == ["demo"]
    (mark,) = found["marks"]
    assert (mark["id"], mark["role"], mark["withdrawn_at"]) == (found["made"], "patient", "")
    back = client.post(f"{API}/{mark['id']}/withdraw").json()
    assert back["marks"][0]["withdrawn_at"]
    assert client.post(f"{API}/{mark['id']}/withdraw").status_code == 422
    assert client.get(API).json()["marks"] == back["marks"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"person": "T99"},
        {"kind": "ecg"},
        {"start_s": 90.0, "stop_s": 60.0},
        {"start_s": 1e9, "stop_s": 2e9},
        {"stop_s": "later"},
        {"reason": "x" * 2001},
        {"more": 1},
    ],
)
def test_what_cannot_be_marked_is_refused_and_nothing_is_written(client, own_study, wrong):
    answer = client.post(API, json=GIVEN | wrong)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["message"]
    assert not (own_study / "edits").exists()


def test_infinite_times_are_refused(client):
    text = '{"person": "P01", "kind": "eda", "start_s": NaN, "stop_s": Infinity}'
    answer = client.post(API, content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_a_mark_carries_the_account_that_made_it(client):
    ada = Visitor(name="ada", role=ANALYST)
    client.app.state.visitors.lookup = lambda name: (ada, 0) if name == "ada" else None
    let_in(client, ada)
    assert client.post(API, json=GIVEN).json()["marks"][0]["by"] == "ada"


def test_a_reader_sees_marks_and_makes_none(as_visitor):
    reader = as_visitor(Visitor(name="local", role=READER))
    assert reader.get(API).json()["marks"] == []
    assert reader.post(API, json=GIVEN).status_code == 403
    assert 'data-may-mark="false"' in reader.get("/quality/d01s01").text
