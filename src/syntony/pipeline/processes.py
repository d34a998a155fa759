"""Worker processes of this machine, kept from one stage of a run to the next.

A worker's death takes the whole pool with it. Then the pool is made anew for what was not in
flight, and what was in flight is told as lost.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from syntony.core.errors import SyntonyError


class Lost:
    """What an item gives whose worker died, perhaps because of it."""


class Processes:
    """A pool of worker processes, begun when it is first asked for.

    Use it as a context: workers end with it.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._broke = False

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self, *, wait: bool = True) -> None:
        """End the workers; a later lap begins others."""
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=True)
        self._pool = None

    def lap(
        self, do: Callable[[Any], Any], items: list[Any], *, at_once: int | None = None
    ) -> Iterator[tuple[int, Any]]:
        """Do the items and give (place, result) as they are ready; ``Lost`` for some."""
        waiting, most = deque(enumerate(items)), at_once or self.jobs
        while waiting:
            flying: dict[Future[Any], int] = {}
            try:
                pool = self._open()
                while waiting or flying:
                    while waiting and len(flying) < most:
                        flying[pool.submit(do, waiting[0][1])] = waiting[0][0]
                        waiting.popleft()
                    for future in wait(flying, return_when=FIRST_COMPLETED).done:
                        found = future.result()
                        yield flying.pop(future), found
            except BrokenProcessPool:
                self.end()
                self._broke = True
                yield from ((place, Lost()) for place in flying.values())
            finally:
                for future in flying:
                    future.cancel()

    def one_by_one(self, do: Callable[[Any], Any], items: list[Any]) -> Iterator[tuple[int, Any]]:
        """Do the items with nothing of ours beside them, each seen to begin in a sound worker."""
        self._broke = True
        yield from self.lap(do, items, at_once=1)

    def _open(self) -> ProcessPoolExecutor:
        """Begin the workers, or find them there; after a death, see that they can live."""
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self.jobs, mp_context=context, initializer=_end_with_parent
            )
        if self._broke:
            _try_out(self._pool)
            self._broke = False
        return self._pool


def _end_with_parent() -> None:
    """Let a worker end when the run that started it is killed, instead of waiting for ever."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _try_out(pool: ProcessPoolExecutor) -> None:
    """See that a worker lives to do nothing, before a session is blamed for its death."""
    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool as error:
        raise SyntonyError(
            "Worker processes die as they start. In a script, call it under "
            "if __name__ == '__main__':, or say jobs=1."
        ) from error
