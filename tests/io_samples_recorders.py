"""Made files of recorders' formats, for the reader contract."""

import numpy as np
import pytest
from io_sample import Sample
from made_recordings import (
    acq_bytes,
    avro_session,
    edf_bytes,
    opensignals_text,
    plux,
    write_avro,
)


def course(n=200):
    """Whole numbers that could be nS."""
    steps = np.random.default_rng(5).integers(-40, 41, n)
    return (5000 + np.cumsum(steps)).astype(np.int64)


def edf(folder):
    path, counts = folder / "p01.edf", course(200)
    signals = [
        {"label": "EDA", "unit": "nS", "counts": counts.reshape(20, 10)},
        {"label": "ECG", "unit": "uV", "counts": np.arange(2000).reshape(20, 100)},
    ]
    onsets = [*range(12), *range(15, 23)]  # three seconds are missing
    path.write_bytes(edf_bytes(signals, onsets=onsets, marks=[(1.5, "go")], kind="EDF+D"))
    values = np.full(230, np.nan)
    values[:120], values[150:] = counts[:120], counts[120:]
    return Sample(path=path, values=values * 1e-3, rate_hz=10.0, start_s=0.0)


def biopac_acq(folder):
    pytest.importorskip("bioread")
    path, counts = folder / "p01.acq", course(200)
    channels = [
        ("EDA - GSR100C", "microsiemens", 2, counts, 0.001, 0.0),
        ("EKG", "mV", 1, np.arange(400) % 50, 0.01, -0.25),
    ]
    path.write_bytes(acq_bytes(channels, [(0, "Segment 1"), (150, "Breathe In"), (300, "Out")]))
    return Sample(path=path, values=counts * 0.001, rate_hz=500.0, start_s=0.0)


def opensignals(folder):
    path, counts = folder / "p01.txt", course(200)
    sequence = np.arange(210)
    sequence = np.delete(sequence, np.arange(50, 60))  # ten rows are lost
    rows = [(n, int(100 <= n < 105), v) for n, v in zip(sequence, counts, strict=True)]
    path.write_text(opensignals_text({"00:07:80:3B:46:61": plux(["EDA"])}, rows))
    values = np.full(210, np.nan)
    values[sequence] = counts * (3.0 / 2.0**16 / 0.12)
    return Sample(path=path, values=values, rate_hz=100.0, start_s=0.0, cut=4)


def opensignals_h5(folder):
    h5py = pytest.importorskip("h5py")
    path, counts = folder / "p01.h5", course(200)
    with h5py.File(path, "w") as file:
        group = file.create_group("00:07:80:58:9B:3F")
        said = plux(["EDA"]) | {"duration": "2s", "macaddress": "00:07:80:58:9B:3F"}
        for name in ("sampling rate", "device", "time", "date", "resolution", "duration"):
            group.attrs[name] = said[name]
        group.create_dataset("raw/nSeq", data=np.arange(200, dtype="u2").reshape(-1, 1))
        held = group.create_dataset("raw/channel_1", data=counts.astype("u2").reshape(-1, 1))
        held.attrs["label"], held.attrs["sensor"] = "CH1", "EDA"
        group.create_dataset("digital/digital_1", data=np.zeros((200, 1), "u2"))
    values = counts * (3.0 / 2.0**16 / 0.12)
    return Sample(path=path, values=values, rate_hz=100.0, start_s=0.0, cut=400)


def shimmer_consensys(folder):
    path, values = folder / "p01.csv", course(200) * 1e-3
    values[17:20] = np.nan
    names = ["Timestamp_Unix_CAL", "GSR_Skin_Conductance_CAL", "Accel_LN_X_CAL"]
    lines = ['"sep=;"', "".join(f"Shimmer_40AC_{n};" for n in names), "ms;uS;m/(s^2);"]
    for i, value in enumerate(values):
        cell = "" if np.isnan(value) else repr(float(value))
        lines.append(f"{1.595933810000e12 + 20 * i!r};{cell};{9.81 + 0.01 * (i % 3):.4f};")
    path.write_text("\r\n".join(lines) + "\r\n")
    return Sample(path=path, values=values, rate_hz=50.0, start_s=0.0, cut=6)


def qsensor(folder):
    path, values = folder / "p01.csv", course(200) * 1e-3
    values[30] = np.nan
    lines = [
        "Log File Created by Q Analytics - (c) 2011 Affectiva Inc.",
        "File Version: 1.01",
        "Firmware Version: 1.81",
        "UUID: AQL491200NG",
        "Sampling Rate: 8",
        "Start Time: 2016-10-17 15:05:10 Offset:-05",
        " Z-axis | Y-axis | X-axis | Battery | °Celsius | EDA(uS) ",
        "-" * 57,
    ]
    rows = [f"0.3,0.1,0.95,4.03,33.7,{'N/A' if np.isnan(v) else repr(float(v))}" for v in values]
    rows.insert(80, ",,,,,")
    path.write_text("\r\n".join([*lines, *rows]) + "\r\n", encoding="utf-8")
    options = {"channels": {"EDA(uS)": "eda"}}
    return Sample(path=path, values=values, options=options, rate_hz=8.0, start_s=0.0, cut=12)


def empatica_embraceplus(folder):
    pytest.importorskip("fastavro")
    path, values = folder / "1-1-1_1764153714.avro", course(200) * 1e-3
    values = values.astype(np.float32).astype(np.float64)
    start = 1_764_153_714_379_721
    session = avro_session(values, start_us=start, tags=[start + 3_000_000], acc=[2048] * 640)
    write_avro(path, [session])
    return Sample(path=path, values=values, rate_hz=4.0, start_s=0.0)


SAMPLES = {
    "biopac_acq": biopac_acq,
    "edf": edf,
    "empatica_embraceplus": empatica_embraceplus,
    "opensignals": opensignals,
    "opensignals_h5": opensignals_h5,
    "qsensor": qsensor,
    "shimmer_consensys": shimmer_consensys,
}
