"""Cost of a draw of each surrogate, and of the decisions over a study."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import process_time
from timeit import repeat

import numpy as np

import syntony.surrogates  # noqa: F401
from syntony.surrogates.decision import p_values, sign_flip
from syntony.surrogates.derangements import derangements
from syntony.surrogates.partners import Meeting, admissible
from syntony.surrogates.registry import surrogates
from syntony.surrogates.study import study_test


def best_us(work: Callable[[], object], number: int) -> float:
    return min(repeat(work, timer=process_time, number=number, repeat=7)) / number * 1e6


def shared(n: int, per_therapist: int) -> np.ndarray:
    therapist = np.arange(n) // per_therapist
    return therapist[:, None] != therapist[None, :]


def report(what: str, us: float) -> None:
    print(f"{what:58s} {us:12.1f} us" if us < 1e4 else f"{what:58s} {us / 1e3:12.1f} ms")


def main() -> None:
    rng = np.random.default_rng(0)
    for minutes, n in (("50 min at 4 Hz", 12_000), ("49.9 min at 4 Hz", 11_990)):
        y = rng.standard_normal(n)
        for entry in surrogates().values():
            if entry.draw is None:
                continue
            draw = partial(entry.draw, y, rng, rate_hz=4.0)
            report(f"{entry.name}, {minutes}", best_us(draw, 1000))
    for n, m in ((10, 1), (20, 2), (60, 3), (60, 10), (200, 3)):
        allowed = shared(n, m)
        report(
            f"999 derangements, {n} dyads, {m} a therapist",
            best_us(partial(derangements, allowed, 999, rng), 1),
        )
    index = rng.standard_normal((60, 60))
    real, cut = np.diag(index).copy(), np.repeat(np.diag(index)[:, None], 60, axis=1)
    report(
        "study test, 60 dyads, 999 draws, 2000 bootstrap samples",
        best_us(lambda: study_test(real, index, cut, shared(60, 3), rng), 1),
    )
    report("sign flips, 14 dyads, all", best_us(lambda: sign_flip(real[:14], rng), 5))
    report("sign flips, 60 dyads, 9999", best_us(lambda: sign_flip(real, rng), 5))
    null = rng.standard_normal((198, 41, 999))
    report("p of a map of 198 x 41, 999 draws", best_us(lambda: p_values(null[..., 0], null), 1))
    meetings = [
        Meeting(session=str(k), dyad="", type="t", number=1, first=f"P{k}", second=f"T{k // 3}")
        for k in range(1000)
    ]
    report(
        "who may meet whom, 1000 sessions",
        best_us(lambda: admissible(meetings, same_therapist=False), 1),
    )


if __name__ == "__main__":
    main()
