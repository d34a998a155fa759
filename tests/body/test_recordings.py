"""Real recordings and the figures of other programs; skipped where they are absent."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference import body as reference
from shared import SHARED, needs_shared

from syntony.body.artefacts import KINDS, correct_beats
from syntony.body.cardiac import find_beats, heart_rate
from syntony.body.eda import clean, decompose, find_scrs, judge, low_pass
from syntony.body.features import prepare
from syntony.config import Beats, Body, Eda, EdaQuality
from syntony.core.events import Events
from syntony.core.session import Person, Session
from syntony.core.signal import Signal

INPUTS, NEUROKIT = SHARED / "golden" / "inputs", SHARED / "golden" / "neurokit2"
EDA = {"f_eda_32hz": 32, "r_eda_biopac_4hz": 4, "r_eda_e4_4hz": 4, "r_eda_systole_4hz": 4}
ECG = {"f_ecg_250hz": 250, "r_ecg_118e24_360hz": 360, "r_ecg_a103l_250hz": 250}
golden = needs_shared("golden/neurokit2")


def signal(values, rate_hz, kind="eda", unit="uS", start_s=0.0):
    return Signal(
        values=values, rate_hz=rate_hz, start_s=start_s, unit=unit, kind=kind, person="P01"
    )


def column(name, field):
    return np.genfromtxt(INPUTS / f"{name}.csv", delimiter=",", names=True)[field]


def figures(name):
    return np.genfromtxt(NEUROKIT / f"{name}.csv", delimiter=",", names=True)


def outputs(name):
    return json.loads((NEUROKIT / f"{name}.json").read_text())["outputs"]


@golden
@pytest.mark.parametrize("name", EDA)
def test_high_pass_gives_the_figures_of_neurokit2(name):
    eda = signal(column(name, "eda"), EDA[name])
    tonic, phasic, loss = decompose(eda, Eda())
    want = figures(f"eda_phasic_highpass_{name}_eda")
    assert_allclose(phasic.values, want["EDA_Phasic"], rtol=0, atol=1e-12)
    assert_allclose(tonic.values + phasic.values, eda.values, rtol=0, atol=1e-12)
    assert loss.count == 0
    # NeuroKit2's tonic part is a low-pass of its own; it adds up with the phasic part to the
    # signal inside, and misses it by up to 0.13 uS in the seconds at both ends.
    edge = 30 * EDA[name]
    if eda.values.size > 3 * edge:
        inner = slice(edge, -edge)
        assert_allclose(tonic.values[inner], want["EDA_Tonic"][inner], rtol=0, atol=1e-4)


@golden
@pytest.mark.parametrize("name", EDA)
def test_median_gives_the_figures_of_neurokit2_except_at_the_ends(name):
    eda = signal(column(name, "eda"), EDA[name])
    tonic, _, _ = decompose(eda, Eda(tonic="median"))
    want = figures(f"eda_phasic_smoothmedian_{name}_eda")
    half = 2 * EDA[name]  # half a window: there NeuroKit2 pads in another way
    assert_array_equal(tonic.values[half:-half], want["EDA_Tonic"][half:-half])


@golden
def test_low_pass_gives_the_cleaning_of_neurokit2_except_at_the_ends():
    eda = signal(column("f_eda_32hz", "eda"), 32)
    want = figures("eda_process_f_eda_32hz_eda")["EDA_Clean"]
    got = low_pass(eda, 3.0, 4).values
    assert_allclose(got[96:-96], want[96:-96], rtol=0, atol=1e-9)  # other padding: 3 s


@golden
@pytest.mark.parametrize("name", ECG)
def test_beats_lie_where_neurokit2_puts_them(name):
    rate_hz = ECG[name]
    found, _ = find_beats(signal(column(name, "ecg"), rate_hz, "ecg", "mV"))
    want = np.array(outputs(f"ecg_peaks_{name}_ecg")["neurokit"])
    got = np.rint(found.times_s * rate_hz)
    near = np.abs(got[:, None] - want).min(axis=0)
    # One sample, as the golden figures allow; on the noisy 118e24 4 of 167 are 2 off.
    assert np.mean(near <= 1) >= 0.97
    assert near.max() <= 2
    assert 0 <= got.size - want.size <= 1


@golden
@pytest.mark.parametrize("name", ECG)
def test_correction_moves_beats_as_neurokit2_does(name):
    rate_hz = ECG[name]
    peaks = np.array(outputs(f"ecg_peaks_{name}_ecg")["neurokit"]) / rate_hz
    beats = Events(
        times_s=peaks,
        values=np.diff(1000 * peaks, prepend=np.nan),
        unit="ms",
        kind="rr",
        person="P01",
    )
    corrected, counts = correct_beats(beats)
    want = np.array(outputs(f"hrv_{name}_ecg")["corrected_peaks"])
    assert corrected.times_s.size == want.size
    # NeuroKit2 cuts positions to whole samples in every round.
    assert_allclose(corrected.times_s * rate_hz, want, rtol=0, atol=1.0)
    assert sum(counts.values()) == {"f_ecg_250hz": 0, "r_ecg_118e24_360hz": 33}.get(name, 4)


def hits(found_s, truth_s, tolerance_s=0.15):
    """Sensitivity and precision of beats."""
    apart = np.abs(found_s[:, None] - truth_s)
    return (apart.min(axis=0) <= tolerance_s).mean(), (apart.min(axis=1) <= tolerance_s).mean()


@needs_shared("data/ecg-noise-annotated")
@pytest.mark.parametrize(
    ("name", "sensitivity", "precision"), [("118e24", 1.0, 1.0), ("118e06", 0.96, 0.75)]
)
def test_beats_against_experts_at_two_levels_of_noise(name, sensitivity, precision):
    folder = SHARED / "data" / "ecg-noise-annotated"
    found, _ = find_beats(signal(np.loadtxt(folder / f"{name}.csv"), 360, "ecg", "mV"))
    truth = np.loadtxt(folder / f"{name}_ann.csv") / 360
    got = hits(found.times_s, truth)
    assert got[0] >= sensitivity
    assert got[1] >= precision
    # So much noise, and so many ectopic beats, are not used for heart rate.
    people = (Person(id="P01", role="patient"), Person(id="T01", role="therapist"))
    pair = (found, replace(found, person="T01"))
    ready = prepare(Session(id="s01", people=people, events=pair), people, "hr", Body())
    assert [n.code for n in ready.notes].count("too-many-corrected-beats") == 2
    assert ready.first.valid_share == 0.0


def mitbih_lead(path):
    """First lead of a two-channel record in format 212."""
    b = np.fromfile(path, dtype=np.uint8).astype(np.int64).reshape(-1, 3)
    first = ((b[:, 1] & 15) << 8) | b[:, 0]
    return np.where(first > 2047, first - 4096, first).astype(float)


def mitbih_beats(path):
    """Samples of the beat annotations (normal, atrial and ventricular premature)."""
    words, at, out, i = np.fromfile(path, dtype="<u2").tolist(), 0, [], 0
    while words[i]:
        code, value = words[i] >> 10, words[i] & 1023
        if code == 59:
            at, i = at + (words[i + 1] << 16) + words[i + 2], i + 3
            continue
        if code == 63:
            i += 1 + (value + 1) // 2
            continue
        if code < 59:
            at += value
            if code in (1, 5, 8):
                out.append(at)
        i += 1
    return np.array(out)


@needs_shared("data/wfdb")
def test_every_beat_of_record_100_is_found_and_no_other():
    folder = SHARED / "data" / "wfdb"
    truth = mitbih_beats(folder / "100.atr")
    assert truth.size == 2273
    found, _ = find_beats(signal(mitbih_lead(folder / "100.dat") / 200, 360, "ecg", "mV"))
    assert found.times_s.size == 2273
    assert np.abs(np.rint(found.times_s * 360) - truth).max() <= 14  # 39 ms, one premature beat
    assert np.mean(np.abs(np.rint(found.times_s * 360) - truth) <= 1) > 0.999


@needs_shared("golden/inputs")
def test_heart_rate_by_the_rule_of_the_golden_inputs():
    want = np.genfromtxt(INPUTS / "r_swps_p04_relax1.csv", delimiter=",", names=True)
    rr = [column(f"r_swps_p04_relax1_rr_s{k}", "rr_ms") for k in (1, 2)]
    times = [np.cumsum(one) / 1000 for one in rr]
    start_s = max(t[0] for t in times)
    grid = {"rate_hz": 4.0, "start_s": start_s, "stop_s": start_s + want.size / 4}
    for k in (0, 1):
        beats = Events(times_s=times[k], values=rr[k], unit="ms", kind="rr", person="P01")
        theirs, losses = heart_rate(beats, Beats(interpolation="linear"), **grid)
        assert_allclose(theirs.values, want[f"s{k + 1}"], rtol=0, atol=1e-6)  # 6 decimals there
        assert [loss.count for loss in losses] == [0, 0, 0]
        twin = reference.linear_heart_rate(times[k], rr[k], theirs.times_s, 300, 2000, 3.0)
        assert_allclose(theirs.values, twin, rtol=0, atol=1e-9)
        ours, _ = heart_rate(beats, Beats(), **grid)
        # The monotone cubic passes through the same beats and stays close to the lines.
        apart = np.abs(ours.values - theirs.values)
        assert np.isfinite(apart).all()
        assert apart.max() < 6.0
        assert apart.mean() < 0.6
        assert np.corrcoef(ours.values, theirs.values)[0, 1] > 0.98


@needs_shared("golden/inputs")
@pytest.mark.parametrize("name", [n for n in EDA if n.startswith("r_")])
def test_real_skin_conductance_is_not_thrown_away(name):
    eda = signal(column(name, "eda"), 4)
    cleaned, losses = clean(eda, Eda())
    assert sum(loss.count for loss in losses) == 0
    _, phasic, _ = decompose(cleaned, Eda())
    per_minute = 60 * find_scrs(phasic, 0.05).onsets_s.size / (eda.values.size / 4)
    assert 2 < per_minute < 20


@needs_shared("data/eda-qsensor")
def test_the_rules_give_the_published_marks_of_edaqa():
    table = np.genfromtxt(
        SHARED / "data" / "eda-qsensor" / "8WGY92--EDAQA.csv", delimiter=",", skip_header=1
    )
    raw, despiked, marks = signal(table[:, 1], 16), signal(table[:, 2], 16), table[:, 3] == 1
    temperature = signal(table[:, 5], 16, "temperature", "Cel")
    # On their own despiked signal, with their spread (5 s less one sample): every mark.
    theirs = EdaQuality(despike_s=0, use_temperature=True, spread_s=5 - 1 / 16)
    assert_array_equal(judge(despiked, theirs, temperature)[0], marks)
    # From the raw signal, with our moving average and the whole 5 s: 99.7 % of them.
    ours, _ = judge(raw, EdaQuality(use_temperature=True), temperature)
    assert np.mean(ours == marks) > 0.997
    assert not np.any(ours & ~marks)


def e4(name):
    """One file of the zip as a table, and its rate."""
    with zipfile.ZipFile(SHARED / "data" / "empatica-e4" / "1635148245_A00204.zip") as file:
        text = file.read(name).decode()
    rows = [[cell.strip() for cell in row.split(",")] for row in text.splitlines()]
    return [[float(cell) for cell in row if cell != "IBI"] for row in rows]


@needs_shared("data/empatica-e4")
def test_an_e4_session_from_the_wrist():
    rows, warm = e4("EDA.csv"), e4("TEMP.csv")
    eda = signal(np.ravel(rows[2:]), rows[1][0])
    temperature = signal(np.ravel(warm[2:]), warm[1][0], "temperature", "Cel")
    for asked in (False, True):
        _, losses = judge(eda, EdaQuality(use_temperature=asked), temperature)
        lost = {loss.cause: loss.count for loss in losses if loss.count}
        assert lost == {"range": 1}  # the first sample, 0.0 uS
    ibi = np.array(e4("IBI.csv")[1:])
    beats = Events(times_s=ibi[:, 0], values=1000 * ibi[:, 1], unit="ms", kind="rr", person="P01")
    corrected, counts = correct_beats(beats)
    assert (beats.times_s.size, counts["unjudged"]) == (2258, 178)
    assert sum(counts[k] for k in KINDS) == 35  # 1.6 %
    hr, losses = heart_rate(corrected, Beats(), rate_hz=4.0, start_s=0.0, stop_s=3370.0)
    gap = next(loss for loss in losses if loss.cause == "gap")
    assert gap.seconds == pytest.approx(1222, abs=2)  # the device dropped beats it did not trust
    assert 55 < np.nanmedian(hr.values) < 66


@needs_shared("data/systole-emotional-task")
def test_25_minutes_of_ecg_and_skin_conductance_at_1000_hz():
    with np.load(SHARED / "data" / "systole-emotional-task" / "task1.npz") as file:
        ecg = signal(file["ecg_adc"] * file["ecg_lsb"], float(file["fs"]), "ecg", "mV")
        eda = signal(file["eda_adc"] * file["eda_lsb"], float(file["fs"]))
    # Two people are needed: the second is the same person, ten seconds later.
    people = (Person(id="P01", role="viewer"), Person(id="P02", role="again"))
    later = [
        Signal(
            values=s.values,
            rate_hz=s.rate_hz,
            start_s=10.0037,
            unit=s.unit,
            kind=s.kind,
            person="P02",
        )
        for s in (ecg, eda)
    ]
    session = Session(id="s01", people=people, signals=(ecg, eda, *later))
    hr = prepare(session, people, "hr", Body())
    rows = {r.cause: r for r in hr.quality if r.person == "P01"}
    assert rows["beats"].count == 1936
    assert sum(rows[k].count for k in KINDS if k in rows) == 15  # 0.8 %
    assert rows["valid"].share > 0.998
    assert 70 < np.nanmean(hr.first.values) < 80
    sc = prepare(session, people, "eda", Body())
    rows = {r.cause: r for r in sc.quality if r.person == "P01"}
    assert set(rows) == {"total", "valid", "on-grid"}
    assert rows["valid"].share == 1.0
    # On the grid, against the plain block means that the golden input is made of.
    block = column("r_eda_systole_4hz", "eda")
    part = sc.first.between(60.125, 660.0)
    n = min(block.size, part.values.size) - 1
    assert np.abs(0.5 * (part.values[:n] + part.values[1 : n + 1]) - block[1 : n + 1]).max() < 0.2
    for ready in (hr, sc):
        assert [n.code for n in ready.notes] == ["same-recording"]
        a, b = ready.first.values, ready.second.values
        late = round(10.0 * 4)  # 10.0037 s: the same wave, 40 grid points later
        both = np.isfinite(a[:-late]) & np.isfinite(b[late:])
        assert np.corrcoef(a[:-late][both], b[late:][both])[0, 1] > 0.9999
