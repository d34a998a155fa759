"""Make one page per list entry, from the lists; run before Sphinx.

The pages go to ``docs/_made`` and are never edited by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
from pydantic import BaseModel

import syntony
from syntony.body import features as feature_list
from syntony.cli import VERBS, main
from syntony.config import Body, Recipe
from syntony.core.coupling import Coupling
from syntony.io.answers.registry import AnswerReader, answer_readers
from syntony.io.codes import CodeBook, code_books
from syntony.io.codes.registry import CodeReader, code_readers, code_writers
from syntony.io.registry import Reader, readers
from syntony.link.instruments.registry import Instrument, instruments
from syntony.link.models.registry import Model, models
from syntony.link.scoring import scale_range
from syntony.report.methods import bibliography
from syntony.surrogates.registry import ACTS_ON, Surrogate, surrogates
from syntony.synchrony.costs import cost_of, measured, span
from syntony.synchrony.families import by_family
from syntony.synchrony.registry import Method, methods


def write_pages(folder: Path) -> list[Path]:
    """Write every page and the index of each list; give what was written."""
    written = []
    lists: list[tuple[str, str, list[tuple[str, str, str]]]] = [
        ("methods", "Methods", [(m.name, m.title, method_page(m)) for m in methods().values()]),
        (
            "surrogates",
            "Surrogates: what chance gives",
            [(s.name, s.title, surrogate_page(s)) for s in surrogates().values()],
        ),
        (
            "features",
            "Signals and features",
            [(f.name, f.title, feature_page(f)) for f in feature_list.features().values()],
        ),
        ("formats", "Formats", [(r.name, r.title, reader_page(r)) for r in readers().values()]),
        (
            "code_formats",
            "Formats of codes",
            [(r.name, r.title, code_reader_page(r)) for r in code_readers().values()],
        ),
        (
            "code_books",
            "Code books",
            [(name, b.title, code_book_page(name, b)) for name, b in code_books().items()],
        ),
        (
            "questionnaires",
            "Questionnaires",
            [(i.name, i.title, instrument_page(i)) for i in instruments().values()],
        ),
        ("models", "Models", [(m.name, m.title, model_page(m)) for m in models().values()]),
        (
            "answer_formats",
            "Exports of answers",
            [(r.name, r.title, answer_reader_page(r)) for r in answer_readers().values()],
        ),
    ]
    for name, title, pages in lists:
        home = folder / name
        home.mkdir(parents=True, exist_ok=True)
        for entry, _, text in sorted(pages):
            written.append(_write(home / f"{entry}.md", text))
        tree = "\n".join(entry for entry, _, _ in sorted(pages))
        text = f"# {title}\n\n```{{toctree}}\n{tree}\n```\n"
        index = {"methods": method_index, "surrogates": surrogate_index}.get(name)
        written.append(_write(home / "index.md", index() if index else text))
    written.append(_write(folder / "families.inc", families_part()))
    for entry in methods().values():
        draw_example(entry, folder / "methods" / f"{entry.name}.svg")
    written.append(_write(folder / "recipe.md", recipe_page()))
    written.append(_write(folder / "commands.md", commands_page()))
    written.append(_write(folder / "api.md", api_page()))
    return written


def _cell(text: str) -> str:
    """Text inside a table, where a bar would end the cell."""
    return text.replace("|", "\\|")


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _function(fn: Any) -> str:
    """The function's own documentation, by autodoc."""
    return f"```{{eval-rst}}\n.. autofunction:: {fn.__module__}.{fn.__qualname__}\n```\n"


def _references(keys: tuple[str, ...]) -> str:
    return f"## References\n\n```bibtex\n{bibliography(list(keys))}\n```\n" if keys else ""


