"""Calibration cards beside the runs: which one belongs to a recipe and its recordings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from syntony.config import Joined
from syntony.core.errors import FileError
from syntony.core.files import write_text

CARD = "card.json"
NO_EFFECT = ("title", "agreement", "questionnaires", "sequences", "joined", "ratings", "models")
"""Parts of a recipe on which no rate of a card rests: the title, what reads codes or answers
alone, and what joins codes with synchrony beside the findings of a card."""
_TALK = ("talk_codes", "least_talk_s")  # but moments are matched on talk


def recipe_sha256(recipe: Mapping[str, Any]) -> str:
    """Fingerprint of a settled recipe, without what decides nothing on a card.

    Examples
    --------
    >>> recipe_sha256({"seed": 1, "title": "a"}) == recipe_sha256({"title": "b", "seed": 1})
    True
    """
    decides = {k: v for k, v in recipe.items() if k not in NO_EFFECT}
    usual, joined = json.loads(Joined().model_dump_json()), recipe.get("joined", {})
    talk = {k: joined[k] for k in _TALK if k in joined and joined[k] != usual[k]}
    decides |= {"talk": talk} if talk else {}
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def inputs_sha256(inputs: Sequence[Mapping[str, Any]]) -> str:
    """Fingerprint of the recordings of a run, as ``origin.json`` lists them.

    Examples
    --------
    >>> one = [{"path": "a", "sha256": "0", "bytes": 1}, {"path": "b", "sha256": "1", "bytes": 1}]
    >>> inputs_sha256(one) == inputs_sha256(one[::-1])
    True
    """
    listed = sorted((str(f["path"]), str(f["sha256"])) for f in inputs)
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def kept_card(home: Path, recipe: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]) -> Path:
    """Where the card of this recipe and these recordings is kept, beside the runs."""
    both = recipe_sha256(recipe) + inputs_sha256(inputs)
    return home / f"calibration-{hashlib.sha256(both.encode()).hexdigest()[:16]}.json"


def write_card(path: Path, card: Mapping[str, Any]) -> Path:
    """Write a card as JSON, whole or not at all."""
    return write_text(path, json.dumps(card, indent=1, allow_nan=False) + "\n")


def read_card(path: Path) -> dict[str, Any]:
    """Read a card.

    Raises
    ------
    FileError
        If it is no JSON.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FileError(path, str(error), "a calibration card", "Calibrate again.") from error
    return found


def bring_card(
    folder: Path, recipe: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]
) -> bool:
    """Copy the card of these settings and recordings into a run, where there is one.

    Returns
    -------
    bool
        Whether the run has a card now.
    """
    own, kept = folder / CARD, kept_card(folder.parent, recipe, inputs)
    if not own.exists() and kept.exists():
        write_card(own, read_card(kept))
    return own.exists()
