"""Made files of XDF, for the reader contract."""

import made_xdf as made
import numpy as np
from io_sample import Sample


def xdf(folder):
    values = np.round(5 + np.cumsum(np.random.default_rng(3).standard_normal(200)) * 0.05, 6)
    values[17:21] = np.nan
    rows = [(100.5 + i / 4, [v]) for i, v in enumerate(values)]
    parts = [made.HEAD, made.header(1, form="double64", labels=("EDA",)), made.offset(1, 100.0, -2)]
    parts += [made.samples(1, rows[a : a + 20], "double64") for a in range(0, 200, 20)]
    parts += [made.BOUNDARY, made.footer(1, 200)]
    path = folder / "session.xdf"
    path.write_bytes(b"".join(parts))
    return Sample(path=path, values=values, rate_hz=4.0, start_s=0.0)


SAMPLES = {"xdf": xdf}
