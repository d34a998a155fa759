"""What both kinds of page share: figures with their sentence, methods, references, provenance."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from syntony.report import preregistration, wording
from syntony.report.figures.svg import NARROW, WIDE, Drawing
from syntony.report.methods import cited_keys, read_bib, short_citation
from syntony.report.numbers import compact, fixed
from syntony.report.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A figure at two widths and the sentence beside it."""

    wide: Markup
    narrow: Markup
    words: str


def exhibit(words: str, draw: Callable[[int], Drawing]) -> Exhibit:
    """Draw a figure for a desk and for a telephone; the page shows the one that fits."""
    return Exhibit(
        wide=draw(WIDE).markup(words, kind="wide"),
        narrow=draw(NARROW).markup(words, kind="narrow"),
        words=words,
    )


def common_context(folder: RunFolder, *, strangers: bool) -> dict[str, Any]:
    """Values that the templates of both pages use."""
    origin = folder.origin
    study = origin.get("study", {})
    bib_text = folder.text("references.bib")
    bib = read_bib(bib_text)
    methods = folder.text("methods.md")
    return {
        "title": study.get("title") or folder.recipe.get("title") or study.get("root_name", ""),
        "simulated": wording.simulated_banner() if study.get("simulated") else "",
        "caution": "" if strangers else wording.caution(shared_shape_rate(origin)),
        "methods": markdown(methods, bib),
        "references": [reference(key, fields) for key, fields in sorted(bib.items(), key=_by_name)],
        "missing_references": [k for k in cited_keys(methods) if k not in bib],
        "bib_link": bib_link(bib_text),
        "provenance": provenance(folder),
        "inputs": origin.get("inputs", []),
        "recipe_json": json.dumps(folder.recipe, indent=1, ensure_ascii=False),
        "version": str(origin.get("syntony", "")),
    }


def shared_shape_rate(origin: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """How often two people who only share a course pass, where the run measured it."""
    pair = origin.get("pair")
    found = pair.get("shared_shape_rate") if isinstance(pair, Mapping) else None
    return found if isinstance(found, Mapping) else None


def provenance(folder: RunFolder) -> list[tuple[str, str]]:
    """List what made this run, as names and values."""
    origin = folder.origin
    versions = ", ".join(
        f"{name} {origin[key]}"
        for key, name in (("python", "Python"), ("numpy", "NumPy"), ("numba", "Numba"))
        if origin.get(key)
    )
    rows = [
        ("Syntony", str(origin.get("syntony", ""))),
        ("with", versions),
        ("on", str(origin.get("platform", ""))),
        ("made", str(origin.get("made_at", ""))),
        ("seed", str(folder.recipe.get("seed", ""))),
        ("preregistration", preregistration.in_a_word(origin.get("preregistration"))),
        ("took", f"{fixed(float(origin['seconds']), 1)} s" if origin.get("seconds") else ""),
    ]
    return [(name, value) for name, value in rows if value]


def reference(key: str, fields: Mapping[str, str]) -> dict[str, str]:
    """One entry of the list of references: its text and the address of its DOI."""
    authors = fields.get("author", "").replace(" and others", " et al.").replace(" and ", ", ")
    parts = [f"{authors} ({fields.get('year', 'n.d.')})"]
    parts += [fields[k] for k in ("title", "journal", "publisher", "howpublished") if k in fields]
    where = fields.get("volume", "")
    if "number" in fields:
        where += f"({fields['number']})"
    if "pages" in fields:
        where += (":" if where else "") + fields["pages"].replace("--", "–")
    text = ". ".join(parts) + (f" {where}" if where else "") + "."
    return {"key": key, "text": text, "doi": fields.get("doi", "")}


def bib_link(text: str) -> str:
    """Write the bibliography as an address that holds its own content; else nothing."""
    return f"data:application/x-bibtex;charset=utf-8,{quote(text)}" if text else ""


def markdown(text: str, bib: Mapping[str, Mapping[str, str]], *, top: int | None = None) -> Markup:
    r"""Set our little Markdown: paragraphs, headings, lists, citations, fenced code.

    Headings are all of the fourth level, as within the methods of a report; with ``top`` the
    first level becomes that one, and the others follow.

    Examples
    --------
    >>> print(markdown("## Why\n\nSo.", {}, top=2))
    <h3>Why</h3>
    <p>So.</p>
    """
    parts = re.split(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    said = []
    for k, part in enumerate(parts):
        said += [f"<pre><code>{escape(part)}</code></pre>"] if k % 2 else _blocks(part, bib, top)
    return Markup("\n".join(said))


def _blocks(text: str, bib: Mapping[str, Mapping[str, str]], top: int | None) -> list[str]:
    """Paragraphs, headings and lists of a text without code."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip()):
        if not block.strip():
            continue
        lines = block.splitlines()
        if lines[0].startswith("#"):
            depth = len(lines[0]) - len(lines[0].lstrip("#"))
            level = 4 if top is None else min(6, top + depth - 1)
            blocks.append(f"<h{level}>{_inline(lines[0].lstrip('# '), bib)}</h{level}>")
            lines = lines[1:]
        if lines and all(x.lstrip().startswith(("- ", "* ")) for x in lines):
            items = "".join(f"<li>{_inline(x.lstrip()[2:], bib)}</li>" for x in lines)
            blocks.append(f"<ul>{items}</ul>")
        elif lines:
            blocks.append(f"<p>{_inline(' '.join(lines), bib)}</p>")
    return blocks


def _inline(text: str, bib: Mapping[str, Mapping[str, str]]) -> str:
    """Set emphasis, code and citations of one run of text; everything else is escaped."""
    out = str(escape(text))
    out = re.sub(r"`([^`]+)`", r"<code>\1</code>", out)
    out = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", out)
    out = re.sub(r"(?<!\*)\*([^*\s][^*]*)\*", r"<em>\1</em>", out)
    out = re.sub(
        r"\[(@[^\]]+)\]",
        lambda m: f"({'; '.join(_cite(k, bib) for k in cited_keys(m[1]))})",
        out,
    )
    return re.sub(r"(?<![\w.])@([A-Za-z][\w:-]*)", lambda m: _cite(m[1], bib), out)


def _cite(key: str, bib: Mapping[str, Mapping[str, str]]) -> str:
    if key not in bib:
        return str(escape(key))
    return f'<a href="#ref-{escape(key)}">{escape(short_citation(bib[key]))}</a>'


def _by_name(item: tuple[str, Mapping[str, str]]) -> tuple[str, str]:
    return item[1].get("author", ""), item[1].get("year", "")


def size(number: float) -> str:
    """Write a number of bytes.

    Examples
    --------
    >>> size(1003), size(2_500_000)
    ('1 kB', '2,500 kB')
    """
    return f"{compact(round(number / 1000))} kB"
