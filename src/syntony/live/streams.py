"""Streams of the Lab Streaming Layer: found, given to people, pulled as they were sent."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import FileError, InputError
from syntony.core.optional import need
from syntony.io.toml import toml_text
from syntony.io.xdf.headers import StreamInfo, parse_stream
from syntony.live.sources import Pulled

REMEMBERED = "recording.toml"
_MOST = 4096
_OPEN_S = 5.0


def lsl() -> ModuleType:
    """Load the LSL library, which is an extra.

    Raises
    ------
    MissingPackage
        If it is not installed.
    """
    return need("pylsl", to="recording LSL streams", extra="live")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStream:
    """A stream that answered; ``handle`` is what the library knows it by."""

    info: StreamInfo
    handle: Any = field(repr=False, compare=False)

    @property
    def words(self) -> str:
        """One line for a person to choose by."""
        i = self.info
        rate = f"{i.nominal_rate_hz:g} Hz" if i.nominal_rate_hz else "no rate"
        what = f"{i.channel_count} x {i.format}, {rate}"
        return f"{i.name} [{i.type}], {what}, source id {i.source_id!r}, from {i.hostname}"


def find_streams(wait_s: float = 1.0) -> tuple[FoundStream, ...]:
    """Look for streams; by name, then source id.

    Parameters
    ----------
    wait_s : float
        How long answers are waited for.
    """
    answers = lsl().resolve_streams(wait_time=wait_s)
    found = [FoundStream(info=_info_of(a), handle=a) for a in answers]
    return tuple(sorted(found, key=lambda s: (s.info.name, s.info.source_id)))


def _info_of(handle: Any) -> StreamInfo:
    return parse_stream(Path("LSL stream"), handle.as_xml().encode())


def assign(
    found: Sequence[FoundStream], wishes: Mapping[str, Sequence[str]]
) -> dict[str, tuple[FoundStream, ...]]:
    """Give streams to roles, by name or source id.

    Parameters
    ----------
    found : sequence of FoundStream
    wishes : mapping of role to sequence of str

    Raises
    ------
    InputError
        If one is missing (all that are missing are named), a name is two's, or one stream is
        given to two roles.
    """
    taken: dict[str, tuple[FoundStream, ...]] = {}
    missing: list[str] = []
    owner: dict[int, str] = {}
    for role, names in wishes.items():
        mine = []
        for name in names:
            fits = [s for s in found if s.info.source_id == name] or [
                s for s in found if s.info.name == name
            ]
            if not fits:
                missing.append(f"{role}={name}")
                continue
            if len(fits) > 1:
                ids = [s.info.source_id for s in fits]
                hint = "Are two programs sending it?" if len(set(ids)) < len(ids) else ""
                wanted = f"one stream; say which of {ids}"
                raise InputError("person", f"{role}={name}", wanted, hint)
            before = owner.setdefault(id(fits[0]), role)
            if before != role or fits[0] in mine:
                raise InputError("person", f"{role}={name}", f"a stream not given to {before}")
            mine.append(fits[0])
        taken[role] = tuple(mine)
    if missing:
        there = [s.words for s in found] or "none"
        raise InputError(
            "person", missing, f"streams that answer; there are {there}", "Are the devices on?"
        )
    return taken


def remember(
    study: Path | str, wishes: Mapping[str, Sequence[str]], units: Mapping[str, str] | None = None
) -> Path:
    """Keep in the study which streams are whose, for the next session.

    Examples
    --------
    >>> import tempfile
    >>> study = tempfile.mkdtemp()
    >>> _ = remember(study, {"patient": ["EDA-7"]}, {"eda": "uS"})
    >>> recall(study)
    ({'patient': ('EDA-7',)}, {'eda': 'uS'})
    """
    from syntony.core.files import write_text

    table = {"people": {r: list(n) for r, n in wishes.items()}, "units": dict(units or {})}
    return write_text(Path(study) / REMEMBERED, toml_text(table))


def recall(study: Path | str) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Which streams were whose the last time, and their units; empty where nobody said.

    Raises
    ------
    FileError
        If the file in the study cannot be read.
    """
    import tomllib

    path = Path(study) / REMEMBERED
    if not path.is_file():
        return {}, {}
    try:
        said = tomllib.loads(path.read_text("utf-8"))
        people = {str(r): tuple(str(n) for n in names) for r, names in said["people"].items()}
        units = {str(k): str(v) for k, v in said.get("units", {}).items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError):
        raise FileError(
            path, "no table of people and streams", "[people] with role = [streams]", "Mend it."
        ) from None
    return people, units


class LslSource:
    """An LSL stream as a source: raw stamps, no smoothing, nothing corrected.

    Parameters
    ----------
    stream : FoundStream
    buffer_s : float
        What the library keeps for us where we are late; the oldest is lost beyond.

    Raises
    ------
    InputError
        If the stream does not answer any more.
    """

    def __init__(self, stream: FoundStream, *, buffer_s: float = 360.0) -> None:
        pylsl = lsl()
        self._lost: type[Exception] = pylsl.util.LostError
        self._late: type[Exception] = pylsl.util.TimeoutError
        self._inlet = pylsl.StreamInlet(
            stream.handle, max_buflen=int(buffer_s), recover=True, processing_flags=0
        )
        try:
            full = self._inlet.info(timeout=_OPEN_S)
            self._inlet.open_stream(timeout=_OPEN_S)
        except (self._late, self._lost, RuntimeError) as error:
            raise InputError(
                "stream", stream.info.name, "a stream that answers", "Is its device on?"
            ) from error
        self.xml: str = full.as_xml()
        self.info = _info_of(full)
        self._clock = pylsl.local_clock
        if not self.info.is_text:
            shape = (_MOST, self.info.channel_count)
            self._room = np.zeros(shape, dtype=self.info.dtype)

    def pull(self) -> Pulled:
        """Everything that is there now, at most 4,096 samples; a lost stream gives none."""
        try:
            if self.info.is_text:
                words, stamps = self._inlet.pull_chunk(timeout=0.0, max_samples=_MOST)
                return np.array(stamps, dtype=np.float64), [tuple(w) for w in words]
            _, stamps = self._inlet.pull_chunk(timeout=0.0, max_samples=_MOST, dest_obj=self._room)
        except self._lost:
            stamps = []
        count = len(stamps)
        times: Array = np.array(stamps, dtype=np.float64)
        return times, [] if self.info.is_text else self._room[:count].copy()

    def measure_offset(self) -> tuple[float, float] | None:
        """Ask the sender for its time; None where it does not answer within 2 s."""
        try:
            offset = float(self._inlet.time_correction(timeout=2.0))
        except (self._lost, self._late):
            return None
        return self._clock() - offset, offset

    def close(self) -> None:
        """Leave the stream."""
        self._inlet.close_stream()


def clock_s() -> float:
    """The recorder's clock when it records LSL: the library's own."""
    return float(lsl().local_clock())


def wait_for(wishes: Mapping[str, Sequence[str]], *, seconds: float) -> tuple[FoundStream, ...]:
    """Look again and again until all that are wished for answer, or the time is over."""
    stop = time.monotonic() + seconds
    while True:
        found = find_streams(min(1.0, max(0.2, seconds)))
        names = {s.info.name for s in found} | {s.info.source_id for s in found}
        wanted = {n for given in wishes.values() for n in given}
        if wanted <= names or time.monotonic() >= stop:
            return found
