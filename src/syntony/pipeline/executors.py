"""Who does the work: this process, or a pool of processes. The result is the same."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

from syntony.core.errors import InputError

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(
    do: Callable[[Item], Result], items: Iterable[Item], *, jobs: int
) -> Iterator[tuple[Item, Result]]:
    """Do every item and give (item, result) as they are ready.

    Parameters
    ----------
    do : callable
        A module-level function (or a partial of one) of one picklable value.
    items : iterable
    jobs : int
        Processes; 1 works here, without any.
    """
    todo = list(items)
    if jobs < 1:
        raise InputError("jobs", jobs, "at least 1")
    if jobs == 1 or len(todo) < 2:
        for item in todo:
            yield item, do(item)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(todo)), mp_context=context) as pool:
        futures = {pool.submit(do, item): item for item in todo}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)
