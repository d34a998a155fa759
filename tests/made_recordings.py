"""Writers of recorders' files, byte by byte, so that a test can make them wrong."""

import json

import numpy as np


def _field(value, width):
    return str(value).encode("latin-1").ljust(width)[:width]


def edf_bytes(
    signals,
    *,
    record_s=1,
    onsets=None,
    marks=(),
    kind="EDF+C",
    width=2,
    records=None,
    date="12.10.18",
    clock="16.54.12",
    recording="Startdate 12-OCT-2018 X X X",
    **header,
):
    """An EDF or BDF file. ``signals``: dicts with label, unit, counts (records, samples), limits.

    ``onsets``: second of each record (writes annotations); ``marks``: (onset, text) in record 0.
    ``header``: fields to write as they are given (``count``, ``length``, ``record_s_text``).
    """
    signals = [dict(s) for s in signals]
    number = signals[0]["counts"].shape[0]
    if onsets is not None:
        rows = []
        for i, onset in enumerate(onsets):
            text = f"+{onset:.10g}\x14\x14\0"
            if i == 0:
                text += "".join(f"+{t:g}\x14{word}\x14\0" for t, word in marks)
            rows.append(text.encode().ljust(40 * width, b"\0"))
        label = f"{kind[:3]} Annotations"
        signals.append({"label": label, "raw": rows, "samples": 40, "physical": (-1, 1)})
    limit = 1 << (8 * width - 1)
    for s in signals:
        s.setdefault("digital", (-limit, limit - 1))
        s.setdefault("physical", s["digital"])
        s["samples"] = s.get("samples") or s["counts"].shape[1]
    head = b"\xffBIOSEMI" if width == 3 else _field("0", 8)
    head += _field("X X X X", 80) + _field(recording, 80) + _field(date, 8) + _field(clock, 8)
    head += _field(header.get("length", 256 * (len(signals) + 1)), 8) + _field(kind, 44)
    head += _field(number if records is None else records, 8)
    head += _field(header.get("record_s_text", record_s), 8)
    head += _field(header.get("count", len(signals)), 4)
    for get, wide in (
        (lambda s: s["label"], 16),
        (lambda s: "", 80),
        (lambda s: s.get("unit", ""), 8),
        (lambda s: s["physical"][0], 8),
        (lambda s: s["physical"][1], 8),
        (lambda s: s["digital"][0], 8),
        (lambda s: s["digital"][1], 8),
        (lambda s: "", 80),
        (lambda s: s["samples"], 8),
        (lambda s: "", 32),
    ):
        head += b"".join(_field(get(s), wide) for s in signals)
    body = bytearray()
    for i in range(number):
        for s in signals:
            if "raw" in s:
                body += s["raw"][i]
            else:
                whole = np.asarray(s["counts"][i], dtype="<i4")
                body += whole.view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    return head + bytes(body)


