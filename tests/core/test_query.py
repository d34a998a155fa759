"""Questions in SQL: what they can reach, and what they cannot."""

import json
import math
import shutil

import duckdb
import pytest
from click.testing import CliRunner

import syntony as sy
from syntony.cli import main
from syntony.core.errors import FileError, InputError


def test_the_figures_are_those_of_the_table(made_run):
    found = made_run.query(
        "SELECT session, value FROM pairs WHERE statistic = 'ssi' AND surrogate = 'pseudo_dyads' "
        "ORDER BY session"
    )
    pairs = made_run.table("pairs")
    same = pairs[(pairs.statistic == "ssi") & (pairs.surrogate == "pseudo_dyads")]
    assert found.value.tolist() == same.sort_values("session").value.tolist()
    assert len(found) == 8


def test_several_runs_have_one_table_with_the_run(made_run, tmp_path):
    other = tmp_path / "elsewhere" / "derivatives" / "syntony" / made_run.path.name
    shutil.copytree(made_run.path, other)
    twice = sy.query([made_run, other], "SELECT run, count(*) AS n FROM links GROUP BY run")
    assert sorted(twice.run) == [f"elsewhere/{other.name}", f"study/{other.name}"]
    assert twice.n.tolist() == [len(made_run.table("links"))] * 2
    once = sy.query(other, "SELECT DISTINCT run FROM sessions")
    assert once.run.tolist() == [other.name]
    with pytest.raises(InputError, match="each run once"):
        sy.query([other, other], "SELECT 1")


def test_what_a_number_lacks_is_left_out_of_a_mean(made_run):
    pairs = made_run.table("pairs")
    assert pairs.fisher_z.isna().any()
    found = made_run.query("SELECT avg(fisher_z) AS mean, count(fisher_z) AS n FROM pairs")
    assert found.n[0] == pairs.fisher_z.notna().sum()
    assert math.isclose(found["mean"][0], pairs.fisher_z.mean(), rel_tol=1e-12)
    assert made_run.query("SELECT fisher_z FROM pairs").fisher_z.isna().sum() > 0


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{path}/tables/pairs.csv')",
        "SELECT * FROM '{path}/pairs.parquet'",
        "SELECT content FROM read_text('{path}/recipe.json')",
        "SELECT * FROM glob('{path}/*')",
        "SELECT * FROM held",
        "COPY pairs TO '{path}/pairs.parquet'",
        "ATTACH '{path}/new.duckdb'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "CREATE TABLE mine AS SELECT 1",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_nothing_else_can_be_reached_or_changed(made_run, sql):
    before = {p: p.read_bytes() for p in made_run.path.glob("*.*")}
    with pytest.raises(InputError, match="sql"):
        made_run.query(sql.format(path=made_run.path))
    assert {p: p.read_bytes() for p in made_run.path.glob("*.*")} == before


def test_the_lock_holds_by_itself(made_run):
    """Also against what is no SELECT and would be refused for that already."""
    from syntony.core.query import _lay

    with duckdb.connect(":memory:") as held:
        _lay(held, {"r": made_run})
        for sql in (
            "SET enable_external_access = true",
            "COPY pairs TO 'x.csv'",
            f"COPY pairs TO '{made_run.path}/x.csv'",
            "ATTACH 'x.db'",
        ):
            with pytest.raises(duckdb.Error):
                held.execute(sql)
    assert not (made_run.path / "x.csv").exists()


def test_a_wrong_question_is_answered_with_what_to_do(made_run):
    with pytest.raises(InputError, match=r'valeu.*Candidate.*"value".*SHOW TABLES'):
        made_run.query("SELECT valeu FROM pairs")
    assert set(made_run.query("SHOW TABLES").name) >= {"pairs", "pseudo", "sessions", "links"}
    with pytest.raises(FileError, match="the folder of a run"):
        sy.query(made_run.path / "report", "SELECT 1")


def test_the_shell_prints_a_table_csv_or_json(made_run):
    sql = "SELECT session, step, value FROM pairs WHERE statistic = 'ssi' ORDER BY ALL"
    ask = ["query", str(made_run.path), sql]
    table, csv, json_ = (CliRunner().invoke(main, [*ask, *o]) for o in ([], ["--csv"], ["--json"]))
    rows = json.loads(json_.output)
    assert table.output.split()[:3] == ["session", "step", "value"]
    assert csv.output.splitlines()[0] == '"session","step","value"'
    assert len(csv.output.splitlines()) == len(rows) + 1
    assert rows[0]["value"] == made_run.query(sql).value[0]
    wrong = CliRunner().invoke(main, ["query", str(made_run.path), "SELECT nothing"])
    assert wrong.exit_code == 2
    assert CliRunner().invoke(main, ["query", str(made_run.path / "no"), sql]).exit_code == 1
