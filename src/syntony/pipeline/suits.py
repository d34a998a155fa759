"""Whether the units of two signals suit the methods of a recipe: asked before any work."""

from __future__ import annotations

from syntony.body.features import unit_of
from syntony.config import Recipe
from syntony.core.errors import InputError, SyntonyError
from syntony.pipeline.plan import Plan
from syntony.pipeline.source import Source
from syntony.synchrony import registry as method_list
from syntony.synchrony.registry import Method

Pair = tuple[str, str]


def refuse_units(recipe: Recipe, roles: Pair, units: Pair) -> None:
    """Refuse the first method for which these units make no sense.

    Parameters
    ----------
    recipe : Recipe
    roles, units : (str, str)
        Of the first and the second person.

    Raises
    ------
    InputError
        If an option of a method is in a unit that a signal lacks, or a method that compares
        sizes is given signals in two units.
    """
    told = " and ".join(
        f"{name} of {role} in {unit!r}"
        for name, role, unit in zip(recipe.signals, roles, units, strict=True)
    )
    for step in recipe.synchrony:
        entry = method_list.get(step.method)
        if entry.unit is not None and units != (entry.unit, entry.unit):
            raise InputError(
                f"unit of the signals for {entry.name}",
                told,
                f"both in {entry.unit!r}, since an option of the method is in it",
                f"Leave {entry.name} out, or compare signals in {entry.unit!r}.",
            )
        if not entry.scale_free and units[0] != units[1]:
            raise InputError(
                f"unit of the signals for {entry.name}",
                told,
                "one unit for both, since the method compares their sizes",
                f"Use a method that a change of scale leaves alone, such as {_scale_free()}.",
            )


def _scale_free() -> str:
    """Name a few methods that take any two units."""
    entries = method_list.methods().values()
    return ", ".join([e.name for e in entries if e.scale_free and e.unit is None][:3])


def refuse_before_work(recipe: Recipe, plan: Plan, source: Source) -> None:
    """Hold the methods to the units of the first session that can be read.

    Sessions that differ from it are held to theirs when they are prepared.
    """
    if not any(_minds(method_list.get(step.method)) for step in recipe.synchrony):
        return
    for planned in plan.sessions[: plan.analysed]:
        people = planned.first, planned.second
        try:
            session = source.load(planned.id)
            units = [unit_of(session, p, s) for p, s in zip(people, recipe.signals, strict=True)]
        except SyntonyError:
            continue  # preparing says why
        refuse_units(recipe, (people[0].role, people[1].role), (units[0], units[1]))
        return


def _minds(entry: Method) -> bool:
    """Whether a method cares for units at all."""
    return entry.unit is not None or not entry.scale_free
