"""The calibration card that the demo carries, made ahead because a demonstration has no minutes.

Makes the study of the demo, fits its likeness, and sends twins of twenty of its sixty dyads (all
sixty would cost nine times as much) through the recipe of the demo: 200 twin studies without
coupling, 20 for each of eight planted couplings. Writes ``src/syntony/trials/demo_card.json``. A
test holds its key to today's demo; when a default changes, this program has to run again. The
time it takes is printed.

    python benchmarks/demo_card.py [--studies 200] [--coupled 20] [--dyads 20] [--jobs 2]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from syntony.io.study_write import create_study, write_session
from syntony.pipeline.cards import write_card
from syntony.simulate.study import demo_setup, make_study
from syntony.trials.calibrate import calibrate
from syntony.trials.demo import TITLE, demo_recipe, setup_key

OUT = Path(__file__).parents[1] / "src" / "syntony" / "trials" / "demo_card.json"
HOME = Path(tempfile.gettempdir()) / "syntony-demo-card"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--coupled", type=int, default=20)
    parser.add_argument("--dyads", type=int, default=20)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--home", type=Path, default=HOME, help="Kept, so that it can go on.")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    setup, began = demo_setup(), time.perf_counter()
    if not (given.home / "study.toml").exists():
        create_study(given.home, title=TITLE, roles=("patient", "therapist"), simulated=True)
        for session in make_study(setup).sessions:
            write_session(given.home, session)
    card = calibrate(
        given.home,
        demo_recipe(),
        studies=given.studies,
        coupled=given.coupled,
        dyads=given.dyads,
        jobs=given.jobs,
        on_progress=lambda done, total: print(f"\r{done} of {total}", end="", flush=True),
    )
    facts = {"made_by": "benchmarks/demo_card.py", "setup": setup_key(setup), **card.facts}
    del facts["inputs_sha256"]  # that of these files; the setup says more
    write_card(given.out, facts)
    work = card.facts["seconds_of_work"]
    print(f"\n{card!r}\n{time.perf_counter() - began:.0f} s; {work} s of work in all processes")


if __name__ == "__main__":
    main()
