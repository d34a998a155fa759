import json
from math import isnan

import pytest
from io_samples import SAMPLES
from made_recordings import edf_bytes, opensignals_text, plux
from shared import SHARED, needs_shared

import syntony as sy
import syntony.io
from syntony.core.errors import FileError, InputError
from syntony.io.registry import readers


@pytest.mark.parametrize("reader", sorted(readers()))
def test_every_format_is_looked_into_without_knowing_anything(reader, tmp_path):
    sample = SAMPLES[reader](tmp_path)
    found = sy.inspect_file(sample.path)
    assert found.format == reader
    assert found.title == readers()[reader].title
    assert any(p.channels or p.events for p in found.parts) or found.asks
    json.dumps(found.as_dict(), allow_nan=False)
    facts = [k for k, p in readers()[reader].options.items() if p.default is p.empty]
    assert bool(facts) == any(a.startswith(tuple(facts)) for a in found.asks if facts)


@pytest.mark.parametrize("reader", ["edf", "opensignals", "qsensor", "shimmer_consensys"])
def test_labels_are_those_by_which_channels_are_asked_for(reader, tmp_path):
    sample = SAMPLES[reader](tmp_path)
    for channel in sy.inspect_file(sample.path).parts[0].channels:
        recording = sy.read(sample.path, person="P", channels=[channel.label])
        assert recording.signals[0].kind == channel.kind
        assert recording.signals[0].values.size == channel.samples


def test_gaps_length_and_start_are_told(tmp_path):
    (part,) = sy.inspect_file(SAMPLES["edf"](tmp_path).path).parts
    eda = part.channels[0]
    assert (eda.label, eda.unit, eda.rate_hz, eda.length_s, eda.gaps) == (
        "EDA",
        "uS",
        10.0,
        23.0,
        1,
    )
    assert eda.missing == pytest.approx(3 / 23)
    assert part.started_at.isoformat() == "2018-10-12T16:54:12"
    assert [(e.kind, e.count, e.first_s) for e in part.events] == [("marker", 1, 1.5)]


def test_units_that_are_missing_are_read_as_numbers_and_asked_for(tmp_path):
    path = tmp_path / "a.edf"
    import numpy as np

    signals = [{"label": n, "counts": np.arange(20).reshape(2, 10)} for n in ("A", "Marker", "B")]
    path.write_bytes(edf_bytes(signals))
    found = sy.inspect_file(path)
    (part,) = found.parts
    assert [(c.label, c.unit, c.low, c.high) for c in part.channels] == [
        ("A", "1", 0.0, 19.0),
        ("B", "1", 0.0, 19.0),
    ]
    assert [a.split(" (")[0] for a in found.asks] == [
        "units: no unit for channel 'A'",
        "units: no unit for channel 'B'",
    ]


def test_devices_and_segments_are_parts(tmp_path):
    path = tmp_path / "a.txt"
    table = [(i, 0, 1000 + i, i, 0, 2000 + i) for i in range(10)]
    path.write_text(opensignals_text({"A": plux(["EDA"]), "B": plux(["EDA"])}, table))
    found = sy.inspect_file(path)
    assert [(p.option, p.name) for p in found.parts] == [("device", "A"), ("device", "B")]
    assert found.asks[0].startswith("device: the devices ['A', 'B']")
    one = sy.inspect_file(path, device="B")
    assert len(one.parts) == 1


@needs_shared("data/biopac-acq")
def test_segments_of_a_real_file():
    pytest.importorskip("bioread")
    found = sy.inspect_file(SHARED / "data/biopac-acq/r42_test.acq")
    assert [(p.name, p.channels[0].samples) for p in found.parts] == [("1", 3881), ("2", 4020)]
    assert found.parts[0].channels[3].label == "CH4 Input"


def test_a_table_shows_its_columns(tmp_path):
    (part,) = sy.inspect_file(SAMPLES["delimited"](tmp_path).path).parts
    assert [(c.label, c.samples) for c in part.channels] == [
        ("time", 200),
        ("skin", 200),
        ("mark", 200),
    ]
    assert isnan(part.channels[0].rate_hz)


def test_what_cannot_be_read_is_refused(tmp_path):
    path = tmp_path / "a.edf"
    path.write_bytes(SAMPLES["edf"](tmp_path).path.read_bytes()[:-30])
    with pytest.raises(FileError, match="cut off"):
        sy.inspect_file(path)
    with pytest.raises(InputError, match="one of"):
        sy.inspect_file(path, format="no such")
    with pytest.raises(InputError, match="rate_khz"):
        sy.inspect_file(path, rate_khz=3)
