"""A multiverse from files to page: its paths are those of a run, and it resumes."""

import json
from dataclasses import replace

import numpy as np
import pytest
from reference import multiverse as plain

import syntony as sy
from syntony.config import Recipe, Step, Surrogate
from syntony.core.errors import FileError, InputError, RecipeError
from syntony.io.study import load_session
from syntony.io.study_write import create_study, write_session
from syntony.pipeline.analyse import analyse_sessions
from syntony.pipeline.plan import make_plan, settle
from syntony.pipeline.source import FromMemory
from syntony.pipeline.steps import couple
from syntony.simulate.session import StudySetup
from syntony.simulate.study import make_study
from syntony.synchrony import registry as method_list
from syntony.trials.multiverse_choices import choice_shares
from syntony.trials.multiverse_grid import Family, Multiverse, default_grid, settle_grid
from syntony.trials.multiverse_paths import LAG_FREE, described, lanes_of, lay_paths, narrowed
from syntony.trials.multiverse_results import read_columns

ROLES = ("patient", "therapist")
SMALL = Multiverse(
    signal=("eda", "eda_phasic"),
    trim_start_s=(0.0, 60.0),
    families=(
        Family(
            method="marci",
            statistics=("ssi", "ssi_peak"),
            options={"window_s": (15.0, 30.0), "max_lag_s": (5.0, 7.0)},
        ),
        Family(
            method="lagged_correlation",
            statistics=("mean_z", "lag_zero"),
            options={"window_s": (15.0,), "step_s": (15.0, 30.0), "max_lag_s": (2.0, 20.0)},
        ),
    ),
    draws=99,
    permutations=99,
    bootstrap=99,
)


def made(dyads, minutes=6.0, **more):
    setup = StudySetup(dyads=dyads, minutes=minutes, rate_hz=4.0, seed=11, **more)
    return make_study(setup).sessions


def on_disk(root, sessions):
    create_study(root, title="made", roles=ROLES, simulated=True, truth={})
    for session in sessions:
        write_session(root, session)
    return root


@pytest.fixture(scope="module")
def sessions():
    return made(7)


@pytest.fixture(scope="module")
def study(tmp_path_factory, sessions):
    return on_disk(tmp_path_factory.mktemp("multiverse") / "study", sessions)


@pytest.fixture(scope="module")
def finished(study):
    return sy.multiverse(study, grid=SMALL, name="whole", jobs=1)


def settled(recipe=None):
    recipe = recipe or Recipe()
    steps = [
        Step(method=s.method, options=method_list.get(s.method).settle(s.options))
        for s in recipe.synchrony
    ]
    return recipe.model_copy(update={"roles": ROLES, "synchrony": tuple(steps)})


def test_the_default_grid_of_skin_conductance_has_500_to_1000_paths():
    recipe = settled()
    laid = lay_paths(settle_grid(None, recipe), recipe)
    assert 500 <= len(laid.paths) <= 1000
    assert sum(p.is_primary for p in laid.paths) == 1
    assert laid.cells == len(laid.paths) + laid.merged + sum(d.cells for d in laid.dropped)
    ways, lanes = lanes_of(laid.paths)
    assert len(ways) == 3
    assert len(lanes) < len(laid.paths) / 5
    assert sorted(r.path for lane in lanes for r in lane.readings) == list(range(len(laid.paths)))


def test_paths_that_must_be_equal_are_one_and_their_figures_are(sessions):
    """What counts as free of the longest lag is so, and a shorter one is part of a longer."""
    recipe = settled()
    _, prepared = analyse_sessions(sessions[:2], recipe.model_copy(update={"surrogates": ()}))
    x, y = prepared[0].first.values, prepared[0].second.values
    differ = set()
    for method, free in LAG_FREE.items():
        entry = method_list.get(method)
        long, short = (
            couple(Step(method=method, options=entry.settle({"max_lag_s": lag})), x, y, 4.0)
            for lag in (7.0, 4.0)
        )
        one, other = entry.summarise(long), entry.summarise(short)
        part = entry.summarise(narrowed(long, 4.0))
        for statistic in entry.statistics:
            name = statistic.name
            assert part[name] == pytest.approx(other[name], rel=1e-12, abs=1e-12, nan_ok=True)
            if name in free:
                assert one[name] == pytest.approx(other[name], rel=1e-12)
            elif one[name] != other[name]:
                differ.add(name)
    assert {"mean_z", "mean_abs_z"} <= differ


