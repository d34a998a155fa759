"""Runs made once for all tests of the report."""

import pytest
from report import made_run

ODD = "<b>&\"d'1"
PLANS = {
    "full": made_run.Plan(dyads=6, minutes=20.5, contrast=True, per_dyad=2),
    "bare": made_run.Plan(dyads=7, minutes=12, codes=False, scores=False, truth=False),
    "three": made_run.Plan(dyads=3, minutes=8),
    "pair": made_run.Plan(
        dyads=1, minutes=8, codes=False, scores=False, strangers=False, truth=False, simulated=False
    ),
    "empty": made_run.Plan(dyads=7, minutes=8, empty=(0,)),
    "capped": made_run.Plan(dyads=7, minutes=8, capped=(1,)),
    "odd": made_run.Plan(
        dyads=7,
        minutes=8,
        dyad_names=(ODD, "a-very-long-name-of-a-dyad-that-nobody-would-type-twice"),
        roles=("listener & <friend>", "the one who speaks for most of the session"),
    ),
}


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Give a Run folder by name, made and reported when first asked for."""
    from syntony.report.page import write_report

    made = {}

    def run(name):
        if name not in made:
            made[name] = made_run.write_run(tmp_path_factory.mktemp(name) / "run", PLANS[name])
            write_report(made[name])
        return made[name]

    return run


@pytest.fixture
def fresh(tmp_path):
    """Make a Run folder that a test may change."""

    def run(name="bare"):
        return made_run.write_run(tmp_path / "run", PLANS[name])

    return run
