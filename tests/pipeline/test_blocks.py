"""The block of a session is what was written, and what is large is not kept."""

import numpy as np
import pytest

from syntony.core.files import write_arrays
from syntony.pipeline.blocks import Block


def test_a_block_gives_what_was_written_and_keeps_no_coupling(tmp_path):
    arrays = {
        "step0_values": np.arange(6.0).reshape(3, 2),
        "step0_coverage": np.full((3, 2), 0.5),
        "step0_course_coverage": np.full(3, 0.25),
        "step12_values": np.ones(2),
        "told_values": np.zeros(4),
    }
    write_arrays(tmp_path / "s.npz", arrays)
    beside = {"partners": np.array([1, 2])}
    block = Block(tmp_path / "s.npz", beside)
    wanted = arrays | beside
    assert set(block) == set(wanted)
    assert len(block) == len(wanted)
    for name, values in wanted.items():
        assert name in block
        np.testing.assert_array_equal(block[name], values)
    assert "step1_values" not in block
    assert block.get("step1_values") is None
    with pytest.raises(KeyError):
        block["step1_values"]
    assert block["told_values"] is block["told_values"]  # kept
    assert block["step0_values"] is not block["step0_values"]
