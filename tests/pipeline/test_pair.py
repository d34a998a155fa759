"""The verb pair: two files, one answer; the same answer as two arrays; strangers where lent."""

import csv
import re

import numpy as np
import pytest
from made_files import FACTS, e4_zip, same_numbers, tree, two, two_files, write_csv
from shared import SHARED, needs_shared

import syntony as sy
from syntony.config import Recipe, Surrogate
from syntony.core.errors import FileError, InputError
from syntony.pipeline import pair as pair_file

QUICK = Recipe(surrogates=(Surrogate(name="shift_thirds", count=39),))
MERELY_SETTLE = "Two people who merely settle at the same time can pass"


def by_key(table):
    rows = table.to_dict("records")
    return {(r["method"], r["statistic"], r["surrogate"]): r for r in rows}


def lead_row(run):
    return by_key(run.table("pairs"))["marci", "ssi", "shift_thirds"]


def page_of(run):
    return run.report.read_text("utf-8")


@pytest.fixture(scope="module")
def values():
    return two()


@pytest.fixture(scope="module")
def files(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("two")
    names = ("patient.csv", "therapist.csv")
    return tuple(write_csv(folder / n, v) for n, v in zip(names, values, strict=True))


def test_two_files_give_what_two_arrays_give(files, values, tmp_path):
    run = sy.pair(*files, **FACTS, together=True, out=tmp_path / "run")
    arrays = sy.analyse(*values, rate_hz=4.0, kind="eda", unit="uS")
    assert [s["name"] for s in run.recipe["surrogates"]] == ["shift_thirds"]
    ours, theirs = by_key(run.table("pairs")), by_key(arrays.table())
    assert ours.keys() == theirs.keys()
    assert {r["draws"] for r in ours.values()} == {999}
    for key, row in ours.items():
        same_numbers(row, theirs[key])
    lead = lead_row(run)
    assert lead["leader"] == "first"
    assert lead["lag_s"] == pytest.approx(2.0, abs=1.0)
    assert lead["p_one"] < 0.05


def test_one_array_as_both_people_is_refused(values):
    facts = {"rate_hz": 4.0, "kind": "eda", "unit": "uS"}
    with pytest.raises(InputError, match=r"same values throughout.*Two people cannot share"):
        sy.analyse(values[0], values[0].copy(), **facts)
    other = values[0].copy()
    other[7] += 1e-3
    assert sy.analyse(values[0], other, **facts).rows


def test_swapping_the_files_swaps_who_leads(files, tmp_path):
    run = sy.pair(*files[::-1], **FACTS, together=True, out=tmp_path / "r", recipe=QUICK)
    assert lead_row(run)["lag_s"] == pytest.approx(-2.0, abs=1.0)
    assert lead_row(run)["leader"] == "second"


@pytest.mark.parametrize(("offset_s", "lag_s"), [(5.0, 2.0), (3.0, 0.0)])
def test_offset_is_how_much_later_the_second_starts(values, tmp_path, offset_s, lag_s):
    """The second file lacks its first 5 s, so 5 s is the truth and 3 s brings it 2 s nearer."""
    first = write_csv(tmp_path / "a.csv", values[0])
    late = write_csv(tmp_path / "b.csv", values[1][20:])
    run = sy.pair(first, late, **FACTS, offset_s=offset_s, out=tmp_path / "r", recipe=QUICK)
    assert lead_row(run)["lag_s"] == pytest.approx(lag_s, abs=1.0)
    session = run.table("sessions").iloc[0]
    assert session.overlap_s == pytest.approx((values[1].size - 20) / 4.0, abs=5.1)


def test_without_strangers_the_page_begins_with_what_can_pass_and_how_often(
    files, tmp_path, monkeypatch
):
    import syntony.pipeline.run as run_file

    rate = {"rate": 0.31, "low": 0.27, "high": 0.35, "runs": 500}
    monkeypatch.setattr(run_file, "shared_shape_rate", lambda *a, **k: rate)
    run = sy.pair(*files, **FACTS, together=True, out=tmp_path / "r", recipe=QUICK)
    page = page_of(run)
    told = page.index(MERELY_SETTLE)
    assert re.search(r"31\s%\sdid", page[told : told + 300])
    assert told < page.index("moved more in step")
    assert "ignifican" not in page
    assert not any("ignifican" in p.read_text("utf-8") for p in run.path.rglob("*.md"))


def test_the_rate_that_is_told_is_the_one_of_the_default_surrogate(files, tmp_path):
    from syntony.pipeline.measured import shared_shape_rate

    run = sy.pair(*files, **FACTS, together=True, out=tmp_path / "r")
    assert run.origin["pair"]["shared_shape_rate"] == shared_shape_rate(
        "marci", "ssi", "shift_thirds"
    )
    assert run.origin["pair"]["shared_shape_rate"]["rate"] > 0


@pytest.mark.parametrize(("seconds", "draws"), [(90, 0), (180, 999)])
def test_a_short_recording_says_what_it_is_too_short_for(tmp_path, seconds, draws):
    files = two_files(tmp_path, seconds)
    run = sy.pair(*files, **FACTS, together=True, out=tmp_path / "r")
    assert lead_row(run)["draws"] == draws
    told = [n.text for n in run.notes if n.code == "no-chance"]
    assert len(told) == (draws == 0)
    assert all("90 s" in t and "at least 180 s" in t for t in told)
    assert ("at least 180 s" in page_of(run)) == (draws == 0)


def test_a_recording_shorter_than_a_window_names_the_files(tmp_path):
    files = two_files(tmp_path / "in", 12)
    before = tree(tmp_path)
    with pytest.raises(InputError, match=r"patient\.csv and therapist\.csv hold 12 s together"):
        sy.pair(*files, **FACTS, together=True, out=tmp_path / "deep" / "r")
    assert tree(tmp_path) == before


def test_recordings_that_miss_each_other_say_by_how_much(files, tmp_path):
    with pytest.raises(FileError, match=r"they miss each other by 80\.0 s") as told:
        sy.pair(*files, **FACTS, offset_s=1400.0, out=tmp_path / "r")
    assert "patient.csv" in str(told.value)
    assert "therapist.csv" in str(told.value)
    assert not list(tmp_path.iterdir())


def test_the_same_samples_in_another_file_are_one_recording(values, files, tmp_path):
    semicolons = tmp_path / "other name.csv"
    semicolons.write_text(files[0].read_text().replace(",", ";"))
    for twin in (files[0], semicolons):
        with pytest.raises(InputError, match="another recording than"):
            sy.pair(files[0], twin, **FACTS, together=True, out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_two_columns_of_one_file_are_two_people_on_one_clock(values, tmp_path):
    rows = [f"{a!r} {b!r}" for a, b in zip(*(v.tolist() for v in values), strict=True)]
    both = tmp_path / "both.txt"
    both.write_text("\n".join(["pat th", *rows]) + "\n")
    facts = {"kind": "eda", "unit": "uS", "rate_hz": 4.0, "recipe": QUICK}
    run = sy.pair(both, both, columns=("pat", "th"), out=tmp_path / "a", together=True, **facts)
    assert lead_row(run)["leader"] == "first"
    assert lead_row(run)["clock_error_s"] == 0.0
    turned = sy.pair(both, both, columns=("th", "pat"), out=tmp_path / "b", together=True, **facts)
    assert lead_row(turned)["leader"] == "second"
    with pytest.raises(InputError, match="another recording"):
        sy.pair(both, both, column="pat", out=tmp_path / "c", together=True, **facts)


def test_nothing_is_left_where_the_disk_fills_or_the_user_stops(files, tmp_path, monkeypatch):
    for error in (OSError(28, "No space left on device"), KeyboardInterrupt()):

        def fail(*args, error=error, **more):
            folder = args[2]
            folder.mkdir(parents=True)
            (folder / "recipe.json").write_text("half")
            raise error

        monkeypatch.setattr(pair_file, "carry_out", fail)
        with pytest.raises(type(error)):
            sy.pair(*files, **FACTS, together=True, out=tmp_path / "r")
        assert not list(tmp_path.iterdir())


def test_a_folder_that_exists_is_never_written_into(files, tmp_path):
    (tmp_path / "r").mkdir()
    with pytest.raises(InputError, match="a folder that does not exist"):
        sy.pair(*files, **FACTS, together=True, out=tmp_path / "r")
    assert not list((tmp_path / "r").iterdir())


def test_without_a_common_clock_the_files_are_named(files, tmp_path):
    with pytest.raises(InputError, match=r"patient\.csv and therapist\.csv do not say when"):
        sy.pair(*files, **FACTS, out=tmp_path / "r")


# --------------------------------------------------------------------- strangers


@pytest.fixture(scope="module")
def lent(made_run, files, tmp_path_factory):
    study = made_run.path.parents[2]
    recipe = Recipe(surrogates=(Surrogate(), Surrogate(name="shift_thirds", count=39)))
    out = tmp_path_factory.mktemp("lent") / "r"
    return sy.pair(*files, **FACTS, together=True, strangers=study, out=out, recipe=recipe)


def test_strangers_are_everybody_of_the_other_role_once(lent, made_run):
    rows = by_key(lent.table("pairs"))
    dyads = len(made_run.table("sessions"))
    row = rows["marci", "ssi", "pseudo_dyads"]
    assert row["draws"] == 2 * dyads
    assert row["p_one"] >= 1 / (2 * dyads + 1)
    assert (row["role_a"], row["role_b"]) == ("patient", "therapist")
    pseudo = lent.table("pseudo")
    one = pseudo[(pseudo.step == 0) & (pseudo.statistic == "ssi")]
    assert set(one.session_a) | set(one.session_b) == {"pair", *made_run.table("sessions").session}
    assert ((one.session_a == "pair") ^ (one.session_b == "pair")).all()


def test_with_strangers_they_come_first_and_the_caution_goes(lent):
    page = page_of(lent)
    assert MERELY_SETTLE not in page
    assert "people who never met" in page


def test_by_default_strangers_and_the_shift_are_both_used(files, made_run, tmp_path):
    run = sy.pair(
        *files, **FACTS, together=True, strangers=made_run.path.parents[2], out=tmp_path / "r"
    )
    assert [s["name"] for s in run.recipe["surrogates"]] == ["pseudo_dyads", "shift_thirds"]


def test_roles_and_types_must_be_those_of_the_study(files, study, tmp_path):
    facts = {**FACTS, "together": True, "strangers": study, "out": tmp_path / "r", "recipe": None}
    with pytest.raises(InputError, match="the roles of the strangers' study"):
        sy.pair(*files, **facts, roles=("patient", "nurse"))
    with pytest.raises(InputError, match="session_type='nap'"):
        sy.pair(*files, **facts, session_type="nap")
    table = study / "sessions.tsv"
    rows = list(csv.DictReader(table.read_text().splitlines(), delimiter="\t"))
    for number, row in enumerate(rows):
        row["type"] = "talk" if number < 3 else "rest"
    lines = ["\t".join(rows[0]), *("\t".join(r.values()) for r in rows)]
    table.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=r"one of \['rest', 'talk'\]"):
        sy.pair(*files, **facts)
    facts["recipe"] = Recipe(surrogates=(Surrogate(),))
    run = sy.pair(*files, **facts, session_type="talk")
    assert by_key(run.table("pairs"))["marci", "ssi", "pseudo_dyads"]["draws"] == 6
    assert not list(tmp_path.glob(".r*"))


def test_a_study_that_holds_this_very_pair_lends_nobody(files, tmp_path):
    source = tmp_path / "in"
    for number in (1, 2):
        names = (f"{number}_1_patient.csv", f"{number}_1_therapist.csv")
        two_files(source, 300, names=names, seed=number)
    study = tmp_path / "study"
    sy.import_files([source], study, pattern="{dyad}_{session}_{role}.csv", together=True, **FACTS)
    ours = source / "1_1_patient.csv", source / "1_1_therapist.csv"
    with pytest.raises(InputError, match=r"1_1_patient\.csv is in its session"):
        sy.pair(*ours, **FACTS, together=True, strangers=study, out=tmp_path / "r")


# ------------------------------------------------------------- real recordings


@needs_shared("data/rmea-therapy-mea")
def test_motion_energy_of_a_therapy_dyad(tmp_path):
    file = SHARED / "data" / "rmea-therapy-mea" / "normal" / "200_01.txt"
    facts = {"kind": "motion", "unit": "1", "rate_hz": 25.0, "together": True, "recipe": None}
    recipe = QUICK.model_copy(update={"signal": "motion"})
    run = sy.pair(
        file, file, columns=("pat", "th"), out=tmp_path / "a", **{**facts, "recipe": recipe}
    )
    assert run.table("sessions").iloc[0].overlap_s == pytest.approx(600.0)
    turned = sy.pair(
        file, file, columns=("th", "pat"), out=tmp_path / "b", **{**facts, "recipe": recipe}
    )
    one, other = lead_row(run), lead_row(turned)
    assert one["value"] == pytest.approx(other["value"], abs=1e-9)
    assert one["lag_s"] == pytest.approx(-other["lag_s"])


@needs_shared("data/swps-couples-rr")
def test_two_lists_of_intervals_take_their_clocks_from_their_names(tmp_path):
    folder = SHARED / "data" / "swps-couples-rr" / "relaxation"
    files = [next(iter(sorted(folder.glob(f"1r{who}4 *.txt")))) for who in "km"]
    sums = [np.loadtxt(f).sum() / 1e3 for f in files]
    run = sy.pair(*files, out=tmp_path / "r")
    assert run.recipe["signal"] == "hr"
    session = run.table("sessions").iloc[0]
    assert session.overlap_s == pytest.approx(min(sums), abs=2.0)
    assert lead_row(run)["clock_error_s"] == pytest.approx(1.0)
    assert not any(n.code == "taken-together" for n in run.notes)


@needs_shared("data/empatica-e4")
def test_a_wristband_beside_another(tmp_path):
    real = next((SHARED / "data" / "empatica-e4").glob("*.zip"))
    length_s = sy.read(real, person="x").signals[0].values.size
    other = e4_zip(tmp_path / "other.zip", two(max(length_s, 400.0))[1])
    run = sy.pair(real, other, together=True, out=tmp_path / "r", recipe=QUICK)
    assert run.recipe["signal"] == "eda"
    copy = tmp_path / "copy.zip"
    copy.write_bytes(real.read_bytes())
    with pytest.raises(InputError, match="another recording than"):
        sy.pair(real, copy, together=True, out=tmp_path / "s")
    later = e4_zip(tmp_path / "later.zip", two(400.0)[1], start=1735148245.0)
    with pytest.raises(FileError, match=r"miss each other by .* s.*--offset-s"):
        sy.pair(real, later, together=True, out=tmp_path / "s")
    assert not (tmp_path / "s").exists()
