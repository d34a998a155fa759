"""The verb ``check``: is a study whole; are a run's inputs unchanged and its figures repeatable?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from syntony.config import Recipe, read_recipe
from syntony.core.errors import FileError, InputError, SyntonyError
from syntony.core.files import read_arrays
from syntony.core.run import Run
from syntony.core.seeds import rng_for
from syntony.core.session import Session
from syntony.io.study import Study, load_session, open_study
from syntony.link.codes import pick_coder, valence_track
from syntony.link.instruments.registry import Instrument, get, instruments
from syntony.link.keys import read_key
from syntony.link.scoring import score
from syntony.pipeline.agreements import Agreements, agreements_of
from syntony.pipeline.code_files import book_of, notes_on_codes, strays
from syntony.pipeline.emotion import emotion_spans
from syntony.pipeline.given_up import facts_of_run, pairs_given_up
from syntony.pipeline.origin import hashes
from syntony.pipeline.plan import Plan, Planned, make_plan
from syntony.pipeline.prepare import (
    Features,
    PrepareTask,
    prepare_session,
    read_coded,
    read_features,
    spans_of,
)
from syntony.pipeline.source import FromStudy
from syntony.pipeline.strangers import (
    admissible_pairs,
    by_first,
    compute_pairs,
    lay_tiles,
    without_strangers,
)
from syntony.pipeline.work import Partners, Work, compute, read_block

_HARMLESS = {"code-over-edge"}  # the session says so itself, and a run cuts it


@dataclass(frozen=True)
class Checked:
    """What a check found: one line per thing looked at, and whether all is well.

    ``agreement`` says how far the coders of a study agree; it decides nothing.
    """

    whole: bool
    lines: tuple[str, ...]
    agreement: Agreements = field(default_factory=Agreements)

    def as_dict(self) -> dict[str, Any]:
        """The same for a program."""
        return {"whole": self.whole, "lines": list(self.lines), **self.agreement.as_dict()}


def check(folder: Path | str) -> Checked:
    """Check a study or a run.

    Parameters
    ----------
    folder : path
        A study (layout, roles, clocks, quality of every session) or a Run folder (inputs
        hashed again, one session drawn at random computed again).

    Returns
    -------
    Checked
        ``whole`` is False where anything is missing, changed or not repeatable.

    Raises
    ------
    FileError
        If the folder is neither.

    Examples
    --------
    >>> import syntony as sy
    >>> sy.check("no-such-folder")
    Traceback (most recent call last):
    syntony.core.errors.FileError: ...
    """
    path = Path(folder)
    if (path / "recipe.json").exists():
        return _check_run(Run(path))
    if (path / "dataset_description.json").exists():
        return _check_study(open_study(path))
    raise FileError(path, "neither study nor run", "a study or a Run folder", "Check the path.")


def _check_study(study: Study) -> Checked:
    """Read every session as a run would: recordings, codes, answers, by the study's recipe."""
    lines, whole = [f"{study.title}: {len(study.sessions)} sessions"], True
    own = study.root / "recipe.toml"
    recipe = read_recipe(own) if own.exists() else Recipe()
    known = _questionnaires(study.root)
    book = book_of(study.root)
    read: list[Session] = []
    for path in strays(study):
        whole = False
        lines.append(f"codes/{path.name}: codes of a session that the study does not have")
    for row in study.sessions:
        try:
            session = load_session(study, row.id)
        except SyntonyError as error:
            whole = False
            lines.append(f"{row.id}: {error}")
            continue
        read.append(session)
        kinds = sorted({s.kind for s in session.signals} | {e.kind for e in session.events})
        errors = [c.error_s for c in session.clocks.values()]
        clock = f"{sum(errors):g} s" if errors and not np.isnan(errors).any() else "unknown"
        lost = _lost(session, recipe) if "eda" in kinds else ""
        lines.append(f"{row.id}: {', '.join(kinds) or 'nothing'}; clock error {clock}{lost}")
        lines.extend(f"{row.id}: {note.code}: {note.text}" for note in session.notes)
        refused = [*_codes_refused(session, recipe), *_answers_refused(session, known)]
        noted = list(notes_on_codes(study, session, book))
        lines.extend(f"codes/{n.where}: {n.text}" for n in noted)
        whole = whole and all(n.code in _HARMLESS for n in noted)
        lines.extend(f"{row.id}: {text}" for text in refused)
        whole = whole and bool(kinds) and not refused
    coders = agreements_of(read, recipe, by_role=False)
    return Checked(whole, (*lines, *coders.lines), coders)


def _questionnaires(root: Path) -> dict[str, Instrument]:
    """Every questionnaire, with the keys that the lab laid beside its answers."""
    known = dict(instruments())
    for path in sorted((root / "phenotype").glob("*_key.toml")):
        name = path.name.removesuffix("_key.toml")
        known[name] = read_key(path, get(name))
    return known


def _codes_refused(session: Session, recipe: Recipe) -> Iterator[str]:
    """Codes that a run would leave out, one reason a person."""
    spans = emotion_spans((s for s in session.spans if s.person), recipe)
    seconds = ceil(max((s.stop_s for s in session.signals), default=0.0)) or ceil(
        max((float(e.times_s[-1]) for e in session.events if e.times_s.size), default=0.0)
    )
    for person in sorted({s.person for s in spans}):
        try:
            coder = pick_coder(spans, recipe.emotion.coder)
            book = recipe.emotion.code_book
            valence_track(spans, person, seconds=seconds, code_book=book, coder=coder)
        except InputError as error:
            yield f"codes/{session.id}*.tsv, {person}: {error}"


