"""Real couples: actor and partner effects of satisfaction on commitment; influence between "
"dials."""

import csv

import numpy as np
import pytest
from shared import SHARED, needs_shared

from syntony.link.models.fitting import fit_model
from syntony.link.models.values import Sessions
from syntony.synchrony.stability_influence import stability_and_influence, without_trend

ITEMS = "data/dysem-couples-items/commitmentM.csv"
DIAL = "data/rties-couples-dial/rties_short.csv"


def couples():
    """Mean scores of both partners, com4 reversed (1 to 9); a scale with an item missing is NaN.

    The scores are made here, from the items; the reverse key is that which the data show.
    """
    with (SHARED / ITEMS).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    def item(row, name):
        return float(row[name]) if row[name] not in ("", "NA") else np.nan

    def scores(names, reverse=()):
        return np.array(
            [
                np.mean([10 - item(r, n) if n in reverse else item(r, n) for n in names])
                for r in rows
            ]
        )

    columns = {}
    for side, who in (("first", "f"), ("second", "m")):
        columns[f"actor_{side}"] = scores([f"sat.g{k}_{who}" for k in range(1, 6)])
        commitment = [f"com{k}_{who}" for k in range(1, 6)]
        columns[f"outcome_{side}"] = scores(commitment, {f"com4_{who}"})
    return Sessions(
        dyad=tuple(f"c{k:03d}" for k in range(len(rows))),
        number=np.ones(len(rows)),
        columns=columns,
    )


@needs_shared(ITEMS)
def test_satisfaction_and_commitment_of_282_couples():
    some = couples()
    assert len(some) == 282
    fitted = fit_model("apim", some, roles=("woman", "man"))
    assert fitted.status == "ok"
    own, other, y = (some.column(n) for n in ("actor_first", "actor_second", "outcome_first"))
    both = np.isfinite(own) & np.isfinite(other)
    keep = both & np.isfinite(y)
    x = np.column_stack([np.ones(keep.sum()), own[keep], other[keep]])
    plain = np.linalg.lstsq(x, y[keep], rcond=None)[0]
    for role in ("woman", "man"):
        actor, partner = fitted.term(f"actor_{role}"), fitted.term(f"partner_{role}")
        assert actor.low > 0
        assert actor.estimate > partner.estimate
        assert actor.p_flip < 0.01
    assert fitted.term("actor_woman").estimate == pytest.approx(plain[1], abs=0.02)
    assert 0 < fitted.random["r residual woman man"] < 1
    assert any("further from normal" in n for n in fitted.notes)


def influences():
    """Influence of both partners' dials on each other 4 s later, and the couple's conflict."""
    with (SHARED / DIAL).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for row in rows:
        found.setdefault(row["couple"], {}).setdefault(row["female"], []).append(row)
    dyads, columns = [], {"influence_on_first": [], "influence_on_second": [], "conflict": []}
    for couple, two in found.items():
        dials = []
        for who in ("1", "0"):
            mine = sorted(two[who], key=lambda r: float(r["time"]))
            values = [float(r["dial"]) if r["dial"] not in ("", "NA") else np.nan for r in mine]
            dials.append(without_trend(np.array(values)))
        woman, man = (d / np.nanstd(d) for d in dials)
        columns["influence_on_first"].append(stability_and_influence(woman, man, 2)[1])
        columns["influence_on_second"].append(stability_and_influence(man, woman, 2)[1])
        levels = [float(two[w][0]["conflict"]) for w in ("1", "0")]
        columns["conflict"].append(np.mean(levels))
        dyads.append(couple)
    held = {k: np.array(v) for k, v in columns.items()}
    return Sessions(dyad=tuple(dyads), number=np.ones(len(dyads)), columns=held)


@needs_shared(DIAL)
def test_influence_between_the_dials_of_20_couples():
    every = influences()
    assert len(every) == 20
    some = every.complete(*every.columns)  # a couple without a conflict score is left out
    assert len(some) >= 17
    fitted = fit_model("stability_influence", every, roles=("woman", "man"))
    assert fitted.status == "ok", fitted.status
    for role, side in (("woman", "first"), ("man", "second")):
        term = fitted.term(f"influence_{role}")
        assert term.estimate == pytest.approx(some.column(f"influence_on_{side}").mean(), abs=1e-6)
        assert term.df == pytest.approx(len(some) - 2, rel=1e-3)
        assert term.low < term.estimate < term.high
    difference = fitted.term("influence_difference")
    assert difference.high < 0  # the man follows the woman's dial more than she follows his
