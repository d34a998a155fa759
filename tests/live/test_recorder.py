"""The recorder: every sample is in the file, whatever happens to the process."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from syntony.core.errors import FileError, InputError
from syntony.core.seeds import rng_for
from syntony.io.registry import read
from syntony.io.xdf import open_xdf, read_markers, repair
from syntony.io.xdf.headers import StreamInfo
from syntony.io.xdf.journal import read_journal
from syntony.live import recorder as recording
from syntony.live.recorder import Recorder
from syntony.live.sources import Computed, Queued

KILL_ME = Path(__file__).with_name("kill_me.py")


@pytest.fixture(autouse=True)
def _room_enough(monkeypatch):
    """How full the disk of the tests is must not matter."""
    monkeypatch.setattr(recording, "LOW_BYTES", 0)


def stream(name="patient", rate=200.0, channels=1, **more):
    return StreamInfo(
        name=name,
        type="EDA",
        nominal_rate_hz=rate,
        format="float32",
        channel_count=channels,
        **more,
    )


def ramp(numbers):
    return 5 + numbers[:, None] * 0.001


def within(seconds, is_so):
    """Wait until it is so, at most this long."""
    stop = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > stop:
            return False
        time.sleep(0.01)
    return True


def test_every_sample_of_every_source_is_in_the_file(tmp_path):
    path = tmp_path / "a.xdf"
    sources = {
        "patient": Computed(stream("P"), lambda n: n[:, None] * 1.0, count=100),
        "therapist": Computed(
            stream("T", rate=50.0, channels=3), lambda n: n[:, None].repeat(3, 1), count=25
        ),
    }
    with Recorder(path, sources) as recorder:
        while not all(s.is_over for s in sources.values()):
            time.sleep(0.01)
        assert {s.name for s in recorder.state()} == {"patient", "therapist"}
    file = open_xdf(path)
    first, second = (file.samples(s) for s in file.streams[:2])
    assert_array_equal(first.values[:, 0], np.arange(100))
    assert_array_equal(second.values[:, 2], np.arange(25))
    assert [s.declared for s in file.streams[:2]] == [100, 25]


def test_a_clock_far_away_that_drifts_is_aligned_to_a_millisecond(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "OFFSET_S", 0.1)
    path, rate = tmp_path / "a.xdf", 200.0
    start = time.monotonic()
    far = {"away_s": 1000.0, "drift_ppm": 50.0}
    sources = {
        "patient": Computed(stream("P"), ramp, clock=time.monotonic),
        "therapist": Computed(stream("T"), ramp, clock=time.monotonic, **far),
    }
    began = {n: s._start - start for n, s in sources.items()}
    with Recorder(path, sources):
        time.sleep(1.5)
    zero = []
    for name, wish in (("patient", "P"), ("therapist", "T")):
        got = read(path, person=name, streams=[wish], units={wish: "uS"})
        signal = got.signals[0]
        true = began[name] + np.arange(signal.values.size) / rate
        zero.append(signal.times_s - true)
        assert got.clock_error_s < 1e-4
    both = min(z.size for z in zero)
    assert both > 250
    assert np.abs(zero[0][:both] - zero[1][:both]).max() < 1e-3


def test_markers_and_pauses_are_in_the_file_and_paused_samples_are_not(tmp_path):
    path = tmp_path / "a.xdf"
    source = Computed(stream(), ramp)
    with Recorder(path, {"patient": source}) as recorder:
        recorder.mark("begin")
        time.sleep(0.3)
        recorder.pause()
        time.sleep(0.4)
        recorder.resume()
        time.sleep(0.3)
    assert recorder.dropped_while_paused > 40
    assert [w for _, n, w in read_markers(path) if n == recording.OWN[0]] == [
        "begin",
        "pause",
        "resume",
    ]
    values = read(path, person="P", streams=[1], units={"patient": "uS"}).signals[0].values
    missing = np.isnan(values)
    assert missing.sum() == recorder.dropped_while_paused
    assert_array_equal(values[~missing], ramp(np.flatnonzero(~missing))[:, 0].astype("f4"))


def test_a_listener_that_fails_ends_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "LOOK_S", 0.05)
    path = tmp_path / "a.xdf"
    seen = []

    def listen(alarm):
        seen.append(alarm)
        raise RuntimeError("no screen")

    silent = Queued(stream("Q"))
    with Recorder(path, {"q": silent}, on_alarm=listen) as recorder:
        recorder._watches["q"]._last_s -= 10.0
        assert within(9.0, lambda: seen)
    said = [w for _, n, w in read_markers(path) if n == recording.OWN[1]]
    assert said[0].startswith("alarm silent Q: no sample for 10")
    assert "no screen" in said[1]


def test_a_disk_that_fills_up_is_told_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "LOOK_S", 0.05)
    heard = []
    with Recorder(tmp_path / "a.xdf", {"p": Computed(stream(), ramp)}, on_alarm=heard.append):
        monkeypatch.setattr(recording, "LOW_BYTES", 10**18)
        assert within(9.0, lambda: heard)
        monkeypatch.setattr(recording, "LOW_BYTES", 0)
        assert within(9.0, lambda: len(heard) == 2)
    assert [(a.code, a.begins) for a in heard] == [("disk", True), ("disk", False)]


def test_a_slow_listener_holds_up_no_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "LOOK_S", 0.05)
    go = threading.Event()
    source = Computed(stream(), ramp)
    silent = Queued(stream("Q"))
    with Recorder(
        tmp_path / "a.xdf", {"p": source, "q": silent}, on_alarm=lambda a: go.wait(5)
    ) as recorder:
        recorder._watches["q"]._last_s -= 10.0
        assert within(4.0, lambda: recorder.state()[0].samples > 80)
        go.set()


def test_a_clock_that_does_not_answer_holds_up_no_sample(tmp_path):
    go = threading.Event()
    source = Computed(stream(), ramp)
    source.measure_offset = lambda: go.wait(5) and None
    with Recorder(tmp_path / "a.xdf", {"p": source}) as recorder:
        assert within(4.0, lambda: recorder.state()[0].samples > 80)
        go.set()


def test_a_listener_or_a_device_that_hangs_does_not_hold_up_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "LOOK_S", 0.05)
    monkeypatch.setattr(recording, "HANG_S", 0.1)
    go, heard = threading.Event(), threading.Event()
    source, silent = Computed(stream(), ramp), Queued(stream("Q"))
    source.measure_offset = lambda: go.wait(60) and (1.0, 2.0)

    def listen(alarm):
        heard.set()
        go.wait(60)

    recorder = Recorder(tmp_path / "a.xdf", {"p": source, "q": silent}, on_alarm=listen)
    recorder.start()
    recorder._watches["q"]._last_s -= 10.0
    assert heard.wait(9.0)
    recorder.stop()
    size = recorder.path.stat().st_size
    go.set()
    for thread in recorder._threads:
        thread.join(9.0)
    assert recorder.path.stat().st_size == size
    assert open_xdf(recorder.path).streams[0].declared == recorder.state()[0].samples > 0


def test_a_full_disk_is_told_and_what_was_written_stays(tmp_path, monkeypatch):
    path = tmp_path / "a.xdf"
    monkeypatch.setattr(recording, "SYNC_S", 0.05)
    recorder = Recorder(path, {"p": Computed(stream(), ramp)})
    recorder.start()
    time.sleep(0.3)
    monkeypatch.setattr("syntony.io.xdf.write.LEAST_FREE_BYTES", 10**18)
    while recorder.error is None:
        time.sleep(0.01)
    with pytest.raises(FileError, match="a full disk"):
        recorder.stop()
    file = open_xdf(path)
    assert file.samples(file.streams[0]).stamps_s.size > 20


def test_a_device_that_fails_ends_no_other_and_is_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "LOOK_S", 0.05)
    path, heard = tmp_path / "a.xdf", []
    good, bad = Computed(stream("P"), ramp), Computed(stream("T"), ramp)
    pull, faults = bad.pull, [OSError("unplugged")] * 5

    def failing():
        if faults:
            raise faults.pop()
        return pull()

    bad.pull = failing
    bad.measure_offset = lambda: 1 / 0
    with Recorder(path, {"p": good, "t": bad}, on_alarm=heard.append) as recorder:
        assert within(9.0, lambda: all(s.samples > 60 for s in recorder.state()))
        assert within(9.0, lambda: sum(a.code == "failed" for a in heard) >= 2)
    told = [a.text for a in heard if a.code == "failed"]
    assert sum("unplugged" in t for t in told) == 1
    assert sum("ZeroDivision" in t for t in told) >= 1
    assert "alarm failed t: OSError('unplugged')" in [w for _, _, w in read_markers(path)]


def test_the_disk_is_asked_once_a_second_and_holds_up_no_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "SYNC_S", 0.05)
    asked = []

    def slow(file):
        asked.append(file)
        time.sleep(2.0)

    with Recorder(tmp_path / "a.xdf", {"p": Computed(stream(), ramp)}) as recorder:
        monkeypatch.setattr("syntony.io.xdf.write._to_disk", slow)
        assert within(9.0, lambda: len(asked) == 1)
        before = recorder.state()[0].samples
        assert within(1.5, lambda: recorder.state()[0].samples > before + 20)
        assert len(asked) == 1
        monkeypatch.setattr("syntony.io.xdf.write._to_disk", asked.append)


def test_a_recorder_without_sources_is_refused(tmp_path):
    with pytest.raises(InputError, match="at least one source"):
        Recorder(tmp_path / "a.xdf", {})
    assert not list(tmp_path.iterdir())


def kill_once(folder, rng):
    """Record, kill at a random moment, mend; give samples there and missing by stream."""
    path = folder / "a.xdf"
    process = subprocess.Popen(
        [sys.executable, str(KILL_ME), str(path)], stdout=subprocess.PIPE, env=os.environ
    )
    try:
        assert process.stdout.readline() == b"recording\n"
        time.sleep(float(rng.uniform(0.05, 1.5)))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    size = path.stat().st_size
    whole = [e for e in read_journal(path) if e.offset + e.length <= size and e.tag == 3]
    done = repair(path)
    file = open_xdf(done.path)
    for told in done.streams[:2]:
        got = file.samples(file.streams[told.number - 1])
        meant = sum(e.samples for e in whole if e.stream == told.number)
        assert got.stamps_s.size == told.samples == meant
        assert_array_equal(got.values[:, 7], np.arange(meant))
        assert told.missing is not None
        assert told.missing <= 512  # the one chunk in hand
    return {s.name: (s.samples, s.missing) for s in done.streams[:2]}


@pytest.mark.parametrize("turn", range(5))
def test_killed_at_any_moment_all_before_the_chunk_in_hand_is_there(tmp_path, turn):
    assert kill_once(tmp_path, rng_for(5, "kill", turn))


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(50))
def test_killed_fifty_times(tmp_path, turn):
    assert kill_once(tmp_path, rng_for(6, "kill", turn))
