"""What a run says where strangers have the same slow course: which surrogates to distrust."""

from __future__ import annotations

from typing import Any

import numpy as np

from syntony.config import Recipe, Step, Surrogate
from syntony.core.arrays import Bools
from syntony.core.notes import Note
from syntony.core.seeds import rng_for
from syntony.pipeline.measured import null_rate
from syntony.pipeline.pairs import Results
from syntony.pipeline.plan import STRANGERS, Plan
from syntony.surrogates import registry as surrogate_list
from syntony.surrogates.partners import Meeting, admissible
from syntony.surrogates.registry import takes_partners
from syntony.surrogates.shared_course import SharedCourse, on_one_axis, shared_course
from syntony.synchrony import registry as method_list

CODE = "shared-shape"
WORLD = "shared_shape"
ALPHA = 0.01
MOST_SESSIONS = 400


def shared_shape(results: Results) -> SharedCourse:
    """Test whether the strangers of a run have the same slow course.

    Blocks of runs made before courses were kept are left out. Of more than 400 sessions every
    so many are taken, evenly over the plan, which says it well enough.
    """
    there = [i for i, block in results.blocks.items() if "slow_first" in block]
    every = max(1, -(-len(there) // MOST_SESSIONS))
    there = there[::every]
    sessions = [results.plan.sessions[i] for i in there]
    laid = on_one_axis(
        [
            (int(results.blocks[i]["slow_from"]), results.blocks[i][name])
            for name in ("slow_first", "slow_second")
            for i in there
        ]
    )
    return shared_course(
        laid[: len(there)],
        laid[len(there) :],
        _strangers(results.plan)[np.ix_(there, there)],
        rng_for(results.recipe.seed, "shared-shape"),
        people=([s.first.id for s in sessions], [s.second.id for s in sessions]),
    )


def _strangers(plan: Plan) -> Bools:
    """Who never met whom: as the plan has it, or made here where its recipe asks for none."""
    if STRANGERS in plan.allowed:
        return plan.allowed[STRANGERS]
    meetings = [
        Meeting(
            session=s.id,
            dyad=s.dyad,
            type=s.type,
            number=s.number,
            first=s.first.id,
            second=s.second.id,
        )
        for s in plan.sessions
    ]
    return admissible(meetings, same_therapist=True)


def shared_shape_note(results: Results) -> Note | None:
    """Say that strangers have the same slow course, and what that means for the recipe.

    None where they have not, or it cannot be tested.
    """
    found = shared_shape(results)
    if found.status != "ok" or not (found.p_one <= ALPHA and found.correlation > 0):
        return None
    return Note("study", CODE, " ".join([_what(found), *_of_recipe(results.recipe)]))


def _what(found: SharedCourse) -> str:
    """The course itself: how alike, beside chance."""
    return (
        "People who never met have a similar slow course in these sessions: minute by minute, "
        f"first and second persons of different sessions correlate {found.correlation:.2f} on "
        f"average ({found.pairs:,} pairs of {found.sessions} sessions; by chance under "
        f"{found.chance:.2f} in 95 of 100; p = {found.p_one:.3f}). About "
        f"{100 * found.correlation:.0f} % of the variance of a slow course is the session's, not "
        "the dyad's."
    )


def _of_recipe(recipe: Recipe) -> list[str]:
    """Which surrogates of the recipe take such a course for synchrony, by the table."""
    within = [s for s in recipe.surrogates if not takes_partners(s.name)]
    names = {s.name for s in recipe.surrogates}
    known = [_cell(recipe, step, item) for item in within for step in recipe.synchrony]
    doubted = [told for told, fails in known if fails]
    held = [told for told, fails in known if fails is False]
    unknown = [told for told, fails in known if fails is None]
    said = []
    if doubted:
        said.append(
            "Of simulated studies that share nothing but such a course, more than 5 in 100 passed "
            f"at 5 in 100, so do not trust here: {'; '.join(doubted)}."
        )
    if held:
        said.append(f"It misled no more than claimed: {'; '.join(held)}.")
    if unknown:
        said.append(f"Not measured for these settings: {'; '.join(unknown)}.")
    if STRANGERS in names:
        said.append("People who never met have this course too: read the answer beside them.")
    elif within:
        said.append(
            f"Add {STRANGERS} to the surrogates of the recipe: people who never met have this "
            "course too."
        )
    return said


def _cell(recipe: Recipe, step: Step, item: Surrogate) -> tuple[str, bool | None]:
    """One method beside one surrogate in words, and whether it fails; None where not measured."""
    entry, surrogate = method_list.get(step.method), surrogate_list.get(item.name)
    told = f"{entry.title.lower()} beside the {surrogate.title.lower()}"
    rate: dict[str, Any] | None = None
    settled = step.options == entry.settle({}) and item.options == surrogate.settle({})
    if settled and recipe.signal == "eda":
        rate = null_rate(WORLD, step.method, entry.statistics[0].name, item.name)
    if rate is None:
        return told, None
    share = f"{100 * rate['passed'] / rate['studies']:.1f} % of {rate['studies']:,} studies"
    return f"{told} ({share})", rate["mark"] in ("fails", "above")
