"""The shell door: one file per verb, each a translation into one call of Python."""

from __future__ import annotations

import errno
import sys
from importlib import import_module
from typing import Any

import click

from syntony.core.errors import FileError, InputError, RecipeError, SyntonyError
from syntony.core.version import __version__

VERBS = {
    "demo": "Make a study whose answer is known, run it all, write the report.",
    "pair": "Two files, one answer: a report without setting up a study.",
    "inspect": "What is in this file? Channels, units, rates, start, gaps.",
    "import": "Sensor files to a study, by file-name pattern or map file.",
    "import-codes": "Code files (ELAN, BORIS, Praat, tables ...) to a session of a study.",
    "import-answers": "Answers to questionnaires (Qualtrics, REDCap, tables) to a study.",
    "questionnaires": "Scores, reliability, likeness and change; needs no recordings.",
    "import-ratings": "Continuous ratings (dials, joysticks, CARMA) to a study.",
    "align": "Clocks: what was found, what was done, what error is left.",
    "record": "Two or more people recorded live into a study.",
    "simulate": "Made people sent as live streams: a rehearsal.",
    "repair": "Mend a recording that was cut off.",
    "check": "Is it whole? Of a study or of a run.",
    "run": "The whole chain on a study; leaves a Run folder.",
    "clips": "Moments of a run as clips for blind coders; their codes back.",
    "sequences": "Whose codes follow whose, in a table of interval codes.",
    "export": "Leave with everything: BIDS, EDF, CSV, NeuroKit's or rMEA's tables.",
    "query": "A question in SQL to the tables of runs.",
    "serve": "A study in the browser: watch, code, rate, run, read.",
    "accounts": "Who may open a study that several people share.",
    "audit": "Is the log of who saw what whole? Back it up.",
    "report": "The report again, from the Run folder alone.",
    "power": "How many dyads a planned study needs, from simulated studies.",
    "multiverse": "Does the result hang on one choice? Every path, tested together.",
    "preregister": "Write down the plan before the ratings are unlocked.",
    "calibrate": "How often do strangers pass with these settings? What would be found?",
    "methods": "What is offered: methods, surrogates, formats, questionnaires.",
    "cite": "What to cite for a run.",
}


class Verbs(click.Group):
    """Loads a verb only when it is called; shows errors made on purpose as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Verbs in the order a study meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's own file, loaded now."""
        if cmd_name not in VERBS:
            return None
        file = "import_" if cmd_name == "import" else cmd_name.replace("-", "_")
        command: click.Command = import_module(f"syntony.cli.{file}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without loading them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Turn errors made on purpose into one line and an exit code."""
        try:
            return super().invoke(ctx)
        except (InputError, RecipeError) as error:
            _stop(error, 2)
        except SyntonyError as error:
            _stop(error, 1)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # the reader of our output left: click ends quietly
            _stop(_disk(error), 1)


def _disk(error: OSError) -> FileError:
    """Say in words why something could not be read or written."""
    where = error.filename or "disk"
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG}:
        found, do = "a full disk", "Free some space; a run goes on with --resume."
        return FileError(where, found, "room for the files", do)
    found = error.strerror or str(error)
    return FileError(where, found, "what may be read and written", "Check path and permissions.")


def _stop(error: Exception, code: int) -> None:
    """Say what went wrong on standard error and leave."""
    click.echo(f"Error: {error}", err=True)
    sys.exit(code)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="syntony")
def main() -> None:
    """Two people's signals, their synchrony, and what chance alone would give.

    \b
    Start here:
        syntony demo                    a made study with a known answer
        syntony pair A.csv B.csv ...    two files, one report
        syntony import ... --study S    sensor files to a study
        syntony run S                   the whole chain
    """