def test_impossible_cells_are_dropped_with_their_reason():
    recipe = settled()
    grid = SMALL.model_copy(update={"body": {"eda.low_pass_hz": (1.0, 2.5)}})
    laid = lay_paths(grid, recipe)
    reasons = {d.reason.partition(":")[0]: d.cells for d in laid.dropped}
    assert reasons == {
        "low-pass not under half the rate of the grid": 64,
        "step longer than window": 32,
        "longest lag longer than window": 8,
    } or sum(reasons.values()) == laid.cells - laid.merged - len(laid.paths)
    assert set(reasons) == {
        "low-pass not under half the rate of the grid",
        "step longer than window",
        "longest lag longer than window",
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"families": (Family(method="marcy"),)}, "method"),
        ({"families": (Family(method="marci", options={"windo_s": (1,)}),)}, "synchrony.options"),
        ({"families": (Family(method="marci", statistics=("best_lag_s",)),)}, "statistics"),
        ({"body": {"eda.lowpass": (1.0,)}}, "body"),
        ({"body": {"eda.low_pass_hz": (-1.0,)}}, "body.eda.low_pass_hz"),
    ],
)
def test_what_does_not_exist_is_an_error(change, field):
    with pytest.raises(InputError) as told:
        lay_paths(SMALL.model_copy(update=change), settled())
    assert told.value.field.startswith(field)


