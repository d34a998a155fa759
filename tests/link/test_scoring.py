"""Scores: known answers, gaps, refused answers, the lab's key, and Cronbach's alpha."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import link as reference

from syntony.core.errors import FileError, InputError
from syntony.core.seeds import rng_for
from syntony.core.session import Answers
from syntony.link.instruments.registry import get
from syntony.link.keys import read_key, with_key
from syntony.link.scoring import alpha_of, reliability, score

DEMO, BLRI, CLOSE = get("demo_empathy"), get("blri_eu"), get("demo_closeness")


def filled(values, instrument=DEMO, person="P01"):
    items = dict(zip(instrument.items, values, strict=False))
    return Answers(instrument=instrument.name, person=person, about="T01", items=items)


def demo(values, **where):
    return score(filled(values), DEMO, **where)[0]


def test_known_sums():
    assert demo([3, -3] * 8).value == 48
    assert demo([-3, 3] * 8).value == -48
    assert demo([2] * 16).value == 0
    assert demo([1, 2, 3, -1, -2, -3, 1, 1] + [1] * 8).value == 1 - 2 + 3 + 1 - 2 + 3 + 1 - 1
    assert score(filled([7, 1, 1, 4], CLOSE), CLOSE)[0].value == (7 + 1 + 7 + 4) / 4


def test_a_row_says_who_about_whom_and_where():
    row = demo([3, -3] * 8, session="d01s03", dyad="d01").to_row()
    assert row == {
        "session": "d01s03",
        "dyad": "d01",
        "person": "P01",
        "about": "T01",
        "instrument": "demo_empathy",
        "scale": "empathic_understanding",
        "value": 48.0,
        "missing": 0,
    }


def test_up_to_three_gaps_count_as_the_mean_of_the_rest():
    three = demo([np.nan, np.nan, np.nan] + [-2, 2] * 6 + [-2])  # even items are reversed
    assert (three.value, three.missing) == (32.0, 3)
    no_entry = demo([3, -3] * 7)
    assert (no_entry.value, no_entry.missing) == (48.0, 2)
    four = demo([np.nan] * 4 + [1] * 12)
    assert np.isnan(four.value)
    assert four.missing == 4
    mean = score(filled([7, np.nan, 1, 7], CLOSE), CLOSE)[0]
    assert (mean.value, mean.missing) == (7.0, 1)
    assert np.isnan(score(filled([7, np.nan, np.nan, 7], CLOSE), CLOSE)[0].value)


@pytest.mark.parametrize("wrong", [0, 4, -4, 1.5, np.inf])
def test_an_answer_off_the_scale_is_named(wrong):
    values = [1] * 16
    values[6] = wrong
    with pytest.raises(InputError) as error:
        demo(values, session="d01s03")
    text = str(error.value)
    assert text.startswith(
        f"answers of P01 in session d01s03, item e07={wrong!r}: expected one of "
    )
    assert "-3, -2, -1, 1, 2, 3" in text
    assert "Mend the answer" in text


def test_unknown_items_and_answers_to_something_else_are_refused():
    strange = Answers(instrument="demo_empathy", person="P", items={"e1": 1, "e01": 1})
    with pytest.raises(InputError, match=r"answers of P, items=\['e1'\]: expected items of demo"):
        score(strange, DEMO)
    with pytest.raises(InputError, match="expected answers to blri_eu"):
        score(strange, BLRI)
    with pytest.raises(InputError, match="Did you mean 'blri_eu'"):
        get("blri")


def test_without_the_labs_key_there_is_no_score():
    with pytest.raises(InputError, match=r"key of blri_eu.*not shipped.*key file"):
        score(filled([1] * 16, BLRI), BLRI)


def test_with_the_labs_key_there_is():
    mine = with_key(BLRI, [f"eu{k:02d}" for k in range(1, 9)])
    assert score(filled([-3] * 8 + [3] * 8, mine), mine)[0].value == 48
    assert BLRI.scales[0].reverse is None
    with pytest.raises(InputError, match="an instrument that lacks its key"):
        with_key(mine, ["eu01"])
    with pytest.raises(InputError, match=r"reverse=\['q1'\]: expected items of the scale"):
        with_key(BLRI, ["q1"])
    with pytest.raises(InputError, match=r"=\['warmth'\]: expected reversed items for"):
        with_key(BLRI, {"warmth": ["eu01"]})


def test_the_key_file(tmp_path):
    path = tmp_path / "key.toml"
    path.write_text(
        'instrument = "blri_eu"\n[reverse]\nempathic_understanding = ["eu02", "eu04"]\n',
        encoding="utf-8",
    )
    assert read_key(path, BLRI).scales[0].reverse == {"eu02", "eu04"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('instrument = "blri_eu"\n[reverse]\nempathic_understanding = ["q1"]\n', "q1"),
        ('instrument = "wai"\n[reverse]\n', "instrument = 'wai'"),
        ('instrument = "blri_eu"\nreverse = 3\n', "reverse = 3"),
        ('instrument = "blri_eu"\n', "reverse = None"),
        ('instrument = "blri_eu"\n[reverse]\nwarmth = ["eu01"]\n', "warmth"),
        ('instrument = "blri_eu"\nitems = 3\n[reverse]\n', "unknown key 'items'"),
        ("instrument = \n", "expected TOML"),
    ],
)
def test_a_key_file_that_does_not_fit_is_named(tmp_path, text, found):
    path = tmp_path / "key.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match="key.toml.*" + found.replace("[", r"\[")):
        read_key(path, BLRI)


def test_a_key_file_that_is_not_there(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        read_key(tmp_path / "none.toml", BLRI)


def test_alpha_is_that_of_the_covariances():
    rng = rng_for(1, "alpha")
    table = rng.standard_normal((30, 1)) + rng.standard_normal((30, 7))
    assert_allclose(alpha_of(table).alpha, reference.alpha(table), rtol=1e-12)


@given(st.integers(3, 20), st.integers(2, 8), st.integers(0, 99))
def test_alpha_does_not_mind_order_or_offset_and_never_passes_one(n, k, seed):
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 8, (n, k)).astype(float)
    found = alpha_of(table)
    if np.isnan(found.alpha):
        return
    moved = alpha_of(table[rng.permutation(n)][:, rng.permutation(k)] + np.arange(k))
    assert_allclose(found.alpha, moved.alpha, atol=1e-9)
    assert found.alpha <= 1 + 1e-12
    assert found.low <= found.alpha + 1e-12


def test_alpha_of_filled_in_questionnaires_turns_reversed_items():
    rng = rng_for(2, "alpha")
    level = rng.integers(-3, 3, 40)
    people = [filled([v, -v] * 8) for v in np.where(level >= 0, level + 1, level)]
    people.append(filled([1] * 15))
    found = reliability(people, DEMO, "empathic_understanding")
    assert_allclose(found.alpha, 1.0)
    assert (found.people, found.items) == (40, 16)
    with pytest.raises(InputError, match=r"scale='x'"):
        reliability(people, DEMO, "x")
    with pytest.raises(InputError, match="key of blri_eu"):
        reliability([filled([1] * 16, BLRI)] * 4, BLRI, "empathic_understanding")
    assert np.isnan(reliability([], DEMO, "empathic_understanding").alpha)
    assert np.isnan(reliability(people[:2], DEMO, "empathic_understanding").alpha)


def test_the_interval_of_alpha_covers_the_true_one():
    runs, true = 600, 6 * 0.4 / (1 + 5 * 0.4)  # six items that correlate .4
    inside = 0
    for i in range(runs):
        rng = rng_for(3, "feldt", i)
        table = 0.4**0.5 * rng.standard_normal((25, 1)) + 0.6**0.5 * rng.standard_normal((25, 6))
        found = alpha_of(table)
        inside += found.low <= true <= found.high
    assert 0.92 < inside / runs < 0.975
