"""The part of the HDF5 reader that runs in a process of its own: a script.

It imports nothing of the program, so that it starts soon; see ``syntony.io.apart`` for the lines
that go to and fro.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, BinaryIO

_MOST_NAMES = 64
_MOST_NUMBERS = 2**29
_MOST_MEMORY = 2**32
_RATIO = 1100
_SAID = ("sampling rate", "resolution", "device", "date", "time", "duration")
_BROKEN = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, OverflowError)


class Refused(Exception):
    """What was found, and what was expected."""


def main() -> None:
    """Answer orders until there are no more."""
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what the library prints is no answer
        begin = json.loads(sys.stdin.buffer.readline())
        sys.path[:] = begin["packages"]
        limit(begin["seconds"])
        try:
            library: Any = import_module("h5py")
            with library.File(begin["file"], "r") as file:
                for line in sys.stdin.buffer:
                    answer(out, file, json.loads(line))
        except Refused as error:
            tell(out, "refused", error.args)
        except ImportError as error:
            found = f"a package h5py that cannot be loaded ({error})"[:200]
            tell(out, "refused", [found, "one that can", "Install it again."])
        except _BROKEN as error:  # what HDF5 meets in a damaged file
            found = f"a damaged file ({error})"[:200]
            tell(out, "refused", [found, "a whole HDF5 file", "Copy it again."])


def limit(seconds: float) -> None:
    """Limit what a damaged file can take of processor and memory, where the system can."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        for what, most in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, int(seconds) + 2),
            (resource.RLIMIT_AS, _MOST_MEMORY),
        ):
            soft, hard = resource.getrlimit(what)
            known = [n for n in (soft, hard) if n != resource.RLIM_INFINITY]
            resource.setrlimit(what, (min([most, *known]), hard))


def answer(out: BinaryIO, file: Any, order: dict[str, Any]) -> None:
    """Answer one order: with what the devices are, or with the numbers at a place."""
    if "device" not in order:
        groups = {n: g for n, g in file.items() if "raw" in g}
        known = {n: describe(g) for n, g in list(groups.items())[:_MOST_NAMES]}
        tell(out, "found", {"groups": list(file)[:9], "devices": known})
        return
    group, place = file[order["device"]], order["place"]
    if "if_any" in order and ((held := group.get(place)) is None or not held.size):
        tell(out, "found", None)
        return
    values = numbers(file, group[place])
    tell(out, "numbers", [values.dtype.str, values.size])
    out.write(values.data)
    out.flush()


def tell(out: BinaryIO, kind: str, value: object) -> None:
    """Write one line; what JSON cannot say is told as text."""
    out.write(json.dumps([kind, value], default=str).encode() + b"\n")
    out.flush()


def describe(group: Any) -> dict[str, Any]:
    """What the attributes of a device's group say, and which columns it has."""
    said = {k: v.tolist() if hasattr(v, "tolist") else v for k, v in group.attrs.items()}
    raw = group["raw"]
    found = [n for n in raw if n.startswith("channel_")][:_MOST_NAMES]
    found.sort(key=lambda n: (len(n), n))
    attrs = [raw[n].attrs for n in found]
    return {
        "said": {k: v for k, v in said.items() if k in _SAID},
        "label": [str(a.get("label", n)) for a, n in zip(attrs, found, strict=True)],
        "sensor": [str(a.get("sensor", "")) for a in attrs],
        "raw": [*(["nSeq"] if "nSeq" in raw else []), *found],
        "digital": [n for n in group.get("digital", {}) if n.startswith("digital_")][:_MOST_NAMES],
    }


def numbers(file: Any, data: Any) -> Any:
    """Numbers of one column, after a look at how many there can be and where they lie."""
    if data.dtype.kind not in "iuf" or data.ndim not in {1, 2} or data.size != data.shape[0]:
        raise Refused(f"{data.name}: {data.shape} of {data.dtype}", "a column of numbers")
    if data.is_virtual or data.external or data.file.filename != file.filename:
        raise Refused(f"{data.name} that lies in another file", "numbers inside the file")
    stored = data.id.get_storage_size()
    size = os.stat(file.filename).st_size
    if data.size < 1 or stored > size or data.size * data.dtype.itemsize > _RATIO * stored:
        raise Refused(f"{data.name}: {data.size:,} numbers in {stored:,} bytes", "all of it")
    if data.size > _MOST_NUMBERS:
        raise Refused(f"{data.name}: {data.size:,} numbers", f"at most {_MOST_NUMBERS:,}")
    return data[()].reshape(-1)


if __name__ == "__main__":
    main()
