"""Films and sound in the session review: the right frame, what is heard, offsets, what fails."""

import numpy as np
import pytest
from app_review import (
    FILM_HZ,
    READ,
    make_study,
    open_review,
    time_of,
    wait_until,
    waves,
    write_film,
    write_sound,
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing of a test is kept in the cache of whoever runs it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def study(tmp_path):
    """A made study with an empty folder of media."""
    root = make_study(tmp_path / "study", waves())
    (root / "media").mkdir()
    return root


@pytest.fixture
def film(study):
    """One film, and one that no browser plays."""
    (study / "media" / "s1_other.avi").write_bytes(b"x")
    return write_film(study / "media" / "s1_room.webm")


def test_video_and_playhead_agree_within_one_frame(new_page, serve, study, film):
    page = new_page()
    server = serve(study)
    open_review(page, server, "s1")
    assert "ffmpeg -i media/s1_other.avi" in page.inner_text("#players .trouble")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    page.fill(".offset input", "2.0")
    page.keyboard.press("Tab")
    page.wait_for_selector("text=Offset saved: 2.000 s")
    wait_until(page, "document.querySelector('video').readyState >= 2")
    for place in (0.0, 3.3, 7.48, 12.9):  # standing
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Home")
        for _ in range(int(place)):
            page.keyboard.press("ArrowRight")
        page.keyboard.press(".")
        page.wait_for_timeout(400)
        told = page.evaluate(READ)
        assert told["frame"] == int((told["time"] + 2.0) * FILM_HZ), told
    before = page.evaluate(READ)["frame"]
    for step in (1, 2, 3):
        page.keyboard.press(".")
        page.wait_for_timeout(300)
        assert page.evaluate(READ)["frame"] == before + step
    page.keyboard.press(",")
    page.wait_for_timeout(300)
    assert page.evaluate(READ)["frame"] == before + 2
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    page.wait_for_timeout(1500)
    off = []
    for _ in range(12):  # playing
        page.wait_for_timeout(90)
        told = page.evaluate(READ)
        off.append(told["frame"] - (told["time"] + 2.0) * FILM_HZ + 0.5)
    page.keyboard.press(" ")
    assert np.median(np.abs(off)) <= 1.0, off
    page.wait_for_timeout(400)
    told = page.evaluate(READ)
    assert abs(told["frame"] - int((told["time"] + 2.0) * FILM_HZ)) <= 1
    page.reload()
    page.wait_for_selector("#review[data-ready=yes]")
    assert page.input_value(".offset input") == "2.000"


@pytest.mark.parametrize(
    ("hz", "is_told"),
    [
        (30, True),
        (50, False),
        pytest.param(50, True, marks=pytest.mark.slow),
        pytest.param(30, False, marks=pytest.mark.slow),
    ],
)
def test_a_step_is_one_frame_whatever_the_rate(new_page, serve, study, hz, is_told):
    write_film(study / "media" / "s1.webm", hz, seconds=10)
    page = new_page()
    if not is_told:  # as of a file that does not say, or without the extra that reads it
        page.route(
            "**/api/sessions/s1/media",
            lambda route: route.fulfill(
                json={
                    "media": [
                        one | {"frame_rate_hz": None} for one in route.fetch().json()["media"]
                    ]
                }
            ),
        )
    open_review(page, serve(study), "s1")
    wait_until(page, "document.querySelector('video').readyState >= 2")
    if not is_told:
        assert "not known yet" in page.inner_text("figcaption")
        page.select_option("#speed", "0.5")
        page.keyboard.press(" ")
        page.locator("figcaption", has_text=f" {hz} frames per second").wait_for()
        page.keyboard.press(" ")
    assert f" {hz} frames per second" in page.inner_text("figcaption")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press(".")
    page.wait_for_timeout(400)
    first = page.evaluate(READ)["frame"]
    assert first == hz + 1
    for step in range(1, 8):
        page.keyboard.press(".")
        page.wait_for_timeout(300)
        assert page.evaluate(READ)["frame"] == first + step
    page.keyboard.press(",")
    page.wait_for_timeout(300)
    assert page.evaluate(READ)["frame"] == first + 6


@pytest.mark.slow
def test_the_film_goes_at_the_speed_that_was_chosen(new_page, serve, study):
    write_film(study / "media" / "s1.webm")
    page = new_page()
    open_review(page, serve(study), "s1")
    wait_until(page, "document.querySelector('video').readyState >= 2")
    for speed in (0.5, 2):
        page.select_option("#speed", str(speed))
        page.keyboard.press(" ")
        wait_until(page, "!document.querySelector('video').paused")
        assert page.evaluate("document.querySelector('video').playbackRate") == speed
        began, told = page.evaluate("performance.now()"), time_of(page)
        page.wait_for_timeout(1500)
        went = time_of(page) - told
        took = (page.evaluate("performance.now()") - began) / 1000
        assert went == pytest.approx(speed * took, rel=0.35)
        page.keyboard.press(" ")


@pytest.mark.slow
def test_an_offset_is_read_as_people_write_it_and_nothing_else_is_saved(new_page, serve, study):
    write_film(study / "media" / "s1.webm", seconds=2)
    page = new_page()
    server = serve(study)
    open_review(page, server, "s1")
    field = page.locator(".offset input")
    for typed, kept in (("2,5", "2.500"), ("1:02.5", "62.500"), ("−0.25", "-0.250")):
        field.fill(typed)
        field.press("Enter")
        page.locator(f"text=Offset saved: {kept} s").wait_for()
        assert field.input_value() == kept
        assert field.get_attribute("aria-invalid") is None
    saved = (study / "media" / "s1.offsets.json").read_text("utf-8")
    for typed in ("", "soon", "1.2.3"):
        field.fill(typed)
        field.press("Enter")
        page.locator(".offset .problem", has_text="Nothing was saved").wait_for()
        assert field.get_attribute("aria-invalid") == "true"
        assert field.input_value() == typed
    assert (study / "media" / "s1.offsets.json").read_text("utf-8") == saved
    open_review(page, server, "s1", first=False)
    assert field.input_value() == "-0.250"


HEARD = """Object.fromEntries(Array.from(document.querySelectorAll('video, audio'),
  (e) => [e.getAttribute('aria-label'), e.muted ? 0 : e.volume]))"""


@pytest.mark.slow
def test_a_sound_file_is_heard_first_and_another_can_be_chosen(new_page, serve, study, accessible):
    write_film(study / "media" / "s1_cam.webm", seconds=4)
    write_sound(study / "media" / "s1_mic.wav", seconds=4)
    page = new_page()
    server = serve(study)
    open_review(page, server, "s1")
    assert page.evaluate(HEARD) == {"s1_cam.webm": 0, "s1_mic.wav": 1}
    page.focus("#heard")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(HEARD) == {"s1_cam.webm": 1, "s1_mic.wav": 0}
    page.focus("#volume")
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    assert page.evaluate(HEARD)["s1_cam.webm"] == pytest.approx(0.5)
    open_review(page, server, "s1", first=False)  # it is remembered
    assert page.evaluate(HEARD)["s1_cam.webm"] == pytest.approx(0.5)
    page.keyboard.press("m")
    assert page.evaluate(HEARD) == {"s1_cam.webm": 0, "s1_mic.wav": 0}
    page.keyboard.press("m")
    assert page.evaluate(HEARD)["s1_cam.webm"] == pytest.approx(0.5)
    accessible(page)


@pytest.mark.slow
def test_what_only_the_browser_cannot_play_has_its_command_too(new_page, serve, study):
    (study / "media" / "s1_room.mp4").write_bytes(b"no film at all")
    page = new_page()
    open_review(page, serve(study), "s1")
    told = page.locator("#players .trouble")
    told.wait_for()
    assert "s1_room.mp4 cannot be played here." in told.inner_text()
    assert "media/s1_room-h264.mp4" in told.inner_text()


@pytest.mark.slow
def test_the_film_that_was_converted_stands_in_the_place_of_the_old(new_page, serve, study):
    (study / "media" / "s1.avi").write_bytes(b"x")
    (study / "media" / "s1.offsets.json").write_text('{"offset_s": {"s1.avi": 1.5}}', "utf-8")
    write_film(study / "media" / "s1.webm", seconds=2)
    page = new_page()
    open_review(page, serve(study), "s1")
    assert page.locator("#players .trouble").count() == 0
    assert page.input_value(".offset input") == "1.500"
