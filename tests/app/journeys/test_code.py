"""Coding in a real browser: by keyboard, saved at once, there after a kill; two coders' kappa."""

import json
import re
import signal

import pytest
from app_looks import LOOKS
from coding_study import make_coding_study

from syntony.io.codes.kept import finish_codes, read_kept
from syntony.io.codes.value import CodeEvent
from syntony.io.study import load_session, open_study
from syntony.io.tsv import tsv_text
from syntony.pipeline.coding import keep_codes


@pytest.fixture
def coding_study(tmp_path):
    """A study of two sessions without a film."""
    return make_coding_study(tmp_path / "study", seconds=400.0)


def begin(page, base, coder="kim", session="d01s01"):
    """Open the coding page as a coder."""
    page.goto(f"{base}/code/{session}?coder={coder}")
    page.locator("#desk").wait_for(state="visible")


def wait_saved(page):
    """Wait until the page says that everything is saved."""
    page.locator("#saved[data-state=saved]").wait_for()


def codes_of(root, coder="kim"):
    """What the study holds of a coder, as tuples."""
    session = load_session(open_study(root), "d01s01")
    return sorted((s.start_s, s.label, s.person) for s in session.codes if s.coder == coder)


def test_twenty_codes_by_keyboard_survive_a_kill(new_page, serve, coding_study, accessible):
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, served.base)
    page.keyboard.press("Space")
    for k in range(20):
        key = "pnm"[k % 3]
        if k == 10:
            page.keyboard.press("ArrowDown")  # from here about the therapist
        page.keyboard.down(key)
        page.wait_for_timeout(340)  # held, so that it ends with the key
        page.keyboard.up(key)
        page.wait_for_timeout(30)
    served.process.send_signal(signal.SIGKILL)
    served.process.wait(10)
    found = codes_of(coding_study)
    assert len(found) >= 19  # the last may have been on its way
    assert [f[1] for f in found[:3]] == ["positive", "neutral", "negative"]
    page.keyboard.press("Space")
    page.keyboard.press("Shift+P")  # given while there is no program: kept by the browser
    page.locator("#saved[data-state=waiting]").wait_for()
    new_page.wrong.clear()  # the browser's own word on the program that is gone
    port = served.base.rpartition(":")[2]
    again = serve(coding_study, "--port", port)
    other = page.context.new_page()
    other.goto(again.url)  # let in anew; the page of before gets a new token by itself
    wait_saved(page)
    new_page.wrong.clear()
    found = codes_of(coding_study)
    assert len(found) == 21
    assert [f[2] for f in found] == ["P01"] * 10 + ["T01"] * 11
    page.reload()
    page.locator("#rows tr").nth(20).wait_for()
    accessible(page)


def test_unsaved_codes_of_a_browser_that_died_are_taken_up(new_page, serve, coding_study):
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, served.base)
    page.keyboard.press("Shift+P")
    wait_saved(page)
    sheet = page.evaluate("fetch('/api/coding/d01s01?coder=kim').then((r) => r.json())")
    late = {"onset_s": 30.0, "duration_s": 4.0, "person": "T01", "code": "negative",
            "comment": "not saved", "tier": "", "modifier": ""}  # fmt: skip
    draft = {"base": sheet["revision"], "at": "2030-01-01T10:00:00Z", "sent": None,
             "doc": [*sheet["events"], late]}  # fmt: skip
    page.evaluate(
        "(d) => localStorage.setItem('syntony-codes /api/coding/d01s01 kim', d)", json.dumps(draft)
    )
    page.reload()
    wait_saved(page)
    assert codes_of(coding_study)[1:] == [(30.0, "negative", "T01")]


def kept_in_time(page, root, seconds=2.0):
    """The codes of kim once there are some; sooner than what runs is saved while it plays."""
    for _ in range(int(seconds / 0.1)):
        if events := read_kept(root, "d01s01", "kim").events:
            return events
        page.wait_for_timeout(100)
    return ()


