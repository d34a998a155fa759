"""Wavelet coherence of biwavelet, pycwt, WaveletComp and HyPyP: every stored cell."""

import json
import re

import numpy as np
import pytest
from agreement import facts_of
from golden_inputs import GOLDEN, load
from shared import needs_shared

from syntony.synchrony._wavelet import lay_out
from syntony.synchrony._wavelet_map import compare
from syntony.synchrony.wavelet import wavelet_coherence

TABLES = {
    "biwavelet": ("rsq_csv", "phase_csv"),
    "pycwt": ("wct_csv", "angle_csv"),
    "waveletcomp": ("coherence_csv", "angle_csv"),
}
CASES = [(peer, path.stem) for peer in TABLES for path in sorted((GOLDEN / peer).glob("*.json"))]
HYPYP = sorted(p.stem for p in (GOLDEN / "hypyp").glob("wtc_*.json"))


def opened(peer, case):
    """Facts, both series, rate, scales per octave, outputs."""
    path = GOLDEN / peer / f"{case}.json"
    facts = json.loads(path.read_text())
    first, last = facts["rows"]
    x, y = (v[first - 1 : last] for v in load(facts["input"]))
    step_s = re.search(r"dt=([\d.]+)|arange\(\d+\)\*([\d.]+)", facts["call"])
    rate_hz = 1.0 / float((step_s[1] or step_s[2]).rstrip("."))
    voices = round(1.0 / float(re.search(r"dj=([\d.]+)", facts["call"])[1]))
    return facts_of(path), x, y, rate_hz, voices, facts["outputs"]


def cells(peer, name):
    """A table of scales and times, as times by ascending frequencies."""
    return np.genfromtxt(GOLDEN / peer / name, delimiter=",", skip_header=1)[::-1].T


@needs_shared("golden/biwavelet")
def test_all_cases_are_there():
    assert [peer for peer, _ in CASES].count("biwavelet") == 5
    assert len(CASES) == 9
    assert len(HYPYP) == 3


@needs_shared("golden/biwavelet")
@pytest.mark.parametrize(("peer", "case"), CASES)
def test_whole_map(peer, case, agrees):
    told, x, y, rate_hz, voices, wanted = opened(peer, case)
    period_s = np.array(wanted["period"])
    c = wavelet_coherence(
        x,
        y,
        rate_hz=rate_hz,
        low_hz=1 / period_s[-1],
        split_hz=1 / period_s[-1],
        high_hz=1 / period_s[0],
        voices=voices,
        step_s=0.0,
        convention=peer,
        cone="keep",
    )
    agrees(told, 1 / c.coords["frequency"][::-1], period_s, allowed=1e-10, what="periods")
    at = wanted["time_index"]
    coherence, angle = (cells(peer, wanted[name]) for name in TABLES[peer])
    agrees(told, c.values[at], coherence, allowed=1e-10, what="R2, times x scales")
    apart = np.angle(np.exp(1j * (c.parts["phase_rad"][at] - angle)))
    agrees(told, apart, np.zeros(angle.shape), allowed=1e-10, what="phase, times x scales")
    means = wanted.get("rsq_row_mean") or wanted.get("row_mean") or wanted["coherence_row_mean"]
    agrees(told, c.values.mean(axis=0)[::-1], means, allowed=1e-10, what="mean of each scale")
    if "coi" in wanted:
        cone_s = 1 / c.parts["cone_hz"]
        agrees(told, cone_s, wanted["coi"], allowed=1e-10, what="cone of influence")


@needs_shared("golden/hypyp")
@pytest.mark.parametrize("case", HYPYP)
def test_smoothing_of_hypyp(case, agrees):
    """HyPyP's own figures, with the transform it takes from PyWavelets."""
    pywt = pytest.importorskip("pywt")
    told, x, y, rate_hz, voices, wanted = opened("hypyp", case)
    period_s = np.array(wanted["periods"])
    wavelet = pywt.ContinuousWavelet("cgau2" if "cgau2" in case else "cmor2,1")
    if "cgau2" in case:
        wavelet.lower_bound, wavelet.upper_bound = -8, 8
    scales = pywt.central_frequency(wavelet, precision=12) * period_s * rate_hz
    waves = []
    for v in (x, y):
        z = (v - v.mean()) / v.std()
        made, _ = pywt.cwt(z, scales, wavelet, 1 / rate_hz, method="fft", precision=12)
        waves.append(made / np.sqrt(scales)[:, None])
    # The smoothing goes by the scale: that of HyPyP's Morlet is its period, in samples.
    plan = lay_out(x.size, rate_hz, tuple(scales / rate_hz), voices, 1, "hypyp", True)
    found = compare(*waves, plan)
    at = wanted["time_index"]
    note = "with the transform of PyWavelets"
    want = cells("hypyp", wanted["wtc_csv"])
    agrees(told, found.squared[at], want, allowed=1e-12, what="R2, times x scales", note=note)
    agrees(
        told,
        found.squared.mean(axis=0)[::-1],
        wanted["row_mean"],
        allowed=1e-12,
        what="mean of each scale",
        note=note,
    )


@needs_shared("golden/hypyp")
@pytest.mark.parametrize("case", [c for c in HYPYP if "cgau2" not in c])
def test_the_exact_wavelet_is_as_far_from_hypyp_as_is_told(case):
    _, x, y, rate_hz, voices, wanted = opened("hypyp", case)
    period_s = np.array(wanted["periods"])
    c = wavelet_coherence(
        x,
        y,
        rate_hz=rate_hz,
        low_hz=1 / period_s[-1],
        split_hz=1 / period_s[-1],
        high_hz=1 / period_s[0],
        voices=voices,
        step_s=0.0,
        convention="hypyp",
        cone="keep",
    )
    np.testing.assert_allclose(1 / c.coords["frequency"][::-1], period_s, rtol=1e-12)
    at = wanted["time_index"]
    np.testing.assert_allclose(1 / c.parts["cone_hz"][at], wanted["coi"], rtol=1e-9)
    apart = np.abs(c.values[at] - cells("hypyp", wanted["wtc_csv"]))
    assert np.median(apart) < 0.0016
    assert apart.max() < 0.0342
