"""A multiverse of sessions in memory: for calibration, where many made studies go through it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from syntony.body.features import prepare
from syntony.config import Recipe
from syntony.core.session import Session
from syntony.pipeline.plan import make_plan, settle
from syntony.pipeline.prepare import Features, features_from
from syntony.pipeline.source import FromMemory
from syntony.surrogates.many_paths import JointTest, complete
from syntony.trials.multiverse import can_have_strangers
from syntony.trials.multiverse_grid import Multiverse, settle_grid
from syntony.trials.multiverse_paths import lanes_of, lay_paths
from syntony.trials.multiverse_results import columns_of, joint_of, people_of
from syntony.trials.multiverse_work import compute_lane


def joint_of_sessions(sessions: Sequence[Session], recipe: Recipe, grid: Multiverse) -> JointTest:
    """Test all paths of a grid together over sessions in memory; nothing is written.

    Parameters
    ----------
    sessions : sequence of Session
    recipe : Recipe
        Its seed decides the draws.
    grid : Multiverse

    Returns
    -------
    JointTest
        Effects in the order of the paths that every dyad has.

    Raises
    ------
    InputError
        If a session cannot be prepared: in memory none is left out in silence.
    """
    source = FromMemory(tuple(sessions))
    settled = settle(recipe, source)
    full = settle_grid(grid, settled)
    plan = make_plan(settled, source)
    ways, lanes = lanes_of(lay_paths(full, settled).paths)
    held: list[list[Features | None]] = [
        [
            features_from(s.id, prepare(s, (p.first, p.second), way.signal, way.body))
            for s, p in zip(sessions, plan.sessions, strict=True)
        ]
        for way in ways
    ]
    shifts = 0 if can_have_strangers(plan, settled) else full.shifts
    blocks = (
        (lane, compute_lane(lane, plan, held[lane.preparation], settled, shifts=shifts))
        for lane in lanes
    )
    columns = columns_of(blocks, plan, shifts=shifts)
    kept, dyads = complete(columns.real)
    people = people_of(plan, columns.dyads)
    return joint_of(columns, np.asarray(kept), dyads, people, settled, full, shifts)
