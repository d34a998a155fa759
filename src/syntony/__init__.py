"""Interpersonal physiology: from the sensors of two people to the findings, beside chance.

Nothing is loaded before it is used: the public names below come from their rooms on first
use.

Examples
--------
>>> import syntony as sy
>>> sy.Signal(values=[1.0, 2.0], rate_hz=4.0, start_s=0.0, unit="uS", kind="eda", person="P01")
Signal(eda of P01, 2 samples at 4 Hz from 0 s, uS, 100.0 % present)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from syntony.core.version import __version__

_HOMES = {
    "Signal": "syntony.core.signal",
    "Events": "syntony.core.events",
    "Recording": "syntony.core.recording",
    "Session": "syntony.core.session",
    "Person": "syntony.core.session",
    "Clock": "syntony.core.session",
    "Span": "syntony.core.session",
    "Answers": "syntony.core.session",
    "Coupling": "syntony.core.coupling",
    "Evidence": "syntony.core.evidence",
    "Run": "syntony.core.run",
    "query": "syntony.core.query",
    "Recipe": "syntony.config",
    "read_recipe": "syntony.config",
    "read": "syntony.io.registry",
    "repair": "syntony.io.xdf",
    "record": "syntony.pipeline.recording",
    "inspect_file": "syntony.io.inspecting",
    "from_mne": "syntony.io.mne_raw",
    "to_mne": "syntony.io.mne_raw",
    "open_study": "syntony.io.study",
    "add_mark": "syntony.io.marking",
    "withdraw_mark": "syntony.io.marking",
    "Mark": "syntony.core.session",
    "import_files": "syntony.pipeline.importing",
    "import_codes": "syntony.pipeline.import_codes",
    "import_answers": "syntony.pipeline.import_answers",
    "read_answers": "syntony.io.answers",
    "questionnaires": "syntony.pipeline.asked",
    "import_ratings": "syntony.pipeline.import_ratings",
    "read_codes": "syntony.io.codes",
    "write_codes": "syntony.io.codes",
    "check_codes": "syntony.io.codes",
    "CodeEvent": "syntony.io.codes",
    "CodeFile": "syntony.io.codes",
    "CodeBook": "syntony.io.codes",
    "code_books": "syntony.io.codes",
    "read_code_book": "syntony.io.codes",
    "write_code_book": "syntony.io.codes",
    "fit_model": "syntony.link.models.fitting",
    "Sessions": "syntony.link.models.values",
    "export": "syntony.pipeline.exporting",
    "run": "syntony.pipeline.run",
    "analyse": "syntony.pipeline.analyse",
    "pair": "syntony.pipeline.pair",
    "align": "syntony.pipeline.aligning",
    "check": "syntony.pipeline.check",
    "agreement": "syntony.pipeline.agreements",
    "write_disagreements": "syntony.pipeline.agreements",
    "make_clips": "syntony.pipeline.clips",
    "who_answers": "syntony.pipeline.sequences",
    "read_clip_codes": "syntony.pipeline.clip_codes",
    "report": "syntony.report",
    "convergence": "syntony.pipeline.convergence",
    "methods": "syntony.pipeline.offer",
    "cite": "syntony.pipeline.offer",
    "demo": "syntony.trials.demo",
    "power": "syntony.trials.power",
    "Power": "syntony.trials.power",
    "PowerSetup": "syntony.trials.power_setup",
    "multiverse": "syntony.trials.multiverse",
    "Multiverse": "syntony.trials.multiverse_grid",
    "preregister": "syntony.trials.preregister",
    "calibrate": "syntony.trials.calibrate",
    "Card": "syntony.trials.card",
}

__all__ = ["__version__", "datasets", *_HOMES]

if TYPE_CHECKING:
    from syntony.config import Recipe, read_recipe
    from syntony.core.coupling import Coupling
    from syntony.core.events import Events
    from syntony.core.evidence import Evidence
    from syntony.core.query import query
    from syntony.core.recording import Recording
    from syntony.core.run import Run
    from syntony.core.session import Answers, Clock, Mark, Person, Session, Span
    from syntony.core.signal import Signal
    from syntony.io.answers import read_answers
    from syntony.io.codes import (
        CodeBook,
        CodeEvent,
        CodeFile,
        check_codes,
        code_books,
        read_code_book,
        read_codes,
        write_code_book,
        write_codes,
    )
    from syntony.io.inspecting import inspect_file
    from syntony.io.marking import add_mark, withdraw_mark
    from syntony.io.mne_raw import from_mne, to_mne
    from syntony.io.registry import read
    from syntony.io.study import open_study
    from syntony.io.xdf import repair
    from syntony.link.models.fitting import fit_model
    from syntony.link.models.values import Sessions
    from syntony.pipeline.agreements import agreement, write_disagreements
    from syntony.pipeline.aligning import align
    from syntony.pipeline.analyse import analyse
    from syntony.pipeline.asked import questionnaires
    from syntony.pipeline.check import check
    from syntony.pipeline.clip_codes import read_clip_codes
    from syntony.pipeline.clips import make_clips
    from syntony.pipeline.convergence import convergence
    from syntony.pipeline.exporting import export
    from syntony.pipeline.import_answers import import_answers
    from syntony.pipeline.import_codes import import_codes
    from syntony.pipeline.import_ratings import import_ratings
    from syntony.pipeline.importing import import_files
    from syntony.pipeline.offer import cite, methods
    from syntony.pipeline.pair import pair
    from syntony.pipeline.recording import record
    from syntony.pipeline.run import run
    from syntony.pipeline.sequences import who_answers
    from syntony.report import report
    from syntony.trials.calibrate import calibrate
    from syntony.trials.card import Card
    from syntony.trials.demo import demo
    from syntony.trials.multiverse import multiverse
    from syntony.trials.multiverse_grid import Multiverse
    from syntony.trials.power import Power, power
    from syntony.trials.power_setup import PowerSetup
    from syntony.trials.preregister import preregister


def __getattr__(name: str) -> Any:
    """Load a public name from its room on first use."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name == "datasets":
        return import_module("syntony.datasets")
    raise AttributeError(f"module 'syntony' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Public names, for completion."""
    return sorted(__all__)
