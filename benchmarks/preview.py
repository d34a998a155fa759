"""What is shown while recording: CPU of one look at the last five minutes of two people.

Run: python benchmarks/preview.py
Skin conductance at 32 Hz and an electrocardiogram at 256 Hz each, cleaned, searched for responses
and beats, compared by the first method of a plain recipe, beside a band of 40 turns. A look is
taken every two seconds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from figures import cpu_s, figure

from syntony.config import Recipe
from syntony.core.seeds import rng_for
from syntony.core.session import Person, Session
from syntony.core.signal import Signal
from syntony.pipeline.preview import DRAWS, SPAN_S, preview
from syntony.simulate.dyad import PairSetup, make_pair

PEOPLE = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
ECG_HZ = 256.0


def heart(person: str, seed: int) -> Signal:
    """Peaks 70 times a minute in noise."""
    rng = np.random.default_rng(seed)
    values = 0.02 * rng.standard_normal(round(SPAN_S * ECG_HZ))
    for at in np.arange(0.5, SPAN_S - 1, 60 / 70):
        first = int(at * ECG_HZ)
        values[first : first + 20] += np.hanning(20)
    return Signal(values=values, rate_hz=ECG_HZ, start_s=0.0, unit="mV", kind="ecg", person=person)


def main() -> None:
    setup = PairSetup(duration_s=SPAN_S, rate_hz=32.0, share=0.5)
    pair = make_pair(rng_for(1, "preview"), setup).signals
    skin = [replace(s, person=p.id) for s, p in zip(pair, PEOPLE, strict=True)]
    hearts = [heart(p.id, k) for k, p in enumerate(PEOPLE)]
    window = Session(id="now", people=PEOPLE, signals=(*skin, *hearts))
    shown = preview(window, PEOPLE, Recipe())
    assert shown.draws == DRAWS
    assert abs(shown.people[0].heart_rate - 70) < 1
    spent = cpu_s(lambda: preview(window, PEOPLE, Recipe()), 25)
    figure(f"one look, {DRAWS} turns: CPU, median of 25", 1e3 * spent, "ms", at_most=50)


if __name__ == "__main__":
    main()