def method_index() -> str:
    """Every method by family, with the question it answers."""
    parts = ["# Methods\n\nWhich one to take: [](../../methods/choosing.md).\n"]
    for family, members in by_family(methods().values()):
        tree = "\n".join(m.name for m in members)
        rows = "\n".join(f"| [{m.title}]({m.name}.md) | {_cell(m.question)} |" for m in members)
        parts.append(
            f"## {family.title}\n\n{family.looks_at}\n\n| method | question |\n| --- | --- |\n"
            f"{rows}\n\n```{{toctree}}\n:hidden:\n{tree}\n```\n"
        )
    return "\n".join(parts)


def families_part() -> str:
    """Which method answers which question, and how neighbours differ: part of choosing.md."""
    parts = []
    for family, members in by_family(methods().values()):
        rows = "\n".join(
            f"| [`{m.name}`](../_made/methods/{m.name}.md) | {_cell(m.question)} "
            f"| {_cell(m.not_when)} |"
            for m in members
        )
        parts.append(
            f"## {family.title}\n\n{family.looks_at}\n\n"
            f"| method | answers | do not take it when |\n| --- | --- | --- |\n{rows}\n\n"
            f"**How they differ.** {family.apart}\n"
        )
    return "\n".join(parts)


def cost_words(entry: Method) -> str:
    """What a method costs, on which machine; that it was not measured otherwise."""
    cost, told = cost_of(entry.name), measured()
    if cost is None:
        return "Cost: not measured."
    pair = told["pair"]
    return (
        f"Cost: {span(cost.once_s)} of CPU time for one computation and "
        f"{span(cost.surrogates_s)} for 999 surrogates, for two people, {pair['minutes']:g} min at "
        f"{pair['rate_hz']:g} Hz, options at their defaults ({told['machine']['processor']}, "
        f"{cost.draws_timed} draws timed)."
    )


def fact_lines(entry: Method) -> str:
    """People, delays, units, layout and cost, as a list."""
    people = "two people" if entry.people == "two" else "two people or more"
    units = (
        f"both signals in {entry.unit}"
        if entry.unit
        else "any units"
        if entry.scale_free
        else "both signals in one unit"
    )
    laid = " and ".join(entry.dims) or "nothing: one value a session"
    first = entry.statistics[0]
    return (
        f"- For {people}, {units}.\n- Delays it sees: {entry.lag_range()}.\n"
        f"- Laid out over {laid}.\n"
        f"- By chance, two independent signals give about {first.chance:g} "
        f"({first.title}).\n- {cost_words(entry)}\n\n"
    )


def method_page(entry: Method) -> str:
    """One page: question, when not, facts, figure, statistics, options, sentence, references."""
    statistics = "\n".join(
        f"| `{s.name}` | {_cell(s.title)} | {_cell(s.explain)} | {s.chance:g} |"
        for s in entry.statistics
    )
    options = "\n".join(
        f"| `{k}` | {p.default!r} | {entry.units.get(k, '')} |" for k, p in entry.options.items()
    )
    return (
        f"# {entry.title}\n\n`{entry.name}`\n\n{entry.question}\n\n"
        f"**When not to use it.** {entry.not_when}\n\n{fact_lines(entry)}"
        f"![{entry.title} of a simulated pair in which the first person leads by 2 s]"
        f"({entry.name}.svg)\n\n*A simulated pair; the first person leads by 2 s.*\n\n"
        f"## Statistics\n\n| name | title | what it says | about, for strangers |\n"
        f"| --- | --- | --- | --- |\n{statistics}\n\n"
        f"## Options\n\n| option | default | unit |\n| --- | --- | --- |\n{options}\n\n"
        f"## Sentence for a paper\n\n> {entry.tell({})}\n\n"
        f"## In full\n\n{_function(entry.compute)}\n{_references(entry.cites)}"
    )


