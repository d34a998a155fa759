"""A small made file per code reader, with the events it holds: the contract runs on these."""

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class CodeSample:
    """``events``: (onset_s, duration_s, code, person, tier) of every event, by onset.

    ``cut``: how many bytes off the end make a copy that is cut off; ``reversed``: text to
    replace so that a stop lies before its start, and ``line``, the line that an error names.
    """

    path: Path
    events: list
    options: dict = field(default_factory=dict)
    cut: int | None = None
    uncut: str = ""
    reversed: tuple[str, str] | None = None
    never_reversed: str = ""
    line: int | None = None
    ratings: list = field(default_factory=list)


EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2020-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
<MEDIA_DESCRIPTOR MEDIA_URL="file:///a/therapist.mp4" MIME_TYPE="video/mp4"/>
<MEDIA_DESCRIPTOR MEDIA_URL="file:///a/patient.mp4" MIME_TYPE="video/mp4" TIME_ORIGIN="2500"/>
</HEADER>
<TIME_ORDER>
<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/>
<TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="3500"/>
<TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="5000"/>
<TIME_SLOT TIME_SLOT_ID="ts4"/>
<TIME_SLOT TIME_SLOT_ID="ts5" TIME_VALUE="6000"/>
</TIME_ORDER>
<TIER TIER_ID="P" PARTICIPANT="patient" ANNOTATOR="kim" LINGUISTIC_TYPE_REF="val">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
<ANNOTATION_VALUE>positive &amp; warm</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4">
<ANNOTATION_VALUE>neutral</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="ts4" TIME_SLOT_REF2="ts5">
<ANNOTATION_VALUE>negative</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
</TIER>
<TIER TIER_ID="P-words" PARENT_REF="P" LINGUISTIC_TYPE_REF="words">
<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a5" ANNOTATION_REF="a1" PREVIOUS_ANNOTATION="a4">
<ANNOTATION_VALUE>two</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a4" ANNOTATION_REF="a1">
<ANNOTATION_VALUE>one</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
</TIER>
<TIER TIER_ID="P-how" PARENT_REF="P-words" LINGUISTIC_TYPE_REF="how">
<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a6" ANNOTATION_REF="a5">
<ANNOTATION_VALUE>loud</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
</TIER>
<TIER TIER_ID="empty" LINGUISTIC_TYPE_REF="val"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="val" TIME_ALIGNABLE="true"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="words" CONSTRAINTS="Symbolic_Subdivision"/>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="how" CONSTRAINTS="Symbolic_Association"/>
</ANNOTATION_DOCUMENT>
"""


def elan(folder):
    path = folder / "clip.eaf"
    path.write_text(EAF, encoding="utf-8")
    events = [
        (1.0, 2.5, "positive & warm", "patient", "P"),
        (1.0, 1.25, "one", "", "P-words"),
        (2.25, 1.25, "two", "", "P-words"),
        (2.25, 1.25, "loud", "", "P-how"),
        (5.0, 0.5, "neutral", "patient", "P"),
        (5.5, 0.5, "negative", "patient", "P"),
    ]
    turned = ('TIME_SLOT_ID="ts1" TIME_VALUE="1000"', 'TIME_SLOT_ID="ts1" TIME_VALUE="4000"')
    return CodeSample(path=path, events=events, cut=40, reversed=turned, line=15)


def boris(folder):
    path = folder / "lab.boris"
    said = {
        "project_format_version": "7.0",
        "behaviors_conf": {
            "0": {"type": "State event", "code": "smile", "category": "face"},
            "1": {"type": "Point event", "code": "nod", "category": ""},
        },
        "observations": {
            "pair 1": {
                "type": "LIVE",
                "time offset": 0.0,
                "independent_variables": {"coder": "kim"},
                "file": {"1": ["v.mp4"]},
                "events": [
                    [9.0, "patient", "smile", "m1|m2", "", 7],
                    [2.0, "patient", "nod", "", "yes", 3],
                    [12.5, "patient", "smile", "m1|m2", "late", 8],
                ],
            }
        },
    }
    path.write_text(json.dumps(said, indent=1))
    events = [(2.0, 0.0, "nod", "patient", ""), (9.0, 3.5, "smile", "patient", "face")]
    why = "a project holds moments; which is the stop follows from their order"
    return CodeSample(path=path, events=events, cut=40, never_reversed=why)


def boris_tabular(folder):
    path = folder / "events.tsv"
    head = "Observation id\tpair 1\t\t\t\n\t\t\t\t\nPlayer #1\tv.mp4\t\t\t\nobserver\tkim\t\t\t\n"
    head += "Time\tSubject\tBehavior\tBehavioral category\tStatus\n"
    rows = ["1.5\tpatient\tsmile\tface\tSTART", "2.0\tNo focal subject\tknock\t\tPOINT"]
    path.write_text(head + "\n".join([*rows, "4.0\tpatient\tsmile\tface\tSTOP"]) + "\n")
    events = [(1.5, 2.5, "smile", "patient", "face"), (2.0, 0.0, "knock", "", "")]
    turned = ("4.0\tpatient", "0.5\tpatient")
    return CodeSample(path=path, events=events, cut=29, reversed=turned, line=6)


def boris_aggregated(folder):
    path = folder / "aggregated.csv"
    head = "Observation id,Subject,Behavior,Behavioral category,Modifier #1,Modifier #2,"
    head += "Behavior type,Start (s),Stop (s),Duration (s),Comment start,Comment stop\n"
    rows = [
        'pair 1,patient,smile,face,m1,m2,STATE,1.5,4.0,2.5,"soft, then\nloud",',
        "pair 2,patient,nod,,,,POINT,2.0,2.0,NA,,",
    ]
    path.write_text(head + "\n".join(rows) + "\n")
    events = [(1.5, 2.5, "smile", "patient", "face"), (2.0, 0.0, "nod", "patient", "")]
    turned = ("STATE,1.5,4.0", "STATE,1.5,1.0")
    return CodeSample(path=path, events=events, cut=8, reversed=turned, line=2)


def textgrid(folder):
    path = folder / "clip.TextGrid"
    path.write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 10\n'
        "tiers? <exists>\nsize = 2\nitem []:\n    item [1]:\n"
        '        class = "IntervalTier"\n        name = "P"\n        xmin = 0\n        xmax = 10\n'
        "        intervals: size = 2\n        intervals [1]:\n            xmin = 0\n"
        '            xmax = 2.5\n            text = ""\n        intervals [2]:\n'
        '            xmin = 2.5\n            xmax = 10\n            text = "says ""no""\n twice"\n'
        '    item [2]:\n        class = "TextTier"\n        name = "nods"\n        xmin = 0\n'
        "        xmax = 10\n        points: size = 1\n        points [1]:\n"
        '            number = 3\n            mark = "n"\n'
    )
    events = [(2.5, 7.5, 'says "no"\n twice', "", "P"), (3.0, 0.0, "n", "", "nods")]
    turned = ('xmax = 10\n            text = "says', 'xmax = 1\n            text = "says')
    return CodeSample(path=path, events=events, cut=5, reversed=turned, line=20)


def datavyu(folder):
    path = folder / "dyad.opf"
    text = (
        "#4\nhands (MATRIX,true,)-hand|NOMINAL,look|NOMINAL\n"
        "00:00:01:500,00:00:04:000,(left,1)\n00:00:05:000,00:00:05:000,(a\\,b,)\n"
        "words (TEXT,true,)-code01|TEXT\n01:00:00:000,01:00:02:000,hello, you\n"
    )
    write_opf(path, text)
    events = [
        (1.5, 2.5, "left", "", "hands"),
        (5.0, 0.0, "a,b", "", "hands"),
        (3600.0, 2.0, "hello, you", "", "words"),
    ]
    turned = ("00:00:04:000", "00:00:01:000")
    return CodeSample(path=path, events=events, cut=30, reversed=turned, line=3)


def write_opf(path, text):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project", "!project\n")
        archive.writestr("db", text)


def noldus(folder):
    path = folder / "log.txt"
    head = "Time_Relative_hms,Time_Relative_sf,Duration_sf,Observation,Event_Log,Subject,"
    head += "Behavior,Modifier_1,Event_Type,Comment\n"
    rows = [
        "00:00:01,1.5,2.5,obs1,log,patient,smile,wide,State start,",
        "00:00:02,2.0,0,obs1,log,patient,nod,,Point,twice",
        "00:00:02,2.5,1.25,obs1,log,therapist,smile,,State start,",
        "00:00:04,4.0,0,obs1,log,patient,smile,wide,State stop,",
    ]
    path.write_bytes(b"\xff\xfe" + (head + "\n".join(rows) + "\n").encode("utf-16-le"))
    events = [
        (1.5, 2.5, "smile", "patient", ""),
        (2.0, 0.0, "nod", "patient", ""),
        (2.5, 1.25, "smile", "therapist", ""),
    ]
    turned = ("4.0,0,obs1", "1.0,0,obs1")
    return CodeSample(path=path, events=events, cut=40, reversed=turned, line=2)


def carma(folder):
    path = folder / "clip.csv"
    facts = "Time of Rating,01-Jan-2020,,\nMultimedia File,clip.mp4,,\nMagnitude,1000,,\n"
    rows = "0.5,10,-3,0\n1.0,NaN,-4,1\n1.5,30,-5,0\n"
    path.write_text(
        facts + "Second,Affiliation,Dominance,Button\n%%%%%%,%%%%%%,%%%%%%,%%%%%%\n" + rows
    )
    return CodeSample(
        path=path,
        events=[],
        ratings=[
            ("affiliation", [10, None, 30]),
            ("dominance", [-3, -4, -5]),
            ("button", [0, 1, 0]),
        ],
        cut=5,
        reversed=("1.5,30", "0.2,30"),
        line=8,
    )


def minutes(folder):
    path = folder / "im.csv"
    rows = "09:40;09:56;1;reflection;1;27;\n1:02:03;1:02:05;2;action;1;44;Marta\n"
    path.write_text("start;end;livello;tipo;grado;parole;note\n" + rows)
    events = [(580.0, 16.0, "reflection", "", ""), (3723.0, 2.0, "action", "", "")]
    turned = ("09:56", "09:36")
    return CodeSample(path=path, events=events, cut=12, reversed=turned, line=2)


def rttm(folder):
    path = folder / "turns.rttm"
    rows = ["SPKR-INFO s1 1 <NA> <NA> <NA> adult patient <NA> <NA>"]
    rows += ["SPEAKER s1 1 2.5 1.5 <NA> <NA> patient <NA> <NA>"]
    rows += [";; a remark", "LEXEME s1 1 2.6 0.2 yes lex patient 0.9 <NA>"]
    path.write_text("\n".join(rows) + "\n")
    events = [
        (2.5, 1.5, "speech", "patient", "patient"),
        (2.6, 0.2, "lexeme", "patient", "patient"),
    ]
    turned = ("2.5 1.5", "2.5 -1.5")
    return CodeSample(path=path, events=events, cut=12, reversed=turned, line=2)


def whisper(folder):
    path = folder / "talk.json"
    segments = [
        {"id": 0, "start": 0.5, "end": 2.0, "text": " Hello.", "speaker": "SPEAKER_00"},
        {"id": 1, "start": 2.0, "end": 3.5, "text": " Yes."},
    ]
    path.write_text(json.dumps({"text": "Hello. Yes.", "segments": segments, "language": "en"}))
    events = [(0.5, 1.5, "speech", "SPEAKER_00", "SPEAKER_00"), (2.0, 1.5, "speech", "", "")]
    return CodeSample(path=path, events=events, cut=9, reversed=('"end": 2.0', '"end": 0.25'))


def table(folder):
    path = folder / "codes.tsv"
    rows = ["1.5\t2.5\tP01\tpositive\tkim", "-0.5\t1\tP02\tneutral\tkim"]
    path.write_text("onset\tduration\tperson\tcode\tcoder\n" + "\n".join(rows) + "\n")
    events = [(-0.5, 1.0, "neutral", "P02", ""), (1.5, 2.5, "positive", "P01", "")]
    turned = ("1.5\t2.5", "1.5\t-2.5")
    return CodeSample(path=path, events=events, cut=8, reversed=turned, line=2)


def intervals(folder):
    path = folder / "couples.csv"
    names = ",".join(f"WS{i:02d}" for i in range(1, 7))
    path.write_text(f"couple,{names},age\n4,0,1,1,0,n/a,0,31\n")
    events = [(10.0, 10.0, "WS", "", "WS"), (20.0, 10.0, "WS", "", "WS")]
    options = {"interval_s": 10.0}
    why = "an interval has no stop of its own"
    return CodeSample(path=path, events=events, options=options, cut=9, never_reversed=why)


SAMPLES = {
    f.__name__: f
    for f in (
        elan,
        boris,
        boris_tabular,
        boris_aggregated,
        textgrid,
        datavyu,
        noldus,
        carma,
        minutes,
        rttm,
        whisper,
        table,
        intervals,
    )
}
