"""Straps, boards, markers and commands, the window, the settings of LSL."""

import os
import struct
import subprocess
import sys
import threading
import time
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.core.errors import FileError, InputError
from syntony.io.registry import read
from syntony.io.xdf.headers import ChannelInfo, StreamInfo
from syntony.live.alarms import Watch
from syntony.live.devices import HEART_RATE, describe_device, find_straps, is_made, open_device
from syntony.live.markers import Commands, Keyboard, obey, wait_for_start
from syntony.live.recorder import Recorder
from syntony.live.sources import Computed, Queued, Timed
from syntony.live.straps import MEASUREMENT, Beat, StrapSource, parse_heart_rate
from syntony.live.streams import FoundStream, assign, recall
from syntony.live.window import Window

WORDS = StreamInfo(name="words", type="Markers", nominal_rate_hz=0.0, format="string")


def settled(is_so, seconds=9.0):
    """Wait until it is so, at most this long."""
    stop = time.monotonic() + seconds
    while not is_so() and time.monotonic() < stop:
        time.sleep(0.01)
    return is_so()


def notification(rate, rr=(), *, wide=False, energy=None, contact=None):
    """As the Heart Rate Service describes it."""
    flags = wide | (0x10 if rr else 0) | (0x08 if energy is not None else 0)
    flags |= 0 if contact is None else 0x04 | (0x02 if contact else 0)
    out = bytes([flags]) + struct.pack("<H" if wide else "<B", rate)
    out += b"" if energy is None else struct.pack("<H", energy)
    return out + b"".join(struct.pack("<H", r) for r in rr)


@given(
    st.integers(0, 255),
    st.lists(st.integers(0, 65535), max_size=8),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 65535)),
    st.one_of(st.none(), st.booleans()),
)
def test_every_measurement_is_read(rate, rr, wide, energy, contact):
    said = parse_heart_rate(notification(rate, rr, wide=wide, energy=energy, contact=contact))
    assert said == Beat(
        rate_per_min=rate, rr_ms=tuple(r / 1.024 for r in rr), contact=contact
    ) or np.allclose(said.rr_ms, [r / 1.024 for r in rr])
    assert (said.rate_per_min, said.contact, len(said.rr_ms)) == (rate, contact, len(rr))


@given(st.binary(max_size=30))
def test_any_bytes_are_read_or_refused(data):
    whole = len(data) > 1
    if whole:
        flags, at = data[0], 2 + (data[0] & 1) + 2 * bool(data[0] & 8)
        whole = len(data) >= at and not (flags & 0x10 and (len(data) - at) % 2)
    if whole:
        assert isinstance(parse_heart_rate(data), Beat)
    else:
        with pytest.raises(InputError, match="heart rate"):
            parse_heart_rate(data)


def test_beats_of_a_strap_end_up_as_intervals_in_the_file(tmp_path):
    now = [100.0]
    strap = StrapSource("H10", clock=lambda: now[0])
    recorder = Recorder(tmp_path / "a.xdf", {"patient": strap}, clock=lambda: now[0])
    recorder.start()
    for rr in ((1024,), (512, 512), (), (1024,)):
        now[0] += sum(rr) / 1024 or 1.0
        strap.notify(notification(60, rr))
    strap.notify(b"\x10")
    recorder.stop()
    assert strap.bad_notifications == 1
    got = read(tmp_path / "a.xdf", person="P", streams=["H10"]).events[0]
    assert (got.kind, got.unit) == ("rr", "ms")
    assert got.values.tolist() == [1000, 500, 500, 1000]
    assert np.diff(got.times_s) == pytest.approx([0.5, 0.5, 2.0])


def needs_board():
    if find_spec("brainflow") is None:
        pytest.skip("the extra 'boards' is not installed")


