"""What the shell prints of a run: the same sentences that its pages hold."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill

from syntony.report import wording
from syntony.report.parts import shared_shape_rate
from syntony.report.run_folder import RunFolder
from syntony.report.session_page import first_rows, has_strangers, index_name, signals_of
from syntony.report.study_page import contrasts, findings

WIDTH = 96


def findings_in_words(run: Path) -> list[str]:
    """The three findings of a study, one paragraph each, the planted truth after it.

    Parameters
    ----------
    run : Path
        A Run folder.

    Returns
    -------
    list of str
    """
    folder = RunFolder(run)
    links = list(folder.tables["links"].rows())
    lead = first_rows(folder.tables["pairs"])
    lines = []
    for found in findings(folder, links, lead, index_name(lead)):
        head = " ".join(part for part in (found["number"], found["interval"]) if part)
        words = " ".join(part for part in (*found["words"], found["truth"]) if part)
        lines.append(_paragraph(f"{found['title']}: {head}. {words}"))
    lines += [_paragraph(f"Contrast: {said}") for said in contrasts(links, lead)]
    return lines


def pair_in_words(run: Path) -> list[str]:
    """What a pair gave: first what its chance cannot tell, then the index beside it."""
    folder = RunFolder(run)
    held = folder.tables
    facts = held["sessions"].first()
    rows = first_rows(held["pairs"])
    roles = (str(facts["role_a"]), str(facts["role_b"]))
    said = (
        [] if has_strangers(held["pairs"]) else [wording.caution(shared_shape_rate(folder.origin))]
    )
    said.append(wording.headline(rows, roles, signals=signals_of(facts), index=index_name(rows)))
    said.append(wording.do_nulls_agree(rows))
    said.append(wording.lead(rows[0]) if rows else "")
    return [_paragraph(s) for s in said if s]


def _paragraph(text: str) -> str:
    """Lines of a terminal, with plain blanks."""
    return fill(" ".join(text.split()), WIDTH, subsequent_indent="  ")
