"""Blocks of null studies, kept in a folder outside the project: what --resume finds again."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from syntony.core.files import write_text
from syntony.core.seeds import rng_for
from syntony.trials.null_study import NullStudy, outcomes

SEED = 20261128
VERSION = 1  # raise it where a change of the program changes a figure
BLOCK = 25


@dataclass(frozen=True)
class Block:
    """Some studies of one world, one stage and one group of surrogates."""

    asked: NullStudy
    stage: str
    number: int

    def path(self, cache: Path) -> Path:
        """File of the block, named by all that decides its figures."""
        told = json.dumps([VERSION, SEED, asdict(self.asked)], sort_keys=True)
        key = hashlib.sha256(told.encode()).hexdigest()[:12]
        return cache / f"{self.asked.world}-{self.stage}-{key}" / f"{self.number:04d}.json"


def seed_of(world: str, stage: str, study: int) -> int:
    """Seed of one study; no study is in two worlds or stages."""
    return int(rng_for(SEED, world, stage, study).integers(2**31))


def do_block(block: Block, cache: Path) -> float:
    """Make the studies of a block and write what they said; processor seconds."""
    began = time.process_time()
    rows, leaders = [], []
    for study in range(block.number * BLOCK, (block.number + 1) * BLOCK):
        found, named = outcomes(seed_of(block.asked.world, block.stage, study), block.asked)
        rows.append([asdict(o) for o in found])
        leaders.append(named)
    spent = time.process_time() - began
    told = {"asked": asdict(block.asked), "studies": rows, "leaders": leaders, "cpu_s": spent}
    write_text(block.path(cache), json.dumps(told))
    return spent


def do_blocks(
    blocks: list[Block], cache: Path, *, jobs: int, say: Callable[[int, int], None]
) -> None:
    """Make all blocks that are not there yet."""
    todo = [b for b in blocks if not b.path(cache).exists()]
    done = len(blocks) - len(todo)
    say(done, len(blocks))
    if not todo:
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # products are small; processes are many
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(do_block, b, cache) for b in todo]):
            future.result()
            done += 1
            say(done, len(blocks))


def read_blocks(blocks: list[Block], cache: Path) -> Iterator[dict[str, Any]]:
    """What blocks said, as far as they are there."""
    for block in blocks:
        path = block.path(cache)
        if path.exists():
            yield json.loads(path.read_text("utf-8"))
