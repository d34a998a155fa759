"""Figures of a report taken out of their page, as pictures that stand alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from importlib.resources import files
from pathlib import Path

from syntony.core.errors import FileError

_FIGURE = re.compile(
    r'<figure class="exhibit"[^>]*>.*?(<svg class="fig wide".*?</svg>).*?'
    r"<figcaption>(.*?)</figcaption>\s*</figure>",
    re.DOTALL,
)
_HEADING = re.compile(r"<h[23][^>]*>(.*?)</h[23]>", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
SIMULATED = "Simulated data"
SPACE = "http://www.w3.org/2000/svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseFigure:
    """One figure of a page.

    Attributes
    ----------
    number : int
        From 1, in the order of the page.
    heading : str
        What it stands under.
    words : str
        Its caption.
    svg : str
        The picture for a desk, with its style in it: XML that opens by itself, on paper; one of
        made data says so.
    width, height : int
        Pixels.
    """

    number: int
    heading: str
    words: str
    svg: str
    width: int
    height: int


def figures_in(page: Path) -> tuple[LooseFigure, ...]:
    """Every figure of a page of a report, in order.

    Raises
    ------
    FileError
        If the page is not there.
    """
    try:
        html = page.read_text("utf-8")
    except FileNotFoundError:
        raise FileError(page, "no such page", "a page of the report") from None
    mark = SIMULATED if '<div class="banner"' in html else ""
    headings = [(m.start(), _text(m[1])) for m in _HEADING.finditer(html)]
    found = []
    for number, figure in enumerate(_FIGURE.finditer(html), start=1):
        above = [text for at, text in headings if at < figure.start()]
        sizes = re.search(r'viewBox="0 0 (\d+) (\d+)"', figure[1])
        width, height = (int(sizes[1]), int(sizes[2])) if sizes else (760, 400)
        found.append(
            LooseFigure(
                number=number,
                heading=above[-1] if above else "",
                words=_text(figure[2]),
                svg=stand_alone(figure[1], mark),
                width=width,
                height=height,
            )
        )
    return tuple(found)


def stand_alone(svg: str, mark: str = "") -> str:
    """A figure of a page as a file of its own: paper beneath it, every colour in it.

    ``mark`` is written into its lower right corner.

    Programs that draw for print know no variables of a style sheet, so each is replaced by
    its colour on paper.

    Examples
    --------
    >>> made = stand_alone('<svg class="fig wide" viewBox="0 0 9 9"><path class="axis"/></svg>')
    >>> made.startswith('<svg xmlns="http://www.w3.org/2000/svg"'), "var(" in made
    (True, False)
    """
    head, _, rest = svg.partition(">")
    colours, rules = _style()
    paper = f'<rect width="100%" height="100%" style="fill:{colours["--paper"]};stroke:none"/>'
    drawn = _without_variables(rest, colours).removesuffix("</svg>")
    told = f'<text class="tiny" x="99.5%" y="99%" text-anchor="end">{escape(mark)}</text>'
    begun = head.replace("<svg", f'<svg xmlns="{SPACE}"', 1)
    return f"{begun}><style>{rules}</style>{paper}{drawn}{told if mark else ''}</svg>"


@cache
def _style() -> tuple[dict[str, str], str]:
    """Colours on paper, and the rules that figures follow, without variables."""
    path = files("syntony.report").joinpath("templates", "style.css")
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    first = re.search(r":root\s*\{([^}]*)\}", text)
    said = (line.partition(":") for line in (first[1] if first else "").split(";"))
    colours = {
        name.strip(): value.strip() for name, _, value in said if name.strip().startswith("--")
    }
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", text)
    rules = [
        f"{names.strip()}{{{body.strip()}}}"
        for names, body in _RULE.findall(plain)
        if ".fig" in names and "narrow" not in names
    ]
    return colours, _without_variables("\n".join(rules), colours)


def _without_variables(text: str, colours: dict[str, str]) -> str:
    """Put colours in the place of their names."""
    return re.sub(r"var\((--[\w-]+)\)", lambda m: colours.get(m[1], "currentColor"), text)


def _text(html: str) -> str:
    """Words of a piece of a page."""
    without_number = re.sub(r'<span class="no">.*?</span>', "", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without_number)).split())
