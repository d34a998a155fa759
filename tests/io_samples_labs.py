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


SAMPLES = {"snirf": snirf, "wfdb": wfdb, "matlab": matlab}
