"""Clips for blind coders: same length for every class, random order; and what their codes say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syntony.core.arrays import Array
from syntony.core.errors import InputError
from syntony.core.session import Span
from syntony.link.finding import Finding
from syntony.link.intervals import by_dyad
from syntony.link.paired import paired_difference

DYAD = "dyad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of a session that a clip may be cut from; ``kind`` is its class."""

    session: str
    dyad: str
    kind: str
    start_s: float
    stop_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One clip: what is coded, [core_start_s, core_stop_s), and what is shown around it.

    All times in seconds on the session clock. ``number`` is its place in the random order,
    from 1, and says nothing of its class.
    """

    number: int
    session: str
    dyad: str
    kind: str
    start_s: float
    stop_s: float
    core_start_s: float
    core_stop_s: float


def lay_clips(
    stretches: Sequence[Stretch],
    rng: np.random.Generator,
    *,
    limits: Mapping[str, tuple[float, float]],
    length_s: float | None = None,
    margin_s: float = 2.0,
) -> tuple[list[Clip], list[Stretch]]:
    """Cut the middle out of every stretch, all of one length, and number them at random.

    Stretches of one class may be longer than those of the other; clips of one length do not
    tell which.

    Parameters
    ----------
    stretches : sequence of Stretch
    rng : numpy.random.Generator
        Deals the numbers.
    limits : mapping of str to (float, float)
        First and last second of every session that can be shown.
    length_s : float, optional
        Length of what is coded (s); default: that of the shortest stretch.
    margin_s : float, default 2
        Shown before and after it (s).

    Returns
    -------
    clips : list of Clip
        By number.
    left_out : list of Stretch
        Shorter than ``length_s``, or not wholly inside its session with the margins.

    Raises
    ------
    InputError
        If the length or margin is no length, or no stretch is left.

    Examples
    --------
    >>> two = [Stretch(session="s1", dyad="d", kind="high", start_s=100, stop_s=130),
    ...        Stretch(session="s1", dyad="d", kind="low", start_s=200, stop_s=220)]
    >>> clips, _ = lay_clips(two, np.random.default_rng(1), limits={"s1": (0.0, 600.0)})
    >>> sorted((c.start_s, c.stop_s) for c in clips)
    [(103.0, 127.0), (198.0, 222.0)]
    """
    if not (np.isfinite(margin_s) and margin_s >= 0):
        raise InputError("margin_s", margin_s, "seconds, 0 or more")
    if length_s is not None and not (np.isfinite(length_s) and length_s > 0):
        raise InputError("length_s", length_s, "seconds above 0")
    core = min((s.stop_s - s.start_s for s in stretches), default=0.0)
    core = core if length_s is None else float(length_s)
    kept: list[Stretch] = []
    left_out: list[Stretch] = []
    for stretch in stretches:
        middle = (stretch.start_s + stretch.stop_s) / 2
        first, last = limits[stretch.session]
        inside = middle - core / 2 - margin_s >= first and middle + core / 2 + margin_s <= last
        long = stretch.stop_s - stretch.start_s >= core - 1e-9
        (kept if inside and long else left_out).append(stretch)
    if not kept:
        hint = "Choose a shorter length_s or margin_s, or run without a limit on moments."
        raise InputError("stretches", f"{len(stretches)} of which none fits", "at least one", hint)
    clips = []
    for number, place in enumerate(rng.permutation(len(kept)).tolist(), start=1):
        s = kept[place]
        start = round((s.start_s + s.stop_s) / 2 - core / 2, 3)
        clips.append(
            Clip(
                number=number,
                session=s.session,
                dyad=s.dyad,
                kind=s.kind,
                start_s=round(start - margin_s, 3),
                stop_s=round(start + core + margin_s, 3),
                core_start_s=start,
                core_stop_s=round(start + core, 3),
            )
        )
    return clips, left_out


def elsewhere(
    stretches: Sequence[Stretch],
    rng: np.random.Generator,
    *,
    limits: Mapping[str, tuple[float, float]],
    gap_s: float = 10.0,
    tries: int = 200,
) -> list[Stretch]:
    """For every stretch another of the same length and third of its session, by chance.

    It keeps ``gap_s`` from all stretches, and from the others drawn; a stretch for which no
    such place is found in ``tries`` draws has none.
    """
    drawn: list[Stretch] = []
    for stretch in stretches:
        first, last = limits[stretch.session]
        third = (last - first) / 3
        place = min(int(((stretch.start_s + stretch.stop_s) / 2 - first) / third), 2)
        long = stretch.stop_s - stretch.start_s
        low, high = first + place * third, first + (place + 1) * third - long
        if high <= low:
            continue
        taken = [s for s in (*stretches, *drawn) if s.session == stretch.session]
        for start in rng.uniform(low, high, size=tries).round(3).tolist():
            stop = start + long
            if all(stop + gap_s <= s.start_s or start >= s.stop_s + gap_s for s in taken):
                drawn.append(
                    Stretch(
                        session=stretch.session,
                        dyad=stretch.dyad,
                        kind="elsewhere",
                        start_s=start,
                        stop_s=stop,
                    )
                )
                break
    return drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipCode:
    """A code that a coder gave in a clip; times on the session clock (s).

    ``person`` and ``role`` are ``"dyad"`` where it is about both.
    """

    clip: int
    person: str
    role: str
    code: str
    coder: str
    start_s: float
    stop_s: float


def shares_of(clip: Clip, codes: Iterable[ClipCode], names: Sequence[str]) -> Array:
    """Share of the coded seconds of a clip with each code, shape (n_codes,).

    NaN where nothing of it is coded; two codes at once count each.
    """
    seconds = np.zeros(len(names))
    spans = sorted((max(c.start_s, clip.core_start_s), min(c.stop_s, clip.core_stop_s), c.code)
                   for c in codes)  # fmt: skip
    coded, before = 0.0, clip.core_start_s
    for start, stop, code in spans:
        if stop <= start:
            continue
        seconds[names.index(code)] += stop - start
        coded += max(0.0, stop - max(start, before))
        before = max(before, stop)
    return seconds / coded if coded > 0 else np.full(len(names), np.nan)


def contrast_findings(
    clips: Sequence[Clip],
    codes: Sequence[ClipCode],
    rng: np.random.Generator,
    *,
    kinds: tuple[str, str] = ("high", "low"),
    bootstrap: int = 2000,
    blocks: Mapping[str, int] | None = None,
) -> list[Finding]:
    """Compare the codes in clips of two classes, dyad by dyad.

    For every role and code: the share of the coded seconds of each clip, its mean over coders,
    then over the clips of a class in a session, then the difference of the two classes, then
    its mean over sessions of the dyad. Signs of dyads are flipped; dyads that share people
    turn together.

    Parameters
    ----------
    clips : sequence of Clip
    codes : sequence of ClipCode
    rng : numpy.random.Generator
    kinds : (str, str)
        The second is taken off the first.
    bootstrap : int, default 2000
        Draws of dyads for the interval.
    blocks : mapping of str to int, optional
        Dyad to its block of dyads that share people.

    Returns
    -------
    list of Finding
        ``finding`` ``"clips"``, ``label`` ``"role: code"``; ``value`` is the difference of
        shares, with its interval over dyads; no p under six dyads.
    """
    names = sorted({c.code for c in codes})
    roles = sorted({c.role for c in codes})
    found = []
    for role in roles:
        sessions, values = _differences(clips, [c for c in codes if c.role == role], names, kinds)
        dyad_of = {c.session: c.dyad for c in clips}
        for k, name in enumerate(names):
            labels, means = by_dyad(values[:, k], [dyad_of[s] for s in sessions])
            facts = {
                "finding": "clips",
                "label": f"{role}: {name}",
                "n_sessions": int(np.isfinite(values[:, k]).sum()),
                "detail": {"kinds": list(kinds), "dyads": labels, "differences": means},
            }
            turn = None if blocks is None else [blocks[d] for d in labels]
            one = paired_difference(means, rng, facts=facts, bootstrap=bootstrap, blocks=turn)
            found.append(one)
    return found


def _differences(
    clips: Sequence[Clip], codes: Sequence[ClipCode], names: Sequence[str], kinds: tuple[str, str]
) -> tuple[list[str], Array]:
    """Mean share in clips of the first class less the second, by session, (n_sessions, n_codes)."""
    coders = sorted({c.coder for c in codes})
    by_clip: dict[tuple[int, str], list[ClipCode]] = {}
    for code in codes:
        by_clip.setdefault((code.clip, code.coder), []).append(code)
    sessions = list(dict.fromkeys(c.session for c in clips))
    means = np.full((len(sessions), 2, len(names)), np.nan)
    for i, session in enumerate(sessions):
        for j, kind in enumerate(kinds):
            rows = []
            for clip in clips:
                if (clip.session, clip.kind) == (session, kind):
                    seen = [
                        shares_of(clip, by_clip[clip.number, c], names)
                        for c in coders
                        if (clip.number, c) in by_clip
                    ]
                    seen = [s for s in seen if np.isfinite(s).all()]
                    rows += [np.mean(seen, axis=0)] if seen else []
            if rows:
                means[i, j] = np.mean(rows, axis=0)
    return sessions, np.asarray(means[:, 0] - means[:, 1])


def spans_of(codes: Iterable[ClipCode]) -> list[Span]:
    """The same as codes of the sessions; what is about both people is of nobody."""
    return [
        Span(
            label=c.code,
            start_s=c.start_s,
            stop_s=c.stop_s,
            person="" if c.person == DYAD else c.person,
            coder=c.coder,
        )
        for c in codes
    ]
