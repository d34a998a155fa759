"""Made files of formats, for the reader contract."""

import numpy as np
from io_sample import Sample


def walk(n=200):
    """Skin conductance with a gap."""
    values = np.round(5 + np.cumsum(np.random.default_rng(3).standard_normal(n)) * 0.05, 6)
    values[17:21] = np.nan
    return values


def write_snirf(path, table, times, *, labels=("S1_D1",), unit=None, stim=None, aux=None):
    """Write near-infrared light as the specification has it."""
    import h5py

    with h5py.File(path, "w") as file:
        file["formatVersion"] = "1.1"
        tags = file.create_group("nirs/metaDataTags")
        for name, text in {
            "SubjectID": "x",
            "MeasurementDate": "2024-05-06",
            "MeasurementTime": "07:08:09.250",
            "TimeUnit": "s",
        }.items():
            tags[name] = text
        file["nirs/data1/dataTimeSeries"] = table
        file["nirs/data1/time"] = times
        for i in range(table.shape[1]):
            one = file.create_group(f"nirs/data1/measurementList{i + 1}")
            facts = {"sourceIndex": 1, "detectorIndex": i + 1, "wavelengthIndex": 1, "dataType": 1}
            for name, value in facts.items():
                one[name] = np.int32(value)
            if unit:
                one["dataUnit"] = unit
        file["nirs/probe/wavelengths"] = np.array([760.0, 850.0])
        if stim is not None:
            file["nirs/stim1/name"] = "Task A"
            file["nirs/stim1/data"] = stim
        if aux is not None:
            for name, value in aux.items():
                file[f"nirs/aux1/{name}"] = value
    return path


def snirf(folder):
    values = walk()
    values[17:21] = 4.5
    times = 2.0 + np.arange(values.size) / 10
    keep = np.r_[0:17, 21:200]
    values[17:21] = np.nan
    table = np.column_stack([values, 2 * values])[keep]
    path = write_snirf(folder / "p01.snirf", table, times[keep])
    return Sample(path=path, values=values, rate_hz=10.0, start_s=2.0)


def write_wfdb(path, values, *, gain="100(0)/mV", name="ECG lead of the chest", rate="250"):
    """Write whole numbers of the converter as a record of format 16."""
    raw = np.asarray(values).astype("<i2")
    total = int(raw.astype(int).sum()) & 0xFFFF
    total -= 65536 * (total > 32767)
    path.with_suffix(".dat").write_bytes(raw.tobytes())
    path.write_text(
        f"# made\n{path.stem} 1 {rate} {raw.size}\n"
        f"{path.stem}.dat 16 {gain} 16 0 {raw[0]} {total} 0 {name}\n"
    )
    return path


def wfdb(folder):
    raw = np.round(100 * np.sin(np.arange(400) / 9))
    raw[30:34] = -32768  # marks an invalid sample in format 16
    path = write_wfdb(folder / "rec1.hea", raw)
    return Sample(
        path=path, values=np.where(raw == -32768, np.nan, raw / 100), rate_hz=250.0, start_s=0.0
    )


def matlab(folder):
    from scipy.io import savemat

    values = walk()
    path = folder / "p01.mat"
    savemat(path, {"skin": values[:, None], "fs": 4.0, "who": "x"}, do_compression=True)
    options = {"channels": {"skin": "eda"}, "units": {"skin": "uS"}, "rate_variable": "fs"}
    return Sample(path=path, values=values, options=options, rate_hz=4.0, start_s=0.0)


def labchart_text(values, *, rate=4, start=0.0, stamp="4.3749464322749809e+04", comment=None):
    """One block as LabChart exports it."""
    head = [
        f"Interval=\t{1 / rate:g} s",
        f"ExcelDateTime=\t{stamp}\t10/11/19 11:08:37.485584",
        "TimeFormat=\tStartOfBlock",
        "DateFormat=\t",
        "ChannelTitle=\tGSR\tPulse",
        "Range=\t10.000 V\t10.000 V",
        "UnitName=\tuS\t*",
    ]
    rows = [f"{start + i / rate:g}\t{v!r}\t0.5" for i, v in enumerate(map(float, values))]
    for at, words in (comment or {}).items():
        rows[at] += f"\t#{words}"
    return "\n".join([*head, *rows]) + "\n"


def labchart(folder):
    values = walk()
    path = folder / "p01.txt"
    path.write_text(labchart_text(values))
    return Sample(path=path, values=values, rate_hz=4.0, start_s=0.0, cut=6)


