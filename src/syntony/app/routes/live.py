"""Recording: streams found, given to people, recorded, watched while it is time to mend."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import HTMLResponse, Response

from syntony.app import schema_live as schema
from syntony.app.live_desk import Desk
from syntony.app.live_lanes import BIN_S
from syntony.app.live_work import rehearse
from syntony.app.schema import REFUSALS, Documented, Job, refusal
from syntony.io.study import Study, open_study
from syntony.pipeline.originals import is_study

router = APIRouter(responses=REFUSALS)
BUSY: Documented = {409: refusal("A recording is being made, or none is.")}

FRAME_S = 1 / 30
STATE_S = 0.5
REHEARSAL_S = 1800.0


@router.get("/live", name="live", response_class=HTMLResponse)
def live(request: Request) -> Response:
    """Show the page of a recording; its script asks for the rest."""
    home, desk = request.app.state.home, _desk(request)
    there = is_study(home.study)
    study = open_study(home.study, recordings=False) if there else None
    page: Response = request.app.state.pages.render(
        request,
        "live.html",
        roles=list(study.roles) if study else ["patient", "therapist"],
        known=_known(study),
        devices=_devices(home.study),
        lsl_session=desk.lsl_session,
        simulated=study is not None and study.simulated,
        text=["common", "jobs", "live"],
    )
    return page


@router.post("/api/live/find", name="find_streams")
def find_streams(request: Request, given: schema.LiveSearch) -> schema.LiveFound:
    """Look for LSL streams for two seconds."""
    from syntony.live.streams import recall

    found = _desk(request).find(given.lsl_session, given.devices)
    people, units = recall(request.app.state.home.study)
    return schema.LiveFound(
        streams=[
            schema.LiveStream(
                name=s.name,
                source_id=s.source_id,
                type=s.type,
                host=s.hostname,
                rate_hz=s.nominal_rate_hz,
                channels=[c.label for c in s.channels] or [s.name],
                unitless=[] if s.is_text else [c.label for c in s.channels if not c.unit],
            )
            for s in found
        ],
        people={role: list(names) for role, names in people.items()},
        units=dict(units),
    )


@router.post("/api/live/rehearse", name="rehearse", responses=BUSY)
def rehearse_(request: Request, given: schema.LiveSearch) -> Job:
    """Let two made people be sent, so that a recording can be tried without sensors."""
    session = given.lsl_session or _desk(request).lsl_session
    started: Job = request.app.state.jobs.start(
        "rehearsal",
        "Rehearsal with made people",
        rehearse,
        {"lsl_session": session, "seconds": REHEARSAL_S},
        alone=True,
    )
    return started


@router.get("/api/live", name="live_state")
def live_state(request: Request) -> schema.LiveState:
    """Say how the recording stands."""
    return _desk(request).state()


@router.post("/api/live/start", name="start_recording", responses=BUSY)
def start_recording(request: Request, given: schema.LiveToStart) -> schema.LiveState:
    """Begin to record; what is missing is told by the state."""
    desk = _desk(request)
    desk.start(given)
    return desk.state()


@router.post("/api/live/do", name="command_recording", responses=BUSY)
def command_recording(request: Request, given: schema.LiveWords) -> schema.LiveState:
    """Pause, go on, stop, or put a marker into the recording."""
    desk = _desk(request)
    desk.do(given.do, given.text.strip() or "marker")
    return desk.state()


@router.websocket("/api/live/signals", name="live_signals")
async def live_signals(socket: WebSocket) -> None:
    """Send what is new, thirty times a second; a slow screen gets fewer frames."""
    await socket.accept()
    desk: Desk = socket.app.state.desk
    gone = asyncio.ensure_future(_until_gone(socket))
    seen, previewed, due, lanes = 0, -1, 0.0, desk.lanes
    clock = asyncio.get_running_loop().time
    try:
        while not gone.done():
            if desk.lanes is not lanes:  # another recording began
                lanes, seen = desk.lanes, 0
            seen, bins = lanes.since(seen)
            frame: dict[str, Any] = {"now_s": lanes.now_s, "bin_s": BIN_S, "bins": bins}
            if clock() >= due:
                due = clock() + STATE_S
                frame["state"] = desk.state()
            if desk.previewed[0] != previewed:
                previewed, frame["preview"] = desk.previewed
            if bins or len(frame) > 3:
                await socket.send_text(schema.LiveFrame(**frame).model_dump_json())
            await asyncio.sleep(FRAME_S)
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        gone.cancel()


async def _until_gone(socket: WebSocket) -> None:
    """Wait until the page is left; it says nothing else."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive()


def _devices(study: Path) -> list[str]:
    """Devices beside LSL that were recorded the last time."""
    from syntony.live.devices import is_device
    from syntony.live.streams import recall

    return [name for names in recall(study)[0].values() for name in names if is_device(name)]


def _known(study: Study | None) -> dict[str, list[str]]:
    """Ids of the people that the study has, by role."""
    known: dict[str, dict[str, None]] = {}
    for row in study.sessions if study else ():
        for person in row.people:
            known.setdefault(person.role, {})[person.id] = None
    return {role: sorted(ids) for role, ids in known.items()}


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk
