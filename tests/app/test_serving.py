"""``syntony serve`` as a program: what listens, what is printed, how it ends, what is refused."""

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from syntony.app.accounts import Accounts
from syntony.app.home import Home
from syntony.app.serving import Address, bind_for, is_loopback, own_port, refuse_open_door
from syntony.cli import main
from syntony.core.errors import InputError
from syntony.live.network import OPEN

needs_proc = pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="listening sockets are read from /proc (Linux)"
)


def tree_of(pid):
    """A process and all that it started."""
    found, left = [], [pid]
    while left:
        one = left.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            left += [int(p) for p in task.read_text().split()]
    return found


def is_running(pid):
    """Whether a process is there, and not only its entry that nobody has taken away."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def listening_of(pids):
    """Addresses on which any of these processes listens (TCP) or is bound (UDP)."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = os.readlink(link)
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    addresses = []
    for kind, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        table = Path(f"/proc/net/{kind}")
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            cells = line.split()
            if cells[3] == state and cells[9] in inodes:
                addresses.append((kind, _address(cells[1].split(":")[0])))
    return addresses


def _address(text):
    raw = bytes.fromhex(text)
    if len(raw) == 4:
        return socket.inet_ntop(socket.AF_INET, raw[::-1])
    words = b"".join(raw[k : k + 4][::-1] for k in range(0, 16, 4))
    return socket.inet_ntop(socket.AF_INET6, words)


def ask(served, path, *, method="GET", headers=None, body=None):
    """One request to a served study: status, headers, text."""
    host, port = served.base.split("//")[1].split(":")
    line = http.client.HTTPConnection(host, int(port), timeout=20)
    try:
        line.request(method, path, body=body, headers=headers or {})
        answer = line.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        line.close()


def enter(served):
    """Exchange the token; the headers that a page of ours would send."""
    status, headers, _ = ask(served, served.url[len(served.base) :])
    assert status == 303
    cookie = {k.lower(): v for k, v in headers.items()}["set-cookie"].split(";")[0]
    _, _, text = ask(served, "/", headers={"Cookie": cookie})
    token = text.split('name="syntony-token" content="')[1].split('"')[0]
    return {"Cookie": cookie, "X-Syntony-Token": token}


@needs_proc
def test_every_listening_socket_is_on_this_machine_only_while_work_is_done(serve, tmp_path):
    served = serve(tmp_path / "new")
    known = enter(served)
    seen = listening_of(tree_of(served.process.pid))
    assert seen == [("tcp", "127.0.0.1")]
    status, _, _ = ask(served, "/api/demo", method="POST", headers=known)
    assert status == 202
    most = 0
    for _ in range(24):  # the demo makes its study and starts processes of its own
        pids = tree_of(served.process.pid)
        most = max(most, len(pids))
        for kind, address in listening_of(pids):
            assert is_loopback(address), f"{kind} {address}"
        time.sleep(0.25)
    assert most >= 2, "no other process was seen: the test looked at nothing"
    began = time.monotonic()
    assert served.stop() == 0
    assert time.monotonic() - began < 15
    while (left := [p for p in pids if is_running(p)]) and time.monotonic() - began < 20:
        time.sleep(0.1)
    assert not left, "something was left behind"


def _opened(served, until, limit_s=60.0):
    """What was bound to more than this machine, by kind, until something is so."""
    seen, end_s = set(), time.monotonic() + limit_s
    while not until(seen) and time.monotonic() < end_s:
        every = listening_of(tree_of(served.process.pid))
        seen |= {kind for kind, address in every if not is_loopback(address)}
        time.sleep(0.02)
    return seen


class Lsl:
    """The page Record of a served study, and the one address at which the app itself listens."""

    closed = (("tcp", "127.0.0.1"),)

    def __init__(self, served):
        pytest.importorskip("pylsl", reason="an extra, pylsl, is not installed")
        self.served, self.known = served, enter(served) | {"Content-Type": "application/json"}

    def listening(self):
        return tuple(listening_of(tree_of(self.served.process.pid)))

    def get(self, path):
        return json.loads(ask(self.served, path, headers=self.known)[2])

    def post(self, path, **given):
        told = json.dumps(given)
        return json.loads(ask(self.served, path, method="POST", headers=self.known, body=told)[2])

    def opened(self, until, limit_s=60.0):
        """What was bound to more than this machine, by kind, until something is so."""
        seen, end_s = set(), time.monotonic() + limit_s
        while not until(seen) and time.monotonic() < end_s:
            seen |= {kind for kind, address in self.listening() if not is_loopback(address)}
            time.sleep(0.02)
        return seen

    def closes(self):
        """Whether nothing but the app is left listening, soon."""
        self.opened(lambda _: self.listening() == self.closed, 20)
        return self.listening() == self.closed


@needs_proc
def test_lsl_opens_what_is_listed_and_only_while_it_works(served):
    lsl = Lsl(served)
    ask(served, "/live", headers=lsl.known)
    assert lsl.listening() == lsl.closed
    with ThreadPoolExecutor(1) as pool:
        finding = pool.submit(lsl.post, "/api/live/find")
        assert lsl.opened(lambda _: finding.done()) == set(OPEN["find"])
        assert finding.result()["streams"] == []
    assert lsl.listening() == lsl.closed
    job = lsl.post("/api/live/rehearse")
    assert lsl.opened(lambda seen: seen == {"tcp", "udp"}) == set(OPEN["rehearse"])
    lsl.post(f"/api/jobs/{job['id']}/stop")
    assert lsl.closes()


@pytest.mark.slow
@needs_proc
def test_a_recording_opens_what_is_listed_and_nothing_after_its_end(served):
    lsl = Lsl(served)
    job, found, end_s = lsl.post("/api/live/rehearse"), [], time.monotonic() + 60
    while len(found) < 2 and time.monotonic() < end_s:
        found = [s["name"] for s in lsl.post("/api/live/find")["streams"]]
    people = {name.split()[0]: [name] for name in found if name.endswith("eda")}
    lsl.post("/api/live/start", session="try1", people=people)
    assert lsl.opened(lambda _: lsl.get("/api/live")["stage"] == "recording") == {"tcp", "udp"}
    lsl.post(f"/api/jobs/{job['id']}/stop")
    lsl.opened(lambda _: lsl.get(f"/api/jobs/{job['id']}")["state"] != "running")
    assert lsl.opened(lambda seen: False, 3) == set(OPEN["record"])
    lsl.post("/api/live/do", do="stop")
    assert lsl.closes()