def test_a_synthetic_board_is_recorded(tmp_path):
    needs_board()
    from syntony.live.boards import BoardSource

    board = BoardSource("board", ("eda", "temperature"))
    with Recorder(tmp_path / "a.xdf", {"patient": board}):
        time.sleep(1.5)
    got = read(tmp_path / "a.xdf", person="P", streams=["board"], dejitter=True)
    assert {s.kind for s in got.signals} >= {"eda"} or got.signals
    assert got.signals[0].rate_hz == pytest.approx(board.info.nominal_rate_hz, rel=0.1)
    assert got.signals[0].values.size > board.info.nominal_rate_hz


def test_a_board_without_such_channels_is_refused():
    needs_board()
    from syntony.live.boards import BoardSource

    with pytest.raises(InputError, match="kinds='voice'"):
        BoardSource("board", ("voice",))
    with pytest.raises(InputError, match="settings='port'"):
        BoardSource("board", ("eda",), settings={"port": "x"})


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("EDA-7", "device"),
        ("strap:", "device"),
        ("A0:9E:1A:00:00:01", "device"),
        ("strap:kitchen table", "device"),
        ("board:synthetic", "device"),
        ("board:/eda", "device"),
        ("board:x/eda", "device"),
        ("board:synthetic/voice", "kinds"),
        ("board:9999/eda", "kinds"),
        ("board:synthetic/eda?port=1", "settings"),
        ("board:synthetic/eda?ip_port=x", "settings"),
    ],
)
def test_a_name_that_is_no_devices_is_refused(name, field):
    needs_board()
    with pytest.raises(InputError) as error:
        open_device(name)
    assert error.value.field == field


def test_devices_are_described_by_the_name_they_are_found_by(bleak):
    needs_board()
    board = describe_device("board:synthetic/eda,acc?serial_number=7")
    assert board.source_id == board.name == "board:synthetic/eda,acc?serial_number=7"
    assert [c.unit for c in board.channels] == ["uS", "g", "g", "g"]
    assert board.nominal_rate_hz == 250.0
    assert is_made(board.name)
    assert not is_made("strap:A0:9E:1A:00:00:01")
    strap = describe_device("strap:A0:9E:1A:00:00:01")
    assert (strap.type, strap.nominal_rate_hz, strap.source_id) == ("RR", 0.0, strap.name)


class FakeBleak:
    """A strap that goes out of reach once, and a scanner that hears it."""

    class exc:  # noqa: N801  as bleak names it
        class BleakError(Exception):
            pass

    tries = 0

    class BleakClient:
        is_connected = True

        def __init__(self, address):
            self.address = address

        async def __aenter__(self):
            FakeBleak.tries += 1
            if FakeBleak.tries == 1:
                raise FakeBleak.exc.BleakError("out of reach")
            return self

        async def __aexit__(self, *error):
            pass

        async def start_notify(self, characteristic, heard):
            assert characteristic == MEASUREMENT
            for rr in (1024, 512):
                heard(None, bytearray(notification(60, (rr,))))

    class BleakScanner:
        @staticmethod
        async def discover(wait_s, service_uuids):
            if wait_s > 5:
                raise FakeBleak.exc.BleakError("Bluetooth is off")
            strap = type("D", (), {"address": "A0:9E:1A:00:00:01", "name": "H10"})
            return [strap] if service_uuids == [HEART_RATE] else []


@pytest.fixture
def bleak(monkeypatch):
    monkeypatch.setitem(sys.modules, "bleak", FakeBleak)
    monkeypatch.setattr(FakeBleak, "tries", 0)


def test_a_strap_that_went_away_is_asked_again(bleak):
    strap, heard = open_device("strap:A0:9E:1A:00:00:01"), []
    assert settled(lambda: heard.extend(strap.pull()[1]) or len(heard) == 2)
    strap.close()
    assert [v for (v,) in heard] == [1000.0, 500.0]
    assert FakeBleak.tries == 2


def test_straps_that_are_worn_are_found(bleak):
    (found,) = find_straps(1.0)
    assert (found.name, found.hostname) == ("strap:A0:9E:1A:00:00:01", "H10")
    assert find_straps(6.0) == ()