def acq_bytes(channels, marks, *, rate_hz=1000.0, revision=38, divider_lcm=1):
    """An AcqKnowledge 3.7 file. ``channels``: (name, unit, divider, counts, scale, offset)."""
    from bioread import headers as bh

    def blank(kind):
        return kind.for_revision(revision, "<")._struct_class()

    graph = blank(bh.GraphHeader)
    graph.lVersion, graph.nChannels, graph.dSampleTime = revision, len(channels), 1000 / rate_hz
    out = bytes(graph)
    graph.lExtItemHeaderLen = len(out)
    out = bytes(graph)
    for name, unit, divider, counts, scale, offset in channels:
        one = blank(bh.ChannelHeader)
        one.szCommentText, one.szUnitsText = name.encode("latin-1"), unit.encode("latin-1")
        one.lBufLength, one.nVarSampleDivider = len(counts), divider
        one.dAmplScale, one.dAmplOffset = scale, offset
        one.lChanHeaderLen = len(bytes(one))
        out += bytes(one)
    foreign = blank(bh.ForeignHeader)
    foreign.nLength = len(bytes(foreign))
    out += bytes(foreign)
    for _ in channels:
        dtype = blank(bh.ChannelDTypeHeader)
        dtype.nSize, dtype.nType = 2, 2
        out += bytes(dtype)
    total = max(len(c[3]) * c[2] for c in channels)
    for base in range(total):
        for _, _, divider, counts, _, _ in channels:
            if base % divider == 0 and base // divider < len(counts):
                out += np.int16(counts[base // divider]).tobytes()
    head = blank(bh.MarkerHeader)
    head.lMarkers = len(marks)
    out += bytes(head)
    for sample, text in marks:
        item = blank(bh.MarkerItemHeader)
        item.lSample, item.nTextLength = sample, len(text)
        out += bytes(item) + text.encode("latin-1") + b"\0"
    journal = blank(bh.JournalHeader)
    journal.tag[:] = (0x44, 0x33, 0x22, 0x11)
    return out + bytes(journal)


def opensignals_text(devices, rows, *, end="\t\n"):
    """An OpenSignals text file: ``devices`` is what the header says, ``rows`` whole numbers."""
    lines = ["# OpenSignals Text File Format", f"# {json.dumps(devices)}", "# EndOfHeader"]
    body = "".join("\t".join(str(v) for v in row) + end for row in rows)
    return "\n".join(lines) + "\n" + body


def plux(sensors, *, labels=None, rate_hz=100, bits=16, device="biosignalsplux", **more):
    """What the header says of a device of PLUX."""
    labels = labels or [f"CH{i + 1}" for i in range(len(sensors))]
    return {
        "sensor": list(sensors),
        "column": ["nSeq", "DI", *labels],
        "label": labels,
        "resolution": [bits] * len(sensors),
        "sampling rate": rate_hz,
        "device": device,
        "time": "13:55:4.491",
        "date": "2019-3-29",
    } | more


def avro_schema():
    """Those parts of the schema of an EmbracePlus that the reader reads."""

    def stream(name, *fields):
        about = [
            {"name": "timestampStart", "type": "long"},
            {"name": "samplingFrequency", "type": "float"},
            *fields,
        ]
        return {"type": "record", "name": f"empatica.format.avro.{name}", "fields": about}

    def numbers(name, kind="float"):
        return {"name": name, "type": {"type": "array", "items": kind}}

    limits = [
        {"name": n, "type": "int"}
        for n in ("physicalMin", "physicalMax", "digitalMin", "digitalMax")
    ]
    params = {
        "type": "record",
        "name": "empatica.format.avro.ImuParams",
        "fields": [*limits, {"name": "conversionFactor", "type": "float"}],
    }
    imu = stream(
        "InertialMeasurement",
        {"name": "imuParams", "type": params},
        *(numbers(a, "int") for a in "xyz"),
    )
    tags = {
        "type": "record",
        "name": "empatica.format.avro.Tags",
        "fields": [numbers("tagsTimeMicros", "long")],
    }
    raw = {
        "type": "record",
        "name": "empatica.format.avro.RawData",
        "fields": [
            {"name": "accelerometer", "type": imu},
            {"name": "gyroscope", "type": "empatica.format.avro.InertialMeasurement"},
            {"name": "eda", "type": stream("Eda", numbers("values"))},
            {"name": "bvp", "type": stream("Bvp", numbers("values"))},
            {"name": "tags", "type": tags},
        ],
    }
    return {
        "type": "record",
        "name": "empatica.format.avro.Session",
        "fields": [
            {"name": "timezone", "type": "int"},
            {"name": "deviceSn", "type": "string"},
            {"name": "rawData", "type": raw},
        ],
    }


def avro_session(eda, *, start_us, rate_hz=4.0, serial="3YK", bvp=(), tags=(), acc=(), **params):
    """One record of an EmbracePlus."""
    limits = {"physicalMin": -16, "physicalMax": 16, "digitalMin": -32768, "digitalMax": 32768}
    limits |= {"conversionFactor": 0.000488} | params

    def imu(values):
        return {
            "timestampStart": start_us if len(values) else 0,
            "samplingFrequency": 64.0 if len(values) else 0.0,
            "imuParams": limits,
            **{a: list(values) for a in "xyz"},
        }

    return {
        "timezone": 3600,
        "deviceSn": serial,
        "rawData": {
            "accelerometer": imu(acc),
            "gyroscope": imu(()),
            "eda": {"timestampStart": start_us, "samplingFrequency": rate_hz, "values": list(eda)},
            "bvp": {
                "timestampStart": start_us - 500_000 if len(bvp) else 0,
                "samplingFrequency": 64.0 if len(bvp) else 0.0,
                "values": list(bvp),
            },
            "tags": {"tagsTimeMicros": list(tags)},
        },
    }


def write_avro(path, sessions):
    """Write an Avro file as the device's cloud does."""
    import fastavro

    with path.open("wb") as file:
        fastavro.writer(
            file, avro_schema(), sessions, codec="deflate", sync_marker=bytes(range(16))
        )
    return path
