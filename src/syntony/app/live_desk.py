"""The one recording that the app may be making: begun, watched, told what to do, ended."""

from __future__ import annotations

import contextlib
import multiprocessing
import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syntony.app import schema_live as schema
from syntony.app.live_lanes import Lanes
from syntony.app.live_work import look, record_beside
from syntony.app.refusal import Refusal
from syntony.core.errors import InputError, SyntonyError
from syntony.core.session import Person
from syntony.io.xdf.headers import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    from syntony.live.window import Window

PREVIEW_S = 2.0
LOOK_S = 2.0
SPAN_S = 300.0
_AWAKE: tuple[schema.LiveStage, ...] = ("waiting", "recording", "paused", "filing")


class Desk:
    """Everything that pages ask of a recording; nothing here can hold it up.

    Parameters
    ----------
    study : Path
    """

    def __init__(self, study: Path) -> None:
        self._study = study
        self._lock = threading.Lock()
        self._spawn = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._asking: Connection | None = None
        self._units: Mapping[str, str] = {}
        self._began_s = 0.0
        self._ended_s: float | None = None
        self._streams: list[dict[str, Any]] = []
        self._alarms: deque[str] = deque(maxlen=50)
        self.lsl_session = secrets.token_hex(4)
        self.stage: schema.LiveStage = "idle"
        self.session = self.message = self.file = ""
        self.lanes = Lanes({})
        self.window: Window | None = None
        self.previewed: tuple[int, schema.LivePreview | None] = (0, None)

    @property
    def is_awake(self) -> bool:
        """Whether a recording is being made, or put into the study."""
        return self.stage in _AWAKE

    def find(self, lsl_session: str, devices: Sequence[str] = ()) -> list[StreamInfo]:
        """Look for streams, and describe devices that send none; takes some seconds.

        Raises
        ------
        InputError
            If LSL cannot be used, or a name is no device's.
        """
        ours, theirs = self._spawn.Pipe(duplex=False)
        process = self._spawn.Process(
            target=look,
            args=(theirs, lsl_session or self.lsl_session, LOOK_S, list(devices)),
            daemon=True,
        )
        process.start()
        theirs.close()
        what, words = "refused", "Nothing answered."
        found: list[dict[str, Any]] = []
        try:
            if ours.poll(LOOK_S + 20.0):
                what, words = ours.recv()
                found = words if what == "found" else []
        except EOFError:
            words = "The search ended without a word."
        finally:
            process.join(5.0)
            if process.is_alive():
                process.kill()
        if what == "refused":
            raise InputError("streams", "none", "streams that answer", str(words))
        return [_info(one) for one in found]

    def start(self, given: schema.LiveToStart) -> None:
        """Begin to record, in a process of its own.

        Raises
        ------
        HTTPException
            409 while a recording is being made.
        InputError
            If there are not two people with a stream each.
        """
        with self._lock:
            if self.stage in _AWAKE:
                raise Refusal(409, "records")
            if len(given.people) < 2 or not all(given.people.values()):
                raise InputError("people", given.people, "two people or more, each with a stream")
            if not (given.session.isalnum() and given.session.isascii()):
                raise InputError("session", given.session, "letters and digits")
            wrong = [i for i in given.ids.values() if not (i.isalnum() and i.isascii())]
            if wrong:
                raise InputError("ids", wrong[0], "letters and digits")
            self.stage, self.session, self.message, self.file = "waiting", given.session, "", ""
        ours, theirs = self._spawn.Pipe(duplex=False)
        hears, self._asking = self._spawn.Pipe(duplex=False)
        arguments = {
            "session": given.session,
            "people": given.people,
            "dyad": given.dyad,
            "type": given.type,
            "units": given.units,
            "ids": given.ids,
        }
        self._units, self.lanes, self.window = given.units, Lanes({}), None
        self.previewed = (self.previewed[0] + 1, None)  # of another session: not shown again
        self._alarms.clear()
        self._streams, self._began_s, self._ended_s = [], time.monotonic(), None
        self._process = self._spawn.Process(
            target=record_beside,
            args=(theirs, hears, self._study, given.lsl_session or self.lsl_session, arguments),
            daemon=False,
        )
        self._process.start()
        theirs.close()
        hears.close()
        threading.Thread(target=self._hear, args=(ours,), name="live", daemon=True).start()

    def do(self, what: str, text: str = "") -> None:
        """Hand a command to the recorder: pause, resume, stop, or mark with a text."""
        if self.stage not in ("recording", "paused") or self._asking is None:
            raise Refusal(409, "records_not")
        try:
            self._asking.send((what, text))
        except OSError as error:
            raise Refusal(409, "record_ended") from error

    def state(self) -> schema.LiveState:
        """How the recording stands."""
        until = self._ended_s if self._ended_s is not None else time.monotonic()
        return schema.LiveState(
            stage=self.stage,
            session=self.session,
            elapsed_s=0.0 if self.stage == "idle" else round(until - self._began_s, 1),
            streams=[_stream(s) for s in self._streams],
            lanes=self.lanes.shapes,
            alarms=list(self._alarms),
            message=self.message,
            file=self.file,
        )

    def close(self) -> None:
        """End a recording in good order, because the app ends."""
        if self._asking is not None:
            with contextlib.suppress(OSError):
                self._asking.close()
        if self._process is not None and self.stage in _AWAKE:
            self._process.join(30.0)

    def _hear(self, ours: Connection) -> None:
        """Take in what the recording's process says, until it is gone."""
        try:
            while True:
                what, words = ours.recv()
                self._take(what, words)
        except (EOFError, OSError):
            pass
        if self.stage in _AWAKE:
            self._end("failed", "The recording's process ended without a word. Its file is kept.")

    def _take(self, what: str, words: Any) -> None:
        if what == "samples":
            for name, stamps, values in words:
                self.lanes.see(name, stamps, values)
                if self.window is not None:
                    self.window.see(name, stamps, values)
        elif what == "state":
            paused, self._streams = words
            if self.stage in ("recording", "paused"):
                self.stage = "paused" if paused else "recording"
        elif what == "begun":
            self._begin({name: _info(one) for name, one in words.items()})
        elif what == "alarm":
            self._alarms.append(f"{time.strftime('%H:%M:%S')} {words}")
        elif what == "filing":
            self.stage = "filing"
        elif what == "end":
            self._end(words["stage"], words["words"])

    def _begin(self, infos: Mapping[str, StreamInfo]) -> None:
        """The streams are open: from now on there is something to see."""
        from syntony.live.window import Window

        self.lanes, self.window = Lanes(infos), Window(infos, seconds=SPAN_S + 30.0)
        self._began_s, self.stage = time.monotonic(), "recording"
        people: dict[str, list[str]] = {}
        for name, info in infos.items():
            if not info.is_text and (info.nominal_rate_hz > 0 or info.is_beats):
                people.setdefault(name.split(": ", 1)[0], []).append(name)
        threading.Thread(target=self._look_back, args=(self.window, people), daemon=True).start()

    def _end(self, stage: schema.LiveStage, words: str) -> None:
        self._ended_s = time.monotonic()
        self.file = words if stage == "filed" else ""
        self.message = "" if stage == "filed" else words
        self.stage = stage

    def _look_back(self, seen: Window, people: Mapping[str, Sequence[str]]) -> None:
        """Make a preview of the first two people every two seconds, while this recording lasts."""
        from syntony.config import Recipe, read_recipe
        from syntony.pipeline.preview import preview

        own = self._study / "recipe.toml"
        try:
            recipe = read_recipe(own) if own.is_file() else Recipe()
        except SyntonyError:
            recipe = Recipe()
        first, second = ([Person(id=role, role=role) for role in people] + [None, None])[:2]
        if first is None or second is None:
            return
        while self.stage in ("recording", "paused") and self.window is seen:
            time.sleep(PREVIEW_S)
            try:
                window = seen.session(people, seconds=SPAN_S, units=self._units)
                made = preview(window, (first, second), recipe)
            except SyntonyError:
                continue
            if self.window is seen:
                self.previewed = (self.previewed[0] + 1, _shape(made))


