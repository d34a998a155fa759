"""What the pictures of the app show: the made study, furnished with film, codes, clips and a plan.

Everything in it is made up, and every picture says so.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from syntony.config import Recipe
from syntony.io.codes.kept import finish_codes
from syntony.io.codes.value import CodeEvent
from syntony.io.study import load_session, open_study
from syntony.io.tsv import read_tsv, tsv_text

SESSION_S, FILM = 1320, "drawn.webm"
CODED_S = 300.0
SECOND = {
    "title": "As planned",
    "synchrony": [{"method": "lagged_correlation"}],
    "surrogates": [{"name": "pseudo_dyads"}],
    "emotion": {"rotations": 39},
    "empathy": {"bootstrap": 199},
    "corpus": {"derangements": 99, "bootstrap": 199},
}
"""A second run, quick, so that two can be laid side by side."""


def furnish(root: Path) -> None:
    """Give the made study what the pages show besides signals and runs."""
    from syntony.pipeline.clips import make_clips
    from syntony.pipeline.run import run
    from syntony.trials.preregister import preregister

    write_film(root / "media" / FILM, seconds=SESSION_S, rate=2)
    _name_films(root)
    _code(root)
    recipe = Recipe.model_validate(SECOND)
    preregister(root, recipe)
    run(root, recipe, name="as-planned", jobs=1)
    make_clips(root, root.parent / "for-coders", matched=False, seed=3)


def write_film(path: Path, *, seconds: int = 60, rate: int = 5) -> None:
    """Two drawn faces that turn to each other, under a line that says they are drawn."""
    import av
    from PIL import Image, ImageDraw

    path.parent.mkdir(exist_ok=True)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libvpx", rate=rate, options={"deadline": "realtime"})
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        for k in range(seconds * rate):
            picture = Image.new("RGB", (480, 270), "#2c3338")
            pen = ImageDraw.Draw(picture)
            for x, colour, phase in ((150, "#5fb0e6", 0.0), (330, "#f29a5c", 1.2)):
                y = 140 + 6 * np.sin(k / rate + phase)
                pen.ellipse((x - 44, y - 54, x + 44, y + 54), fill=colour)
                pen.arc((x - 20, y, x + 20, y + 30), 20, 160, fill="#2c3338", width=4)
                for side in (-16, 16):
                    pen.ellipse((x + side - 4, y - 18, x + side + 4, y - 8), fill="#2c3338")
            pen.text((12, 246), "Simulated picture: nobody was recorded", fill="#c9cdd2")
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _name_films(root: Path) -> None:
    """Say in sessions.tsv that the film belongs to every session."""
    path = root / "sessions.tsv"
    names, rows = read_tsv(path, ["session_id"])
    told = [{n: r.text(n) for n in names} | {"media": FILM, "media_offset_s": "0"} for r in rows]
    path.write_text(
        tsv_text(list(dict.fromkeys([*names, "media", "media_offset_s"])), told), "utf-8"
    )


def _code(root: Path) -> None:
    """Two coders who mostly agree and are done, and one who is not done yet."""
    from syntony.pipeline.coding import keep_codes

    session = load_session(open_study(root), "d01s01")
    given = [c for c in session.codes if c.coder == "coder1"]
    rng = np.random.default_rng(5)
    names = sorted({c.label for c in given})
    for coder in ("kim", "lee", "ann"):
        events = []
        for person in session.people:
            mine = sorted((c for c in given if c.person == person.id), key=lambda c: c.start_s)
            shift = dict.fromkeys((c.start_s for c in mine), 0.0)
            shift |= {s: float(rng.uniform(-1.5, 1.5)) for s in list(shift)[1:]}
            stop = 0.0
            for c in mine:
                start = max(stop, c.start_s + shift[c.start_s])
                stop = max(start, c.stop_s + shift.get(c.stop_s, 0.0))
                label = str(rng.choice(names)) if rng.random() < 0.08 else c.label
                if stop - start > 0.2:
                    events.append(_event(start, stop, person.id, label))
        if coder == "ann":
            events = [e for e in events if e.stop_s <= CODED_S]
        kept = keep_codes(root, "d01s01", coder, events, revision="")
        if coder != "ann":
            finish_codes(root, "d01s01", coder, revision=kept.revision)


def _event(start_s: float, stop_s: float, person: str, code: str) -> CodeEvent:
    start = round(start_s, 1)
    return CodeEvent(onset_s=start, duration_s=round(stop_s - start, 1), person=person, code=code)
