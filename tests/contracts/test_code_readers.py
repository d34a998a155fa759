"""What every reader of codes promises, checked over the list."""

import gzip
import pickle
import zipfile

import numpy as np
import pytest
from code_samples import SAMPLES, write_opf

import syntony.io.codes  # noqa: F401  fills the list
from syntony.core.errors import FileError, InputError
from syntony.io.codes.registry import code_readers, find_code_reader, read_codes

pytestmark = pytest.mark.parametrize("name", sorted(code_readers()))


@pytest.fixture
def sample(name, tmp_path):
    assert name in SAMPLES, f"write a sample of {name} into tests/code_samples.py"
    return SAMPLES[name](tmp_path)


def text_of(path):
    """Text of a sample and how to write it again."""
    data = path.read_bytes()
    if data[:2] == b"PK":
        with zipfile.ZipFile(path) as archive:
            return archive.read("db").decode(), lambda text: write_opf(path, text)
    code = "utf-16" if data[:2] == b"\xff\xfe" else "utf-8"
    return data.decode(code), lambda text: path.write_bytes(text.encode(code))


def test_content_decides(name, sample):
    assert find_code_reader(sample.path).name == name
    other = sample.path.rename(sample.path.with_name("file.dat"))
    assert find_code_reader(other).name == name


def test_every_event_is_there_by_onset(name, sample):
    found = read_codes(sample.path, **sample.options)
    got = [(e.onset_s, e.duration_s, e.code, e.person, e.tier) for e in found.events]
    assert got == sample.events
    assert found.format == name
    assert sum(t.count for t in found.tiers if t.kind != "rating") == len(sample.events)
    for signal, (kind, values) in zip(found.ratings, sample.ratings, strict=True):
        assert (signal.kind, signal.rate_hz, signal.start_s) == (kind, 2.0, 0.0)
        np.testing.assert_array_equal(signal.values, [np.nan if v is None else v for v in values])


def test_every_event_names_its_place(name, sample):
    found = read_codes(sample.path, **sample.options)
    for event in found.events:
        assert sample.path.name in found.where(event)
        assert event.line or event.element


def test_a_file_can_be_sent_to_another_process(name, sample):
    found = read_codes(sample.path, **sample.options)
    assert pickle.loads(pickle.dumps(found)).events == found.events


def test_a_file_that_is_cut_off_is_refused_by_name_or_noted(name, sample):
    sample.path.write_bytes(sample.path.read_bytes()[: -sample.cut])
    if name == "boris_tabular":  # its rows are whole: the last stop is what is missing
        found = read_codes(sample.path, format=name, **sample.options)
        assert [n.code for n in found.notes] == ["no-stop"]
        return
    with pytest.raises(FileError) as error:
        read_codes(sample.path, format=name, **sample.options)
    assert sample.path.name in str(error.value)


def test_a_stop_before_its_start_is_refused_by_line(name, sample):
    if sample.reversed is None:
        assert sample.never_reversed
        return
    text, write = text_of(sample.path)
    assert text.count(sample.reversed[0]) == 1
    write(text.replace(*sample.reversed))
    with pytest.raises(FileError) as error:
        read_codes(sample.path, format=name, **sample.options)
    assert sample.path.name in str(error.value)
    assert error.value.line == sample.line


def test_an_empty_a_missing_and_a_binary_file_are_refused_by_name(name, sample, tmp_path):
    for data in (
        b"",
        b"\x7fELF" + bytes(range(256)) * 64,
        b"\xff\xfe\x00",
        b"PK\x03\x04" + b"\0" * 99,
    ):
        sample.path.write_bytes(data)
        for chosen in ("", name):
            with pytest.raises(FileError) as error:
                read_codes(sample.path, format=chosen, **sample.options)
            assert sample.path.name in str(error.value)
    sample.path.unlink()
    with pytest.raises(FileError, match="no such file"):
        read_codes(sample.path, format=name, **sample.options)
    with pytest.raises(FileError):
        read_codes(tmp_path, format=name, **sample.options)


def test_a_packed_file_is_refused(name, sample):
    sample.path.write_bytes(gzip.compress(sample.path.read_bytes()))
    with pytest.raises(FileError):
        read_codes(sample.path, format=name, **sample.options)


def test_a_pipe_is_refused(name, sample, tmp_path):
    import os

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FileError, match="no ordinary file"):
        read_codes(pipe, format=name, **sample.options)


def test_facts_that_are_left_out_are_asked_for(name, sample):
    facts = [k for k, p in code_readers()[name].options.items() if p.default is p.empty]
    for fact in facts:
        options = {k: v for k, v in sample.options.items() if k != fact}
        with pytest.raises(FileError, match=f"Pass {fact}"):
            read_codes(sample.path, **options)


def test_an_unknown_option_is_refused(name, sample):
    with pytest.raises(InputError, match="colour"):
        read_codes(sample.path, format=name, colour=1, **sample.options)


def test_where_its_knowledge_is_from_is_said(name, sample):
    assert len(code_readers()[name].source) > 20
