"""The surrogates by spectrum and by autoregression go through a whole run."""

import syntony as sy
from syntony.config import Recipe
from syntony.io.study_write import create_study, write_session
from syntony.simulate.study import demo_setup, make_study

NEW = ("phase_randomisation", "iaaft", "autoregressive")


def test_a_recipe_names_them(tmp_path):
    root = tmp_path / "study"
    create_study(root, title="Spectra", roles=("patient", "therapist"), simulated=True)
    for session in make_study(demo_setup(dyads=2, minutes=6)).sessions:
        write_session(root, session)
    chance = [{"name": name, "count": 19} for name in NEW]
    chance[1]["options"] = {"max_rounds": 20}
    recipe = Recipe.model_validate({"surrogates": chance, "synchrony": [{"method": "marci"}]})
    run = sy.run(root, recipe, jobs=1)
    pairs = run.table("pairs")
    assert set(pairs["surrogate"]) == set(NEW)
    assert (pairs["draws"] == 19).all()
    assert pairs["p_one"].between(0.05, 1.0).all()
    assert "IAAFT" in (run.path / "methods.md").read_text("utf-8")
