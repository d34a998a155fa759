"""Recordings without LSL, for the live page: made sources, in a process of their own."""

import threading
import time
from dataclasses import asdict, replace

import numpy as np

from syntony.app.live_work import Teller
from syntony.core.errors import InputError
from syntony.io.xdf.headers import ChannelInfo, StreamInfo
from syntony.live.recorder import Recorder
from syntony.live.sources import Computed
from syntony.pipeline.recording import file_recording


def info(role, label="eda", unit="uS", rate_hz=32.0):
    return StreamInfo(
        name=f"{role} {label}",
        type=label.upper(),
        nominal_rate_hz=rate_hz,
        format="float32",
        source_id=f"made-{role}-{label}",
        hostname="here",
        channels=(ChannelInfo(label=label, unit=unit, type=label),),
    )


INFOS = [info("patient"), info("therapist"), info("patient", "strain", unit="")]


def look_made(told, lsl_session, wait_s, devices):
    """Three streams, one without a unit, and what is named."""
    named = [replace(INFOS[0], name=name, source_id=name) for name in devices]
    told.send(("found", [asdict(i) for i in (*INFOS, *named)]))


def look_in_vain(told, lsl_session, wait_s, devices):
    told.send(("refused", "The extra 'live' is not installed."))


def vanish(told, *_):
    told.close()


def record_made(told, asked, study, lsl_session, arguments):
    """Two people, sines of different pace, one clock 1,000 s off, until somebody says stop."""
    over, teller = threading.Event(), Teller(told)
    if arguments["session"] == "refused":
        teller.end("failed", str(InputError("person", "patient=x", "streams that answer")), [])
        return
    path = study / "sourcedata" / "unfiled" / f"{arguments['session']}.xdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    clock = time.monotonic
    sources = {
        f"{role}: {role} eda": Computed(
            info(role),
            lambda n, k=k: 5 + np.sin(n[:, None] / (40 + 7 * k)),
            clock=clock,
            away_s=1000.0 * k,
            drift_ppm=50.0 * k,
        )
        for k, role in enumerate(("patient", "therapist"))
    }
    with Recorder(path, sources, on_alarm=lambda a: teller.say("alarm", a.words)) as recorder:

        def do(words):
            from syntony.live.markers import obey

            obey(recorder, words, over)

        teller.begin(recorder, do, asked, over)
        over.wait(120)
    teller.say("filing", "")
    people = {role: [f"made-{role}-eda"] for role in ("patient", "therapist")}
    done = file_recording(study, path, arguments["session"], people, ids=arguments["ids"])
    teller.end("filed", str(done.path.relative_to(study)), [])