@needs_proc
def test_the_check_of_sockets_finds_an_open_one():
    code = "import socket, sys; s = socket.socket(); s.bind(('0.0.0.0', 0)); s.listen(); "
    child = subprocess.Popen(
        [sys.executable, "-c", code + "print('ready', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        child.stdout.readline()
        assert ("tcp", "0.0.0.0") in listening_of(tree_of(os.getpid()))
    finally:
        child.communicate()


def test_nothing_of_the_token_or_the_study_is_in_the_output(serve, own_study):
    served = serve(own_study)
    token = served.url.split("token=")[1]
    known = enter(served)
    ask(served, f"/enter?token={token}")
    ask(served, "/api/jobs/d01s01?token=" + token, headers=known)
    ask(served, "/session/P01", headers=known | {"Host": "evil.example"})
    assert served.stop() == 0
    told = served.output.replace(served.url, "", 1)
    for word in (token, "token", "d01s01", "P01", known["Cookie"].split("=")[1], "GET"):
        assert word not in told
    assert len(told.splitlines()) < 8


def test_nothing_that_was_sent_outlives_a_kill(serve, tmp_path):
    data = tmp_path / "data"
    served = serve(tmp_path / "new", data=data)
    known = enter(served)
    _, _, begun = ask(served, "/api/uploads", method="POST", headers=known)
    url = f"/api/uploads/{json.loads(begun)['id']}/files?name=a.csv"
    assert ask(served, url, method="PUT", headers=known, body=b"heart,1\n")[0] == 200
    assert len(list((data / "uploads").rglob("a.csv"))) == 1
    served.stop(signal.SIGKILL)
    assert len(list((data / "uploads").rglob("a.csv"))) == 1
    serve(tmp_path / "new", data=data)
    assert list((data / "uploads").iterdir()) == []


HEAVY = ("numba", "pandas", "scipy", "statsmodels", "pyarrow", "matplotlib")
ASK = f"""
import sys
from pathlib import Path
from syntony.app.home import Home
from syntony.app.make import make_app
make_app(Home(study=Path("study"), data=Path("data")))
print([name for name in {HEAVY} if name in sys.modules])
"""


def test_the_app_starts_without_what_only_some_pages_need():
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_error_of_the_program_is_told_without_its_words(caplog):
    import logging

    from syntony.app.discreet import Discreet

    log = logging.getLogger("test-discreet")
    log.addFilter(Discreet())
    try:
        raise RuntimeError("Anna Meier")
    except RuntimeError:
        log.exception("while reading Anna's file")
    assert "Anna" not in caplog.text
    assert "RuntimeError in test_serving.py" in caplog.text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "lab.example.org", "0"])
def test_another_host_needs_tls_and_an_account(host, tmp_path):
    files = [tmp_path / "c.pem", tmp_path / "k.pem"]
    for path in files:
        path.write_text("")
    tls = {"certificate": files[0], "key": files[1]}
    names = ("lab.example.org",)
    for has_accounts in (False, True):
        with pytest.raises(InputError, match="TLS"):
            refuse_open_door(Address(host=host), has_accounts=has_accounts)
    for way in (tls, {"behind_proxy": True}):
        address = Address(host=host, names=names, **way)
        with pytest.raises(InputError, match="an account"):
            refuse_open_door(address, has_accounts=False)
        refuse_open_door(address, has_accounts=True)


def test_this_machine_needs_neither():
    for host in ("127.0.0.1", "localhost", "::1"):
        refuse_open_door(Address(host=host), has_accounts=False)
    with pytest.raises(InputError, match="an account"):  # a proxy lets others in
        refuse_open_door(Address(behind_proxy=True), has_accounts=False)


def test_half_of_tls_and_a_listener_without_a_name_are_refused(tmp_path):
    (tmp_path / "c.pem").write_text("")
    with pytest.raises(InputError, match="together"):
        refuse_open_door(Address(certificate=tmp_path / "c.pem"), has_accounts=True)
    with pytest.raises(InputError, match="by which others"):
        refuse_open_door(Address(host="0.0.0.0", behind_proxy=True), has_accounts=True)
    with pytest.raises(InputError, match="by which others"):
        refuse_open_door(Address(host="0", behind_proxy=True), has_accounts=True)


@pytest.mark.parametrize("host", ["", " "])
def test_an_empty_host_would_be_every_one_and_is_refused(host):
    for more in ({}, {"behind_proxy": True, "names": ("lab.example.org",)}):
        with pytest.raises(InputError, match="every one"):
            refuse_open_door(Address(host=host, **more), has_accounts=True)


@pytest.mark.parametrize(
    "verb", [["serve", "--no-browser"], ["accounts", "list"], ["audit", "verify"]]
)
def test_accounts_and_log_inside_the_study_are_refused(verb, tmp_path):
    study = tmp_path / "study"
    for data in (study, study / "data", study / ".." / "study" / "kept"):
        said = CliRunner().invoke(main, [*verb, str(study), "--data", str(data)])
        assert said.exit_code == 2
        assert "outside the study" in said.output
    assert not study.exists()