@pytest.mark.slow
def test_a_code_that_runs_is_saved_when_it_stops_and_ends_when_all_is_done(
    new_page, serve, coding_study
):
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, served.base)
    page.keyboard.press("Space")
    page.keyboard.press("p")  # a tap: runs on
    page.wait_for_timeout(500)
    page.keyboard.press("Space")
    (one,) = kept_in_time(page, coding_study)
    assert one.duration_s > 0.3
    page.locator("#seek").fill("50")  # ends it
    page.keyboard.press("Space")
    page.keyboard.down("n")
    page.wait_for_timeout(500)
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.locator("#rows tr").nth(1).wait_for()
    page.keyboard.up("n")
    page.keyboard.press("Space")
    page.locator("#seek").fill("399")
    page.keyboard.press("m")
    page.keyboard.press("Space")
    page.locator("#rows tr").nth(2).wait_for()  # the end of the session
    page.locator("#seek").fill("200")
    page.keyboard.press("Space")
    page.keyboard.press("p")
    page.wait_for_timeout(500)
    page.locator("#finish").click()
    page.locator("#finished").wait_for()
    assert page.locator("#rows tr").count() == 4  # ended, not only saved as far as it went
    kept = read_kept(coding_study, "d01s01", "kim")
    assert kept.standing.finished_at
    assert [(e.code, round(e.onset_s, -1)) for e in kept.events] == [
        ("positive", 0),
        ("neutral", 50),
        ("positive", 200),
        ("negative", 400),
    ]
    assert all(e.duration_s > 0.3 for e in kept.events)
    assert kept.events[-1].stop_s == pytest.approx(400, abs=0.05)


@pytest.mark.slow
def test_two_windows_of_one_coder(new_page, serve, coding_study):
    served = serve(coding_study)
    first = new_page()
    first.goto(served.url)
    begin(first, served.base)
    second = first.context.new_page()
    begin(second, served.base)
    first.keyboard.press("Shift+P")
    wait_saved(first)
    second.locator("#seek").fill("50")
    second.keyboard.press("Shift+M")
    second.locator("#conflict").wait_for()
    assert [c[1] for c in codes_of(coding_study)] == ["positive"]
    second.locator("#keep-mine").click()
    wait_saved(second)
    assert [c[1] for c in codes_of(coding_study)] == ["negative"]
    first.bring_to_front()
    first.keyboard.press("ArrowRight")
    first.keyboard.press("Shift+N")
    first.locator("#conflict").wait_for()
    first.locator("#take-theirs").click()
    first.locator("#conflict").wait_for(state="hidden")
    first.wait_for_timeout(150)
    new_page.wrong.clear()  # the browser's own word on each answer that was a refusal
    assert first.locator("#rows [data-field=code]").input_value() == "negative"


def test_edits_by_keyboard_and_in_the_table(new_page, serve, coding_study):
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, served.base)
    page.keyboard.press("p")  # a tap: runs on
    for _ in range(3):
        page.keyboard.press(".")  # a step ends it, and under one frame nothing is left
    page.locator("#add").click()  # one second from the playhead, the keyboard in its start
    row = page.locator("#rows tr")
    row.locator("[data-field=stop]").fill("0:09.5")
    row.locator("[data-field=stop]").press("Enter")
    row.locator("[data-field=start]").fill("2")
    row.locator("[data-field=start]").press("Enter")
    row.locator("[data-field=comment]").fill("looks  away")  # typed, and not entered yet
    row.locator("[data-field=stop]").evaluate(
        "(stop) => (stop.value = '9', stop.dispatchEvent(new Event('change', {bubbles: true})))"
    )
    page.wait_for_timeout(100)
    assert row.locator("[data-field=comment]").input_value() == "looks  away"
    row.locator("[data-field=comment]").press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    page.locator("#seek").fill("8")
    page.keyboard.press("]")
    wait_saved(page)
    (one,) = read_kept(coding_study, "d01s01", "kim").events
    assert (one.onset_s, one.stop_s, one.comment) == (2.2, 8.0, "looks away")
    page.keyboard.press("Delete")
    page.locator("#none").wait_for()
    stop = row.locator("[data-field=stop]")
    for keys, shown in (
        ("Control+z", "0:08.000"),
        ("Control+z", "0:09.200"),
        ("Control+y", "0:08.000"),
    ):
        page.keyboard.press(keys)
        page.wait_for_timeout(150)
        assert stop.input_value() == shown
    row.locator("[data-field=start]").fill("nonsense")
    row.locator("[data-field=start]").press("Enter")
    assert row.locator("[data-field=start][aria-invalid=true]").input_value() == "0:02.200"


