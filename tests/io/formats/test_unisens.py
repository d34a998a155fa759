"""Unisens folders: signals, values, events, and what an XML may try."""

import numpy as np
import pytest
from io_samples_labs import SAMPLES
from numpy.testing import assert_allclose, assert_array_equal

from syntony.core.errors import FileError
from syntony.io.registry import find_reader, read

HEAD = (
    '<?xml version="1.0"?>\n<unisens xmlns="http://www.unisens.org/unisens2.0" version="2.0" '
    'timestampStart="2024-05-06T07:08:09.250">\n'
)
ACC = (
    '<signalEntry id="{name}" contentClass="ACC" sampleRate="64" dataType="{kind}" unit="g" '
    'lsbValue="0.5" baseline="2"><binFileFormat endianess="{order}"/><channel name="acc_x"/>'
    '<channel name="acc_y"/><channel name="acc_z"/></signalEntry>\n'
)


def folder_of(folder, body, files):
    (folder / "unisens.xml").write_text(f"{HEAD}{body}</unisens>\n")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize(("order", "mark"), [("LITTLE", "<"), ("BIG", ">")])
@pytest.mark.parametrize(("kind", "code"), [("int16", "i2"), ("int32", "i4"), ("double", "f8")])
def test_channels_of_an_entry_are_told_apart(tmp_path, order, mark, kind, code):
    table = np.arange(12).reshape(4, 3)
    body = ACC.format(name="acc.bin", kind=kind, order=order)
    folder = folder_of(tmp_path, body, {"acc.bin": table.astype(mark + code).tobytes()})
    assert find_reader(folder).name == "unisens"
    found = read(folder, person="P01")
    assert [(s.kind, s.unit, s.rate_hz) for s in found.signals] == [
        (f"acc_{axis}", "g", 64.0) for axis in "xyz"
    ]
    for column, signal in zip(table.T, found.signals, strict=True):
        assert_array_equal(signal.values, (column - 2) * 0.5)
    assert found.started_at.isoformat() == "2024-05-06T07:08:09.250000"


def test_values_and_events_are_read(tmp_path):
    body = (
        '<valuesEntry id="rr.csv" contentClass="RR" sampleRate="1000" unit="ms">'
        '<csvFileFormat separator=";" decimalSeparator=","/></valuesEntry>'
        '<eventEntry id="marker.csv" contentClass="MARKER" sampleRate="100">'
        '<csvFileFormat separator=";"/></eventEntry>'
    )
    files = {"rr.csv": b"800;800,5\n1610;810\n", "marker.csv": b"150;M;start\n300;M;stop\n"}
    found = read(folder_of(tmp_path, body, files), person="P01")
    beats, marks = found.events
    assert (beats.kind, beats.unit) == ("rr", "ms")
    assert_allclose(beats.times_s, [0.8, 1.61])
    assert_allclose(beats.values, [800.5, 810])
    assert_allclose(marks.times_s, [1.5, 3.0])
    assert marks.values is None


@pytest.mark.parametrize("name", ["../secret.bin", "/etc/passwd", "a/b.bin", "..", "c:x"])
def test_an_entry_outside_of_the_folder_is_refused(tmp_path, name):
    body = ACC.format(name=name, kind="int16", order="LITTLE")
    with pytest.raises(FileError, match="a file name"):
        read(folder_of(tmp_path, body, {}), person="P01")


def test_a_link_is_refused(tmp_path):
    (tmp_path / "secret").write_bytes(b"\0" * 12)
    (tmp_path / "acc.bin").symlink_to(tmp_path / "secret")
    body = ACC.format(name="acc.bin", kind="int16", order="LITTLE")
    with pytest.raises(FileError, match="a link"):
        read(folder_of(tmp_path, body, {}), person="P01")


def test_entities_and_broken_xml_are_refused(tmp_path):
    path = SAMPLES["unisens"](tmp_path).path
    text = path.read_text()
    bomb = text.replace("\n<unisens", '\n<!DOCTYPE u [<!ENTITY a "aaaa">]>\n<unisens', 1)
    path.write_text(bomb)
    with pytest.raises(FileError, match="XML that is not read"):
        read(path, person="P01")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('sampleRate="32"', 'sampleRate="0"', "a rate above 0"),
        ('sampleRate="32"', "", "sampleRate = None"),
        ('dataType="int16"', 'dataType="quad"', "dataType"),
        ('lsbValue="0.01"', 'lsbValue="nan"', "lsbValue"),
        ('dataType="int16"', 'dataType="double"', "cut off|infinite|doubtful|multiple"),
    ],
)
def test_an_attribute_that_is_wrong_is_refused(tmp_path, old, new, what):
    path = SAMPLES["unisens"](tmp_path).path
    (tmp_path / "eda.bin").write_bytes(b"\1" * 402)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(FileError, match=what):
        read(path, person="P01")
