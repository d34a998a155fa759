"""Figures of HyPyP 0.6.2: all nine measures, with and without filter."""

import json
from functools import cache

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, table
from shared import needs_shared

from syntony.synchrony.connectivity import HYPYP, connectivity

RATE_HZ = 256.0
BANDS = {"theta": (4, 8), "alpha": (8, 13), "beta": (13, 30)}


@cache
def eeg():
    """Both people's epochs, shape (2, n_epochs, n_channels, n_samples)."""
    t = table("e_eeg.csv")
    order, epochs = np.lexsort((t["sample"], t["epoch"], t["subject"])), int(t["epoch"].max())
    rows = np.stack([t[f"ch{k}"][order] for k in (1, 2, 3, 4)], axis=1)
    return rows.reshape(2, epochs, -1, 4).transpose(0, 1, 3, 2)


@cache
def filtered(low_hz, high_hz):
    """The same in one band, by MNE's default filter, as HyPyP filters."""
    mne = pytest.importorskip("mne", reason="extra 'brain' is not installed")
    return np.array(
        [mne.filter.filter_data(v, RATE_HZ, low_hz, high_hz, verbose=False) for v in eeg()]
    )


def told(name):
    path = GOLDEN / "hypyp" / f"{name}.json"
    return facts_of(path), json.loads(path.read_text())["outputs"]


def ours(data, theirs, **more):
    measure, absolute = HYPYP[theirs]
    return connectivity(
        *data, rate_hz=RATE_HZ, band=None, measure=measure, centre=False, absolute=absolute, **more
    ).values


@needs_shared("golden/hypyp")
@pytest.mark.parametrize("name", HYPYP)
def test_measures_without_filter(name, agrees):
    facts, outputs = told("hilbert_nofilter_all_modes")
    assert set(outputs) == set(HYPYP)
    agrees(facts, ours(eeg(), name), outputs[name][0], allowed=1e-12, what=name)


@needs_shared("golden/hypyp")
@pytest.mark.parametrize("name", HYPYP)
def test_bands_with_the_same_filter(name, agrees):
    facts, outputs = told(f"bands_{name}")
    assert {k: tuple(v) for k, v in outputs["bands"].items()} == BANDS
    for (band, edges), want in zip(BANDS.items(), outputs["epochs_average"], strict=True):
        agrees(facts, ours(filtered(*edges), name), want, allowed=1e-8, what=band)
    found = ours(filtered(*BANDS["theta"]), name, average=False)
    (want,) = outputs["first_band_per_epoch"]
    agrees(facts, found, want, allowed=1e-8, what="theta, every epoch")


@needs_shared("golden/hypyp")
@pytest.mark.parametrize("name", ["plv", "coh"])
def test_multitaper(name, agrees):
    mne = pytest.importorskip("mne", reason="extra 'brain' is not installed")
    facts, outputs = told("multitaper_plv_coh")
    freqs = np.arange(8.0, 12.0)
    z = [
        mne.time_frequency.tfr_array_multitaper(
            v, RATE_HZ, freqs, n_cycles=4, zero_mean=False, output="complex", verbose=False
        ).mean(axis=2)
        for v in eeg()
    ]
    for k, freq in enumerate(freqs):
        found = ours([v[:, :, k] for v in z], name)
        agrees(facts, found, outputs[name][k], allowed=1e-8, what=f"{name} at {freq:g} Hz")
