"""Options of a recipe, tried in a process of its own, and once.

Trying loads the methods with their compiler (some 150 MB, seconds at the first time) and takes
what the options ask for: neither belongs into the server.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from syntony.app.jobs import Jobs
from syntony.app.process import Bounds
from syntony.app.work_run import try_recipe

if TYPE_CHECKING:
    from syntony.config import Recipe
    from syntony.pipeline.recipe_check import Problem

BOUNDS = Bounds(memory_bytes=4 * 2**30, cpu_s=120, wall_s=120.0)
AT_ONCE, MOST_WAITING, KEPT = 2, 8, 200


class Trials:
    """What came of the options that were tried since the app was started.

    Parameters
    ----------
    jobs : Jobs
    title : str
        What people see of the job.
    """

    def __init__(self, jobs: Jobs, title: str) -> None:
        self._jobs, self._title = jobs, title
        self._kept: OrderedDict[str, tuple[Problem, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def attempt(self, settled: Recipe) -> tuple[Problem, ...]:
        """Options that are refused; the defaults of methods and surrogates need no trial.

        Raises
        ------
        HTTPException
            409 or 429 while too many others are tried.
        """
        from syntony.pipeline.recipe_check import Problem, has_options

        if not has_options(settled):
            return ()
        parts = settled.model_dump(mode="json", include={"synchrony", "surrogates", "body"})
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        with self._lock:
            if key in self._kept:
                return self._kept[key]
        given = {"recipe": settled.model_dump(mode="json")}
        with self._jobs.waiting(MOST_WAITING):
            job = self._jobs.start(
                "check", self._title, try_recipe, given, bounds=BOUNDS, most=AT_ONCE, key=key
            )
            job = self._jobs.wait(job.id, 2 * (BOUNDS.wall_s or 0.0))
        if job.state != "finished":
            return (Problem(place="synchrony", message=job.message or self._title),)
        refused = tuple(Problem(place=place, message=said) for place, said in job.result)
        with self._lock:
            self._kept[key] = refused
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return refused
