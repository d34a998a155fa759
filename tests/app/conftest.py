"""The app under test: in process, or as a program of its own with a real browser before it."""

import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from app_client import let_in, test_client

from syntony.app.home import Home
from syntony.app.make import make_app

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def made_study(made_run):
    """The made study with its run; nobody may write into it."""
    return made_run.path.parents[2]


@pytest.fixture
def own_study(made_study, tmp_path):
    """A copy of that study with its run, free to be changed."""
    target = tmp_path / "study"
    shutil.copytree(made_study, target)
    return target


@pytest.fixture
def home(own_study, tmp_path):
    """A home around the copy."""
    return Home(study=own_study, data=tmp_path / "data")


@pytest.fixture
def app(home):
    """The app around it."""
    return make_app(home)


@pytest.fixture
def bare_home(tmp_path):
    """A home whose study folder is not there yet: quick, for what needs no study."""
    return Home(study=tmp_path / "new", data=tmp_path / "data")


@pytest.fixture
def bare(bare_home):
    """A client of that home, not let in; ``let_in(bare)`` does."""
    with test_client(make_app(bare_home)) as client:
        yield client


@pytest.fixture
def stranger(app):
    """A client that was not let in."""
    with test_client(app) as client:
        yield client


@pytest.fixture
def client(app):
    """A client that was let in as the one person of the study."""
    with test_client(app) as client:
        yield let_in(client)


@pytest.fixture
def as_visitor(home):
    """Make clients of visitors with a role: ``as_visitor(Visitor(name=..., role=...))``."""
    with test_client(make_app(replace(home, token=""))) as made:

        def enter(visitor):
            return let_in(made, visitor)

        yield enter


class Served:
    """``syntony serve`` as a program of its own."""

    def __init__(self, study, data, *more):
        command = [sys.executable, "-m", "syntony", "serve", str(study), "--no-browser"]
        self.process = subprocess.Popen(
            [*command, "--data", str(data), *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said, self.url = [], ""
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(ready,), daemon=True)
        self._reader.start()
        if not ready.wait(30):
            self.stop()
            raise AssertionError(f"no address was printed: {self.output}")

    def _read(self, ready):
        for line in self.process.stdout:
            self.said.append(line)
            found = re.search(r"https?://\S+", line)
            if found and not self.url:
                self.url = found.group(0)
                ready.set()
        ready.set()

    @property
    def output(self):
        """All that was printed."""
        return "".join(self.said)

    @property
    def base(self):
        """The address without its path."""
        return "/".join(self.url.split("/")[:3])

    def stop(self, number=2):
        """End it as Ctrl-C does, and give its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait(5)
        self._reader.join(5)
        self.process.stdout.close()
        return code


@pytest.fixture
def serve(tmp_path):
    """Start servers that are ended with the test: ``serve(study, *options)``."""
    running = []

    def start(study, *more, data=None):
        running.append(Served(study, data or tmp_path / "served-data", *more))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def served(serve, own_study):
    """The copy of the made study, served."""
    return serve(own_study)


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, driven by Playwright."""
    if CHROMIUM is None:
        pytest.skip("an extra of the system, chromium, is not installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


OWN = re.compile(
    r"((http|ws)://127\.0\.0\.1[:/]|data:|blob:http://127\.0\.0\.1[:/]|about:|file:///)"
)


@pytest.fixture(scope="session")
def watch():
    """Watch a context, whoever makes its pages: ``watch(context, foreign, wrong)``.

    Requests and sockets that leave the machine go into the one list, what a page complains of into
    the other.
    """

    def begin(context, foreign, wrong):
        def note(asked):
            if not OWN.match(asked.url):
                foreign.append(asked.url)

        def forget(asked):  # what the page's own policy held back never left
            if asked.failure and "csp" in asked.failure.lower() and asked.url in foreign:
                foreign.remove(asked.url)

        context.on("request", note)
        context.on("requestfailed", forget)
        context.on("page", lambda page: page.on("websocket", note))
        context.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        context.on("weberror", lambda e: wrong.append(str(e.error)))

    return begin


@pytest.fixture
def new_page(chromium, serve, watch):
    """Make pages that hold to the house rules: nothing leaves the machine, no console error.

    A journey may clear ``new_page.wrong`` of the complaints that it asked for; of requests that
    left the machine it can clear none. It asks for ``serve`` so that the pages are closed before
    their server ends.
    """
    contexts, foreign, wrong = [], [], []

    def make(width=1440, height=900, *, theme="light", **more):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, **more
        )
        contexts.append(context)
        watch(context, foreign, wrong)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    make.wrong = wrong
    yield make
    for context in contexts:
        context.close()
    assert not foreign, f"requests left the machine: {foreign}"
    assert not wrong, wrong


@pytest.fixture
def page(new_page, served):
    """A page of the served study, let in."""
    made = new_page()
    made.goto(served.url)
    return made


@pytest.fixture
def accessible():
    """Check a page with axe-core: ``accessible(page)``."""
    script = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        pytest.skip("an extra of developers, axe-core, is not installed (npm install)")
    text = script.read_text("utf-8")

    def check(page):
        page.evaluate(text)  # by the driver: the page's own policy forbids inline scripts
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        told = [
            f"{v['id']}: {v['help']}: {n['html'][:200]} {n.get('failureSummary', '')[:200]}"
            for v in found
            for n in v["nodes"]
        ]
        assert not told, "\n".join(told)

    return check
