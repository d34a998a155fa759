"""One clock per session: offset, drift and what is left of error, by device. No resampling.

``syntony.align(study)`` is the verb; it lives in ``pipeline.aligning``, above this room.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    """A room that is also its verb."""

    @property
    def align(self) -> Any:
        """The verb itself, loaded when it is asked for."""
        return import_module("syntony.pipeline.aligning").align

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Align the clocks of a study; see ``pipeline.aligning.align``."""
        return self.align(*given, **named)


sys.modules[__name__].__class__ = _Verb
