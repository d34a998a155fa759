"""A small made file per reader, with what is in it: the reader contract runs on these."""

import gzip
import json
import zipfile

import io_samples_labs
import io_samples_recorders
import io_samples_xdf
import numpy as np
from io_sample import Sample


def eda(n=200):
    values = np.round(5 + np.cumsum(np.random.default_rng(3).standard_normal(n)) * 0.05, 6)
    values[17:21] = np.nan
    return values


def delimited(folder):
    path, values = folder / "p01.csv", eda()
    rows = [f"{i / 4:.2f};{'n/a' if np.isnan(v) else v};x" for i, v in enumerate(values)]
    path.write_text("\n".join(["time;skin;mark", *rows]) + "\n")
    options = {"column": "skin", "kind": "eda", "unit": "uS", "time_column": "time"}
    return Sample(path=path, values=values, options=options, rate_hz=4.0, start_s=0.0, cut=4)


def rr_list(folder):
    path = folder / "1rk5 2023-09-05 19-28-57.txt"
    values = 800 + np.round(50 * np.sin(np.arange(100) / 5))
    path.write_text("".join(f"{v:.0f}\n" for v in values))
    return Sample(
        path=path,
        values=values,
        cut=None,
        uncut="one number per line, and nothing says how many there should be",
    )


def bids(folder):
    values = eda()
    path = folder / "sub-P01_ses-a_task-therapy_recording-eda_physio.tsv.gz"
    text = "\n".join(repr(v) for v in values.tolist()).replace("nan", "n/a")
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    said = {
        "SamplingFrequency": 4,
        "StartTime": 2.5,
        "Columns": ["eda"],
        "eda": {"Units": "uS"},
    }
    path.with_name(path.name.replace(".tsv.gz", ".json")).write_text(json.dumps(said))
    return Sample(path=path, values=values, rate_hz=4.0, start_s=2.5)


def empatica_e4(folder):
    values = eda()
    path = folder / "e4.zip"
    start = "1635148245.000000"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        rows = "\n".join(repr(v) for v in values.tolist())
        archive.writestr("EDA.csv", f"{start}\n4.000000\n{rows}\n")
        archive.writestr("BVP.csv", f"{start}\n64.000000\n" + "0.5\n-0.5\n" * 60)
        archive.writestr("IBI.csv", f"{start}, IBI\n1.5,0.8\n2.3,0.8\n9.0,0.75\n")
        archive.writestr("tags.csv", "1635148250.25\n")
    return Sample(path=path, values=values, rate_hz=4.0, start_s=0.0)


def carma_rating(folder):
    values = np.round(np.linspace(-80, 80, 60), 3)
    values[7] = np.nan
    path = folder / "clip.csv"
    facts = {
        "Time of Rating": "01-Jan-2020 10:00:00",
        "Multimedia File": "clip.mp4",
        "Lower Label": "very negative",
        "Upper Label": "very positive",
        "Minimum Value": "-100",
        "Maximum Value": "100",
        "Number of Steps": "9",
        "Second": "Rating",
        "%%%%%%": "%%%%%%",
    }
    rows = [f"{k},{v}" for k, v in facts.items()]
    rows += [f"{i + 1},{'NaN' if np.isnan(v) else v}" for i, v in enumerate(values)]
    path.write_text("\n".join(rows) + "\n")
    options = {"kind": "valence"}
    return Sample(
        path=path,
        values=values,
        options=options,
        rate_hz=1.0,
        start_s=0.0,
        cut=None,
        uncut="rows of seconds and ratings, and nothing says how many there should be",
    )


SAMPLES = {
    "carma_rating": carma_rating,
    "delimited": delimited,
    "rr_list": rr_list,
    "bids": bids,
    "empatica_e4": empatica_e4,
}
SAMPLES |= io_samples_recorders.SAMPLES | io_samples_labs.SAMPLES | io_samples_xdf.SAMPLES