def surrogate_index() -> str:
    """Every surrogate with its sentence, by what it draws anew."""
    parts = [
        "# Surrogates: what chance gives\n\nNo number is shown beside zero alone. Each surrogate "
        "stands for another chance, and says which: what it keeps is not tested. Report people who "
        "never met and one surrogate of the pair itself at least; where they disagree, a run says "
        "which shared structure would explain it. The whole path is gone in every draw: lags are "
        "searched, peaks picked and windows chosen anew.\n"
    ]
    for acts_on, words in ACTS_ON.items():
        entries = sorted(
            (s for s in surrogates().values() if s.acts_on == acts_on), key=lambda s: s.name
        )
        rows = "\n".join(
            f"| [`{s.name}`]({s.name}.md) | {_cell(s.keeps)} | {_cell(s.destroys)} "
            f"| {_cell(s.question)} |"
            for s in entries
        )
        tree = "\n".join(s.name for s in entries)
        parts.append(
            f"## Drawn anew: {words}\n\n| surrogate | keeps | destroys | answers the question |\n"
            f"| --- | --- | --- | --- |\n{rows}\n\n```{{toctree}}\n:hidden:\n{tree}\n```\n"
        )
    return "\n".join(parts)


def surrogate_page(entry: Surrogate) -> str:
    """One page: keeps, destroys, question, pitfall, what it acts on."""
    options = "\n".join(f"| `{k}` | {p.default!r} |" for k, p in entry.options.items())
    table = f"## Options\n\n| option | default |\n| --- | --- |\n{options}\n\n" if options else ""
    full = f"## In full\n\n{_function(entry.draw)}\n" if entry.draw is not None else ""
    told = f"{_function(entry.told)}\n" if entry.told is not None and entry.say else ""
    only = f" Only for {' and '.join(f'`{f}`' for f in entry.features)}." if entry.features else ""
    where = (
        "Drawn in every run of a study with codes; not named in a recipe's `surrogates`."
        if entry.acts_on == "codes"
        else f'In a recipe: `[[surrogates]]`, `name = "{entry.name}"`.'
    )
    return (
        f"# {entry.title}\n\n`{entry.name}`\n\n**Keeps** {entry.keeps}; **destroys** "
        f"{entry.destroys}.\n\n**Answers the question:** {entry.question}\n\n"
        f"**Pitfall.** {entry.pitfall}\n\n**Drawn anew:** {ACTS_ON[entry.acts_on]}.{only} {where}"
        f"\n\n{table}{full}{told}{_references(entry.cites)}"
    )


def feature_page(entry: Any) -> str:
    """One page: what a feature is, from what it is made, in which unit."""
    unit = f", in {entry.unit}" if entry.unit else ""
    made = ", else ".join(f"`{kind}`" for kind in entry.kinds) or "any kind of signal"
    return (
        f"# {entry.title}\n\n`{entry.name}`{unit}, made from {made}.\n\n{entry.explain}\n\n"
        f"## Sentence for a paper\n\n> {entry.tell(Body())}\n\n{_references(entry.cites(Body()))}"
    )


def reader_page(entry: Reader) -> str:
    """One page: what a format needs to be told."""
    options = "\n".join(
        f"| `{k}` | {'must be given' if p.default is p.empty else repr(p.default)} |"
        for k, p in entry.options.items()
    )
    table = f"| option | default |\n| --- | --- |\n{options}\n\n" if options else ""
    known = ", ".join(entry.suffixes)
    return f"# {entry.title}\n\n`{entry.name}` ({known})\n\n{table}{_function(entry.read)}"


def code_reader_page(entry: CodeReader) -> str:
    """One page: what a format of codes needs to be told, and how well it is known."""
    options = "\n".join(
        f"| `{k}` | {'must be given' if p.default is p.empty else repr(p.default)} |"
        for k, p in entry.options.items()
    )
    table = f"| option | default |\n| --- | --- |\n{options}\n\n" if options else ""
    written = " It is also written." if entry.name in code_writers() else ""
    known = ", ".join(entry.suffixes)
    return (
        f"# {entry.title}\n\n`{entry.name}` ({known}); the content decides.{written}\n\n"
        f"**How well it is known.** {entry.source[0].upper()}{entry.source[1:]}.\n\n"
        f"{table}{_function(entry.read)}"
    )


