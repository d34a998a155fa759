import subprocess
import sys

import numpy as np
import pytest

import syntony.surrogates
from syntony.surrogates.registry import surrogates

NAMES = {"circular_shift", "shift_thirds", "segment_shuffle", "pseudo_dyads"}
NAMES |= {"phase_randomisation", "iaaft", "autoregressive"}
COUNTS_AND_WORDS = {"max_order", "max_rounds", "ends"}


def test_the_list_holds_every_family():
    assert syntony.surrogates.__doc__
    assert set(surrogates()) >= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_an_entry_says_what_it_keeps_and_destroys(name):
    entry = surrogates()[name]
    for text in (entry.keeps, entry.destroys, entry.question, entry.pitfall):
        assert len(text) > 20
        assert "  " not in text
    assert entry.question.endswith("?")
    assert entry.pitfall.endswith(".")
    assert not entry.keeps.endswith(".")
    assert entry.cites


@pytest.mark.parametrize("name", sorted(NAMES - {"pseudo_dyads"}))
def test_a_draw_takes_the_options_it_names(name):
    entry = surrogates()[name]
    options = entry.settle({})
    assert all(k.endswith("_s") or k in COUNTS_AND_WORDS for k in options)
    y = np.arange(2400.0)
    after = entry.draw(y, np.random.default_rng(0), rate_hz=4.0, **options)
    assert after.shape == y.shape
    assert after.dtype == np.float64
    assert (after != y).any()


def test_the_room_needs_numpy_alone():
    code = (
        "import sys, syntony.surrogates, syntony.surrogates.study, syntony.surrogates.codes;"
        "print([m for m in ('scipy', 'pandas', 'numba', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
