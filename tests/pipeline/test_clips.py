"""Clips for blind coders: nothing tells the class; codes come back joined, compared, tested."""

import csv
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from syntony.cli import main
from syntony.core.errors import FileError, InputError
from syntony.io.study import open_study
from syntony.io.study_write import create_study, write_session
from syntony.io.video import cut_clip, frame_rate
from syntony.link.clips import ClipCode, Stretch, contrast_findings, elsewhere, lay_clips
from syntony.pipeline.clip_codes import read_clip_codes
from syntony.pipeline.clips import make_clips
from syntony.pipeline.tables import write_table
from syntony.simulate.study import demo_setup, make_study

DYADS = 8


def say_media(root, offset="12.5"):
    """Fill media and media_offset_s of every session."""
    lines = (root / "sessions.tsv").read_text("utf-8").splitlines()
    names = lines[0].split("\t")
    out = [lines[0]]
    for line in lines[1:]:
        cells = dict(zip(names, line.split("\t"), strict=True))
        cells |= {"media": "talk.mp4", "media_offset_s": offset}
        out.append("\t".join(cells[n] for n in names))
    (root / "sessions.tsv").write_text("\n".join(out) + "\n", "utf-8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A study with a run folder that holds what clips are made from: moments, two a class."""
    root = tmp_path_factory.mktemp("clips") / "study"
    create_study(root, title="clips", roles=("patient", "therapist"), simulated=True, truth={})
    sessions = make_study(demo_setup(dyads=DYADS, minutes=6.0)).sessions
    for session in sessions:
        write_session(root, replace(session, spans=()))
    say_media(root)
    run = root / "derivatives" / "syntony" / "run-001"
    run.mkdir(parents=True)
    (run / "origin.json").write_text(json.dumps({"finished": True}), "utf-8")
    rows, moments, survivors = [], [], []
    for k, session in enumerate(sessions):
        rows.append(
            {"session": session.id, "dyad": session.dyad, "failed": "", "duration_s": 360.0}
        )
        for kind, starts, long in (("high", (40, 120, 300), 40.0), ("low", (90, 200), 20.0)):
            moments += [
                {
                    "session": session.id,
                    "dyad": session.dyad,
                    "step": 0,
                    "kind": kind,
                    "start_s": start + k,
                    "stop_s": start + k + long,
                    "matched": start < 300,
                }
                for start in starts
            ]
        survivors.append(
            {
                "session": session.id,
                "dyad": session.dyad,
                "step": 0,
                "surrogate": "pseudo_dyads",
                "start_s": 150.0,
                "stop_s": 165.0,
                "sign": 1,
            }
        )
        table = pa.table(
            {"time_s": [0.0], "patient": [0.0], "therapist": [0.0]},
            metadata={"rate_hz": repr(1 / 360), "start_s": "0.0"},
        )
        (run / "signals").mkdir(exist_ok=True)
        pq.write_table(table, run / "signals" / f"{session.id}.parquet")
    write_table(run, "sessions", rows)
    write_table(run, "moments", moments)
    write_table(run, "survivors", survivors)
    return root


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill(folder, clips, path, *, coder, effect=0.8, rng=None, flip=0.0):
    """What a coder who sees smiles in high clips writes down; a share of lines at random."""
    rng = rng or np.random.default_rng(1)
    kinds = {str(c.number): c.kind for c in clips}
    rows = table(folder / "codes.csv")
    for row in rows:
        high = kinds[row["clip"]] in ("high", "surviving")
        row["code"] = "smile" if rng.random() < (effect if high else 1 - effect) else "none"
        if rng.random() < flip:
            row["code"] = str(rng.choice(["smile", "none"]))
        row["coder"] = coder
    write(path, rows)
    return path


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_nothing_that_coders_get_tells_the_class(whole, tmp_path):
    made = make_clips(whole, tmp_path / "kim", seed=3)
    rows = table(tmp_path / "kim" / "clips.csv")
    assert len(rows) == len(made.clips) == DYADS * 4  # the third high moment has no partner
    assert list(rows[0]) == ["set", "clip", "session", "media", "start_s", "stop_s", "file"]
    assert {float(r["stop_s"]) - float(r["start_s"]) for r in rows} == {24.0}  # 20 s and margins
    text = "".join(p.read_text("utf-8") for p in sorted((tmp_path / "kim").iterdir()))
    assert "high" not in text
    assert "low" not in text
    assert "run-001" not in text
    assert "high" not in "\n".join(made.lines)
    kinds = [c.kind for c in made.clips]
    assert kinds != sorted(kinds)
    again = [c.kind for c in make_clips(whole, tmp_path / "lee", seed=4).clips]
    assert again != kinds
    assert made.key.is_relative_to(whole)


def test_the_order_is_drawn_anew_and_by_chance_unrelated_to_the_class(whole, tmp_path):
    stretches = [
        Stretch(session="s", dyad="d", kind=k, start_s=100.0 * i, stop_s=100.0 * i + 30)
        for i, k in enumerate(["high"] * 10 + ["low"] * 10, start=1)
    ]
    limits = {"s": (0.0, 3000.0)}
    firsts = []
    for seed in range(400):
        clips, _ = lay_clips(stretches, np.random.default_rng(seed), limits=limits)
        firsts.append(np.mean([c.number for c in clips if c.kind == "high"]))
    assert np.mean(firsts) == pytest.approx(10.5, abs=0.25)
    seeds = set()
    for name in ("a", "b"):
        made = make_clips(whole, tmp_path / name)
        seeds.add(json.loads((made.key / "set.json").read_text("utf-8"))["seed"])
    assert len(seeds) == 2


def test_times_in_the_list_are_those_of_the_media(whole, tmp_path):
    made = make_clips(whole, tmp_path / "kim", seed=3)
    for clip, row in zip(made.clips, table(tmp_path / "kim" / "clips.csv"), strict=True):
        assert float(row["start_s"]) == pytest.approx(clip.start_s + 12.5)
        assert clip.core_start_s - clip.start_s == 2.0
        assert row["media"] == "talk.mp4"


def test_a_clip_is_the_middle_of_its_moment(whole, tmp_path):
    first = open_study(whole).sessions[0].id
    made = make_clips(whole, tmp_path / "kim", seed=3)
    cores = sorted((c.core_start_s, c.core_stop_s) for c in made.clips if c.session == first)
    assert cores == [(50, 70), (90, 110), (130, 150), (200, 220)]


def test_codes_come_back_with_their_class_agreement_and_contrast(whole, tmp_path):
    made = make_clips(whole, tmp_path / "kim", seed=3)
    rng = np.random.default_rng(5)
    kim = fill(tmp_path / "kim", made.clips, tmp_path / "kim.csv", coder="kim", rng=rng)
    rows = table(kim)
    for row in rows:
        row["coder"] = "lee"
        if rng.random() < 0.1:
            row["code"] = "smile" if row["code"] == "none" else "none"
    write(tmp_path / "lee.csv", rows)
    found = read_clip_codes(whole, [kim, tmp_path / "lee.csv"], bootstrap=499)
    assert len(found.codes) == DYADS * 4 * 2 * 2
    by_hand = {}
    for row in table(made.key / "clip_codes.csv"):
        by_hand.setdefault((row["role"], row["kind"], row["session"], row["clip"]), []).append(
            row["code"] == "smile"
        )
    for role in ("patient", "therapist"):
        one = next(f for f in found.findings if f.label == f"{role}: smile")
        gaps = []
        for session in {c.session for c in made.clips}:
            share = {
                kind: np.mean(
                    [
                        np.mean(v)
                        for (r, k, s, _), v in by_hand.items()
                        if (r, k, s) == (role, kind, session)
                    ]
                )
                for kind in ("high", "low")
            }
            gaps.append(share["high"] - share["low"])
        assert one.value == pytest.approx(np.mean(gaps))
        assert one.value > 0.3
        assert one.low < one.value < one.high
        assert one.n_dyads == DYADS
        assert one.p_two < 0.05
    kappa = next(r for r in found.agreement if r.measure == "kappa" and not (r.code or r.role))
    assert kappa.n_sessions == DYADS * 4
    assert 0.6 < kappa.value < 1.0
    assert {s.coder for s in found.spans} == {"kim", "lee"}
    assert any("high clips less low clips" in line for line in found.lines)


def test_where_coders_see_nothing_the_contrast_is_rarely_a_finding(whole, tmp_path):
    clips = make_clips(whole, tmp_path / "kim", seed=3).clips
    rng, passed, studies = np.random.default_rng(8), 0, 150
    for _ in range(studies):
        codes = [
            ClipCode(
                clip=c.number,
                person="P",
                role="patient",
                code=str(rng.choice(["smile", "none", "frown"])),
                coder="kim",
                start_s=c.core_start_s,
                stop_s=c.core_stop_s,
            )
            for c in clips
        ]
        found = contrast_findings(clips, codes, rng, bootstrap=99)
        passed += next(f for f in found if f.label == "patient: smile").p_two <= 0.05
    assert passed <= 15  # upper 99 % limit of 150 at .05


def test_timed_codes_count_by_their_seconds_within_what_is_coded(whole, tmp_path):
    made = make_clips(whole, tmp_path / "kim", seed=3)
    rows = [
        {"clip": 1, "person": "patient", "code": "smile", "start_s": "0", "stop_s": "7"},
        {"clip": 1, "person": "patient", "code": "none", "start_s": "7", "stop_s": "00:24"},
    ]
    write(tmp_path / "kim.csv", rows)
    found = read_clip_codes(whole, [tmp_path / "kim.csv"], coder="kim")
    first, second = found.codes
    assert first.start_s == made.clips[0].core_start_s
    assert first.stop_s - first.start_s == 5.0  # two seconds of the margin are left aside
    assert second.stop_s == made.clips[0].core_stop_s


def test_wrong_sheets_are_refused_by_file_and_line(whole, tmp_path):
    make_clips(whole, tmp_path / "kim", seed=3)
    good = {"clip": "1", "person": "patient", "code": "smile", "coder": "kim"}
    cases = {
        "a clip of the set": [good | {"clip": "99"}],
        "one of": [good | {"person": "driver"}],
        "who coded": [good | {"coder": ""}],
        "Two coders under one name": [good, good | {"code": "none"}],
        "within the clip": [good | {"start_s": "5", "stop_s": "90"}],
        "both, or neither": [good | {"start_s": "5", "stop_s": ""}],
    }
    for words, rows in cases.items():
        write(tmp_path / "bad.csv", rows)
        with pytest.raises(FileError, match=words) as caught:
            read_clip_codes(whole, [tmp_path / "bad.csv"])
        assert f"line {len(rows) + 1}" in str(caught.value)
    write(tmp_path / "other.csv", [good | {"set": "clips-999"}])
    with pytest.raises(InputError, match="clips-999"):
        read_clip_codes(whole, [tmp_path / "other.csv"])
    write(tmp_path / "empty.csv", [good | {"code": ""}])
    with pytest.raises(FileError, match="no code at all"):
        read_clip_codes(whole, [tmp_path / "empty.csv"])


def test_what_was_not_coded_is_counted(whole, tmp_path):
    made = make_clips(whole, tmp_path / "kim", seed=3)
    path = fill(tmp_path / "kim", made.clips, tmp_path / "kim.csv", coder="kim")
    rows = table(path)
    rows = [r | {"code": ""} if r["clip"] == "2" else r for r in rows]
    write(path, rows)
    told = {n.code: n.text for n in read_clip_codes(whole, [path]).notes}
    assert told["not-coded"].startswith("2 lines")
    assert "1 of 32 clips: 2" in told["clips-not-coded"]


def test_the_folder_of_the_coders_lies_apart_from_the_study(whole, tmp_path):
    with pytest.raises(InputError, match="outside of the study"):
        make_clips(whole, whole / "for-kim")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("a", "utf-8")
    with pytest.raises(FileError, match="something in it"):
        make_clips(whole, tmp_path / "full")
    with pytest.raises(InputError, match="run-001"):
        make_clips(whole, tmp_path / "no", run="run-007")


def test_survivors_stand_beside_stretches_drawn_elsewhere(whole, tmp_path):
    made = make_clips(whole, tmp_path / "kim", which="survivors", seed=3)
    kinds = [c.kind for c in made.clips]
    assert kinds.count("surviving") == kinds.count("elsewhere") == DYADS
    for clip in made.clips:
        if clip.kind == "elsewhere":
            assert clip.stop_s <= 150 or clip.start_s >= 165
            assert 120 <= clip.core_start_s <= 240  # the same third


def test_no_place_elsewhere_gives_none():
    one = Stretch(session="s", dyad="d", kind="surviving", start_s=0, stop_s=90)
    assert elsewhere([one], np.random.default_rng(1), limits={"s": (0.0, 100.0)}) == []


def test_media_without_an_offset_are_refused(whole, tmp_path):
    say_media(whole, "n/a")
    try:
        with pytest.raises(FileError, match="media_offset_s"):
            make_clips(whole, tmp_path / "kim")
    finally:
        say_media(whole)


def test_the_shell_lays_out_reads_back_and_writes_codes_of_sessions(whole, tmp_path):
    runner = CliRunner()
    done = runner.invoke(main, ["clips", str(whole), "--to", str(tmp_path / "kim"), "--seed", "3"])
    assert done.exit_code == 0, done.output
    assert "32 clips of 8 sessions" in done.output
    sheet = table(tmp_path / "kim" / "codes.csv")
    write(tmp_path / "kim.csv", [r | {"code": "smile", "coder": "kim"} for r in sheet])
    args = ["clips", str(whole), "--read", str(tmp_path / "kim.csv"), "--json", "--into-codes"]
    done = runner.invoke(main, args)
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert said["coded"] == 32
    tables = sorted((whole / "codes").glob("*_kim-clips.tsv"))
    assert len(tables) == DYADS
    assert runner.invoke(main, args).exit_code == 1  # never written over
    for path in tables:
        path.unlink()
    assert runner.invoke(main, ["clips", str(whole)]).exit_code == 2


def test_a_cut_file_shows_its_seconds_and_nothing_else(tmp_path):
    av = pytest.importorskip("av", reason="the extra 'video' is not installed")
    media = tmp_path / "talk.mp4"
    with av.open(str(media), "w") as out:
        out.metadata["title"] = "high moments"
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        sound = out.add_stream("aac", rate=8000)
        sound.layout = "mono"
        for k in range(90 * 10):  # grey says which second it is
            grey = np.full((48, 64, 3), 16 + k // 10, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts = k
            out.mux(stream.encode(frame))
        for k in range(90):
            wave = np.zeros((1, 8000), dtype=np.float32)
            heard = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            heard.sample_rate, heard.pts = 8000, k * 8000
            out.mux(sound.encode(heard))
        for one in (stream, sound):
            out.mux(one.encode(None))
    shown = [(20.0, 44.0), (57.5, 81.5)]
    for k, (start, stop) in enumerate(shown):
        path = cut_clip(media, tmp_path / f"{k}.mp4", start_s=start, stop_s=stop)
        with av.open(str(path)) as cut:
            assert "title" not in cut.metadata
            assert [s.type for s in cut.streams] == ["video", "audio"]
            frames = [(f.time, f.to_ndarray(format="rgb24").mean()) for f in cut.decode(video=0)]
        assert len(frames) == 240
        assert frames[0][0] == pytest.approx(0.0, abs=0.11)
        for time, grey in frames[5::40]:
            assert grey == pytest.approx(16 + int(start + time + 0.01), abs=2.5)
    with pytest.raises(FileError, match="nothing between"):
        cut_clip(media, tmp_path / "late.mp4", start_s=500, stop_s=520)
    assert not (tmp_path / "late.mp4").exists()
    (tmp_path / "text.mp4").write_text("no video", "utf-8")
    with pytest.raises(FileError, match="video or sound"):
        cut_clip(tmp_path / "text.mp4", tmp_path / "out.mp4", start_s=0, stop_s=5)
    rates = [frame_rate(tmp_path / name) for name in ("0.mp4", "text.mp4", "none.mp4")]
    assert rates == [10.0, None, None]


def test_files_are_cut_in_media_time_and_named_by_number(whole, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "syntony.pipeline.clips.cut_clip",
        lambda source, target, **s: asked.append((source.name, target.name, s["start_s"])),
    )
    made = make_clips(whole, tmp_path / "kim", seed=3, cut=True)
    assert asked == [("talk.mp4", f"clip-{c.number:03d}.mp4", c.start_s + 12.5) for c in made.clips]
    listed = [r["file"] for r in table(tmp_path / "kim" / "clips.csv")]
    assert listed == [name for _, name, _ in asked]