def _info(said: Mapping[str, Any]) -> StreamInfo:
    """A stream's description as it was sent between processes."""
    channels = tuple(ChannelInfo(**c) for c in said["channels"])
    return StreamInfo(**{**said, "channels": channels})


def _stream(said: Mapping[str, Any]) -> schema.LiveStreamState:
    known = {k: None if isinstance(v, float) and v != v else v for k, v in said.items()}
    return schema.LiveStreamState.model_validate(known | {"alarms": list(said["alarms"])})


def _shape(made: Any) -> schema.LivePreview:
    """A preview as pages take it."""
    people = []
    for seen in made.people:
        length = 0.0 if seen.feature is None else seen.feature.stop_s - seen.feature.start_s
        has_skin = seen.feature is not None and seen.feature.kind.startswith("eda")
        rate = 60.0 * seen.responses_s.size / length if has_skin and length > 0 else None
        people.append(
            schema.LivePerson(
                role=seen.role,
                heart_rate=_plain(seen.heart_rate),
                responses_per_min=None if rate is None else round(rate, 1),
                valid_share=round(seen.valid_share, 3),
            )
        )
    return schema.LivePreview(
        people=people,
        time_s=[round(t, 2) for t in made.time_s.tolist()],
        synchrony=[_plain(v) for v in made.synchrony.tolist()],
        low=_plain(made.band[0]),
        high=_plain(made.band[1]),
        draws=made.draws,
        method=made.method,
        why=made.why,
    )


def _plain(value: float) -> float | None:
    return round(value, 3) if value == value else None