def test_a_grid_file_is_closed_to_unknown_keys(tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text('signals = ["eda"]\n')
    with pytest.raises(RecipeError, match="unknown key 'signals'"):
        settle_grid(path, settled())
    path.write_text(
        'signal = "eda"\ntrim_start_s = 0\n[[families]]\nmethod = "marci"\n'
        "options = { window_s = [15, 30], max_lag_s = 5 }\n"
    )
    grid = settle_grid(path, settled())
    assert grid.signal == ("eda",)
    assert grid.families[0].options == {"window_s": (15, 30), "max_lag_s": (5,)}
    assert len(lay_paths(grid, settled()).paths) == 2


def test_every_path_gives_what_a_run_with_its_recipe_gives(finished, study):
    """Real index of each dyad and all strangers, on every path, against the usual way through."""
    opened = sy.open_study(study)
    sessions = [load_session(opened, row.id) for row in opened.sessions]
    recipe = settle(Recipe(surrogates=(Surrogate(),)), FromMemory(tuple(sessions)))
    laid = lay_paths(SMALL, recipe)
    _, lanes = lanes_of(laid.paths)
    plan = make_plan(recipe, FromMemory(tuple(sessions)))
    columns = read_columns(finished.path, plan, lanes, shifts=0)
    for row, number in enumerate(columns.paths.tolist()):
        if number % 3:
            continue
        path = laid.paths[number]
        results, _ = analyse_sessions(sessions, path.recipe)
        names = [s.name for s in method_list.get(path.step.method).statistics]
        column = names.index(path.statistic)
        want = [results.blocks[i]["step0_stats"][column] for i in results.asked]
        np.testing.assert_allclose(columns.real[row], want, rtol=1e-9, err_msg=described(path))
        pseudo, cut = (m[..., column] for m in results.pseudo(0))
        away = ~np.eye(7, dtype=bool)
        np.testing.assert_allclose(columns.pseudo[row][away], pseudo[away], rtol=1e-9)
        np.testing.assert_allclose(columns.real_cut[row][away], cut[away], rtol=1e-9)


def test_the_folder_says_it_all(finished, study):
    table = finished.table()
    joint = finished.joint
    assert (table.status == "ok").sum() == joint["paths"] == 32
    assert not [c for c in table.columns if c.startswith("p_") or c == "p"]
    assert table.primary.sum() == 1
    assert np.isfinite(table.effect).all()
    assert (table.low <= table.effect).all()
    assert (table.effect <= table.high).all()
    assert joint["synchrony"]["median"] == pytest.approx(table.effect.median())
    assert joint["empathy"]["median"] == pytest.approx(table.r.median())
    assert joint["synchrony"]["null"] == "derangements"
    grid = json.loads((finished.path / "grid.json").read_text("utf-8"))
    assert grid["trim_stop_s"] == [0.0]
    text = finished.report.read_text("utf-8")
    assert "primary" in text
    assert "<script" not in text
    assert "derangements of the dyads" in (finished.path / "methods.md").read_text("utf-8")
    before = finished.report.read_bytes()
    assert sy.report(finished.path) == finished.report
    assert finished.report.read_bytes() == before
    checked = sy.check(finished.path)
    assert checked.whole, checked.lines


def outcome(folder):
    files = [*sorted((folder / "blocks").glob("*.npz")), folder / "paths.parquet"]
    files += [folder / "joint.json", folder / "methods.md", folder / "tables" / "paths.csv"]
    return {f.relative_to(folder): f.read_bytes() for f in files}


class Stopped(Exception):
    pass


def test_stopped_in_the_middle_it_resumes_to_the_same_bytes(study, finished):
    def stop(done, total):
        if done >= 12:
            raise Stopped

    with pytest.raises(Stopped):
        sy.multiverse(study, grid=SMALL, name="stopped", jobs=1, on_progress=stop)
    folder = study / "derivatives" / "syntony" / "stopped"
    blocks = sorted((folder / "blocks").glob("*.npz"))
    assert 0 < len(blocks) < 12
    assert not (folder / "joint.json").exists()
    times = {b: b.stat().st_mtime_ns for b in blocks}
    with pytest.raises(InputError, match="a run that was stopped"):
        sy.run(study, resume=True)  # a multiverse is no run
    with pytest.raises(InputError, match="the grid it was begun with"):
        sy.multiverse(study, name="stopped", resume=True, jobs=1)
    again = sy.multiverse(study, grid=SMALL, resume=True, jobs=1)
    assert again.path == folder
    assert {b: b.stat().st_mtime_ns for b in blocks} == times
    assert outcome(folder) == outcome(finished.path)
    with pytest.raises(InputError, match="a name that is free"):
        sy.multiverse(study, grid=SMALL, name="stopped")


def test_with_two_dyads_signals_are_shifted_alike_for_all_paths(tmp_path):
    root = on_disk(tmp_path / "two", made(2))
    grid = SMALL.model_copy(update={"shifts": 19})
    done = sy.multiverse(root, grid=grid, jobs=1)
    test = done.joint["synchrony"]
    assert (test["null"], test["draws"], test["n_dyads"]) == ("shifts", 19, 2)
    assert 0.05 <= test["median_p_one"] <= 1
    assert done.joint["empathy"]["status"].startswith("not testable")
    assert "SDs over the shifts" in done.report.read_text("utf-8")


def test_a_short_session_leaves_the_comparison_not_half_of_the_paths(tmp_path):
    short = made(1, minutes=1.0)[0]
    ids = {"P01": "P99", "T01": "T99"}
    people = tuple(replace(p, id=ids.get(p.id, p.id + "x")) for p in short.people)
    names = {a.id: b.id for a, b in zip(short.people, people, strict=True)}
    signals = tuple(replace(s, person=names[s.person]) for s in short.signals)
    cut = replace(
        short,
        id="d99s01",
        dyad="d99",
        people=people,
        signals=signals,
        spans=(),
        answers=(),
        clocks={},
    )
    root = on_disk(tmp_path / "short", (*made(7), cut))
    done = sy.multiverse(root, grid=SMALL, jobs=1)
    assert done.joint["dyads_left_out"] == ["d99"]
    assert done.joint["paths"] == 32
    assert done.joint["synchrony"]["status"] == "ok"


def test_no_path_that_suits_is_an_error_not_a_page(tmp_path, study):
    with pytest.raises(FileError):
        sy.multiverse(tmp_path / "nowhere")
    grid = SMALL.model_copy(
        update={"families": (Family(method="lagged_correlation", options={"window_s": (9000.0,)}),)}
    )
    done = sy.multiverse(study, grid=grid, name="long", jobs=1)
    assert done.joint["paths"] == 1  # the primary one
    assert any("9000" in d["reason"] for d in done.joint["dropped"])


def test_which_choice_matters():
    rng = np.random.default_rng(1)
    choices = [{"a": a, "b": b, "c": c} for a in "12" for b in "123" for c in ("x", "y", "z", "w")]
    effects = np.array([2.0 * (c["a"] == "1") + 0.5 * int(c["b"]) for c in choices])
    effects += 0.01 * rng.standard_normal(24)
    found = {s.choice: s for s in choice_shares(effects, choices)}
    assert list(found) == ["a", "b", "c"]
    for name, told in found.items():
        assert told.share == pytest.approx(plain.matched_share(effects, choices, name))
        assert told.alone <= told.share + 1e-12
    assert found["a"].alone == pytest.approx(1.0 / (1.0 + 1 / 6), abs=0.01)
    assert found["c"].share < 0.001


def test_other_signals_have_grids_too():
    for signal in ("hr", "mea"):
        recipe = settled(Recipe(signal=signal))
        paths = lay_paths(default_grid(recipe), recipe).paths
        assert len(paths) > 100
        assert {p.recipe.signal for p in paths} == {signal}
