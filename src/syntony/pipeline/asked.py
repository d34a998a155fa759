"""The verb ``questionnaires``: what a study's answers say, without any recording."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from syntony.config import Recipe
from syntony.core.errors import FileError, InputError
from syntony.core.files import write_text
from syntony.core.run import Run
from syntony.io.bids import read_json
from syntony.io.study import SessionRow, Study, load_answers, open_study
from syntony.pipeline.empathy import known_to
from syntony.pipeline.filled import Filled
from syntony.pipeline.origin import hashes, versions
from syntony.pipeline.questionnaires import Scored, questionnaire_tables
from syntony.pipeline.run import next_free, recipe_for
from syntony.pipeline.tables import write_table
from syntony.report.methods import bibliography, cited_keys
from syntony.report.page import write_report
from syntony.report.questionnaires import KIND

NAMES = ("scores", "reliability", "change", "likeness")


def questionnaires(
    study: Study | Path | str, recipe: Recipe | Path | str | None = None, *, name: str = ""
) -> Run:
    """Score the questionnaires of a study, and say what the scores can bear.

    Needs no recordings: a study may hold answers alone. Of a study with recordings ``run``
    gives the same tables beside the rest.

    Parameters
    ----------
    study : Study or path
    recipe : Recipe or path, optional
        Its parts ``questionnaires`` and ``empathy.keys`` count, and the seed. Without it:
        ``recipe.toml`` of the study, else the defaults.
    name : str, optional
        Name of the folder under ``derivatives/syntony``; default: ``questionnaires-001`` on.

    Returns
    -------
    Run
        Tables ``scores``, ``reliability``, ``change`` and ``likeness``, notes and a page.

    Raises
    ------
    FileError
        If the study cannot be read, or holds no answers.
    InputError
        If the folder exists.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.questionnaires("no-such-study")
    Traceback (most recent call last):
    syntony.core.errors.FileError: ...
    """
    opened = study if isinstance(study, Study) else open_study(Path(study), recordings=False)
    chosen = recipe_for(opened.root, recipe)
    home = opened.root / "derivatives" / "syntony"
    folder = home / (name or next_free(home, KIND))
    if name and (Path(name).name != name or name.startswith(".")):
        raise InputError("name", name, "a plain folder name")
    if folder.exists():
        raise InputError("name", folder.name, "a name that is not used yet")
    filled = _filled(opened)
    if not filled:
        hint = "Bring them in with syntony import-answers."
        raise FileError(opened.root / "phenotype", "no answers", "a table of answers", hint)
    found = questionnaire_tables(filled, known_to(chosen), chosen, roles=opened.roles)
    _write(folder, opened, chosen, found)
    write_report(folder)
    return Run(folder)


def _filled(study: Study) -> list[Filled]:
    """Every questionnaire of every session."""
    made: list[Filled] = []
    for row in study.sessions:
        roles, ended = {p.id: p.role for p in row.people}, _ended(study, row)
        made += [Filled.of(a, row, roles, ended) for a in load_answers(study, row.id)]
    return made


def _ended(study: Study, row: SessionRow) -> datetime | None:
    """When a session ended: its start, and the end of the last recording on its clock."""
    path = study.root / "clocks" / f"{row.id}.json"
    if row.started_at is None or not path.is_file():
        return None
    people = read_json(path).get("overlap", {}).get("people", {})
    stops = [p["stop_s"] for p in people.values() if isinstance(p.get("stop_s"), int | float)]
    return row.started_at + timedelta(seconds=max(stops)) if stops else None


def _write(folder: Path, study: Study, recipe: Recipe, found: Scored) -> None:
    """Write what a Run folder holds, without recordings."""
    folder.mkdir(parents=True)
    write_text(folder / "recipe.json", recipe.model_dump_json(indent=1))
    write_text(folder / "origin.json", json.dumps(_origin(study, recipe), indent=1))
    for name in NAMES:
        write_table(folder, name, getattr(found, name))
    lines = [
        json.dumps({"where": n.where, "code": n.code, "text": n.text}, ensure_ascii=False)
        for n in found.notes
    ]
    write_text(folder / "notes.jsonl", "".join(line + "\n" for line in lines))
    paragraph = found.methods(recipe).strip() + "\n"
    write_text(folder / "methods.md", paragraph)
    write_text(folder / "references.bib", bibliography(cited_keys(paragraph)))


def _origin(study: Study, recipe: Recipe) -> dict[str, Any]:
    """Where the figures come from."""
    root = study.root
    tables = [root / n for n in ("study.toml", "sessions.tsv", "people.tsv", "participants.tsv")]
    return {
        **versions(),
        "kind": KIND,
        "study": {
            "title": recipe.title or study.title,
            "root_name": root.name,
            "roles": list(study.roles),
            "simulated": study.simulated,
            "sessions": len(study.sessions),
            "dyads": len({r.dyad for r in study.sessions}),
            "people": len({p.id for r in study.sessions for p in r.people}),
        },
        "inputs": hashes([*tables, *sorted((root / "phenotype").glob("*.tsv"))], root),
        "finished": True,
    }