def test_no_token_is_given_to_a_command(monkeypatch, tmp_path):
    """Arguments of a command are read by everybody on the machine; a file is not."""
    seen = {}

    def launch(what):
        path = Path(unquote(urlsplit(what).path))
        seen.update(what=what, mode=path.stat().st_mode & 0o777, text=path.read_text("utf-8"))

    def stop(self, sockets):
        raise KeyboardInterrupt

    monkeypatch.setattr("click.launch", launch)
    monkeypatch.setattr("uvicorn.Server.run", stop)
    data = tmp_path / "data"
    said = CliRunner().invoke(main, ["serve", str(tmp_path / "new"), "--data", str(data)])
    token = said.output.split("token=")[1].split()[0]
    assert len(token) >= 43
    assert token not in seen["what"]
    assert seen["what"].startswith("file:///")
    assert seen["mode"] == 0o600
    assert f"/enter?token={token}" in seen["text"]
    assert not list(data.glob("*.html")), "the file is left at the end"


def test_the_file_for_the_browser_lies_where_a_boxed_browser_sees_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    (tmp_path / "me").mkdir()
    hidden = tmp_path / "me" / ".local" / "share" / "pilot-1a2b"
    assert Home(study=tmp_path, data=hidden).launch_file == (
        tmp_path / "me" / "syntony-open-pilot-1a2b.html"
    )
    seen = tmp_path / "data"
    assert Home(study=tmp_path, data=seen).launch_file == seen / "syntony-open-data.html"


def test_the_verb_refuses_and_says_what_to_do(tmp_path):
    said = CliRunner().invoke(
        main,
        [
            "serve",
            str(tmp_path),
            "--host",
            "0.0.0.0",
            "--no-browser",
            "--data",
            str(tmp_path.parent),
        ],
    )
    assert said.exit_code == 2
    assert "Other machines may not read a study over an open line." in said.output


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        words = ["serve", str(tmp_path / "new"), "--port", port, "--no-browser"]
        said = CliRunner().invoke(main, [*words, "--data", str(tmp_path / "data")])
    assert said.exit_code == 2
    assert "a free port" in said.output


def _certificate(folder):
    """A certificate of our own for localhost."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the test's certificate, is not installed")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(folder / "k.pem"), "-out", str(folder / "c.pem")],
        check=True, capture_output=True,
    )  # fmt: skip


def test_tls_is_spoken_and_accounts_are_asked_for(serve, tmp_path):
    _certificate(tmp_path)
    data = tmp_path / "data"
    Accounts(data).add("mira", "owner", "correct horse battery")
    options = ["--tls-cert", str(tmp_path / "c.pem"), "--tls-key", str(tmp_path / "k.pem")]
    served = serve(tmp_path / "new", *options, data=data)
    assert served.url.startswith("https://127.0.0.1")
    assert "token" not in served.url
    trust = ssl.create_default_context(cafile=str(tmp_path / "c.pem"))
    port = int(served.base.rsplit(":", 1)[1])
    line = http.client.HTTPSConnection("localhost", port, context=trust, timeout=20)
    line.request("GET", "/enter")
    answer = line.getresponse()
    assert answer.status == 200
    assert "Password" in answer.read().decode()
    line.close()


def test_a_study_is_served_at_the_same_port_after_a_restart(tmp_path):
    study, other = tmp_path / "study", tmp_path / "other"
    with bind_for(study, Address()) as first:
        port = first.getsockname()[1]
    with bind_for(study, Address()) as again:
        assert again.getsockname()[1] == port == own_port(study)
    assert own_port(other) != own_port(study)


def test_another_program_at_the_port_makes_way_for_a_free_one(tmp_path):
    with bind_for(tmp_path, Address()) as taken:
        taken.listen()
        with bind_for(tmp_path, Address()) as free:
            assert free.getsockname()[1] != own_port(tmp_path)
        with bind_for(tmp_path, Address(port=0)) as any_:
            assert any_.getsockname()[1] != own_port(tmp_path)
