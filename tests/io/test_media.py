"""Media of a session: which, at which offset, and what a browser cannot play."""

import json
import shlex
from pathlib import Path

import pytest

from syntony.core.errors import FileError, InputError
from syntony.io.media import (
    conversion,
    media_of,
    offset_by_eye,
    read_offsets,
    write_offset,
)
from syntony.io.study import input_files, open_study
from syntony.pipeline.clips import make_clips

SESSION = "d01s01"


def put(study, name, content=b"x"):
    (study / "media").mkdir(exist_ok=True)
    (study / "media" / name).write_bytes(content)


def set_table(study, media, offset="n/a"):
    path = study / "sessions.tsv"
    lines = path.read_text("utf-8").splitlines()
    head = lines[0].split("\t")
    for k, line in enumerate(lines):
        cells = line.split("\t")
        if cells[0].removeprefix("ses-") == SESSION:
            cells[head.index("media")] = media
            cells[head.index("media_offset_s")] = offset
            lines[k] = "\t".join(cells)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def names(study):
    return [m.path.name for m in media_of(open_study(study), SESSION)]


def test_files_of_the_table_come_first_then_those_named_for_the_session(study):
    for name in ("room.webm", "d01s01_b.mp4", "d01s01-a.wav", "d01s012.mp4", "d01s01.txt"):
        put(study, name)
    set_table(study, "media/room.webm; d01s01_b.mp4", "2.5")
    assert names(study) == ["room.webm", "d01s01_b.mp4", "d01s01-a.wav"]
    room, second, sound = media_of(open_study(study), SESSION)
    assert (room.offset_s, room.offset_from, room.mime) == (2.5, "table", "video/webm")
    assert (second.offset_s, second.offset_from) == (0.0, "")
    assert (sound.kind, sound.mime) == ("sound", "audio/wav")


def test_no_media_folder_is_no_media(study):
    assert names(study) == []


def test_an_offset_set_by_eye_is_kept_beside_the_data_and_counts_first(study):
    put(study, "d01s01.webm")
    set_table(study, "d01s01.webm", "1.0")
    before = (study / "sessions.tsv").read_bytes()
    write_offset(open_study(study), SESSION, "d01s01.webm", -3.0400001)
    (media,) = media_of(open_study(study), SESSION)
    assert (media.offset_s, media.offset_from) == (-3.04, "eye")
    assert (study / "sessions.tsv").read_bytes() == before
    assert names(study) == ["d01s01.webm"]  # the file of offsets is no media


def test_a_link_out_of_the_study_is_told_and_not_followed(study, tmp_path):
    secret = tmp_path / "elsewhere" / "secret.webm"
    secret.parent.mkdir()
    secret.write_bytes(b"x")
    put(study, "real.webm")
    (study / "media" / "d01s01_a.webm").symlink_to(secret)
    (study / "media" / "d01s01_b.webm").symlink_to("real.webm")
    out, within = media_of(open_study(study), SESSION)
    assert (out.mime, out.remedy) == ("", "")
    assert "outside of the study" in out.trouble
    assert (within.mime, within.trouble) == ("video/webm", "")


def test_an_mp4_is_looked_into_once_until_it_changes(study, monkeypatch):
    put(study, "d01s01.mp4", b"....stsd....avc1")
    opened = []
    plain = Path.open
    monkeypatch.setattr(
        Path, "open", lambda p, *a, **k: (opened.append(p.suffix), plain(p, *a, **k))[1]
    )
    for _ in range(3):
        assert media_of(open_study(study), SESSION)[0].trouble == ""
    assert opened.count(".mp4") == 1
    put(study, "d01s01.mp4", b"....stsd.........hvc1")
    assert "HEVC" in media_of(open_study(study), SESSION)[0].trouble


@pytest.mark.parametrize("offset", [float("nan"), float("inf"), 1e7])
def test_an_offset_that_is_none_is_refused(study, offset):
    put(study, "d01s01.webm")
    with pytest.raises(InputError, match="within a week"):
        write_offset(open_study(study), SESSION, "d01s01.webm", offset)


def test_an_offset_of_another_sessions_file_is_refused(study):
    put(study, "d02s01.webm")
    with pytest.raises(InputError, match=r"name='d02s01\.webm'"):
        write_offset(open_study(study), SESSION, "d02s01.webm", 1.0)


def test_offsets_that_were_spoiled_are_named(study):
    put(study, "d01s01.webm")
    put(study, "d01s01.offsets.json", json.dumps({"offset_s": {"a": "b"}}).encode())
    with pytest.raises(FileError, match="seconds by file name"):
        names(study)


@pytest.mark.parametrize("name", ["../people.tsv", "sub/a.mp4", "/etc/passwd", ".hidden"])
def test_a_path_in_the_table_is_refused(study, name):
    set_table(study, name, "0")
    with pytest.raises(FileError, match="the name of a file in media/"):
        names(study)


