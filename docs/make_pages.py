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
from syntony.io.registry import Reader, readers
from syntony.link.instruments.registry import Instrument, instruments
from syntony.report.methods import bibliography
from syntony.surrogates.registry import Surrogate, surrogates
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
            "questionnaires",
            "Questionnaires",
            [(i.name, i.title, instrument_page(i)) for i in instruments().values()],
        ),
    ]
    for name, title, pages in lists:
        home = folder / name
        home.mkdir(parents=True, exist_ok=True)
        for entry, _, text in sorted(pages):
            written.append(_write(home / f"{entry}.md", text))
        tree = "\n".join(entry for entry, _, _ in sorted(pages))
        written.append(_write(home / "index.md", f"# {title}\n\n```{{toctree}}\n{tree}\n```\n"))
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


def method_page(entry: Method) -> str:
    """One page: question, when not, figure, statistics, options, sentence, references."""
    statistics = "\n".join(
        f"| `{s.name}` | {_cell(s.title)} | {_cell(s.explain)} | {s.chance:g} |"
        for s in entry.statistics
    )
    options = "\n".join(
        f"| `{k}` | {p.default!r} | {entry.units.get(k, '')} |" for k, p in entry.options.items()
    )
    return (
        f"# {entry.title}\n\n`{entry.name}`\n\n{entry.question}\n\n"
        f"**When not to use it.** {entry.not_when}\n\n"
        f"![{entry.title} of a simulated pair in which the first person leads by 2 s]"
        f"({entry.name}.svg)\n\n*A simulated pair; the first person leads by 2 s.*\n\n"
        f"## Statistics\n\n| name | title | what it says | about, for strangers |\n"
        f"| --- | --- | --- | --- |\n{statistics}\n\n"
        f"## Options\n\n| option | default | unit |\n| --- | --- | --- |\n{options}\n\n"
        f"## Sentence for a paper\n\n> {entry.tell({})}\n\n"
        f"## In full\n\n{_function(entry.compute)}\n{_references(entry.cites)}"
    )


def surrogate_page(entry: Surrogate) -> str:
    """One page: keeps, destroys, question, pitfall."""
    options = "\n".join(f"| `{k}` | {p.default!r} |" for k, p in entry.options.items())
    table = f"## Options\n\n| option | default |\n| --- | --- |\n{options}\n\n" if options else ""
    full = f"## In full\n\n{_function(entry.draw)}\n" if entry.draw is not None else ""
    return (
        f"# {entry.title}\n\n`{entry.name}`\n\n**Keeps** {entry.keeps}; **destroys** "
        f"{entry.destroys}.\n\n**Answers the question:** {entry.question}\n\n"
        f"**Pitfall.** {entry.pitfall}\n\n{table}{full}{_references(entry.cites)}"
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


def instrument_page(entry: Instrument) -> str:
    """One page: range, scales, source, whether wording may be shown."""
    zero = ", without 0" if entry.no_zero else ""
    scales = "\n".join(
        f"- **{s.name}**: {s.combine} of {len(s.items)} items; "
        + ("key supplied by the lab" if s.reverse is None else f"{len(s.reverse)} reversed")
        + f"; {s.max_missing} may be missing"
        for s in entry.scales
    )
    return (
        f"# {entry.title}\n\n`{entry.name}`: answers from {entry.low:g} to {entry.high:g}{zero}; "
        f"wording {entry.wording}.\n\n{scales}\n\n{_references(entry.cites)}"
    )


def draw_example(entry: Method, path: Path) -> None:
    """Figure of the method on a simulated pair in which the first person leads by 2 s."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    coupling = example_of(entry)
    figure = Figure(figsize=(7, 3), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    if coupling.dims == ("time", "lag"):
        time, lag = coupling.coords["time"] / 60, coupling.coords["lag"]
        mesh = axes.pcolormesh(time, lag, coupling.values.T, cmap="PuOr", vmin=-1, vmax=1)
        axes.axhline(2.0, color="black", linewidth=0.8, linestyle=":")
        axes.set(xlabel="time (min)", ylabel="lag (s)")
        figure.colorbar(mesh, label="r")
    else:
        axes.plot(coupling.coords[coupling.dims[0]], coupling.values)
        axes.set(xlabel=coupling.dims[0], ylabel=entry.name)
    figure.savefig(path, metadata={"Date": None})


def example_of(entry: Method) -> Coupling:
    """The method on two noisy copies of one slow signal, the second 2 s late."""
    rng = np.random.default_rng(2)
    common = np.convolve(rng.standard_normal(2500), np.hanning(20), "valid")
    x = 5 + common[8:2408] + rng.standard_normal(2400) * 0.3
    y = 5 + common[:2400] + rng.standard_normal(2400) * 0.3
    return entry.compute(x, y, rate_hz=4.0)


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
