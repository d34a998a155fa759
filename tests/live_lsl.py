"""Whether LSL can be used where the tests run, and on which settings: this machine only."""

import functools
import os
import subprocess
import sys
import textwrap

import pytest

SENDER = """
    import os, sys, time
    os.environ.pop("LSLAPICFG", None)
    from syntony.live.network import keep_to_this_machine
    keep_to_this_machine(session_id=sys.argv[1])
    import pylsl
    from syntony.io.xdf.headers import ChannelInfo, StreamInfo
    from syntony.live.playing import _handle

    outlets = []
    for name, rate in (("patient eda", 64.0), ("therapist eda", 32.0)):
        info = StreamInfo(name=name, type="EDA", nominal_rate_hz=rate, format="float32",
                          source_id=f"id-{name}", channels=(ChannelInfo(label="eda", unit="uS"),))
        outlets.append((rate, pylsl.StreamOutlet(_handle(pylsl, info))))
    marks = pylsl.StreamInfo("syntony control", "Markers", 1, 0, "string", "ctl")
    marks = pylsl.StreamOutlet(marks)
    print("sending", flush=True)
    start, sent = pylsl.local_clock(), [0, 0]
    words = dict(w.split("=") for w in sys.argv[3:])
    while pylsl.local_clock() - start < float(sys.argv[2]):
        now = pylsl.local_clock() - start
        for i, (rate, outlet) in enumerate(outlets):
            while sent[i] / rate <= now:
                outlet.push_sample([5 + sent[i] / 1000], start + sent[i] / rate)
                sent[i] += 1
        for at in [k for k in words if float(k) <= now]:
            marks.push_sample([words.pop(at)])
        time.sleep(0.01)
"""


def sender(session, seconds, *words):
    """A program that sends two people, and says words at seconds: ``1.5=start``."""
    code = textwrap.dedent(SENDER)
    process = subprocess.Popen(
        [sys.executable, "-c", code, session, str(seconds), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if k != "LSLAPICFG"},
    )
    assert process.stdout.readline() == b"sending\n"
    return process


@functools.cache
def why_not():
    """Why LSL cannot be used here; empty where it can."""
    try:
        import pylsl  # noqa: F401
    except (ImportError, RuntimeError) as error:
        return f"no LSL library: {error}"
    code = """
        import sys
        from syntony.live.network import keep_to_this_machine
        keep_to_this_machine(session_id="probe" + sys.argv[1])
        from syntony.live.streams import find_streams
        print(len(find_streams(2.0)))
    """
    word = str(os.getpid())
    process = sender(f"probe{word}", 8)
    try:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), word], capture_output=True, text=True
        )
    finally:
        end(process)
    if done.stdout.split()[-1:] != ["3"]:
        return f"streams of this machine are not found here: {done.stdout} {done.stderr[-300:]}"
    return ""


def needs_lsl():
    """Skip, with the reason, where LSL does not work."""
    reason = why_not()
    if reason:
        pytest.skip(reason)


def end(process):
    """End a sender."""
    process.kill()
    process.wait()
    process.stdout.close()
