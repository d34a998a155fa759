"""Shared by all tests: a small made study that has been run; extras must be there in CI."""

import os

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side, one process a core


@pytest.fixture(scope="session")
def small_recipe():
    """A recipe quick enough for tests."""
    from syntony.config import Recipe

    return Recipe.model_validate(
        {
            "surrogates": [{"name": "pseudo_dyads"}, {"name": "shift_thirds", "count": 39}],
            "emotion": {"rotations": 39},
            "empathy": {"bootstrap": 199},
            "corpus": {"derangements": 99, "bootstrap": 199},
        }
    )


@pytest.fixture(scope="session")
def made_run(tmp_path_factory, small_recipe):
    """Run of a made study: 8 dyads, 22 minutes, codes, questionnaire, shared therapists."""
    from syntony.trials.demo import demo

    return demo(
        tmp_path_factory.mktemp("made") / "study", dyads=8, minutes=22, recipe=small_recipe, jobs=1
    )


@pytest.fixture
def study(made_run, tmp_path):
    """A copy of that study without its runs, free to be broken."""
    import shutil

    root = made_run.path.parents[2]
    target = tmp_path / "study"
    shutil.copytree(root, target, ignore=shutil.ignore_patterns("derivatives"))
    return target


def pytest_addoption(parser):
    """Where the table of agreement with other tools and the pictures of the app are written."""
    parser.addoption("--agreement", metavar="FILE", help="write the table of agreement here")
    parser.addoption("--screens", metavar="FOLDER", help="write the pictures of the app here")


_COMPARED = pytest.StashKey()


def pytest_configure(config):
    """Begin the list of comparisons."""
    config.stash[_COMPARED] = []


@pytest.fixture
def agrees(request):
    """Hold figures to those of another tool, and write the comparison down."""
    from agreement import compare

    def check(facts, found, wanted, *, allowed, **more):
        made = compare(facts, found, wanted, allowed=allowed, **more)
        request.config.stash[_COMPARED].append(made)
        assert made.difference <= made.allowed, made

    return check


def pytest_sessionfinish(session):
    """Write the table of agreement, where it was asked for."""
    target = session.config.getoption("--agreement", None)
    if target:
        from agreement_table import write_table

        write_table(target, session.config.stash[_COMPARED])


def pytest_runtest_logreport(report):
    """In CI every extra is installed: a skip for a missing one is a failure."""
    if os.environ.get("SYNTONY_EXTRAS_REQUIRED") and report.skipped:
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        if "extra" in reason and "not installed" in reason:
            report.outcome = "failed"
            report.longrepr = f"an extra is missing where all are required: {reason}"
