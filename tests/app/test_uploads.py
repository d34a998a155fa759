"""Uploads: names are never paths, sizes and counts are bounded, readers run in a cage."""

import asyncio
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace

import pytest
from app_client import let_in, test_client
from shared import SHARED, needs_shared
from starlette.exceptions import HTTPException

from syntony.app.home import Home, Limits
from syntony.app.jobs import Jobs
from syntony.app.make import make_app
from syntony.app.process import Bounds
from syntony.app.uploads import Uploads, plain_name
from syntony.core.errors import InputError


@pytest.mark.parametrize(
    "name",
    [
        "../a.csv", "a/../../b.csv", "/etc/passwd", "a//b.csv", "C:\\a.csv", "a\\b.csv", "a\0.csv",
        ".hidden", "a/.ssh/b", "", ".", "..", "a/", "~/x", "nul.csv", "a\n.csv", "x" * 200,
        "a/b/c/d/e/f/g.csv", "a.csv ", "a.", "*.csv", "$(x).csv", "-rf", "%2e%2e/a.csv", "a:b",
        "\u202egpj.exe", "COM1",
    ],
)  # fmt: skip
def test_names_that_are_no_names_are_refused(bare, bare_home, name):
    with pytest.raises(InputError):
        plain_name(name)
    upload = let_in(bare).post("/api/uploads").json()["id"]
    answer = bare.put(f"/api/uploads/{upload}/files", params={"name": name}, content=b"x")
    assert answer.status_code == 422
    assert [p for p in bare_home.data.rglob("*") if p.is_file() and "uploads" in p.parts] == []


@pytest.mark.parametrize("name", ["d01_s01_patient.csv", "mea/pat 1/a (2).txt", "Übung_ä.csv"])
def test_plain_names_keep_their_folders(bare, bare_home, name):
    upload = let_in(bare).post("/api/uploads").json()["id"]
    answer = bare.put(f"/api/uploads/{upload}/files", params={"name": name}, content=b"abc")
    assert answer.json() == {"id": upload, "files": 1, "bytes": 3}
    laid = bare_home.data / "uploads" / upload / name
    assert laid.read_bytes() == b"abc"
    again = bare.put(f"/api/uploads/{upload}/files", params={"name": name}, content=b"other")
    assert again.status_code == 422
    assert laid.read_bytes() == b"abc"


def _limited(home, **limits):
    return test_client(make_app(replace(home, limits=replace(Limits(), **limits))))


def _send(client, *contents):
    upload = let_in(client).post("/api/uploads").json()["id"]
    answers = [
        client.put(f"/api/uploads/{upload}/files", params={"name": f"a{k}.csv"}, content=c)
        for k, c in enumerate(contents)
    ]
    return upload, [a.status_code for a in answers]


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(bare_home):
    with _limited(bare_home, file_bytes=1000) as client:
        upload, said = _send(client, b"x" * 1000, b"x" * 1001)
        assert said == [200, 413]
        kept = [p.name for p in (bare_home.data / "uploads" / upload).iterdir()]
        assert kept == ["a0.csv"]


def test_the_sum_and_the_number_of_files_are_bounded(bare_home):
    with _limited(bare_home, total_bytes=1500) as client:
        assert _send(client, b"x" * 1000, b"x" * 501, b"x" * 500)[1] == [200, 413, 200]
    with _limited(bare_home, files=2) as client:
        assert _send(client, b"x", b"x", b"x")[1] == [200, 200, 413]


def test_a_body_without_a_length_is_counted_as_it_comes(bare_home):
    def endless():
        for _ in range(100):
            yield b"x" * 100

    with _limited(bare_home, file_bytes=1000) as client:
        upload = let_in(client).post("/api/uploads").json()["id"]
        answer = client.put(
            f"/api/uploads/{upload}/files", params={"name": "a.csv"}, content=endless()
        )
        assert answer.status_code == 413


def test_uploads_are_thrown_away_with_the_app(bare_home):
    with test_client(make_app(bare_home)) as client:
        upload, _ = _send(client, b"x")
        assert (bare_home.data / "uploads" / upload).is_dir()
        dropped, _ = _send(client, b"x")
        assert client.delete(f"/api/uploads/{dropped}").status_code == 204
        assert not (bare_home.data / "uploads" / dropped).exists()
        assert client.delete(f"/api/uploads/{dropped}").status_code == 404
    assert not (bare_home.data / "uploads" / upload).exists()