@pytest.mark.parametrize("end", [".avi", ".mov", ".MKV", ".wmv", ".aiff"])
def test_what_browsers_do_not_play_is_named_with_the_command_that_helps(study, end):
    put(study, f"d01s01 it's{end}")
    set_table(study, f"d01s01 it's{end}", "0")
    (media,) = media_of(open_study(study), SESSION)
    assert media.mime == ""
    assert end[1:].upper() in media.trouble
    assert media.remedy.startswith(f'ffmpeg -i "media/d01s01 it\'s{end}" ')


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("d01s01.avi", "media/d01s01.avi"),
        ("d01s01 & co.avi", '"media/d01s01 & co.avi"'),
        ("d01s01 it's.avi", '"media/d01s01 it\'s.avi"'),
        ("d01s01 $HOME.avi", "'media/d01s01 $HOME.avi'"),
        ("d01s01 `a` !.avi", "'media/d01s01 `a` !.avi'"),
    ],
)
def test_names_are_quoted_so_that_every_shell_finds_the_file(name, said):
    command = conversion(Path("media") / name, "video")
    assert command.startswith(f"ffmpeg -i {said} -c:v ")
    assert shlex.split(command)[2] == f"media/{name}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("d01s01.avi", "d01s01.mp4"),
        ("d01s01.mp4", "d01s01-h264.mp4"),
        ("d01s01.webm", "d01s01.mp4"),
        ("d01s01.wma", "d01s01.m4a"),
        ("d01s01.m4a", "d01s01-aac.m4a"),
    ],
)
@pytest.mark.parametrize("is_kept", [True, False])
def test_what_was_converted_takes_the_place_and_the_offset(study, old, new, is_kept):
    put(study, old)
    set_table(study, old, "2.5")
    (before,) = media_of(open_study(study), SESSION)
    put(study, new)
    assert shlex.split(before.remedy)[-1] == f"media/{new}"  # that is what the command makes
    if not is_kept:
        (study / "media" / old).unlink()
    (media,) = media_of(open_study(study), SESSION)
    assert (media.path.name, media.offset_s, media.offset_from) == (new, 2.5, "table")
    assert media.mime
    assert not media.trouble


def test_an_offset_by_eye_goes_along_with_the_converted_film(study):
    put(study, "d01s01_a.avi")
    write_offset(open_study(study), SESSION, "d01s01_a.avi", 7.25)
    put(study, "d01s01_a.mp4")
    (media,) = media_of(open_study(study), SESSION)
    assert (media.offset_s, media.offset_from) == (7.25, "eye")
    write_offset(open_study(study), SESSION, "d01s01_a.mp4", 8.0)
    assert read_offsets(study, SESSION) == {"d01s01_a.mp4": 8.0}
    assert offset_by_eye(read_offsets(study, SESSION), "d01s01_a.avi") == 8.0


def test_a_film_and_the_sound_beside_it_are_two_recordings(study):
    for name in ("d01s01.mp4", "d01s01.wav", "d01s01.wma"):
        put(study, name)
    assert names(study) == ["d01s01.mp4", "d01s01.wav"]
    write_offset(open_study(study), SESSION, "d01s01.wav", 3.0)
    assert [m.offset_s for m in media_of(open_study(study), SESSION)] == [0.0, 3.0]


def test_hevc_is_told_by_its_content_at_either_end(study):
    put(study, "d01s01_a.mp4", b"\0" * 5_000_000 + b"moov...stsd...hvc1...")
    put(study, "d01s01_b.mp4", b"ftyp moov stsd hev1 " + b"\0" * 5_000_000)
    put(study, "d01s01_c.mp4", b"ftyp moov stsd avc1 " + b"\0" * 100)
    first, second, third = media_of(open_study(study), SESSION)
    assert "HEVC" in first.trouble
    assert "HEVC" in second.trouble
    assert first.remedy.endswith("media/d01s01_a-h264.mp4")
    assert (third.trouble, third.mime) == ("", "video/mp4")


def test_a_file_that_is_gone_is_listed_without_a_command(study):
    set_table(study, "lost.mp4", "0")
    (media,) = media_of(open_study(study), SESSION)
    assert (media.mime, media.remedy) == ("", "")
    assert "not in the folder" in media.trouble


def test_clips_are_cut_where_the_offset_by_eye_says(made_run, tmp_path):
    import shutil

    study = tmp_path / "study"
    shutil.copytree(made_run.path.parents[2], study)
    put(study, "d01s01.webm")
    set_table(study, "d01s01.webm", "1.0")
    write_offset(open_study(study), SESSION, "d01s01.webm", 100.0)
    made = make_clips(study, tmp_path / "clips", matched=False, seed=1)
    rows = (made.folder / "clips.csv").read_text("utf-8").splitlines()
    head = rows[0].split(",")
    told = [r.split(",") for r in rows[1:] if f",{SESSION}," in r]
    clips = {c.number: c for c in made.clips if c.session == SESSION}
    assert told
    for row in told:
        clip = clips[int(row[head.index("clip")])]
        assert abs(float(row[head.index("start_s")]) - clip.start_s - 100.0) < 0.01


def test_an_offset_is_no_input_of_a_run(study):
    put(study, "d01s01.webm")
    before = input_files(open_study(study), SESSION)
    write_offset(open_study(study), SESSION, "d01s01.webm", 1.0)
    assert input_files(open_study(study), SESSION) == before
