import subprocess
import sys

import numpy as np
import pytest

import syntony.surrogates
from syntony.core.errors import InputError
from syntony.surrogates.registry import ACTS_ON, get, get_for_recipe, surrogates, takes_partners

PARTNERS = {"pseudo_dyads", "pseudo_sessions", "stimulus_pairs"}
SIGNALS = {"circular_shift", "shift_thirds", "segment_shuffle", "event_shuffle", "interval_shuffle"}
SIGNALS |= {"phase_randomisation", "iaaft", "autoregressive"}
NAMES = PARTNERS | SIGNALS | {"rotation"}
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


def test_an_entry_says_what_it_acts_on():
    acting = {k: {s.name for s in surrogates().values() if s.acts_on == k} for k in ACTS_ON}
    assert acting == {"signal": SIGNALS, "partners": PARTNERS, "codes": {"rotation"}}
    assert {name for name in NAMES if takes_partners(name)} == PARTNERS


def test_the_sentence_holds_all_three():
    entry = get("pseudo_sessions")
    said = entry.sentence()
    assert said.startswith("keeps who the two people are")
    assert "; destroys that both were in the same session; answers the question: do these" in said


def test_codes_cannot_stand_in_a_recipe_of_signals():
    with pytest.raises(InputError, match=r"emotion\.rotations"):
        get_for_recipe("rotation", "eda")
    for name in NAMES - {"rotation"}:
        assert get_for_recipe(name, "eda") is get(name)


@pytest.mark.parametrize("feature", ["hr", "eda_tonic", "motion"])
def test_responses_are_shuffled_only_where_there_are_some(feature):
    for name in ("event_shuffle", "interval_shuffle"):
        with pytest.raises(InputError, match="shift_thirds"):
            get_for_recipe(name, feature)
        assert get_for_recipe(name, "eda_phasic").name == name


@pytest.mark.parametrize("name", sorted(SIGNALS))
def test_a_draw_takes_the_options_it_names(name):
    entry = surrogates()[name]
    options = entry.settle({})
    assert all(k.endswith(("_s", "_us")) or k in COUNTS_AND_WORDS for k in options)
    y = np.arange(2400.0) / 50 + np.abs(np.arange(2400) % 97 - 20) % 61 / 10
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
