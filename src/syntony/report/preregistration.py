"""What a report says of the plan that was written down beforehand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from syntony.core.notes import Note

MOST = 12


def in_a_word(told: Mapping[str, Any] | None) -> str:
    """Say it in a word or two, for a list of facts.

    Examples
    --------
    >>> in_a_word({"state": "none"}), in_a_word({"state": "differs", "fields": [{}, {}]})
    ('none', 'differs in 2 choices')
    """
    if not told:
        return ""
    if told["state"] == "differs":
        many = len(told["fields"])
        return f"differs in {many} choice{'' if many == 1 else 's'}"
    return str(told["state"])


def sentence(told: Mapping[str, Any] | None) -> str:
    """Say whether the run followed the plan, and where it did not; empty where nobody asked.

    Examples
    --------
    >>> print(sentence({"state": "differs", "made_at": "2026-01-02T10:00:00+00:00",
    ...     "recipe_sha256": "ab" * 32, "added": [],
    ...     "fields": [{"field": "trim_start_s", "registered": 0.0, "run": 300.0}]}))
    The analysis differs from the preregistered one (2026-01-02, recipe abababababab) in:
    trim_start_s (registered 0.0, here 300.0).
    """
    if not told:
        return ""
    if told["state"] == "none":
        return "The analysis was not preregistered with this study."
    which = f"({str(told['made_at'])[:10]}, recipe {told['recipe_sha256'][:12]})"
    more = ""
    if told.get("added"):
        more = f" Scoring keys were added since: {', '.join(told['added'])}."
    if told["state"] == "followed":
        return f"The analysis followed the preregistered one {which} in every choice.{more}"
    fields = told["fields"]
    said = "; ".join(
        f"{f['field']} (registered {_value(f['registered'])}, here {_value(f['run'])})"
        for f in fields[:MOST]
    )
    rest = f"; and {len(fields) - MOST} more" if len(fields) > MOST else ""
    return f"The analysis differs from the preregistered one {which} in: {said}{rest}.{more}"


def note_of(told: Mapping[str, Any] | None) -> list[Note]:
    """Note that a plan was followed, or not; none where there was no plan."""
    if not told or told["state"] == "none":
        return []
    return [Note("study", f"preregistration-{told['state']}", sentence(told))]


def _value(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"