def code_book_page(name: str, book: CodeBook) -> str:
    """One page: the codes of a book, where they are from and how sure that is."""
    rows = "\n".join(
        f"| `{c.name}` | {_cell(c.title)} | {c.valence} | {c.about} "
        f"| {'yes' if c.exclusive else 'no'} | {c.key} | {c.colour} |"
        for c in book.codes
    )
    return (
        f"# {book.title}\n\n`{name}`\n\n**Source.** {book.source}\n\n**Status.** {book.status}\n\n"
        "| code | title | valence | about | exclusive | key | colour |\n"
        f"| --- | --- | --- | --- | --- | --- | --- |\n{rows}\n"
    )


def instrument_page(entry: Instrument) -> str:
    """One page: range, scales with their items and key, missing rule, source, wording."""
    zero = ", without 0" if entry.no_zero else ""
    kind = "whole numbers" if entry.whole else "marks on a line"
    rows = []
    for s in entry.scales:
        low, high = scale_range(entry, s)
        turned = "supplied by the lab" if s.reverse is None else ", ".join(sorted(s.reverse))
        rows.append(
            f"| {s.name} | {', '.join(s.items)} | {turned or 'none'} | {s.combine} "
            f"| {low:g} to {high:g} | {s.max_missing} |"
        )
    source = f"**Source.** {entry.source}\n\n" if entry.source else ""
    shown = "may be shown" if entry.wording == "free" else "is not shown: take it from your form"
    return (
        f"# {entry.title}\n\n`{entry.name}`: answers from {entry.low:g} to {entry.high:g}{zero} "
        f"({kind}); the wording of the items {shown}.\n\n{source}"
        "| scale | items | reversed | score | range | may be missing |\n"
        f"| --- | --- | --- | --- | --- | --- |\n" + "\n".join(rows) + "\n\n"
        "Where no more items than that are missing, the mean of the rest stands in for them (for a "
        "sum times the number of items); else there is no score. How to bring answers in: "
        "[](../../how/bring-answers-in.md).\n\n"
        f"{_references(entry.cites)}"
    )


def answer_reader_page(entry: AnswerReader) -> str:
    """One page: what an export of answers looks like, and how well it is known."""
    return (
        f"# {entry.title}\n\n`{entry.name}`; the content decides.\n\n**How well it is known.** "
        f"{entry.source[0].upper()}{entry.source[1:]}.\n\n{_function(entry.read)}"
    )


def model_page(entry: Model) -> str:
    """One page: question, when not, formula, columns, options, sentence, references."""
    columns = "\n".join(
        f"| `{c.name}` | {c.per} | {'' if c.required else 'may be left out: '}{_cell(c.explain)} "
        f"| {f'`{c.default}`' if c.default else ''} |"
        for c in entry.columns
    )
    more = f"Further columns are {entry.more}.\n\n" if entry.more else ""
    options = "\n".join(f"| `{k}` | {p.default!r} |" for k, p in entry.options.items())
    table = f"## Options\n\n| option | default |\n| --- | --- |\n{options}\n\n" if options else ""
    return (
        f"# {entry.title}\n\n`{entry.name}`\n\n{entry.question}\n\n"
        f"**When not to use it.** {entry.not_when}\n\n```r\n{entry.formula}\n```\n\n"
        f"## Columns\n\n| column | one per | what | without a word |\n| --- | --- | --- | --- |\n"
        f"{columns}\n\n{more}{table}## Sentence for a paper\n\n> {entry.tell({})}\n\n"
        f"How models are named in a recipe: [](../../how/models.md).\n\n"
        f"## In full\n\n{_function(entry.fit)}\n{_references(entry.cites)}"
    )


