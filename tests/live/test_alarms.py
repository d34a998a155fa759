"""Alarms: each begins where it should, ends, and a healthy stream raises none."""

import numpy as np
import pytest

from syntony.core.seeds import rng_for
from syntony.io.xdf.headers import ChannelInfo, StreamInfo
from syntony.live.alarms import Alarm, Limits, Watch

RATE = 64.0
INFO = StreamInfo(
    name="Skin",
    type="EDA",
    nominal_rate_hz=RATE,
    format="float32",
    channel_count=2,
    channels=(ChannelInfo(label="eda", unit="uS"), ChannelInfo(label="temp", unit="Cel")),
)


def run(watch, seconds, change=lambda t, v: v, *, keep=lambda t: True, start=0.0, rate=RATE):
    """Feed a stream as a recorder would, tenth by tenth; give every alarm."""
    rng = rng_for(3, "alarms")
    heard = []
    for tenth in range(round(seconds * 10)):
        now = start + (tenth + 1) / 10
        numbers = np.arange(round(tenth / 10 * rate), round((tenth + 1) / 10 * rate))
        times = start + numbers / rate
        times = times[[keep(t) for t in times]] if times.size else times
        values = np.column_stack(
            [5 + rng.normal(0, 0.01, times.size), 30 + rng.normal(0, 0.01, times.size)]
        ).astype(np.float32)
        if times.size:
            watch.see(times, change(times, values), now)
        if tenth % 10 == 9:
            heard += watch.look(now)
    return heard


def began(heard):
    return [a.code for a in heard if a.begins]


def test_a_healthy_stream_raises_no_alarm():
    watch = Watch(INFO)
    assert run(watch, 60) == []
    assert watch.rate_hz(60.0) == pytest.approx(RATE, rel=0.02)
    assert watch.age_s(60.0) == 0.0


def test_a_stream_that_falls_silent_is_told_and_its_return_too():
    watch = Watch(INFO)
    heard = run(watch, 40, keep=lambda t: not 15 <= t < 20)
    silent = [a for a in heard if a.code == "silent"]
    assert [a.begins for a in silent] == [True, False]
    assert 17 <= silent[0].time_s <= 18
    assert 20 <= silent[1].time_s <= 21
    assert "gap" in began(heard)


def test_a_rate_off_by_a_tenth_is_told():
    assert began(run(Watch(INFO), 30, rate=RATE * 0.9)) == ["rate"]
    assert began(run(Watch(INFO), 30, rate=RATE * 0.99)) == []


def test_a_gap_is_told_once():
    heard = run(Watch(INFO), 30, keep=lambda t: not 12.0 <= t < 12.4)
    assert began(heard) == ["gap"]
    assert heard[0].text == "0.422 s between two samples"


def test_a_flat_channel_is_named():
    def flat(times, values):
        values[times > 10, 1] = 31.0
        return values

    heard = run(Watch(INFO), 30, flat)
    assert began(heard) == ["flat"]
    assert heard[0].text.startswith("temp shows one value")


def test_a_channel_at_its_limit_is_told():
    def clipped(times, values):
        wave = 30 + 2 * np.sin(3 * times)
        values[:, 1] = np.minimum(wave, 31.0)
        return values

    heard = run(Watch(INFO), 30, clipped)
    assert began(heard) == ["saturated"]
    assert heard[0].text.startswith("temp")


def test_skin_conductance_near_zero_is_lost_contact():
    def off(times, values):
        values[times > 10, 0] *= 0.001
        return values

    heard = run(Watch(INFO), 20, off)
    assert "contact" in began(heard)
    assert "eda below 0.05 uS" in next(a.text for a in heard if a.code == "contact")


def test_other_kinds_may_be_near_zero():
    info = StreamInfo(name="Heart", type="ECG", nominal_rate_hz=RATE, format="float32")
    watch = Watch(info)
    heard = run(watch, 20, lambda t, v: v[:, :1] - 5)
    assert began(heard) == []


def test_an_offset_that_jumps_and_one_that_grows_are_told():
    watch = Watch(INFO)
    for i in range(12):
        watch.see_offset(5.0 * i, 2.0 + 400e-6 * 5.0 * i)
    assert watch.growth_ppm == pytest.approx(400, abs=1)
    assert [a.code for a in watch.look(0.5)] == ["drift"]
    watch.see_offset(60.0, 3.0)
    heard = watch.look(0.6)
    assert [(a.code, a.begins) for a in heard] == [("offset", True), ("drift", False)]
    assert "+0.978" in heard[0].text


def test_a_steady_offset_is_no_alarm():
    watch = Watch(INFO)
    for i in range(12):
        watch.see_offset(5.0 * i, 1000.0 + 50e-6 * 5.0 * i)
    assert watch.look(0.5) == []
    assert watch.offset_s == pytest.approx(1000.00275)


def test_a_recorder_that_was_held_up_is_told():
    watch = Watch(INFO, Limits(late_s=1.0))
    watch.see(np.arange(100) / RATE, np.zeros((100, 2)) + 5, 2.0)
    assert "overrun" in [a.code for a in watch.look(2.0)]


def test_streams_without_a_rate_are_never_silent():
    info = StreamInfo(name="Marks", type="Markers", nominal_rate_hz=0.0, format="string")
    watch = Watch(info)
    assert watch.look(1000.0) == []


def test_words_say_what_began_and_what_ended():
    alarm = Alarm(time_s=1.0, stream="Skin", code="gap", text="0.5 s")
    assert alarm.words == "alarm gap Skin: 0.5 s"
    over = Alarm(time_s=1.0, stream="Skin", code="gap", text="0.5 s", begins=False)
    assert over.words == "over gap Skin: 0.5 s"