def test_a_strap_without_beats_is_told():
    watch = Watch(StrapSource("strap").info)
    watch.see(np.array([1.0]), [(800.0,)], 1.0)
    assert watch.look(5.0) == []
    (silent,) = watch.look(7.0)
    assert (silent.code, silent.text) == ("silent", "no beat for 6.0 s")
    watch.see(np.array([7.5]), [(800.0,)], 7.5)
    assert [(a.code, a.begins) for a in watch.look(8.0)] == [("silent", False)]


def test_commands_are_obeyed_and_recorded(tmp_path):
    words, stop = Queued(WORDS), threading.Event()
    info = StreamInfo(name="P", type="EDA", nominal_rate_hz=100.0, format="float32")
    recorder = None
    commands = Commands(words, lambda said: obey(recorder, said, stop))
    recorder = Recorder(
        tmp_path / "a.xdf", {"p": Computed(info, lambda n: n[:, None] * 1.0), "c": commands}
    )
    recorder.start()
    for said, paused in (("pause", True), ("resume", False), ("task 1", False), ("stop", False)):
        words.put((said,))
        assert settled(lambda p=paused: recorder.is_paused == p)
    assert stop.wait(9.0)
    recorder.stop()
    from syntony.io.xdf import read_markers

    rows = read_markers(tmp_path / "a.xdf")
    assert [w for _, n, w in rows if n == "words"] == ["pause", "resume", "task 1", "stop"]
    assert [w for _, n, w in rows if n == "syntony markers"] == [
        "pause",
        "resume",
        "task 1",
        "stop",
    ]


def test_the_start_word_is_waited_for_and_what_came_before_is_let_go():
    words, other = Queued(WORDS), Queued(WORDS)
    other.put(("too early",))
    assert not wait_for_start(words, [other], seconds=0.05)
    threading.Timer(0.05, words.put, args=(("start",),)).start()
    assert wait_for_start(words, [words, other], seconds=5)
    assert other.pull()[0].size == 0


def test_keys_stand_for_commands():
    heard = []
    with Keyboard(heard.append) as keyboard:  # no terminal here: it only takes what is pressed
        for key in "p7rxq":
            keyboard.press(key)
    assert heard == ["pause", "key 7", "resume", "stop"]


def test_moments_are_sent_when_their_time_has_come():
    now = [50.0]
    info = StreamInfo(name="rr", type="RR", nominal_rate_hz=0.0, format="float32")
    source = Timed(info, np.array([1.0, 2.0, 3.0]), np.ones((3, 1)), lambda: now[0])
    assert source.pull()[0].size == 0
    now[0] = 52.5
    assert source.pull()[0].tolist() == [51.0, 52.0]
    assert not source.is_over
    now[0] = 60.0
    assert source.pull()[0].tolist() == [53.0]
    assert source.is_over


def test_the_window_is_an_ordinary_session_of_the_last_seconds():
    skin = StreamInfo(
        name="Skin", type="EDA", nominal_rate_hz=32.0, format="float32",
        channels=(ChannelInfo(label="eda", unit="nS"),),
    )  # fmt: skip
    window = Window({"a": skin, "b": skin}, seconds=30.0)
    for name, away in (("a", 0.0), ("b", 500.0)):
        window.see_offset(name, 0.0, away)
        for second in range(100):
            times = second + np.arange(32) / 32
            window.see(name, times - away, np.round(times * 1000)[:, None])
    session = window.session({"patient": ["a"], "therapist": ["b"]}, seconds=20.0)
    first, second = session.signals
    assert (first.person, second.person, first.unit) == ("patient", "therapist", "uS")
    assert first.values.size == second.values.size == 20 * 32
    assert first.values[-1] == pytest.approx(99.969, abs=1e-3)
    assert np.allclose(first.values, second.values)
    assert np.allclose(first.times_s, second.times_s, atol=1e-6)
    assert session.notes[0].code == "preliminary"
    assert sum(t.size for t, _ in window._chunks["a"]) <= 32 * 32
    with pytest.raises(InputError, match="one of"):
        window.session({"patient": ["c"]}, seconds=5.0)