async def _bytes_of(*pieces):
    for piece in pieces:
        if callable(piece):
            piece()
        else:
            yield piece
        await asyncio.sleep(0)


def _status_of(answer):
    return answer.status_code if isinstance(answer, HTTPException) else 200


def _sent_at_once(uploads, *wheres):
    """Several files of ten pieces of 100 bytes each, at once: the status of every answer."""

    async def send():
        adding = [
            uploads.add(upload, f"a{k}.csv", _bytes_of(*[b"x" * 100] * 10))
            for k, upload in enumerate(wheres)
        ]
        return await asyncio.gather(*adding, return_exceptions=True)

    return [_status_of(a) for a in asyncio.run(send())]


def test_files_sent_at_once_count_together(bare_home):
    limits = replace(Limits(), total_bytes=2500, open_bytes=4200)
    uploads = Uploads(replace(bare_home, limits=limits))
    one, other = uploads.begin().id, uploads.begin().id
    answers = _sent_at_once(uploads, *[one] * 8)
    assert set(answers) == {200, 413}
    held = answers.count(200)
    assert 1 <= held <= 2
    assert sum(p.stat().st_size for p in uploads.folder(one).iterdir()) == 1000 * held
    answers = _sent_at_once(uploads, *[other] * 2)  # what was refused is not counted any more
    assert answers == [200, 200]
    third = uploads.begin().id
    assert _sent_at_once(uploads, *[third] * 2).count(200) < 2  # all open ones together
    uploads.close()


def test_an_upload_that_is_thrown_away_while_a_file_comes_says_so(bare_home):
    uploads = Uploads(bare_home)
    for before, after in ((b"x", b"y"), (b"x", None)):
        upload = uploads.begin().id
        pieces = [before, lambda u=upload: uploads.drop(u), *([after] if after else [])]
        with pytest.raises(HTTPException) as refused:
            asyncio.run(uploads.add(upload, "eda/a.csv", _bytes_of(*pieces)))
        assert refused.value.status_code == 409
        assert list(uploads.root.iterdir()) == []


def test_two_files_of_one_name_at_once_are_not_laid_over_one_another(bare_home):
    uploads = Uploads(bare_home)
    upload = uploads.begin().id

    async def send():
        names = ("a.csv", "a.csv", "b/c.csv", "b")
        adding = [uploads.add(upload, n, _bytes_of(b"x", b"y")) for n in names]
        return await asyncio.gather(*adding, return_exceptions=True)

    assert sum(isinstance(a, InputError) for a in asyncio.run(send())) == 2
    uploads.close()


def test_what_a_living_app_holds_and_what_is_not_ours_stays(bare_home):
    living = Uploads(bare_home)
    held = living.root / living.begin().id
    left, other = living.root / ("0" * 16), living.root / "notes"
    elsewhere = bare_home.data / "elsewhere"
    link = living.root / ("1" * 16)
    for folder in (left, other, elsewhere):
        folder.mkdir()
        (folder / "a.csv").write_text("x", "utf-8")
    link.symlink_to(elsewhere)
    Uploads(bare_home)
    assert [p.exists() for p in (held, left, other, link, elsewhere / "a.csv")] == [
        True, False, True, True, True
    ]  # fmt: skip
    living.close()


def _ended(client, started):
    assert started.status_code == 202, started.text
    return client.app.state.jobs.wait(started.json()["id"], 90)


def _zip_bomb():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EDA.csv", b"\0" * 60_000_000)
    return held.getvalue()


@pytest.mark.parametrize("content", [gzip.compress(b"\0" * 60_000_000), _zip_bomb()])
def test_a_packed_bomb_is_refused_before_a_reader_sees_it(bare_home, content):
    with test_client(make_app(bare_home)) as client:
        upload, _ = _send(client, content)
        options = {"pattern": "{dyad}.csv"}
        for job in (
            _ended(client, client.post(f"/api/uploads/{upload}/look")),
            _ended(client, client.post(f"/api/uploads/{upload}/plan", json=options)),
        ):
            assert job.state == "failed"
            assert "unpacks to more than" in job.message
            assert str(bare_home.data) not in job.message


