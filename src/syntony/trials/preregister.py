"""The verb ``preregister``: the plan of an analysis, written down before the ratings are seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from syntony.config import Recipe
from syntony.core.errors import FileError
from syntony.core.files import write_text
from syntony.core.version import __version__
from syntony.io.study import Study, input_files, open_study
from syntony.io.study_write import hide_from_bids
from syntony.pipeline.origin import hashes
from syntony.pipeline.plan import make_plan, settle
from syntony.pipeline.preregistered import FILE, hash_of
from syntony.pipeline.run import recipe_for
from syntony.pipeline.source import FromStudy
from syntony.report.plan_document import plan_document

DOCUMENT = "preregistration.md"


@dataclass(frozen=True)
class Preregistration:
    """A plan that was written down.

    Attributes
    ----------
    document : Path
        For people: headings of AsPredicted and of the OSF template, filled in.
    path : Path
        ``preregistration.json`` of the study: what runs are compared with.
    recipe_sha256 : str
        Hash of the settled recipe.
    """

    document: Path
    path: Path
    recipe_sha256: str


def preregister(
    study: Study | Path | str,
    recipe: Recipe | Path | str | None = None,
    *,
    out: Path | str | None = None,
    replace: bool = False,
) -> Preregistration:
    """Write down the plan of an analysis, before questionnaires and codes are unlocked.

    Nothing is computed: of the study only its tables are read, and of its recordings, codes and
    answers, where there are any, only names and hashes.

    Parameters
    ----------
    study : Study or path
    recipe : Recipe or path, optional
        As of :func:`syntony.pipeline.run.run`: the plan is the recipe with every default.
    out : path, optional
        The document to write. Default: ``preregistration.md`` in the study.
    replace : bool, default False
        Put a new plan in the place of one that the study has.

    Returns
    -------
    Preregistration

    Raises
    ------
    FileError
        If the study or recipe cannot be read, or the study has a plan (without ``replace``).
    InputError
        If the recipe names something unknown.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.preregister("no-such-study")
    Traceback (most recent call last):
    syntony.core.errors.FileError: ...
    """
    opened = study if isinstance(study, Study) else open_study(Path(study))
    path = opened.root / FILE
    document = Path(out) if out is not None else opened.root / DOCUMENT
    if path.exists() and not replace:
        raise FileError(
            path,
            "a preregistration that was made before",
            "a study without one",
            "Keep it: it is the plan. To put a new one in its place, say --replace.",
        )
    source = FromStudy(opened)
    settled = settle(recipe_for(opened.root, recipe), source)
    planned = make_plan(settled, source)
    chosen = json.loads(settled.model_dump_json())
    facts: dict[str, Any] = {
        "syntony": __version__,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "title": settled.title or opened.title,
        "recipe_sha256": hash_of(chosen),
        "recipe": chosen,
        "study": _study(opened, planned.ids),
        "inputs": _inputs(opened),
        "seen": seen_of(opened.root),
        "replaces": _replaced(path),
    }
    hide_from_bids(opened.root, DOCUMENT, FILE)
    write_text(document, plan_document(facts))
    write_text(path, json.dumps(facts, indent=1, ensure_ascii=False))
    return Preregistration(document=document, path=path, recipe_sha256=facts["recipe_sha256"])


def _study(opened: Study, ids: list[str]) -> dict[str, Any]:
    """Who is in the study so far: counts, roles and session types."""
    rows = [row for row in opened.sessions if row.id in set(ids)]
    return {
        "title": opened.title,
        "roles": list(opened.roles),
        "simulated": opened.simulated,
        "sessions": len(rows),
        "dyads": len({row.dyad for row in rows}),
        "people": len({p.id for row in rows for p in row.people}),
        "session_types": sorted({row.type for row in rows if row.type}),
    }


def _inputs(opened: Study) -> list[dict[str, Any]]:
    """Every file that a run would read, with its hash; none is opened for its content."""
    files = {file for row in opened.sessions for file in input_files(opened, row.id)}
    return hashes(sorted(files), opened.root)


def seen_of(root: Path) -> dict[str, Any]:
    """What lay in the study when the plan was made: what could have been seen.

    Returns
    -------
    dict
        ``questionnaires`` and ``codes``: names of files; ``runs``: analyses that were there.
    """
    runs = sorted((root / "derivatives" / "syntony").glob("*/origin.json"))
    return {
        "questionnaires": [p.name for p in sorted((root / "phenotype").glob("*.tsv"))],
        "codes": [p.name for p in sorted((root / "codes").glob("*.tsv"))],
        "runs": [p.parent.name for p in runs],
    }


def _replaced(path: Path) -> Mapping[str, str] | None:
    """When a plan that is being replaced was made, and its hash."""
    if not path.exists():
        return None
    try:
        old = json.loads(path.read_text("utf-8"))
        return {"made_at": str(old["made_at"]), "recipe_sha256": str(old["recipe_sha256"])}
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        return {"made_at": "unknown", "recipe_sha256": "unreadable"}
