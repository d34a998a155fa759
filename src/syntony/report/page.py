"""The report of a run: one page for the study, one for each session, each a single file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syntony.core.errors import InputError
from syntony.core.files import write_text
from syntony.report.run_folder import RunFolder

if TYPE_CHECKING:
    from jinja2 import Environment

Progress = Callable[[int, int], None]
Lot = tuple[Path, tuple[str, ...]]
"""Sessions of one Run folder whose pages are written together."""
Spread = Callable[[Callable[[Lot], None], list[Lot]], Iterator[Lot]]
"""Has every lot done by somebody, and gives each as it is ready."""

PAGES_A_LOT = 8

CORPUS = "corpus.html"


def here(do: Callable[[Lot], None], lots: list[Lot]) -> Iterator[Lot]:
    """Write the pages in this process."""
    for lot in lots:
        do(lot)
        yield lot


def write_report(
    run: Path | str,
    *,
    sessions: Sequence[str] | None = None,
    spread: Spread = here,
    on_progress: Progress = lambda done, total: None,
) -> Path:
    """Write the report of a Run folder, from its files alone.

    Parameters
    ----------
    run : Path
        A Run folder.
    sessions : sequence of str, optional
        Sessions that get a page; default: every one. The study page is always written and
        links only to pages that are there.
    spread : callable, optional
        Who writes the sessions' pages; default: this process.
    on_progress : callable, optional
        Called with (pages done, pages in all).

    Returns
    -------
    Path
        ``report/index.html``. Where sessions have a site, a year or a device there is a page
        ``corpus.html`` too. Every page is one file without scripts that loads nothing, and
        is written beside and then moved into place: the same run gives the same bytes.

    Raises
    ------
    FileError
        If the folder is no Run folder, or a file in it cannot be read.
    InputError
        If a session is named that the run does not hold.
    """
    from syntony.report.corpus_page import corpus_context, has_groups
    from syntony.report.multiverse_page import KIND, write_multiverse_report
    from syntony.report.questionnaires import KIND as QUESTIONNAIRES
    from syntony.report.questionnaires import write_questionnaires_report
    from syntony.report.study_page import study_context

    folder = RunFolder(Path(run))
    if folder.origin.get("kind") == KIND:
        return write_multiverse_report(folder.path)
    if folder.origin.get("kind") == QUESTIONNAIRES:
        return write_questionnaires_report(folder)
    known = [str(s) for s in folder.tables["sessions"].different("session")]
    chosen = known if sessions is None else list(dict.fromkeys(sessions))
    for name in chosen:
        if name not in known:
            raise InputError("sessions", name, f"one of {known}")
    out = folder.path / "report"
    out.mkdir(exist_ok=True)
    pages = environment()
    total = len(chosen) + 1
    on_progress(0, total)
    lots = [
        (folder.path, tuple(chosen[k : k + PAGES_A_LOT]))
        for k in range(0, len(chosen), PAGES_A_LOT)
    ]
    done = 0
    for _, names in spread(write_lot, lots):
        done += len(names)
        on_progress(done, total)
    linked = {s: page_name(s) for s in known if (out / page_name(s)).is_file()}
    corpus = CORPUS if has_groups(folder) else ""
    if corpus:
        html = pages.get_template("corpus.html").render(corpus_context(folder, linked))
        write_text(out / corpus, typeset(html))
    index = out / "index.html"
    html = pages.get_template("study.html").render(
        study_context(folder, linked) | {"corpus": corpus}
    )
    write_text(index, typeset(html))
    on_progress(total, total)
    return index


def write_lot(lot: Lot) -> None:
    """Write the pages of some sessions."""
    from syntony.report.session_page import session_context

    folder, pages = RunFolder(lot[0]), environment()
    for name in lot[1]:
        html = pages.get_template("session.html").render(session_context(folder, name))
        write_text(folder.path / "report" / page_name(name), typeset(html))


def page_name(session: str) -> str:
    """File name of a session's page: its id, made safe for every file system where needed.

    Examples
    --------
    >>> page_name("d01s03")
    'd01s03.html'
    >>> page_name("a/b"), page_name("index") == "index.html"
    ('a_b-c14cdd.html', False)
    >>> page_name("corpus") == CORPUS
    False
    """
    safe = re.sub(r"[^\w.\-+ ]", "_", session).strip(" .")
    if safe == session and f"{safe.lower()}.html" not in ("index.html", CORPUS):
        return f"{safe}.html"
    return f"{safe}-{hashlib.sha256(session.encode()).hexdigest()[:6]}.html"


def typeset(html: str) -> str:
    """Keep a number and its per cent sign on one line.

    Examples
    --------
    >>> typeset("95 % of 3 draws") == "95\N{NARROW NO-BREAK SPACE}% of 3 draws"
    True
    """
    return re.sub(r"(?<=\d) %", "\N{NARROW NO-BREAK SPACE}%", html)


def environment() -> Environment:
    """Templates with every value escaped unless it is marked as safe."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(
        loader=PackageLoader("syntony.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals["style"] = _style()
    return pages


def _style() -> Any:
    """Read the one style sheet: every colour of text and figures, light, dark and on paper."""
    from importlib.resources import files

    from markupsafe import Markup

    path = files("syntony.report").joinpath("templates", "style.css")
    return Markup(re.sub(r"\s*\n\s*", "\n", path.read_text(encoding="utf-8")))
