"""Records two made people until it is killed; run by test_recorder as a program of its own."""

import sys
import time

from syntony.io.xdf.headers import StreamInfo
from syntony.live.recorder import Recorder
from syntony.live.sources import Computed

RATE = 256.0


def main():
    info = {
        name: StreamInfo(
            name=name, type="EDA", nominal_rate_hz=RATE, format="float32", channel_count=8
        )
        for name in ("patient", "therapist")
    }
    sources = {n: Computed(i, lambda k: k[:, None].repeat(8, 1)) for n, i in info.items()}
    recorder = Recorder(sys.argv[1], sources)
    recorder.start()
    sys.stdout.write("recording\n")
    sys.stdout.flush()
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main()
