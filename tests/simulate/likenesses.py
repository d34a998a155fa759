"""Made studies whose figures are known, for the tests of the fit and of the twins."""

import math

import numpy as np

from syntony.core.seeds import rng_for
from syntony.simulate.dyad import PairSetup, make_pair
from syntony.simulate.likeness import Seen
from syntony.simulate.skin import Skin
from syntony.simulate.tonic import SkinLikeness, tonic


def skin(drift_us=0.01, noise_us=0.002):
    return SkinLikeness(
        rate_per_min=0.0,
        log_height=0.0,
        log_height_sd=0.0,
        drift_us=drift_us,
        noise_us=noise_us,
        level_us=6.0,
        spread_us=0.0,
    )


def study(
    *,
    dyads=8,
    seconds=1800.0,
    rate_hz=4.0,
    seed=1,
    drift_us=0.01,
    memory_s=math.inf,
    shape=None,
    gaps=(),
    lengths=None,
    clean=lambda v: v,
    **pair,
):
    """Sessions of made skin conductance; ``pair`` goes to the setup of every pair."""
    made = []
    for k in range(dyads):
        length = seconds if lengths is None else lengths[k]
        own = {"skins": (Skin(drift_us=0.0, level_us=0.0),) * 2} | pair
        setup = PairSetup(duration_s=length, rate_hz=rate_hz, **own)
        signals = make_pair(rng_for(seed, "pair", k), setup).signals
        values = []
        for who, signal in enumerate(signals):
            rng = rng_for(seed, "tonic", k, who)
            y = signal.values + tonic(rng, skin(drift_us), signal.values.size, rate_hz, memory_s)
            if shape is not None:
                y = y + shape(np.arange(y.size) / rate_hz, length)
            y = clean(y)
            for start, stop in gaps if (k + who) % 2 else ():
                y[round(start * rate_hz) : round(stop * rate_hz)] = np.nan
            values.append(y)
        made.append(
            Seen(
                id=f"s{k:02d}",
                dyad=f"d{k:02d}",
                type="therapy",
                number=1,
                people=(f"P{k:02d}", f"T{k:02d}"),
                roles=("patient", "therapist"),
                start_s=0.25 * k,
                rate_hz=rate_hz,
                clock_error_s=0.3,
                first=values[0],
                second=values[1],
            )
        )
    return made


def middle(likeness, name):
    """Median of one figure over everybody."""
    return float(np.median([getattr(p.made_of, name) for s in likeness.sessions for p in s.people]))
