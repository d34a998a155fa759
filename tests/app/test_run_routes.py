"""Routes of runs: what is refused, what is started, who may; no run is computed here."""

import pytest

from syntony.app.jobs import Jobs
from syntony.app.schema import Job
from syntony.app.visitors import READER, Visitor


@pytest.fixture
def started(monkeypatch):
    """What jobs were started, none of them at work."""
    held = []

    def start(self, kind, title, work, arguments, **more):
        held.append((kind, title, work.__name__, dict(arguments), more))
        return Job(
            id="j1",
            kind=kind,
            title=title,
            state="running",
            done=0,
            total=0,
            elapsed_s=0.0,
            message="",
            field="",
            result=None,
        )

    monkeypatch.setattr(Jobs, "start", start)
    return held


def test_the_form_is_served_with_the_lists(client):
    page = client.get("/run").text
    assert 'data-place="emotion.rotations"' in page
    assert "Windowed lagged cross-correlation" in page
    assert 'data-rows="synchrony"' in page


def test_the_form_begins_with_an_earlier_run(client):
    page = client.get("/run?like=demo").text
    assert "The form holds the recipe of demo." in page
    assert client.get("/run?like=../demo").status_code == 404


def test_a_recipe_is_checked_with_the_field_named(client):
    answer = client.post("/api/recipe/check", json={"recipe": {"moments": {"share": 3}}})
    assert answer.status_code == 200
    (problem,) = answer.json()["problems"]
    assert problem["field"] == "moments.share"
    named = client.post("/api/recipe/check", json={"recipe": {}, "name": "demo"}).json()
    assert [p["field"] for p in named["problems"]] == ["name"]


def test_a_wrong_recipe_starts_nothing(client, started):
    answer = client.post("/api/runs", json={"recipe": {"trim_start_s": -1}})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "trim_start_s"
    assert client.post("/api/runs", json={"recipe": {}, "name": "../x"}).status_code == 422
    assert started == []


def test_a_run_is_started_alone_under_the_next_number(client, started, own_study):
    answer = client.post("/api/runs", json={"recipe": {"signal": "eda", "signal_second": ""}})
    assert (answer.status_code, answer.json()["title"]) == (202, "run-001")
    ((kind, title, work, arguments, more),) = started
    assert (kind, title, work, more["alone"]) == ("run", "run-001", "run_study", True)
    assert arguments["recipe"]["signal"] == "eda"
    assert arguments["study"] == str(own_study)


def test_a_run_is_gone_on_with_by_its_own_recipe(client, started):
    answer = client.post("/api/runs/demo/resume")
    assert answer.status_code == 202
    assert started[0][3]["recipe"] is None
    assert client.post("/api/runs/none/resume").status_code == 404


def test_a_run_page_says_the_findings(client):
    page = client.get("/runs/demo").text
    assert "single session index" in page
    assert "/report/demo" in page
    assert client.get("/runs/nope").status_code == 404
    assert client.get("/compare?first=demo&second=demo").status_code == 422


def test_the_list_and_the_plan(client, own_study):
    (line,) = client.get("/api/runs").json()["runs"]
    assert (line["name"], line["state"], line["kind"]) == ("demo", "finished", "run")
    assert client.get("/plan").status_code == 404
    from syntony.trials.preregister import preregister

    preregister(own_study)
    page = client.get("/plan").text
    assert "AsPredicted" in page
    assert "A plan was registered on" in client.get("/run").text
    checked = client.post("/api/recipe/check", json={"recipe": {"trim_start_s": 60}}).json()
    assert "trim_start_s (registered 0.0, here 60.0)" in checked["registered"]


def test_a_reader_sees_runs_and_starts_none(as_visitor, started):
    reader = as_visitor(Visitor(name="local", role=READER))
    assert reader.get("/runs/demo").status_code == 200
    assert reader.get("/run").status_code == 403
    assert reader.post("/api/runs", json={"recipe": {}}).status_code == 403
    assert started == []
