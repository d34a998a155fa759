"""What the manual and the help say to type can be typed: verbs and options are there."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from syntony.cli import VERBS, main

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
PAGES = [p for p in PAGES if "_build" not in p.parts and "_made" not in p.parts]


def command_of(verb):
    return main.get_command(click.Context(main), verb)


def typed(text):
    """Commands in a text: ``syntony VERB ...``, with lines that end in a backslash joined."""
    joined = re.sub(r"\\\s*\n\s*", " ", text)
    for line in joined.splitlines():
        found = re.match(r"\s*(?:\$ )?(syntony [a-z].*)", line)
        if found:
            yield found[1].split("   ")[0]
    for found in re.findall(r"`(syntony [a-z][^`]*)`", joined):
        yield found


def wrong_with(line):
    """What of a typed line the program does not know."""
    words = [w for w in shlex.split(line.replace("...", ""), comments=True) if w]
    command = command_of(words[1])
    if command is None:
        return [words[1]]
    inner = getattr(command, "commands", {})
    told = [w for w in words[2:3] if w in inner]
    if inner and words[2:] and not told:
        return [f"none of {sorted(inner)}"]
    params = [*command.params, *(p for w in told for p in inner[w].params)]
    known = {o for p in params for o in p.opts} | {"--help"}
    return [w for w in words[2:] if w.startswith("--") and w.split("=")[0] not in known]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_in_the_manual_exist(page):
    bad = [(line, wrong_with(line)) for line in typed(page.read_text("utf-8"))]
    assert not [b for b in bad if b[1]]


@pytest.mark.parametrize("verb", VERBS)
def test_help_tells_what_a_verb_does_and_its_examples_exist(verb):
    done = CliRunner().invoke(main, [verb, "--help"])
    assert done.exit_code == 0
    assert "Example" in done.output
    lines = list(typed(command_of(verb).help))
    assert lines
    assert not [b for b in ((line, wrong_with(line)) for line in lines) if b[1]]


def test_one_fact_has_one_spelling_in_every_verb():
    """Options that hand over the same argument are called the same."""
    spelled = {}
    for verb in VERBS:
        for option in command_of(verb).params:
            if isinstance(option, click.Option):
                spelled.setdefault(option.name, set()).add(option.opts[-1])
    assert {k: v for k, v in spelled.items() if len(v) > 1} == {}
    assert "--rate-hz" in spelled["rate_hz"]


def test_every_verb_is_listed():
    done = CliRunner().invoke(main, ["--help"])
    assert done.exit_code == 0
    assert all(re.search(rf"^  {verb} ", done.output, re.MULTILINE) for verb in VERBS)


def test_an_unknown_verb_is_wrong_use():
    done = CliRunner().invoke(main, ["pear"])
    assert done.exit_code == 2
    assert "pear" in done.output
