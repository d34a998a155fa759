"""Coders and sequences through check, run, tables and report."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner
from coded_studies import double_coded

import syntony as sy
from syntony.cli import main
from syntony.config import Agreement, Recipe, Sequences, Step, Surrogate
from syntony.core.errors import InputError
from syntony.io.study import load_session, open_study
from syntony.pipeline.run import run
from syntony.report.methods import cited_keys, read_bib


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Seven dyads of seven minutes, five of them coded by two."""
    return double_coded(tmp_path_factory.mktemp("coders") / "study", dyads=7, minutes=7.0, both=5)


@pytest.fixture(scope="module")
def made(root):
    """A run that asks for sequences too."""
    recipe = Recipe(
        synchrony=(Step(),),
        surrogates=(Surrogate(), Surrogate(name="shift_thirds", count=39)),
        emotion={"rotations": 39},
        agreement=Agreement(bootstrap=199),
        sequences=Sequences(
            pairs=(("positive", "positive"), ("neutral", "laughs")), lags=2, rotations=39
        ),
    )
    return run(root, recipe, name="coders", jobs=1)


def page_of(made):
    text = (made.path / "report" / "index.html").read_text("utf-8")
    text = re.sub(r"<style.*?</style>|<svg.*?</svg>", "", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def naive_kappa(root, sessions):
    """Kappa over whole seconds of both people, counted by hand from the codes."""
    pairs = []
    study = open_study(root)
    for row in study.sessions[:sessions]:
        session = load_session(study, row.id)
        for person in session.people:
            tracks = []
            for coder in ("coder1", "coder2"):
                track = [""] * 500
                for s in session.codes:
                    if (s.person, s.coder) == (person.id, coder):
                        for second in range(int(s.start_s), int(np.ceil(s.stop_s))):
                            if min(second + 1, s.stop_s) - second >= 0.5:
                                track[second] = s.label
                tracks.append(track)
            pairs += [(a, b) for a, b in zip(*tracks, strict=True) if a and b]
    n = len(pairs)
    agree = sum(a == b for a, b in pairs) / n
    chance = (
        sum(
            sum(a == c for a, _ in pairs) * sum(b == c for _, b in pairs)
            for c in {a for a, _ in pairs}
        )
        / n**2
    )
    return (agree - chance) / (1 - chance), n


def test_the_table_holds_what_the_codes_give_by_hand(made, root):
    table = made.table("agreement")
    whole = table[(table.session == "") & (table.role == "") & (table.code == "")]
    row = whole[whole.measure == "kappa"].iloc[0]
    value, units = naive_kappa(root, 5)
    assert row.value == pytest.approx(value)
    assert row.units == units
    assert row.low < row.value < row.high
    assert row.n_sessions == 5
    assert set(whole.measure) >= {"kappa_tolerance", "kappa_events", "kappa_quadratic"}
    codes = table[(table.measure == "kappa") & (table.role == "patient") & (table.code != "")]
    assert set(codes.code) == {"negative", "neutral", "positive"}
    assert codes.prevalence_a.sum() == pytest.approx(1.0, abs=1e-6)
    assert len(table[table.session != ""]) == 5
    assert "coded-once" in {n.code for n in made.notes}


def test_disagreements_lie_where_the_codes_differ(made, root):
    table = made.table("disagreements")
    assert table.seconds.is_monotonic_decreasing
    study = open_study(root)
    for row in table.head(8).itertuples():
        session = load_session(study, row.session)
        middle = (row.start_s + row.stop_s) / 2
        said = {
            s.coder: s.label
            for s in session.codes
            if s.person == row.person and s.start_s <= middle < s.stop_s
        }
        assert said.get(row.coder_a, "uncoded") == row.code_a
        assert said.get(row.coder_b, "uncoded") == row.code_b
        assert row.code_a != row.code_b


def test_the_page_says_how_far_coders_agree_and_who_answers_whom(made):
    said = page_of(made)
    assert "coder1 and coder2 both coded 5 sessions" in said
    assert "never seconds" in said
    assert "a note, no gate" in said
    assert "Where to look again" in said
    assert "They agree least on" in said
    assert "Who answers whom: patient: positive and therapist: positive" in said
    assert "therapist: positive, 10 s after patient: positive" in said
    assert "read the strangers first" in said


def test_sequences_are_findings_with_one_primary(made):
    table, links = made.table("sequences"), made.table("links")
    mine = links[links.finding == "sequences"]
    assert len(mine) == 2 * 5  # both ways beside two kinds of chance, and their difference
    assert (mine.family == "primary").sum() == 1
    whole = table[table.session == ""]
    assert set(whole.lag) == {1, 2}
    assert (whole.lag_s == 10.0 * whole.lag).all()
    assert len(table[table.session != ""]) > 0
    notes = [n for n in made.notes if n.code == "sequences-no-code"]
    assert len(notes) == 1
    assert "laughs" in notes[0].text


def test_the_methods_tell_how_coders_agree_and_who_answers_whom(made):
    said = (made.path / "methods.md").read_text("utf-8")
    assert "Cohen’s kappa [@Cohen1960]" in said
    assert "(BCa, 199 draws)" in said
    assert "ICC(2,1) and ICC(2,k) [@ShroutFleiss1979]" in said
    assert "in intervals of 10 s, both ways" in said
    assert "1 to 2 intervals later" in said
    assert "39 rotations by at least 60 s" in said
    cited = set(cited_keys(said))
    assert {"Krippendorff2011", "HolleRein2015", "Cohen1968", "MantelHaenszel1959"} <= cited
    assert cited <= set(read_bib((made.path / "references.bib").read_text("utf-8")))


def test_a_run_without_a_question_has_no_rows(root):
    plain = run(
        root,
        Recipe(synchrony=(Step(),), surrogates=(Surrogate(name="shift_thirds", count=19),)),
        name="plain",
        jobs=1,
    )
    assert len(plain.table("sequences")) == 0
    assert "Who answers whom" not in page_of(plain)
    assert "Who answers whom" not in (plain.path / "methods.md").read_text("utf-8")


def test_check_shows_agreement_and_writes_the_list(root, tmp_path):
    runner = CliRunner()
    target = tmp_path / "look.csv"
    done = runner.invoke(main, ["check", str(root), "--disagreements", str(target)])
    assert done.exit_code == 0, done.output
    assert "agreement of coder1 and coder2: all codes, kappa 0." in done.output
    assert "coded-once" in done.output
    lines = target.read_text("utf-8").splitlines()
    assert lines[0].startswith("session,person,role,start_s,stop_s,seconds,coder_a,code_a")
    assert len(lines) == 1 + len(sy.agreement(root).disagreements)
    said = json.loads(runner.invoke(main, ["check", str(root), "--json"]).output)
    row = next(r for r in said["agreement"] if r["measure"] == "kappa" and not r["session"])
    assert 0.5 < row["value"] < 1.0
    assert said["disagreements"][0]["seconds"] >= said["disagreements"][-1]["seconds"]


def test_a_study_of_one_coder_has_no_agreement_and_no_list(tmp_path):
    alone = double_coded(tmp_path / "study", dyads=2, minutes=3.0, both=0)
    found = sy.agreement(alone)
    assert found.rows == ()
    assert found.lines == ()
    with pytest.raises(InputError, match="coded by two"):
        sy.write_disagreements(tmp_path / "x.csv", found)
    done = CliRunner().invoke(
        main, ["check", str(alone), "--disagreements", str(tmp_path / "x.csv")]
    )
    assert done.exit_code == 2
    assert not (tmp_path / "x.csv").exists()


def test_odd_coders_are_told(tmp_path):
    root = double_coded(tmp_path / "study", dyads=2, minutes=4.0, wrong=0.0, shift_s=5.0)
    told = {n.code for n in sy.agreement(root).notes}
    assert told == {"coders-shifted"}
    path = next((root / "codes").glob("*_coder1.tsv"))
    lines = path.read_text("utf-8").splitlines()
    extra = [line.replace("neutral", "negative") for line in lines[1:]]
    path.write_text("\n".join([*lines, *extra]) + "\n", "utf-8")
    found = sy.agreement(root)
    assert "codes-doubled" in {n.code for n in found.notes}
    done = CliRunner().invoke(main, ["check", str(root)])
    assert done.exit_code == 1  # a run would leave these codes out
    assert "Two coders under one name" in done.output
