"""What every reader promises, checked over the list."""

import pickle

import numpy as np
import pytest
from io_samples import SAMPLES
from numpy.testing import assert_array_equal

import syntony.io  # noqa: F401  fills the list
from syntony.core.errors import FileError, InputError
from syntony.core.units import implausible_share
from syntony.io.registry import find_reader, read, readers

pytestmark = pytest.mark.parametrize("name", sorted(readers()))


@pytest.fixture
def sample(name, tmp_path):
    assert name in SAMPLES, f"write a sample of {name} into tests/io_samples.py"
    return SAMPLES[name](tmp_path)


def load(sample):
    return read(sample.path, person="P01", **sample.options)


def channels(recording):
    return [*recording.signals, *recording.events]


def test_content_decides(name, sample):
    assert find_reader(sample.path).name == name


def test_the_same_samples_each_time_and_missing_is_nan(name, sample):
    for recording in (load(sample), load(sample)):
        assert_array_equal(channels(recording)[0].values, sample.values)


def test_rate_start_and_person_are_present(name, sample):
    recording = load(sample)
    assert channels(recording)
    for one in channels(recording):
        assert one.person == "P01"
        assert one.kind
    if sample.rate_hz is not None:
        assert recording.signals[0].rate_hz == sample.rate_hz
        assert recording.signals[0].start_s == sample.start_s
    assert recording.clock


def test_the_stamp_comes_with_its_error(name, sample):
    recording = load(sample)
    assert np.isnan(recording.started_at_error_s) == (recording.started_at is None)


def test_size_fits_the_declared_unit(name, sample):
    for one in channels(load(sample)):
        if one.values is not None:
            assert implausible_share(one.values, one.unit, one.kind) == 0.0


def test_a_recording_can_be_sent_to_another_process(name, sample):
    again = pickle.loads(pickle.dumps(load(sample)))
    assert_array_equal(channels(again)[0].values, sample.values)


def test_a_file_that_is_cut_off_is_refused_by_name(name, sample):
    if sample.cut is None:
        assert sample.uncut, "say why a cut-off file cannot be told"
        return
    data = sample.path.read_bytes()
    sample.path.write_bytes(data[: -sample.cut])
    with pytest.raises(FileError) as error:
        load(sample)
    assert sample.path.name in str(error.value)


def test_an_empty_file_is_refused_by_name(name, sample):
    sample.path.write_bytes(b"")
    with pytest.raises(FileError, match=r"empty|damaged") as error:
        read(sample.path, person="P01", format=name, **sample.options)
    assert sample.path.name in str(error.value)


def test_a_missing_file_is_refused_by_name(name, sample):
    sample.path.unlink()
    for chosen in ("", name):
        with pytest.raises(FileError, match="no such file") as error:
            read(sample.path, person="P01", format=chosen, **sample.options)
        assert sample.path.name in str(error.value)


def test_a_binary_file_is_refused(name, sample):
    sample.path.write_bytes(b"\x7fELF" + bytes(range(256)) * 64)
    with pytest.raises(FileError):
        read(sample.path, person="P01", format=name, **sample.options)


def test_a_folder_without_a_recording_is_refused(name, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError):
        read(tmp_path / "empty", person="P01", format=name, **SAMPLES[name](tmp_path).options)


def test_facts_that_are_left_out_are_asked_for(name, sample):
    entry = readers()[name]
    facts = [k for k, p in entry.options.items() if p.default is p.empty]
    for fact in facts:
        options = {k: v for k, v in sample.options.items() if k != fact}
        with pytest.raises(FileError, match=f"Pass {fact}"):
            read(sample.path, person="P01", **options)


def test_an_unknown_option_is_refused(name, sample):
    with pytest.raises(InputError, match="rate_khz"):
        read(sample.path, person="P01", rate_khz=1, **sample.options)