def test_files_are_planned_then_imported(bare_home):
    rows = "\n".join(f"{0.25 * k:.2f},{5 + 0.01 * (k % 7):.3f}" for k in range(600))
    with test_client(make_app(bare_home)) as client:
        upload = let_in(client).post("/api/uploads").json()["id"]
        for role in ("patient", "therapist"):
            client.put(
                f"/api/uploads/{upload}/files",
                params={"name": f"eda/d01_s01_{role}.csv"},
                content=f"time_s,eda\n{rows}\n".encode(),
            )
        looked = _ended(client, client.post(f"/api/uploads/{upload}/look"))
        assert looked.state == "finished", looked.message
        assert looked.result["groups"][0]["example"] == "eda/d01_s01_patient.csv"
        assert looked.result["guesses"]["pattern"] == "{dyad}_{session}_{role}.csv"
        assert str(bare_home.data) not in str(looked.result)
        told = {"pattern": "{dyad}_{session}_{role}.csv", "values": {}}
        read = client.post(f"/api/uploads/{upload}/names", json=told).json()
        assert (read["all"], read["fit"], read["more"], read["others"]) == (2, 2, 0, [])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("syntony.app.routes.importing.MOST_NAMES", 1)
            few = client.post(f"/api/uploads/{upload}/names", json=told).json()
            assert (few["all"], few["more"]) == (1, 1)
        assert read["rows"][1]["fields"]["role"] == "therapist"
        refused = client.post(f"/api/uploads/{upload}/names", json=told | {"pattern": "{nose}"})
        assert refused.status_code == 422
        assert refused.json()["problems"][0]["field"] == "pattern"
        options = {
            "pattern": "{dyad}_{session}_{role}.csv",
            "kind": "eda",
            "unit": "uS",
            "roles": ["patient", "therapist"],
            "time_column": "time_s",
            "column": "eda",
            "together": True,
        }
        plan = _ended(client, client.post(f"/api/uploads/{upload}/plan", json=options))
        assert plan.state == "finished", plan.message
        (session,) = plan.result["sessions"]
        assert session["state"] == "new"
        assert sorted(f["file"] for f in session["files"]) == [
            "eda/d01_s01_patient.csv",
            "eda/d01_s01_therapist.csv",
        ]
        assert str(bare_home.data) not in str(plan.result)
        assert not bare_home.study.exists()
        done = _ended(client, client.post(f"/api/uploads/{upload}/import", json=options))
        assert done.state == "finished", done.message
        assert f'data-session="{session["session"]}"' in client.get("/").text
        until_s = time.monotonic() + 20
        while list((bare_home.data / "uploads").iterdir()) and time.monotonic() < until_s:
            time.sleep(0.05)
        assert list((bare_home.data / "uploads").iterdir()) == [], "what was imported stays"


def test_whatever_reads_recordings_is_bounded(own_study, tmp_path, monkeypatch):
    home = Home(study=own_study, data=tmp_path / "data", cache=tmp_path / "cache")
    bounded = {}
    with test_client(make_app(home)) as client:
        jobs = let_in(client).app.state.jobs
        start = jobs.start

        def noting(kind, *given, bounds=None, **more):
            bounded[kind] = bounds
            return start(kind, *given, bounds=bounds, **more)

        monkeypatch.setattr(jobs, "start", noting)
        assert client.get("/api/sessions/d01s01").status_code == 200
        upload, _ = _send(client, b"time_s,eda\n0,1\n1,2\n")
        for what, options in (("look", None), ("plan", {}), ("import", {})):
            _ended(client, client.post(f"/api/uploads/{upload}/{what}", json=options))
    limits = home.limits
    told = Bounds(memory_bytes=limits.memory_bytes, cpu_s=limits.cpu_s, wall_s=limits.wall_s)
    assert bounded == dict.fromkeys(("review", "look", "plan", "import"), told)


def hungry(*, on_progress):
    return len(bytearray(3_000_000_000))


def busy(*, on_progress):
    while True:
        pass


def sleepy(*, on_progress, seconds):
    on_progress(1, 3)
    time.sleep(seconds)


def counted(*, on_progress, upto):
    for k in range(upto):
        on_progress(k + 1, upto)
    return {"pid": os.getpid()}


def wrong(*, on_progress):
    raise InputError("window_s", 9.0, "less", "Choose less.")


def broken(*, on_progress):
    raise RuntimeError("a bug with a name in it")