@pytest.mark.slow
def test_keys_code_after_the_slider_and_a_list_and_scroll_what_scrolls(
    new_page, serve, coding_study
):
    events = [
        CodeEvent(
            onset_s=5.0 * k, duration_s=5.0, person="P01", code=("positive", "neutral")[k % 2]
        )
        for k in range(60)
    ]
    keep_codes(coding_study, "d01s01", "kim", events, revision="")
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, served.base)
    page.locator("#seek").click(position={"x": 2, "y": 8})
    page.locator("#seek").fill("350")
    page.keyboard.press("ArrowRight")  # the slider's own
    page.keyboard.press("Shift+P")
    page.locator("#rows tr").nth(60).wait_for()
    page.locator("#speed").dispatch_event("pointerdown")
    page.locator("#speed").focus()
    page.locator("#speed").select_option("1.5")
    page.keyboard.press("Shift+M")
    page.locator("#rows tr").nth(61).wait_for()
    page.locator("#speed").focus()
    page.keyboard.press("ArrowUp")  # by keyboard a list is gone through step by step
    page.keyboard.press("ArrowUp")
    assert page.locator("#speed").input_value() == "1"
    wait_saved(page)
    new = read_kept(coding_study, "d01s01", "kim").events[-2:]
    assert {(e.code, e.onset_s) for e in new} == {("positive", 350.1), ("negative", 350.1)}
    listed = page.locator(".list")
    listed.focus()
    page.keyboard.press("PageDown")
    page.wait_for_timeout(500)
    assert listed.evaluate("(e) => e.scrollTop") > 100
    before = page.locator("#clock").inner_text()
    page.keyboard.press("Space")
    page.wait_for_timeout(500)
    assert page.locator("#clock").inner_text() == before
    assert page.locator("#rows tr[aria-current]").count() == 1  # nothing else was selected


def test_drag_on_the_tiers(new_page, serve, coding_study):
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, served.base)
    box = page.locator("#tiers").bounding_box()
    y = box["y"] + 28 + 20 + 28
    second = box["width"] / 60

    def drag(from_s, to_s):
        page.mouse.move(box["x"] + from_s * second, y)
        page.mouse.down()
        page.mouse.move(box["x"] + (from_s + to_s) / 2 * second, y)
        page.mouse.move(box["x"] + to_s * second, y)
        page.mouse.up()

    drag(10, 20)  # a new code
    drag(15, 18)  # moved by 3 s
    drag(23, 30)  # its stop trimmed
    page.wait_for_timeout(200)
    wait_saved(page)
    (one,) = read_kept(coding_study, "d01s01", "kim").events
    assert one.onset_s == pytest.approx(13, abs=0.1)
    assert one.stop_s == pytest.approx(30, abs=0.1)


def test_two_coders_and_their_kappa(new_page, serve, coding_study, accessible):
    def track(other):
        names = ("positive", "neutral", "negative")
        return [
            CodeEvent(onset_s=5.0 * k, duration_s=5.0, person="P01",
                      code=names[(k + (other and k % 6 == 5)) % 3])
            for k in range(80)
        ]  # fmt: skip

    kept = keep_codes(coding_study, "d01s01", "kim", track(False), revision="")
    finish_codes(coding_study, "d01s01", "kim", revision=kept.revision)
    keep_codes(coding_study, "d01s01", "lee", track(True), revision="")
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, served.base, "lee")
    assert page.locator("#compare").is_hidden()
    page.locator("#finish").click()
    page.locator("#compare").click()
    page.locator("#agreement table").first.wait_for()
    accessible(page)
    cells = page.locator("#agreement table").first.locator("tbody tr").first.locator("td")
    shown = cells.all_inner_texts()
    assert shown[:2] == ["kim, lee", "all codes"]
    assert 0.7 < float(shown[2]) < 0.8  # 13 of 80 differ; chance would agree on a third
    low, high = (float(x) for x in re.findall(r"[\d.]+", shown[3]))
    assert low < float(shown[2]) < high
    jump = page.locator("#agreement table").last.locator("tbody button").first
    begin_s = float(re.findall(r"[\d.]+", jump.inner_text())[0])
    jump.click()
    page.wait_for_timeout(100)
    assert float(page.locator("#seek").input_value()) == pytest.approx(begin_s, abs=0.1)


def lay_clips(coding_study):
    """A set of two clips, one of each session; give its folder."""
    folder = coding_study / "derivatives" / "syntony" / "clips-001"
    folder.mkdir(parents=True)
    rows = [
        {"number": n, "session": f"d01s0{n}", "dyad": "d01", "kind": kind, "start_s": 50.0,
         "stop_s": 74.0, "core_start_s": 52.0, "core_stop_s": 72.0}
        for n, kind in ((1, "high"), (2, "low"))
    ]  # fmt: skip
    (folder / "key.tsv").write_text(tsv_text(list(rows[0]), rows), "utf-8")
    return folder


