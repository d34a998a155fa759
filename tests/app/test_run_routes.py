"""Routes of runs: what is refused, what is started, who may; no run is computed here."""

import pytest

from syntony.app.jobs import Jobs
from syntony.app.process import Bounds
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


def tried(client):
    return sum(j.kind == "check" for j in client.app.state.jobs.all())


def test_options_are_tried_in_a_bounded_process_and_once(client, monkeypatch):
    jobs, bounded = client.app.state.jobs, []
    start = jobs.start

    def noting(*given, **more):
        bounded.append(more["bounds"])
        return start(*given, **more)

    monkeypatch.setattr(jobs, "start", noting)

    def check(**options):
        recipe = {"synchrony": [{"method": "marci", "options": options}]}
        return client.post("/api/recipe/check", json={"recipe": recipe}).json()["problems"]

    assert check() == []
    assert tried(client) == 0, "the defaults need no trial"
    for _ in range(2):
        (problem,) = check(window_s=1.0)
        assert problem["field"] == "synchrony.0.options.window_s"
        assert "at least 3 s" in problem["message"]
    assert tried(client) == 1
    assert [b.memory_bytes for b in bounded] == [4 * 2**30]
    assert bounded[0].cpu_s <= 120
    assert bounded[0].wall_s <= 120


def test_options_that_ask_for_too_much_end_their_process_and_not_the_server(client, monkeypatch):
    little = Bounds(memory_bytes=2**31, cpu_s=60, wall_s=0.05)
    monkeypatch.setattr("syntony.app.trying.BOUNDS", little)
    recipe = {"synchrony": [{"method": "marci", "options": {"window_s": 40.0}}]}
    (problem,) = client.post("/api/recipe/check", json={"recipe": recipe}).json()["problems"]
    assert problem["field"] == "synchrony"
    assert "more than 0.05 s" in problem["message"]


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


def test_a_multiverse_is_started_and_gone_on_with_by_its_own_kind(client, started, own_study):
    answer = client.post("/api/multiverses", json={"recipe": {"signal": "eda"}})
    assert (answer.status_code, answer.json()["title"]) == (202, "multiverse-001")
    assert client.post("/api/multiverses", json={"recipe": {"trim_start_s": -1}}).status_code == 422
    folder = own_study / "derivatives/syntony/many"
    folder.mkdir()
    origin = '{"kind": "multiverse", "finished": false, "made_at": "2026-01-01T00:00:00+00:00"}'
    (folder / "origin.json").write_text(origin, "utf-8")
    assert "Go on" in client.get("/runs/many").text
    assert client.post("/api/runs/many/resume").status_code == 202
    told = [(kind, title, work, more["group"]) for kind, title, work, _, more in started]
    assert told == [
        ("multiverse", "multiverse-001", "run_multiverse", "run"),
        ("multiverse", "many", "run_multiverse", "run"),
    ]


def test_a_finished_run_is_calibrated_and_no_other(client, started, own_study):
    assert "How many twin studies" in client.get("/runs/demo").text
    assert client.post("/api/runs/demo/calibrate", json={"quick": True}).status_code == 202
    ((kind, title, work, arguments, more),) = started
    assert (kind, title, work, more["group"]) == ("calibrate", "demo", "calibrate_run", "run")
    assert arguments == {"study": str(own_study), "name": "demo", "quick": True}
    assert client.post("/api/runs/none/calibrate", json={}).status_code == 404
    folder = own_study / "derivatives/syntony/begun"
    folder.mkdir()
    (folder / "origin.json").write_text('{"finished": false}', "utf-8")
    assert client.post("/api/runs/begun/calibrate", json={}).status_code == 422


def test_a_plan_is_registered_once_unless_asked(client, started, own_study):
    assert client.post("/api/plan", json={"recipe": {"moments": {"share": 3}}}).status_code == 422
    assert client.post("/api/plan", json={"recipe": {}}).status_code == 202
    assert started[0][2] == "register_plan"
    from syntony.app.work_run import register_plan

    told = register_plan(**started[0][3], on_progress=lambda done, total: None)
    assert told["document"] == "preregistration.md"
    assert client.get("/plan").status_code == 200
    answer = client.post("/api/plan", json={"recipe": {}})
    assert answer.json()["problems"][0]["field"] == "replace"
    assert client.post("/api/plan", json={"recipe": {}, "replace": True}).status_code == 202
    register_plan(**started[1][3], on_progress=lambda done, total: None)


def test_clips_are_made_outside_of_the_study(client, started, own_study, home):
    assert "High against low moments" in client.get("/clips").text
    answer = client.post("/api/clips", json={"which": "moments", "matched": False, "run": "demo"})
    assert answer.status_code == 202
    from syntony.app.work_run import lay_clips

    told = lay_clips(**started[0][3], on_progress=lambda done, total: None)
    assert told["set"] == "clips-001"
    assert own_study not in (home.data / "clips" / "for-coders-001").parents
    assert (home.data / "clips" / "for-coders-001" / "codes.csv").is_file()
    assert "clips-001" in client.get("/clips?coder=kim").text
    refused = client.post("/api/clips", json={"run": "../demo"})
    assert refused.json()["problems"][0]["field"] == "run"


def test_who_may_start_work_around_runs(as_visitor, started):
    for role in ("supervisor", READER, "coder"):
        visitor = as_visitor(Visitor(name="local", role=role))
        for path in ("/api/multiverses", "/api/runs/demo/calibrate", "/api/plan", "/api/clips"):
            assert visitor.post(path, json={}).status_code == 403
    assert started == []
