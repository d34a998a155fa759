"""Whether a run followed the plan that the study wrote down beforehand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from syntony.config import Recipe
from syntony.core.errors import FileError

FILE = "preregistration.json"
NOT_A_CHOICE = {"title"}


def hash_of(recipe: Mapping[str, Any]) -> str:
    """SHA-256 of a settled recipe: of its JSON with sorted keys and without spaces.

    The title, which decides nothing, is left out.

    Examples
    --------
    >>> hash_of({"seed": 1, "title": "a"}) == hash_of({"title": "b", "seed": 1})
    True
    """
    chosen = {k: v for k, v in recipe.items() if k not in NOT_A_CHOICE}
    text = json.dumps(chosen, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_preregistration(root: Path) -> dict[str, Any] | None:
    """Read a study's preregistration; None where there is none.

    Raises
    ------
    FileError
        If the file is damaged, or its recipe is no longer the one that its hash was made of.
    """
    path = root / FILE
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        told, recipe = str(found["recipe_sha256"]), dict(found["recipe"])
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise FileError(
            path, repr(error), "a preregistration", "Restore the file that was made."
        ) from error
    if hash_of(recipe) != told:
        raise FileError(
            path,
            f"a recipe whose hash is {hash_of(recipe)[:12]}…",
            f"the one that was registered, {told[:12]}…",
            "The file was changed after it was made; restore it.",
        )
    return found


def followed(root: Path, recipe: Recipe) -> dict[str, Any]:
    """Compare a settled recipe with the study's preregistration.

    Parameters
    ----------
    root : Path
        Study folder.
    recipe : Recipe
        Settled.

    Returns
    -------
    dict
        ``state``: ``"none"``, ``"followed"`` or ``"differs"``; with ``made_at``,
        ``recipe_sha256`` and ``fields``, a row (``field``, ``registered``, ``run``) for each
        choice that differs; ``added``: questionnaires whose scoring key came later, which is
        no change of plan.

    Raises
    ------
    FileError
        If the preregistration is damaged.
    """
    plan = read_preregistration(root)
    if plan is None:
        return {"state": "none"}
    now = json.loads(recipe.model_dump_json())
    before = dict(plan["recipe"])
    added = _keys_added(before, now)
    fields = list(differences(before, now))
    return {
        "state": "differs" if fields else "followed",
        "made_at": plan.get("made_at", ""),
        "recipe_sha256": plan["recipe_sha256"],
        "fields": fields,
        "added": added,
    }


def _keys_added(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Take out scoring keys that the plan lacked, and name them."""
    old = before.get("empathy", {}).get("keys", {})
    new = now.get("empathy", {}).get("keys", {})
    added = sorted(set(new) - set(old))
    if added:
        now["empathy"] = now["empathy"] | {"keys": {k: v for k, v in new.items() if k in old}}
    return added


def differences(before: Any, now: Any, place: str = "") -> Iterator[dict[str, Any]]:
    """Every choice in which two recipes differ, with both values.

    Examples
    --------
    >>> list(differences({"seed": 1, "body": {"a": 1}}, {"seed": 1, "body": {"a": 2}}))
    [{'field': 'body.a', 'registered': 1, 'run': 2}]
    """
    if isinstance(before, dict) and isinstance(now, dict):
        for key in [*before, *(k for k in now if k not in before)]:
            if not place and key in NOT_A_CHOICE:
                continue
            yield from differences(
                before.get(key), now.get(key), f"{place}.{key}" if place else str(key)
            )
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for k, (one, other) in enumerate(zip(before, now, strict=True), start=1):
            yield from differences(one, other, f"{place}[{k}]")
    elif before != now:
        yield {"field": place, "registered": before, "run": now}
