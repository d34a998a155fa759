"""XDF files made by hand, chunk by chunk, so that they do not lean on the writer they check."""

import struct

import numpy as np

BOUNDARY_ID = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")
SIZES = {"float32": "f", "double64": "d", "int8": "b", "int16": "h", "int32": "i", "int64": "q"}


def chunk(tag, content, wide=None):
    length = len(content) + 2
    wide = wide or (1 if length < 256 else 4)
    return bytes([wide]) + length.to_bytes(wide, "little") + struct.pack("<H", tag) + content


def header(
    number,
    name="EDA",
    *,
    rate=4.0,
    form="float32",
    channels=1,
    type="EDA",
    source=None,
    labels=(),
    unit="microsiemens",
):
    said = "".join(
        f"<channel><label>{label}</label><unit>{unit}</unit></channel>" for label in labels
    )
    xml = (
        f"<info><name>{name}</name><type>{type}</type><channel_count>{channels}</channel_count>"
        f"<nominal_srate>{rate}</nominal_srate><channel_format>{form}</channel_format>"
        f"<source_id>{source or name}</source_id><desc><channels>{said}</channels></desc></info>"
    )
    return chunk(2, struct.pack("<I", number) + xml.encode())


def samples(number, rows, form="float32", wide=1):
    """``rows``: (stamp or None, values)."""
    out = struct.pack("<I", number) + bytes([wide]) + len(rows).to_bytes(wide, "little")
    for stamp, values in rows:
        out += b"\x00" if stamp is None else b"\x08" + struct.pack("<d", stamp)
        for v in values:
            if form == "string":
                said = v.encode()
                out += b"\x04" + struct.pack("<I", len(said)) + said
            else:
                out += struct.pack("<" + SIZES[form], v)
    return chunk(3, out)


def offset(number, at, value):
    return chunk(4, struct.pack("<Idd", number, at, value))


def footer(number, count, first=0.0, last=0.0):
    xml = (
        f"<info><first_timestamp>{first}</first_timestamp><last_timestamp>{last}</last_timestamp>"
        f"<sample_count>{count}</sample_count></info>"
    )
    return chunk(6, struct.pack("<I", number) + xml.encode())


BOUNDARY = chunk(5, BOUNDARY_ID)
HEAD = b"XDF:" + chunk(1, b'<?xml version="1.0"?><info><version>1.0</version></info>')


def two_people(path, *, seconds=60, rate=32.0, away_s=1000.0, drift=50e-6, seed=1, per_chunk=8):
    """Two people on clocks of their own; each sample's value is its true time."""
    rng = np.random.default_rng(seed)
    count = int(seconds * rate)
    parts = [HEAD]
    clocks = {1: (0.0, 0.0), 2: (away_s, drift)}
    parts += [
        header(n, f"Skin {n}", rate=rate, form="double64", source=f"s{n}", labels=("eda",))
        for n in clocks
    ]
    next_offset = {1: 0.0, 2: 0.0}
    for a in range(0, count, per_chunk):
        for number, (far, slow) in clocks.items():
            true = 50.0 + np.arange(a, min(a + per_chunk, count)) / rate
            own = (true - far) / (1 + slow)
            rows = [
                (None if i % 3 and number == 1 else t, [v])
                for i, (t, v) in enumerate(zip(own, true, strict=True))
            ]
            parts.append(samples(number, rows, "double64"))
            if true[0] - 50.0 >= next_offset[number]:
                error = rng.normal(0, 1e-4) if rng.random() > 0.05 else 0.02
                parts.append(offset(number, own[0], true[0] - own[0] + error))
                next_offset[number] += 5.0
        if a % (per_chunk * 20) == 0:
            parts.append(BOUNDARY)
    parts += [footer(number, f"{count}.0") for number in clocks]
    path.write_bytes(b"".join(parts))
    return count