@pytest.mark.slow
def test_blind_clips(new_page, serve, coding_study, accessible):
    folder = lay_clips(coding_study)
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    page.goto(f"{served.base}/clips?coder=kim")
    accessible(page)
    page.locator("tbody a").click()
    page.locator("#desk").wait_for(state="visible")
    accessible(page)
    point = {"onset_s": 3.0, "duration_s": 0.0, "person": "patient", "code": "neutral"}
    draft = {"base": "", "at": "2030-01-01T10:00:00Z", "sent": None,
             "doc": [point, point | {"duration_s": 2.0, "code": "negative"}]}  # fmt: skip
    page.evaluate(
        "(d) => localStorage.setItem('syntony-codes /api/clips/clips-001/1 kim', d)",
        json.dumps(draft),
    )
    page.reload()  # a point that an older page left behind keeps nothing else back
    wait_saved(page)
    page.keyboard.press("Shift+P")
    assert "no points in time" in page.locator("#said").inner_text()
    page.keyboard.down("p")
    page.keyboard.press("Space")
    page.wait_for_timeout(600)
    page.keyboard.up("p")
    page.locator("#rows tr").nth(1).wait_for()
    page.wait_for_timeout(100)
    wait_saved(page)
    page.locator("#clip-after").click()
    page.wait_for_url("**/clips-001/2?coder=kim")
    assert page.locator("#rows tr").count() == 0
    sheet = (folder / "codes" / "kim.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[:5] for line in sheet[1:]] == [
        ["clips-001", "1", "patient", "positive", "kim"],
        ["clips-001", "1", "patient", "negative", "kim"],
    ]


@pytest.mark.slow
def test_a_clip_plays_its_stretch_and_never_names_the_session(new_page, serve, coding_study):
    pytest.importorskip("av", reason="the extra 'video' is not installed")
    from screens_study import write_film

    lay_clips(coding_study)
    write_film(coding_study / "media" / "d01s01_a.webm", seconds=80)
    (coding_study / "media" / "d01s01_b.avi").write_bytes(b"x")
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.base}/code/clips/clips-001/1?coder=kim")
    page.locator("#film[src='/api/clips/clips-001/1/films/0']").wait_for()
    assert page.locator("#troubles").inner_text().startswith("Camera 2 cannot be played here.")
    page.wait_for_timeout(500)

    def second():
        return page.evaluate("document.querySelector('#film').currentTime")

    assert second() == pytest.approx(50, abs=0.01)
    page.keyboard.press("ArrowLeft")
    assert second() == pytest.approx(50, abs=0.01)
    page.locator("#seek").fill("23.5")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play").wait_for()  # by itself, at the end of the clip
    assert second() == pytest.approx(74, abs=0.4)
    assert any("/films/0" in url for url in asked)
    assert not [url for url in asked if "d01s0" in url or "sessions" in url]
    assert "d01s0" not in page.content()


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_nothing_spills_over(new_page, serve, coding_study, accessible, width, theme):
    served = serve(coding_study)
    page = new_page(width, 844, theme=theme)
    page.goto(served.url)
    for path in ("/code/d01s01?coder=kim", "/code/d01s01", "/rate/d01s01", "/clips?coder=kim"):
        page.goto(served.base + path)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        accessible(page)


@pytest.mark.slow
def test_a_frame_is_as_long_as_the_film_has_it(new_page, serve, coding_study):
    pytest.importorskip("av", reason="the extra 'video' is not installed")
    from screens_study import write_film

    write_film(coding_study / "media" / "d01s01.webm", seconds=6, rate=50)
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, served.base)
    page.locator("#film[src$='/media/0']").wait_for()
    page.wait_for_timeout(500)

    def steps(way, count=5):
        places = []
        for _ in range(count):
            page.keyboard.press(way)
            places.append(page.evaluate("document.querySelector('#film').currentTime"))
        return places

    # as the file tells, before it was ever played: the middle of each frame
    assert steps(".") == pytest.approx([(k + 0.5) / 50 for k in range(1, 6)], abs=1e-4)
    assert steps(",") == pytest.approx([(k + 0.5) / 50 for k in (4, 3, 2, 1, 0)], abs=1e-4)
    page.locator("#speed").select_option("0.5")  # a slow machine shows each frame, too
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    page.wait_for_timeout(2500)
    page.keyboard.press("Space")
    before, after = steps(".", 2)
    assert after - before == pytest.approx(0.02, abs=1e-4)


@pytest.mark.slow
def test_several_cameras_and_what_does_not_play(new_page, serve, coding_study, accessible):
    pytest.importorskip("av", reason="the extra 'video' is not installed")
    from screens_study import write_film

    media = coding_study / "media"
    write_film(media / "d01s01_a.webm")
    write_film(media / "d01s01_b.webm")
    (media / "d01s01_c.avi").write_bytes(b"x")
    served = serve(coding_study)
    page = new_page()
    page.goto(served.url)
    begin(page, served.base)
    assert "ffmpeg -i media/d01s01_c.avi" in page.locator("#troubles").inner_text()
    page.locator("#seek").fill("20")
    page.get_by_label("Camera").select_option(label="d01s01_b.webm")
    page.locator("#film[src$='/media/1']").wait_for()
    page.wait_for_timeout(500)
    assert page.locator("#clock").inner_text() == "0:20.0"
    assert page.evaluate("document.querySelector('#film').currentTime") == pytest.approx(
        20, abs=0.1
    )
    accessible(page)