def _answers_refused(session: Session, known: Mapping[str, Instrument]) -> Iterator[str]:
    """Answers that a run would leave out."""
    for answers in session.answers:
        where = f"phenotype/{answers.instrument}.tsv"
        if answers.instrument not in known:
            yield f"{where}: found {answers.instrument!r}, expected one of {sorted(known)}."
            continue
        try:
            score(answers, known[answers.instrument], session=session.id)
        except InputError as error:
            yield f"{where}: {error}"


def _lost(session: Session, recipe: Recipe) -> str:
    """Share of skin conductance that the quality rules leave, in words."""
    from syntony.body.eda import judge

    told = []
    for signal in session.signals:
        if signal.kind == "eda":
            valid, _ = judge(signal, recipe.body.eda.quality)
            told.append(f"{signal.person} {100 * float(np.mean(valid)):.0f} % usable")
    return "; " + ", ".join(told)


def _check_run(run: Run) -> Checked:
    """Hash the inputs again and compute one session again."""
    lines, whole = [], run.finished
    lines.append("finished" if whole else "stopped before its end: go on with --resume")
    root = _root_of(run)
    if root is None:
        return Checked(whole, (*lines, "its study is not there: inputs were not compared"))
    changed = _changed(run, root)
    lines.extend(changed or ["every input is unchanged"])
    if "kind" in run.origin:
        return Checked(whole and not changed, (*lines, "its figures were not computed again"))
    if whole and not changed:
        session, same = _again(run, root)
        lines.append(f"{session}: {'the same figures' if same else 'OTHER FIGURES'} again")
        whole = same
    return Checked(whole and not changed, tuple(lines))


def _root_of(run: Run) -> Path | None:
    """The study a run lies in."""
    parents = run.path.resolve().parents
    root = parents[2] if len(parents) > 2 else None
    return root if root and (root / "dataset_description.json").exists() else None


def _changed(run: Run, root: Path) -> list[str]:
    """Inputs that are gone or differ."""
    found = []
    for fact in run.origin["inputs"]:
        path = root / fact["path"]
        if not path.exists():
            found.append(f"{fact['path']}: gone")
        elif hashes([path], root)[0]["sha256"] != fact["sha256"]:
            found.append(f"{fact['path']}: changed since the run")
    return found


def _again(run: Run, root: Path) -> tuple[str, bool]:
    """Compute one session, drawn at random, and compare every array."""
    recipe = Recipe.model_validate(run.recipe)
    source = FromStudy(open_study(root))
    plan = make_plan(recipe, source)
    facts, usable = facts_of_run(run.path, plan)
    asked = [i for i in range(plan.analysed) if usable[i]]
    index = int(rng_for(len(asked), "check", run.path.name).choice(asked))
    session = plan.sessions[index].id
    tiles = lay_tiles(run.path, recipe, plan, usable, facts)
    mine = [t for t in tiles if (t.pairs[:, 0] == index).any()]
    with tempfile.TemporaryDirectory() as place:
        prepare_session(PrepareTask(source, recipe, plan.sessions[index], Path(place)))
        fresh = read_features(Path(place), session)
    block = read_block(run.path, session)
    # its block was made before any session was given up, its pseudo-pairs after
    worked = [bool(np.isfinite(span).all()) for span in spans_of(facts)]
    get = _reader(run.path, plan.sessions, index, fresh)
    wanted = admissible_pairs(plan, worked)
    partners = Partners.of(plan, worked, wanted, spans_of(facts), index)
    arrays = compute(Work(recipe, True, fresh, partners, get))
    same = _are_same(block, arrays)
    if mine:
        saved = by_first((read_arrays(t.path) for t in mine), len(recipe.synchrony))[index]
        gone = {b for a, b, _ in pairs_given_up(run.path) if a == session}
        kept = [k for k, j in enumerate(saved["partners"]) if plan.sessions[j].id not in gone]
        saved = {name: values[kept] for name, values in saved.items()}
        same = same and _are_pairs_same(run.path, recipe, plan, index, saved, get)
    return session, same


def _are_pairs_same(
    folder: Path,
    recipe: Recipe,
    plan: Plan,
    index: int,
    saved: Mapping[str, Any],
    get: Callable[[int], Features],
) -> bool:
    """Compute the pseudo-pairs of one first person again, and compare."""
    pairs = np.array([(index, j) for j in saved["partners"]], dtype=np.int64).reshape(-1, 2)
    codes = [read_coded(folder, s.id) for s in plan.sessions]
    made = by_first(
        [compute_pairs(recipe, pairs, get, codes.__getitem__)], len(recipe.synchrony)
    ).get(index, without_strangers(recipe))
    return _are_same(saved, made)


def _are_same(saved: Mapping[str, Any], made: Mapping[str, Any]) -> bool:
    """Whether the same arrays hold the same values."""
    return made.keys() == saved.keys() and all(
        np.array_equal(made[k], saved[k], equal_nan=np.asarray(saved[k]).dtype.kind == "f")
        for k in saved
    )


def _reader(
    folder: Path, sessions: Sequence[Planned], index: int, fresh: Features
) -> Callable[[int], Features]:
    """Features of the plan's sessions: the saved ones, but fresh for the one checked."""

    @cache
    def read(i: int) -> Features:
        return fresh if i == index else read_features(folder, sessions[i].id)

    return read