def test_beats_of_a_strap_are_in_the_window():
    strap = StrapSource("strap").info
    skin = StreamInfo(name="Skin", type="EDA", nominal_rate_hz=4.0, format="float32")
    window = Window({"a": skin, "b": strap}, seconds=30.0)
    window.see("a", np.arange(240) / 4, np.ones((240, 1)))
    window.see("b", np.array([10.0, 48.5, 49.5]), np.array([[700.0], [900.0], [1000.0]]))
    session = window.session({"patient": ["a", "b"]}, seconds=20.0)
    (beats,) = session.events
    assert (beats.kind, beats.unit, beats.person) == ("rr", "ms", "patient")
    assert beats.values.tolist() == [900.0, 1000.0]
    assert beats.times_s == pytest.approx(np.array([48.5, 49.5]) - (59.75 - 20.0))


def test_a_window_into_which_nothing_came_says_so():
    info = StreamInfo(name="Skin", type="EDA", nominal_rate_hz=32.0, format="float32")
    with pytest.raises(InputError, match="something has come"):
        Window({"a": info}, seconds=5.0).session({"patient": ["a"]}, seconds=5.0)


def found(*names):
    return [
        FoundStream(
            info=StreamInfo(
                name=n, type="EDA", nominal_rate_hz=4, format="float32", source_id=f"id-{i}"
            ),
            handle=None,
        )
        for i, n in enumerate(names)
    ]


def test_streams_are_given_by_name_or_source_id():
    there = found("A", "B", "B")
    got = assign(there, {"patient": ["A"], "therapist": ["id-2"]})
    assert got["therapist"] == (there[2],)
    with pytest.raises(InputError, match=r"say which of \['id-1', 'id-2'\]"):
        assign(there, {"patient": ["A"], "therapist": ["B"]})
    with pytest.raises(InputError, match="a stream not given to patient"):
        assign(there, {"patient": ["A"], "therapist": ["id-0"]})
    with pytest.raises(InputError, match="therapist=C") as error:
        assign(there, {"patient": ["Z"], "therapist": ["C"]})
    assert "patient=Z" in str(error.value)


def test_what_is_remembered_must_be_readable(tmp_path):
    assert recall(tmp_path) == ({}, {})
    (tmp_path / "recording.toml").write_text("people = 3")
    with pytest.raises(FileError, match=r"recording\.toml"):
        recall(tmp_path)


def test_lsl_is_kept_to_this_machine():
    code = (
        "import os\nos.environ.pop('LSLAPICFG', None)\n"
        "from syntony.live.network import keep_to_this_machine as keep\n"
        "print(keep())\nprint(open(os.environ['LSLAPICFG']).read())"
    )
    run = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True) for _ in "ab"
    ]
    (first, settings), (second, _) = (r.stdout.split("\n", 1) for r in run)
    assert first != second
    assert len(first) == 16
    assert f"SessionID = {first}" in settings
    assert "ResolveScope = machine" in settings
    assert "KnownPeers = {127.0.0.1}" in settings
    assert "IPv6 = disable" in settings


def test_settings_of_the_lab_are_left_alone(monkeypatch):
    from syntony.live.network import keep_to_this_machine

    monkeypatch.setenv("LSLAPICFG", "lab.cfg")
    assert keep_to_this_machine() == "as lab.cfg says"
    assert os.environ["LSLAPICFG"] == "lab.cfg"
    with pytest.raises(InputError, match="The settings say both"):
        keep_to_this_machine(session_id="x")
    with pytest.raises(InputError, match="letters, digits"):
        keep_to_this_machine(peers=["10.0.0.1}\n[x"])
