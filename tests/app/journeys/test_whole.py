"""One way through, from recordings in a folder to a moment, its film and its sound."""

import numpy as np
from app_review import READ, wait_until, write_film, write_sound
from scipy.ndimage import gaussian_filter1d

RATE_HZ, SECONDS, FILM_HZ = 4, 600, 5
SHARED_S = (220, 380)


def recordings(folder):
    """Three dyads; the people of the first share less than three minutes, of the others nothing."""
    folder.mkdir()
    for dyad in ("d01", "d02", "d03"):
        rng = np.random.default_rng(int(dyad[1:]))
        both = [gaussian_filter1d(rng.standard_normal(RATE_HZ * SECONDS), 3) for _ in "ab"]
        if dyad == "d01":
            begin, end = (RATE_HZ * s for s in SHARED_S)
            both[1][begin:end] = both[0][begin:end]
        for role, values in zip(("patient", "therapist"), both, strict=True):
            rows = [f"{k / RATE_HZ:.2f},{6 + 2 * v:.4f}" for k, v in enumerate(values)]
            text = "\n".join(["time_s,eda", *rows, ""])
            (folder / f"{dyad}_s1_{role}.csv").write_text(text, "utf-8")


def test_from_recordings_to_a_moment_its_film_and_its_sound(new_page, serve, tmp_path, accessible):
    recordings(tmp_path / "recorded")
    study = tmp_path / "study"
    served = serve(study)
    page = new_page()
    page.goto(served.url)
    page.set_input_files("#folder", str(tmp_path / "recorded"))
    page.locator("#import").wait_for(state="visible", timeout=60_000)
    page.get_by_label("Unit", exact=True).fill("uS")
    page.get_by_label("Both recordings began at the same moment").check()
    page.get_by_role("button", name="Show what would be done").click()
    page.locator("#plan tbody tr").nth(2).wait_for(timeout=60_000)
    page.get_by_role("button", name="Import", exact=True).click()
    page.locator("tr[data-session]").nth(2).wait_for(timeout=60_000)
    session = page.locator("tr[data-session]").first.get_attribute("data-session")
    (study / "media").mkdir()
    write_film(study / "media" / f"{session}_room.webm", FILM_HZ, SECONDS)
    write_sound(study / "media" / f"{session}_room.wav", SECONDS)
    page.get_by_role("link", name="Set up a run").click()
    page.locator('[data-rows="synchrony"] [data-remove]').nth(1).click()
    page.get_by_text("Ready: 3 sessions").wait_for()
    page.get_by_role("button", name="Start the run").click()
    page.get_by_role("heading", name="Findings").wait_for(timeout=240_000)
    page.get_by_role("link", name=session, exact=True).click()
    page.locator("#review[data-ready=yes]").wait_for(timeout=60_000)
    accessible(page)
    page.get_by_role("button", name="Next moment").click()
    page.locator("#moments tr[aria-current=true]").wait_for()
    wait_until(page, "document.querySelector('video').readyState >= 2")
    page.wait_for_timeout(500)
    told = page.evaluate(READ)
    assert SHARED_S[0] - 30 < told["time"] < SHARED_S[1] + 30, "the moment is where it was shared"
    assert abs(told["frame"] - int(told["time"] * FILM_HZ)) <= 1, told
    page.get_by_role("button", name="Play").click()
    wait_until(page, "document.querySelector('audio').webkitAudioDecodedByteCount > 0")
    assert page.evaluate(
        "[...document.querySelectorAll('audio, video')].map((e) => e.muted).sort()"
    ) == [False, True], "the sound file is heard, and the film is not"
    page.keyboard.press("Space")
    page.wait_for_timeout(500)
    told = page.evaluate(READ)
    assert abs(told["frame"] - int(told["time"] * FILM_HZ)) <= 1, told
    accessible(page)