@pytest.fixture
def jobs():
    """Jobs, all ended with the test."""
    made = Jobs()
    yield made
    made.close()


def test_a_job_works_in_a_process_of_its_own(jobs):
    job = jobs.wait(jobs.start("test", "Test", counted, {"upto": 7}).id, 30)
    assert (job.state, job.done, job.total) == ("finished", 7, 7)
    assert job.result["pid"] != os.getpid()


def test_memory_cpu_and_time_are_limited(jobs):
    bounds = Bounds(memory_bytes=2 * 2**30)
    job = jobs.wait(jobs.start("test", "Test", hungry, {}, bounds=bounds).id, 30)
    assert (job.state, job.message) == ("failed", "It needs more memory than it may use.")
    job = jobs.wait(jobs.start("test", "Test", busy, {}, bounds=Bounds(cpu_s=1)).id, 30)
    assert job.state == "failed"
    assert "CPU" in job.message
    bounds = Bounds(wall_s=1.5)
    job = jobs.wait(jobs.start("test", "Test", sleepy, {"seconds": 60}, bounds=bounds).id, 30)
    assert job.state == "failed"
    assert "more than 1.5 s" in job.message


def test_a_job_that_has_not_begun_is_ended_at_its_time(jobs):
    bounds = Bounds(wall_s=0.01)
    job = jobs.wait(jobs.start("test", "Test", sleepy, {"seconds": 60}, bounds=bounds).id, 30)
    assert job.state == "failed"


@pytest.mark.parametrize("ignored", [False, True])
def test_a_job_can_be_stopped(jobs, ignored):
    if ignored:  # as a server has it that was begun in the background
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    started = jobs.start("test", "Test", sleepy, {"seconds": 60})
    with pytest.raises(Exception, match="busy"):
        jobs.start("test", "Test", sleepy, {"seconds": 60}, alone=True)
    began = time.monotonic()
    while jobs.get(started.id).done < 1 and time.monotonic() - began < 20:
        time.sleep(0.05)
    jobs.stop(started.id)
    job = jobs.wait(started.id, 8)
    if ignored:
        signal.signal(signal.SIGINT, before)
    assert (job.state, job.done, job.total) == ("stopped", 1, 3)


def test_errors_made_on_purpose_are_told_and_others_are_not(jobs, capfd):
    job = jobs.wait(jobs.start("test", "Test", wrong, {}).id, 30)
    assert (job.state, job.field) == ("failed", "window_s")
    assert "Choose less." in job.message
    job = jobs.wait(jobs.start("test", "Test", broken, {}).id, 30)
    assert (job.state, job.message[:37]) == ("failed", "An error in the program: RuntimeError")
    assert "name" not in job.message + "".join(capfd.readouterr())


def test_jobs_end_with_the_app(jobs):
    started = jobs.start("test", "Test", sleepy, {"seconds": 60})
    pid = jobs._jobs[started.id].process.pid
    jobs.close()
    assert jobs.wait(started.id, 10).state == "stopped"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@needs_shared("data/opensignals")
def test_devices_that_disagree_are_planned_by_what_both_caught(bare_home):
    with test_client(make_app(bare_home)) as client:
        upload = let_in(client).post("/api/uploads").json()["id"]
        for number, role in ((1, "left"), (2, "right")):
            client.put(
                f"/api/uploads/{upload}/files",
                params={"name": f"d1_s1_{role}.txt"},
                content=(SHARED / "data" / "opensignals" / f"sync_acc_{number}.txt").read_bytes(),
            )
        options = {
            "pattern": "{dyad}_{session}_{role}.txt",
            "roles": ["left", "right"],
            "settings": {
                "left.channels": "CH3=acc_z",
                "left.units": "CH3=1",
                "right.channels": "Z=acc_z",
                "right.units": "Z=1",
            },
            "shared_signal": "acc_z",
        }
        done = _ended(client, client.post(f"/api/uploads/{upload}/import", json=options))
        assert done.state == "finished", done.message
    said = json.loads(next((bare_home.study / "clocks").glob("*.json")).read_text("utf-8"))
    assert "clock-contradiction" in [n["code"] for n in said["notes"]]


def test_a_process_of_its_own_loads_nothing_of_the_server():
    asked = (
        "import sys, syntony.app.process, syntony.app.work, syntony.pipeline.review;"
        "print([m for m in ('fastapi', 'starlette', 'uvicorn', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