def polar_sensor_logger(folder):
    values = np.round(200 * np.sin(np.arange(300) / 9))
    path = folder / "Polar_H10_ECG.txt"
    rows = [
        f"2024-05-06T07:08:{9 + i // 100:02d}.{i % 100 * 10:03d};"
        f"{599616000000000000 + i * 8000000};{i * 8.0};{v:.0f}"
        for i, v in enumerate(values)
    ]
    head = "Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]"
    path.write_text("\n".join([head, *rows]) + "\n")
    return Sample(path=path, values=values * 1e-3, rate_hz=125.0, start_s=0.0, cut=None,
                  uncut="a shorter number is a number")  # fmt: skip


def polar_flow(folder):
    values = np.round(70 + 8 * np.sin(np.arange(120) / 9))
    values[[5, 6]] = np.nan
    path = folder / "session.csv"
    rows = [
        f"1,00:{i // 60:02d}:{i % 60:02d},{'' if np.isnan(v) else int(v)},,"
        for i, v in enumerate(values)
    ]
    head = ["Name,Sport,Date,Start time,Duration", "x,OTHER,29-08-2024,22:00:00,00:02:00"]
    path.write_text("\n".join([*head, "Sample rate,Time,HR (bpm),Speed (km/h),", *rows]) + "\n")
    return Sample(path=path, values=values, rate_hz=1.0, start_s=0.0, cut=8)


def movesense(folder):
    values = np.round(np.sin(np.arange(100) / 5) * 9.80665, 6)
    path = folder / "acc.csv"
    rows = [f"{1000 + i * 20},{v:.6f},0.0,9.80665" for i, v in enumerate(values)]
    head = "Timestamp (ms),X: (m/s^2),Y: (m/s^2),Z: (m/s^2)"
    path.write_text("\n".join([head, *rows]) + "\n")
    return Sample(path=path, values=values * (1 / 9.80665), rate_hz=50.0, start_s=1.0, cut=20)


def kubios(folder):
    intervals = 800 + np.round(50 * np.sin(np.arange(60) / 5))
    times = np.cumsum(intervals) / 1000
    path = folder / "hrv.csv"
    rows = [f"{t:.3f},{v / 1000:.3f}" for t, v in zip(times, intervals, strict=True)]
    head = ["Kubios HRV Standard (ver. 3.5)", "File name:,x.txt", "", "RR DATA", "Time,RR"]
    path.write_text("\n".join([*head, "(s),(s)", *rows, ""]))
    return Sample(path=path, values=intervals, cut=None, uncut="nothing says how many there are")


def mindware(folder):
    intervals = 800 + np.round(50 * np.sin(np.arange(150) / 5))
    begins = np.concatenate([[0], np.cumsum(intervals)[:-1]]) / 1000
    columns = [intervals[begins // 60 == k] for k in range(int(begins[-1] // 60) + 1)]
    shown = [[f"{v:.0f}" for v in c] for c in columns]
    shown[0] = ["500", "60", *shown[0]]
    longest = max(map(len, shown))
    rows = ["\t".join(c[i] if i < len(c) else "" for c in shown) for i in range(longest)]
    path = folder / "ibi.txt"
    path.write_text("\n".join(rows) + "\n")
    return Sample(path=path, values=intervals, options={"unit": "ms"}, cut=None,
                  uncut="nothing says how many there are")  # fmt: skip


def emotibit(folder):
    values = np.round(walk(150)[:150], 6)
    values[17:21] = 4.5
    path = folder / "2024-05-06_07-08-09.csv"
    rows = ["1000,0,1,TL,1,100,2024-05-06_07-08-09-000000"]
    for k in range(50):
        cells = ",".join(repr(float(v)) for v in values[3 * k : 3 * k + 3])
        rows.append(f"{1500 + 200 * k},{k + 1},3,EA,1,100,{cells}")
    path.write_text("\n".join(rows) + "\n")
    return Sample(path=path, values=values, rate_hz=15.0, start_s=0.0, cut=12)


def unisens(folder):
    values = np.arange(200.0)
    (folder / "eda.bin").write_bytes((values + 100).astype("<i2").tobytes())
    (folder / "unisens.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<unisens xmlns="http://www.unisens.org/unisens2.0" version="2.0" '
        'timestampStart="2024-05-06T07:08:09.250">\n'
        '<signalEntry id="eda.bin" contentClass="EDA" sampleRate="32" dataType="int16" '
        'unit="uS" lsbValue="0.01" baseline="100">'
        '<binFileFormat endianess="LITTLE"/><channel name="eda"/></signalEntry>\n</unisens>\n'
    )
    return Sample(path=folder / "unisens.xml", values=values * 0.01, rate_hz=32.0, start_s=0.0)


SAMPLES = {
    "snirf": snirf,
    "wfdb": wfdb,
    "matlab": matlab,
    "labchart": labchart,
    "polar_sensor_logger": polar_sensor_logger,
    "polar_flow": polar_flow,
    "movesense": movesense,
    "kubios": kubios,
    "mindware": mindware,
    "emotibit": emotibit,
    "unisens": unisens,
}