def draw_example(entry: Method, path: Path) -> None:
    """Figure of the method on a simulated pair in which the first person leads by 2 s."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    coupling = example_of(entry)
    figure = Figure(figsize=(7, 3), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    names = {"time": "time (min)", "lag": "lag (s)", "frequency": "frequency (Hz)"}
    at = {d: c / 60 if d == "time" else c for d, c in coupling.coords.items()}
    if len(coupling.dims) == 2:
        low, high = entry.bounds
        limits = {"vmin": low, "vmax": high} if np.isfinite(high - low) else {}
        one, other = coupling.dims
        mesh = axes.pcolormesh(at[one], at[other], coupling.values.T, cmap="PuOr", **limits)
        if other == "lag":
            axes.axhline(2.0, color="black", linewidth=0.8, linestyle=":")
        axes.set(xlabel=names[one], ylabel=names[other])
        figure.colorbar(mesh, label=entry.name)
    elif coupling.dims:
        axes.plot(at[coupling.dims[0]], coupling.values)
        axes.set(xlabel=names[coupling.dims[0]], ylabel=entry.name)
    else:
        found = entry.summarise(coupling)
        axes.barh([s.title for s in entry.statistics][::-1], list(found.values())[::-1])
        axes.axvline(0.0, color="black", linewidth=0.8)
    if "frequency" in coupling.dims and at["frequency"][0] > 0:
        (axes.set_xscale if coupling.dims[0] == "frequency" else axes.set_yscale)("log")
    figure.savefig(path, metadata={"Date": None})


def example_of(entry: Method) -> Coupling:
    """The method on two noisy copies of one slow signal, the second 2 s late."""
    rng = np.random.default_rng(2)
    common = np.convolve(rng.standard_normal(2500), np.hanning(20), "valid")
    x = 5 + common[8:2408] + rng.standard_normal(2400) * 0.3
    y = 5 + common[:2400] + rng.standard_normal(2400) * 0.3
    return entry.of_pair(x, y, rate_hz=4.0)


def recipe_page() -> str:
    """Every key of a recipe, with its default and what it means."""
    lines = ["# Every key of a recipe", ""]
    _part(Recipe, "", lines)
    return "\n".join(lines) + "\n"


def _part(model: type[BaseModel], name: str, lines: list[str]) -> None:
    inner = []
    lines += [f"## {name or 'top level'}", "", "| key | default | meaning |", "| --- | --- | --- |"]
    for key, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            inner.append((kind, f"{name}.{key}" if name else key))
            continue
        default = "" if field.is_required() else f"`{field.default!r}`".replace("|", "\\|")
        lines.append(f"| `{key}` | {default} | {field.description or ''} |")
    lines.append("")
    for kind, place in inner:
        _part(kind, place, lines)


def commands_page() -> str:
    """Help of every verb of the shell, as it prints it."""
    parts = ["# Verbs of the shell\n"]
    for verb in VERBS:
        command = main.get_command(click.Context(main), verb)
        if command is not None:
            context = click.Context(command, info_name=f"syntony {verb}")
            parts.append(f"## {verb}\n\n```text\n{command.get_help(context)}\n```\n")
            for name, inner in sorted(getattr(command, "commands", {}).items()):
                below = click.Context(inner, info_name=f"syntony {verb} {name}")
                parts.append(f"### {verb} {name}\n\n```text\n{inner.get_help(below)}\n```\n")
    return "\n".join(parts)


def api_page() -> str:
    """Every public name of the package."""
    parts = ["# Public names\n"]
    for name in sorted(set(syntony.__all__) - {"__version__", "datasets"}):
        thing = getattr(syntony, name)
        if isinstance(thing, ModuleType):  # a room that is also its verb
            thing = getattr(thing, name)
        kind = "autoclass" if isinstance(thing, type) else "autofunction"
        place = f"{thing.__module__}.{thing.__qualname__}"
        parts.append(f"## {name}\n\n```{{eval-rst}}\n.. {kind}:: {place}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "_made"
    print(f"{len(write_pages(target))} pages in {target}")
