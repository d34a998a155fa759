"""How accurate was the therapist about the patient, and does synchrony go with it?

Simulated: eight dyads whose ratings hold a known accuracy, through the whole chain.
"""

import json
import tempfile
from pathlib import Path

import syntony as sy
from syntony.io.study_write import create_study, write_session
from syntony.simulate.ratings import RatingSetup, rate_study
from syntony.simulate.session import StudySetup
from syntony.simulate.study import make_study

RECIPE = """
[[synchrony]]
method = "lagged_correlation"

[[surrogates]]
name = "pseudo_dyads"

[corpus]
derangements = 199
bootstrap = 199

[empathy]
bootstrap = 199

[ratings]
lag = "zero"          # fixed in advance; "best" searches within max_lag_s in every pair alike
rotations = 199

[[ratings.physiology_against]]
physiology = "therapist"
about = "patient"
rating = "valence_by_self"
"""


def main(folder: Path) -> None:
    setup = StudySetup(dyads=8, minutes=5.0, rate_hz=4.0, seed=1)
    made = rate_study(make_study(setup), RatingSetup(accuracy=0.6, perceiver_lag_s=0.0))
    create_study(folder, title="Rated", roles=("patient", "therapist"), simulated=True)
    for session in made.sessions:
        write_session(folder, session)
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")

    run = sy.run(folder, jobs=1)
    links = run.table("links")
    columns = ["label", "surrogate", "n_dyads", "value", "low", "high", "p_one"]
    print(links[links.finding == "accuracy"][columns].to_string(index=False))
    for _, row in links[links.finding == "accuracy_link"].iterrows():
        between = json.loads(row.detail)["between"]
        print(f"{between}: {row.value:.2f} [{row.low:.2f}, {row.high:.2f}]")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main(Path(place) / "study")
