import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syntony.core.errors import InputError
from syntony.io.toml import toml_text

text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    text | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(text, values, max_size=5))
def test_what_is_written_is_read_again(table):
    assert tomllib.loads(toml_text(table)) == table


def test_numbers_of_numpy_are_numbers():
    got = tomllib.loads(toml_text({"a": np.float64(0.5), "b": np.arange(3), "c": np.bool_(True)}))
    assert got == {"a": 0.5, "b": [0, 1, 2], "c": True}


def test_what_toml_does_not_know_names_its_place():
    with pytest.raises(InputError, match=r"a\.b=None"):
        toml_text({"a": {"b": None}})
