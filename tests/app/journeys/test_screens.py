"""A picture of every page, light and dark, for the manual: ``make screenshots``."""

import shutil
from pathlib import Path

import pytest
from live_lsl import needs_lsl
from screens_study import furnish

from syntony.app.accounts import Accounts

pytestmark = pytest.mark.slow
WIDE, HIGH = 1280, 860
MOST_BYTES = 120_000
OWN = "a password for the pictures"


LOWEST = """Math.ceil(Math.max(0, ...Array.from(
  document.querySelectorAll("main *"), (e) => e.getBoundingClientRect().bottom)))"""
"""Where the last thing of a page ends."""


def _review(page):
    page.locator("#review[data-ready=yes]").wait_for()
    page.wait_for_timeout(1500)


def _code(page):
    page.locator("#desk").wait_for(state="visible")
    page.locator("#seek").fill("24")
    page.wait_for_timeout(800)


def _agreement(page):
    page.locator("#desk").wait_for(state="visible")
    page.locator("#compare").click()
    page.locator("#agreement table").first.wait_for()
    page.evaluate("document.querySelector('#after-title').scrollIntoView()")


def _rate(page):
    page.locator("#ask").wait_for()


def _rating(page):
    page.locator("#ask").wait_for()
    page.locator("#practise").click()
    page.locator("#stage").wait_for()
    page.keyboard.press("Space")
    page.wait_for_timeout(1500)


def _quality(page):
    page.locator("#plots").wait_for(state="visible")
    page.wait_for_timeout(800)


def _run(page):
    page.get_by_text("Ready: 8 sessions").wait_for()


def _report(page):
    page.frame_locator("#frame").locator("h1").first.wait_for()
    page.wait_for_timeout(500)


def _none(page):
    page.locator("h1").first.wait_for()


PAGES = {
    "study": ("/", _none),
    "review": ("/session/d01s01?run=demo", _review),
    "code": ("/code/d01s01?coder=ann", _code),
    "agreement": ("/code/d01s01?coder=lee", _agreement),
    "clips": ("/clips?coder=kim", _none),
    "clip": ("/code/clips/clips-001/1?coder=kim", _code),
    "rate": ("/rate/d01s01", _rate),
    "rating": ("/rate/d01s01", _rating),
    "quality": ("/quality/d01s01", _quality),
    "run": ("/run", _run),
    "run-found": ("/runs/demo", _none),
    "runs": ("/runs", _none),
    "compare": ("/compare?first=demo&second=as-planned", _none),
    "plan": ("/plan", _none),
    "report": ("/report/demo", _report),
}
"""Name of the picture to the address and what is waited for."""


@pytest.fixture(scope="module")
def shown_study(made_study, tmp_path_factory):
    """The made study, furnished; only looked at."""
    pytest.importorskip("av", reason="the extra 'video' is not installed")
    root = tmp_path_factory.mktemp("shown") / "syntony-demo"
    shutil.copytree(made_study, root)
    furnish(root)
    return root


@pytest.fixture
def keep(request, tmp_path):
    """Keep a picture small, in the folder that was asked for; its path is given back."""
    folder = Path(request.config.getoption("--screens") or tmp_path)

    def keeping(page, name, theme):
        from PIL import Image

        raw = tmp_path / f"{name}.raw.png"
        low = page.evaluate(LOWEST)
        high = min(page.viewport_size["height"], max(300, low + 24))
        page.screenshot(path=raw, clip={"x": 0, "y": 0, "width": WIDE, "height": high})
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}{'' if theme == 'light' else '-dark'}.png"
        with Image.open(raw) as picture:
            few = picture.convert("RGB").quantize(160, dither=Image.Dither.NONE)
            few.save(path, optimize=True)
            assert picture.width == WIDE
            assert len(set(picture.convert("L").resize((64, 48)).tobytes())) > 5, "it is empty"
        assert path.stat().st_size <= MOST_BYTES, path.stat().st_size
        return path

    return keeping


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page(new_page, serve, shown_study, tmp_path, keep, theme):
    served = serve(shown_study)
    page = new_page(WIDE, HIGH, theme=theme)
    page.goto(served.url)
    for name, (path, ready) in PAGES.items():
        page.goto(served.base + path)
        ready(page)
        assert page.get_by_text("Simulated data").first.is_visible(), name
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDE, name
        keep(page, name, theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_rehearsal(new_page, serve, made_study, tmp_path, keep, theme):
    needs_lsl()
    shutil.copytree(made_study, tmp_path / "syntony-demo")
    served = serve(tmp_path / "syntony-demo")
    page = new_page(WIDE, HIGH, theme=theme)
    page.goto(served.url)
    page.goto(served.base + "/live")
    page.locator("#rehearse").click()
    page.wait_for_timeout(6000)
    page.locator("#find").click()
    page.locator("#streams tbody tr").nth(1).wait_for(timeout=30_000)
    page.locator("#session").fill("d09s01")
    keep(page, "live-setup", theme)
    page.locator("#start").click()
    page.get_by_text("Recording d09s01").wait_for(timeout=30_000)
    page.wait_for_timeout(60_000)
    assert page.get_by_text("Simulated data").first.is_visible()
    keep(page, "live", theme)
    page.locator("#stop").click()
    page.get_by_text("d09s01 is in the study.").wait_for(timeout=60_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_first_page_of_an_empty_folder(new_page, serve, tmp_path, keep, theme):
    served = serve(tmp_path / "new-study")
    page = new_page(WIDE, 620, theme=theme)
    page.goto(served.url)
    keep(page, "first", theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accounts(new_page, serve, shown_study, tmp_path, keep, theme):
    accounts = Accounts(tmp_path / "shared")
    accounts.add("mira", "owner", OWN)
    for name, role in (("ben", "analyst"), ("jo", "coder"), ("ruth", "supervisor")):
        accounts.add(name, role, OWN, once=name == "ruth")
    accounts.assign("jo", ["d01s01", "d02s01", "d05s01"])
    served = serve(shown_study, data=tmp_path / "shared")
    page = new_page(WIDE, HIGH, theme=theme)
    page.goto(served.url)
    keep(page, "log-in", theme)
    page.get_by_label("Name").fill("mira")
    page.get_by_label("Password", exact=True).fill(OWN)
    page.get_by_role("button", name="Log in").click()
    page.locator("tr[data-session]").first.wait_for()
    for path in ("/session/d01s01", "/code/d02s01", "/runs/demo", "/accounts"):
        page.goto(served.base + path)
    page.get_by_role("button", name="Change jo").click()
    keep(page, "accounts", theme)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.goto(f"{served.base}/audit")
    keep(page, "audit", theme)
