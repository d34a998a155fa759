"""Families and costs: what lists, manual and page on choosing are made from."""

import json

from click.testing import CliRunner

import syntony.synchrony  # noqa: F401  fills the list
from syntony.cli import main
from syntony.synchrony.costs import NOT_MEASURED, cost_of, measured
from syntony.synchrony.families import FAMILIES, by_family
from syntony.synchrony.registry import methods


def ours():
    return {n for n, m in methods().items() if m.compute.__module__.startswith("syntony.")}


def test_every_method_of_ours_has_one_family_and_a_word_on_its_neighbours():
    members = [name for family in FAMILIES for name in family.members]
    assert len(members) == len(set(members))
    assert ours() <= set(members)
    for family, listed in by_family(methods().values()):
        said = family.looks_at + family.apart
        assert len(said.split()) >= 20 or not family.members
        for entry in listed:
            assert len(listed) == 1 or f"`{entry.name}`" in family.apart or not family.members


def test_every_method_of_ours_was_measured():
    assert ours() <= set(measured()["methods"])
    for name in ours():
        cost = cost_of(name)
        assert 0 < cost.once_s < cost.surrogates_s
        assert cost.draws_timed >= 3
    assert measured()["machine"]["processor"]


def test_the_table_fits_100_columns_and_says_what_a_reader_asks():
    done = CliRunner().invoke(main, ["methods"], catch_exceptions=False)
    assert max(len(line) for line in done.stdout.splitlines()) <= 100
    joined = " ".join(done.stdout.split())
    for entry in methods().values():
        assert entry.name in done.stdout
        assert entry.question.split()[0] in joined
    assert NOT_MEASURED not in joined
    assert "-7 to +7 s" in joined
    told = json.loads(CliRunner().invoke(main, ["methods", "--json"]).stdout)["methods"]
    marci = next(m for m in told if m["name"] == "marci")
    assert marci["cost"]["once_s"] == cost_of("marci").once_s
    assert {"lag_range", "chance", "question", "statistics_chance", "family"} <= set(marci)
