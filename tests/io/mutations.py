"""Files made wrong by a seed, read where they can do no harm.

As a program it is a worker: it reads orders as JSON, one a line, and answers each with a line.
Run by hand: python tests/io/mutations.py READER FILE SEED writes that mutation beside the file.
"""

import gzip
import io
import json
import os
import random
import re
import select
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

MEMORY = 2**30
SECONDS = 10.0
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_NUMBERS = (b"1000000000000", b"-1", b"0", b"nan", b"inf", b"1e308", b"", b"-7.5", b"x")
_WORDS = (10**12, -1, 0, 2**31 - 1, -(2**31), 0x7FF0000000000000, 2**63 - 1, 65_535, 255)


def mutate(data, seed):
    """Give a file's content with one to three things wrong; the same for the same seed."""
    rng = random.Random(seed)
    if data[:2] == b"PK" and rng.random() < 0.7:
        return _in_zip(data, rng)
    if data[:2] == b"\x1f\x8b" and rng.random() < 0.7:
        return gzip.compress(_several(gzip.decompress(data), rng), mtime=0)
    return _several(data, rng)


def _in_zip(data, rng):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    wrong = rng.choice(sorted(members))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            bad = name == wrong
            if bad and rng.random() < 0.1:
                name = rng.choice(["../" + name, "/" + name, "a/b/c/" + name, name + "\0"])
            archive.writestr(name, _several(content, rng) if bad else content)
    return out.getvalue()


def _several(data, rng):
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        data = rng.choice(KINDS)(data, rng) if data else data
    return data


def _place(data, rng):
    """Anywhere, but half the time in the beginning, where headers are."""
    return rng.randrange(min(len(data), 4096) if rng.random() < 0.5 else len(data))


def _flip(data, rng):
    out = bytearray(data)
    for _ in range(rng.choice([1, 2, 8, 64])):
        out[_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(out)


def _cut(data, rng):
    return data[: rng.randrange(len(data))]


def _zero_tail(data, rng):
    at = rng.randrange(len(data))
    return data[:at] + bytes(len(data) - at)


def _number(data, rng):
    found = list(_NUMBER.finditer(data[: 1 << 16]))
    if not found:
        return _flip(data, rng)
    one = rng.choice(found[:60] if rng.random() < 0.5 else found)
    new = rng.choice(_NUMBERS)
    if rng.random() < 0.5:  # of the same width, as fixed headers have it
        new = new.ljust(len(one[0]))[: len(one[0])]
    return data[: one.start()] + new + data[one.end() :]


def _word(data, rng):
    size = rng.choice([2, 4, 8])
    value = rng.choice(_WORDS) & (1 << 8 * size) - 1
    at = _place(data, rng)
    return data[:at] + value.to_bytes(size, rng.choice(["little", "big"])) + data[at + size :]


def _again(data, rng):
    piece = data[: rng.choice([64, 256, 512, 3000])]
    at = rng.choice([len(piece), len(data), rng.randrange(len(data))])
    return data[:at] + piece + data[at:]


def _lost(data, rng):
    at = _place(data, rng)
    return data[:at] + data[at + rng.choice([1, 7, 100, 2000]) :]


def _line(data, rng):
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    lines[at : at + 1] = rng.choice([[], [lines[at]] * 2, [b""], [lines[0]], [b"x" * 300_000]])
    return b"\n".join(lines)


def _junk(data, rng):
    at = _place(data, rng)
    return data[:at] + rng.randbytes(rng.choice([1, 16, 500])) + data[at:]


KINDS = (_flip, _cut, _zero_tail, _number, _number, _word, _again, _lost, _line, _junk)


class Pool:
    """One worker with limits, started again where it dies or does not answer."""

    def __init__(self):
        self.process = None

    def order(self, reader, path, options, seeds):
        """Outcomes by seed: ``recording``, ``refused``, or what went wrong."""
        out = {}
        for seed in seeds:
            if self.process is None:
                self._start()
            said = {"reader": reader, "path": str(path), "options": options, "seed": seed}
            self.process.stdin.write(json.dumps(said).encode() + b"\n")
            self.process.stdin.flush()
            ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
            line = self.process.stdout.readline() if ready else b""
            if line:
                out[seed] = json.loads(line)
            else:
                out[seed] = "died" if ready else f"no answer in {SECONDS:g} s"
                self.close()
        return out

    def _start(self):
        here = Path(__file__).resolve()
        environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
            "PYTHONPATH": os.pathsep.join([str(here.parents[2] / "src"), *sys.path]),
        }
        self.process = subprocess.Popen(
            [sys.executable, str(here), "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        if self.process.stdout.readline() != b"ready\n":
            raise RuntimeError("the worker did not start")

    def close(self):
        """End the worker."""
        if self.process:
            self.process.kill()
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()
            self.process = None


def attempt(reader, path, options, seed, folder):
    """Read one mutation; give the outcome in a word, or the end of a traceback."""
    import traceback

    from syntony.core.errors import SyntonyError
    from syntony.core.recording import Recording
    from syntony.io.registry import read

    path = Path(path)
    target = Path(folder) / path.name
    target.write_bytes(mutate(path.read_bytes(), seed))
    try:
        got = read(target, person="P01", format=reader, **options)
    except SyntonyError:
        return "refused"
    except BaseException:
        return "".join(traceback.format_exc().splitlines(True)[-7:])
    return "recording" if isinstance(got, Recording) else f"a {type(got).__name__}"


def work():
    """Answer orders until there are no more."""
    import resource
    import warnings

    import syntony.io  # noqa: F401  fills the list of readers

    for package in ("numpy", "pyarrow.csv", "bioread", "fastavro", "h5py"):
        try:
            __import__(package)
        except ImportError:  # an optional package
            continue
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("error")
    print("ready", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        seen = None
        for line in sys.stdin:
            said = json.loads(line)
            if said["path"] != seen:
                seen = said["path"]
                for other in Path(seen).parent.glob("*.json"):  # sidecars lie beside
                    shutil.copy(other, folder)
            print(json.dumps(attempt(**said, folder=folder)), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        work()
    else:
        _, name, file, number = sys.argv
        given = Path(file)
        given.with_name(f"mutation-{number}-{given.name}").write_bytes(
            mutate(given.read_bytes(), int(number))
        )
