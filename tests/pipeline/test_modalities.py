"""Two kinds of signal beside one another: by every door, with units held to the methods."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from made_methods import made_method, put_on_list
from shared import SHARED, needs_shared

import syntony as sy
from syntony.cli import main
from syntony.config import Recipe
from syntony.core.errors import InputError, RecipeError
from syntony.io.study_write import create_study, write_session
from syntony.report import labels
from syntony.report.methods import methods_paragraph
from syntony.simulate.session import StudySetup
from syntony.simulate.study import make_study

QUICK = {
    "surrogates": [{"name": "pseudo_dyads"}, {"name": "shift_thirds", "count": 19}],
    "emotion": {"rotations": 19},
    "empathy": {"bootstrap": 99},
    "corpus": {"derangements": 19, "bootstrap": 99},
}


@pytest.fixture
def listed(monkeypatch):
    """A method that compares sizes, and one with an option in microsiemens."""
    put_on_list(
        monkeypatch,
        made_method("made_time", scale_free=False),
        made_method("made_once", unit="uS"),
    )
    yield
    for cached in (labels.method, labels.statistic, labels.explained, labels.delays):
        cached.cache_clear()


@pytest.fixture(scope="module")
def hearts(tmp_path_factory):
    """Six dyads with skin conductance and beats."""
    root = tmp_path_factory.mktemp("hearts") / "study"
    made = make_study(StudySetup(dyads=6, minutes=6.0, rate_hz=4.0, seed=3, heart=True))
    create_study(root, title="Hearts", roles=("patient", "therapist"), simulated=True)
    for session in made.sessions:
        write_session(root, session)
    return root


def recipe_of(signal, *methods):
    return Recipe.model_validate(
        QUICK | {"signal": signal, "synchrony": [{"method": m} for m in methods or ["marci"]]}
    )


def arrays(n=2400):
    rng = np.random.default_rng(3)
    walk = np.cumsum(rng.standard_normal((2, n)), axis=1) / 50
    return 5 + walk[0], 70 + 10 * walk[1]


def test_skin_conductance_of_one_beside_heart_rate_of_the_other(hearts):
    run = sy.run(hearts, recipe_of(["eda", "hr"]), jobs=1)
    sessions, pairs = run.table("sessions"), run.table("pairs")
    assert set(map(tuple, sessions[["signal_a", "unit_a", "signal_b", "unit_b"]].to_numpy())) == {
        ("eda", "uS", "hr", "/min")
    }
    assert set(pairs["signal_a"]) == {"eda"}
    assert set(pairs["signal_b"]) == {"hr"}
    assert pairs["value"].notna().all()
    page = (run.path / "report" / "d01s01.html").read_text("utf-8")
    assert "The skin conductance of patient and the heart rate of therapist moved" in page
    assert "skin conductance, µS" in page
    assert "heart rate, beats per minute" in page
    index = (run.path / "report" / "index.html").read_text("utf-8")
    assert "skin conductance of patient with heart rate of therapist" in index
    said = (run.path / "methods.md").read_text("utf-8")
    assert "skin conductance of the patient and heart rate of the therapist" in said
    assert "sleepecg" in said
    assert sy.check(run.path).whole


def test_the_first_name_is_the_first_persons(hearts):
    one = sy.run(hearts, recipe_of(["eda", "hr"]), jobs=1)
    other = sy.run(hearts, recipe_of(["hr", "eda"]), jobs=1)
    folder = [r.path / "signals" / "d01s01.parquet" for r in (one, other)]
    first, second = (pd.read_parquet(p) for p in folder)
    assert first["patient"].mean() < 30 < first["therapist"].mean()
    assert second["therapist"].mean() < 30 < second["patient"].mean()


def test_one_spelling_for_one_feature():
    assert Recipe(signal=("eda", "eda")) == Recipe(signal="eda")
    assert Recipe(signal=("eda", "hr")).signals == ("eda", "hr")
    assert Recipe().signals == ("eda", "eda")


def test_a_recipe_in_toml_takes_two(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text('signal = ["eda", "valence"]\n', encoding="utf-8")
    assert sy.read_recipe(path).signals == ("eda", "valence")
    path.write_text('signal = ["eda", "valence", "hr"]\n', encoding="utf-8")
    with pytest.raises(RecipeError, match="signal"):
        sy.read_recipe(path)


@pytest.mark.parametrize(
    ("method", "signal", "words"),
    [
        ("made_time", ["eda", "hr"], "one unit for both"),
        ("made_once", ["eda", "hr"], "both in 'uS'"),
        ("made_once", "hr", "both in 'uS'"),
    ],
)
def test_units_that_make_a_method_meaningless_are_refused_before_any_work(
    listed, hearts, method, signal, words
):
    home = hearts / "derivatives" / "syntony"
    before = sorted(home.glob("*"))
    with pytest.raises(InputError) as refused:
        sy.run(hearts, recipe_of(signal, "marci", method), jobs=1)
    told = str(refused.value)
    assert method in told
    assert words in told
    assert "hr of therapist in '/min'" in told
    assert sorted(home.glob("*")) == before


def test_units_that_suit_are_let_through(listed, hearts):
    run = sy.run(hearts, recipe_of("eda", "made_time", "made_once"), jobs=1)
    assert run.table("pairs")["value"].notna().all()


def test_arrays_of_two_kinds(listed):
    x, y = arrays()
    told = {"rate_hz": 4.0, "kind": ("eda", "hr"), "unit": ("uS", "/min")}
    found = sy.analyse(x, y, **told)
    assert {(r["signal_a"], r["signal_b"]) for r in found.rows} == {("eda", "hr")}
    assert found.recipe.signals == ("eda", "hr")
    sizes = recipe_of(["eda", "hr"], "made_time").model_copy(update={"surrogates": ()})
    with pytest.raises(InputError, match="made_time"):
        sy.analyse(x, y, recipe=sizes, **told)


def test_two_files_of_two_kinds(tmp_path):
    x, y = arrays()
    for name, values in (("skin", x), ("voice", y[::2])):
        text = "value\n" + "\n".join(f"{v:.6f}" for v in values) + "\n"
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    files = [str(tmp_path / "skin.csv"), str(tmp_path / "voice.csv")]
    run = sy.pair(
        *files, kind=("eda", "f0"), unit=("uS", "Hz"), rate_hz=(4.0, 2.0), together=True,
        out=tmp_path / "python",
    )  # fmt: skip
    row = run.table("sessions").iloc[0]
    assert (row["signal_a"], row["unit_a"], row["signal_b"], row["unit_b"]) == (
        "eda", "uS", "f0", "Hz",
    )  # fmt: skip
    told = ["--kind", "eda", "--kind", "f0", "--unit", "uS", "--unit", "Hz", "--rate-hz", "4"]
    told += ["--rate-hz", "2", "--together", "--out", str(tmp_path / "shell")]
    done = CliRunner().invoke(main, ["pair", *files, *told], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "The skin conductance of first and the f0 of second" in " ".join(done.output.split())
    shell = sy.Run(tmp_path / "shell").table("pairs")
    assert shell["value"].equals(run.table("pairs")["value"])
    wrong = [*told[:2], "--kind", "a", *told[2:]]
    assert CliRunner().invoke(main, ["pair", *files, *wrong]).exit_code == 2


def test_the_methods_paragraph_names_both():
    recipe = Recipe(signal=("eda", "valence"), roles=("listener", "speaker"))
    said = methods_paragraph(recipe.model_dump(mode="json"), {})
    assert "skin conductance of the listener and valence of the speaker" in said
    assert "The channel was used as recorded." in said


@needs_shared("data/rties-couples-dial")
def test_rated_emotion_of_real_couples(tmp_path):
    """Both partners' dial, and the dial of one beside the heart rate of another couple's man."""
    table = pd.read_csv(SHARED / "data" / "rties-couples-dial" / "rties_short.csv")
    couple = table[table["couple"] == table["couple"].iloc[0]]
    files = []
    for female in (1, 0):
        dial = couple[couple["female"] == female].sort_values("time")["dial"]
        files.append(tmp_path / f"dial{female}.csv")
        files[-1].write_text(dial.to_csv(index=False, na_rep=""), encoding="utf-8")
    both = sy.pair(*files, kind="dial", unit="1", rate_hz=0.5, together=True, out=tmp_path / "both")
    assert both.table("pairs")["value"].notna().all()
    assert "dial" in (both.path / "methods.md").read_text("utf-8")
    hearts = sorted((SHARED / "data" / "swps-couples-rr").rglob("*.txt"))
    told = {"kind": ("rr", "dial"), "unit": ("ms", "1"), "rate_hz": 0.5, "offset_s": 0.0}
    mixed = sy.pair(hearts[0], files[0], out=tmp_path / "mixed", **told)
    row = mixed.table("sessions").iloc[0]
    assert (row["signal_a"], row["unit_a"], row["signal_b"]) == ("hr", "/min", "dial")
    assert mixed.table("pairs")["value"].notna().all()
    with pytest.raises(InputError, match=r"which .* holds"):
        sy.pair(hearts[0], files[0], out=tmp_path / "no", **told | {"kind": ("eda", "dial")})
