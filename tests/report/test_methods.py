"""The methods paragraph tells what ran, all of it, and nothing else."""

import numpy as np
import pytest

from syntony.config import Recipe
from syntony.core.errors import InputError
from syntony.report import methods, wording
from syntony.report.parts import markdown
from syntony.surrogates import registry as surrogates
from syntony.synchrony import registry as synchrony

ORIGIN = {
    "syntony": "0.1.0",
    "python": "3.11",
    "numpy": "2.4",
    "study": {"dyads": 8, "people": 16, "sessions": 8, "roles": ["patient", "therapist"]},
}
NAMED = [
    "Marci2007",
    "MarciOrr2006",
    "Boker2002",
    "Kleinbub2020rMEA",
    "Stuldreher2023",
    "Moulder2018",
    "TschacherMeier2020",
    "Kleckner2018",
    "LipponenTarvainen2019",
    "Chen2020",
    "Behrens2020",
    "Jennissen2025",
    "Kleinbub2017",
    "BarrettLennard2015",
    "Greco2016",
    "Makowski2021NeuroKit",
    "FisherZ1915",
    "PhipsonSmyth2010",
    "Fritsch1980pchip",
    "BrunnerHofer2023",
    "Keys1981",
]


@pytest.fixture
def lists(monkeypatch):
    def compute(x, y, *, rate_hz, window_s: float = 15.0, step_s: float = 1.0):
        pytest.fail("a paragraph computes nothing")

    def draw(y, rng, *, rate_hz, min_shift_s: float = 60.0):
        pytest.fail("a paragraph draws nothing")

    entry = synchrony.Method(
        name="made_up", title="Made up", compute=compute, summarise=lambda c: {}, statistics=(),
        dims=("time",), bounds=(-1.0, 1.0), chance=0.0, swap="same", scale_free=True,
        cites=("Boker2002",), question="", not_when="", units={},
        sentence="A made-up method [@Boker2002] used windows of {window_s:g} s every {step_s:g} s.",
    )  # fmt: skip
    facts = {"question": "", "pitfall": ""}
    turn = surrogates.Surrogate(
        name="turn", title="Turning", keeps="the shape", destroys="the moment",
        cites=("Moulder2018",), draw=draw, **facts,
    )  # fmt: skip
    people = surrogates.Surrogate(
        name="people", title="Strangers", keeps="the session", destroys="the meeting", cites=(),
        draw=None, acts_on="partners", **facts,
    )  # fmt: skip
    monkeypatch.setitem(synchrony._METHODS, "made_up", entry)
    monkeypatch.setitem(surrogates._SURROGATES, "turn", turn)
    monkeypatch.setitem(surrogates._SURROGATES, "people", people)


def recipe(**changes):
    base = {
        "synchrony": [{"method": "made_up", "options": {"window_s": 20.0}}],
        "surrogates": [{"name": "people"}, {"name": "turn", "count": 499}],
    }
    return Recipe.model_validate({**base, **changes}).model_dump()


def test_the_paragraph_tells_options_as_they_ran_defaults_included(lists):
    said = methods.methods_paragraph(recipe(), ORIGIN)
    assert "windows of 20 s every 1 s" in said
    assert "499 draws a session, min shift 60 s" in said
    assert "every admissible partner once" in said
    assert "keeps the shape; it destroys the moment" in said
    assert "seed 20070301" in said
    assert "0.05-60 µS" in said
    assert "Syntony 0.1.0" in said


def test_every_cited_key_is_in_the_bibliography(lists):
    said = methods.methods_paragraph(recipe(), ORIGIN)
    keys = methods.cited_keys(said)
    assert {"Boker2002", "Moulder2018", "PhipsonSmyth2010", "Kleckner2018"} <= set(keys)
    assert methods.bibliography(keys).count("@") == len(keys)


JOINED = {
    "phase": "were two outcomes",
    "event_locked": "around the onsets of codes",
    "epochs": "sets of random epochs",
    "emotion_lag": "Codes were moved by up to",
    "dose": "The share of the coded seconds",
    "moment_model": "A linear mixed model",
}


@pytest.mark.parametrize("finding", JOINED)
def test_what_was_joined_moment_by_moment_is_told_where_it_ran(lists, finding):
    said = methods.methods_paragraph(recipe(), ORIGIN, ran={finding})
    told = {name for name, words in JOINED.items() if words in said}
    assert told == {finding}
    keys = methods.cited_keys(said)
    assert methods.bibliography(keys).count("@") == len(keys)
    if finding == "moment_model":
        assert "Bates2015" in keys
        assert "one value in 15 s had" in said


def test_what_did_not_run_is_not_told(lists):
    said = methods.methods_paragraph(recipe(), ORIGIN, ran=())
    for word in ("shared positive", "concordance", "Pearson", "R peaks", "temperature"):
        assert word not in said
    assert "Chen2020" not in methods.cited_keys(said)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"signal": "hr"}, "Heart rate"),
        ({"signal": "eda_tonic"}, "Tonic and phasic parts were told apart"),
        ({"signal": "grip"}, "The feature compared was grip"),
        ({"trim_start_s": 300.0}, "The first 300 s"),
        ({"session_types": ["therapy"]}, "Sessions of type therapy"),
        ({"surrogates": []}, "not tested against chance"),
        ({"body": {"grid": {"rate_hz": 8.0}}}, "to 8 Hz"),
        ({"body": {"eda": {"quality": {"use_temperature": True}}}}, "30-40 °C"),
        ({"signal": "hr", "body": {"beats": {"correct": False}}}, "Beats were not corrected"),
    ],
)
def test_a_choice_changes_its_sentence(lists, changes, says):
    assert says in methods.methods_paragraph(recipe(**changes), ORIGIN)
    assert says not in methods.methods_paragraph(recipe(), ORIGIN)


def test_devices_rates_and_losses_are_told_where_they_are_known(lists):
    said = methods.methods_paragraph(
        recipe(), ORIGIN, devices=["a", "b"], rates_hz=[32.0, 4.0, 4.0], lost={"patient": 0.052}
    )
    assert "made with a and b, sampled at 4 Hz and 32 Hz" in said
    assert "5.2\u202f% of the patient’s samples" in said


def test_simulated_recordings_are_called_so(lists):
    origin = {**ORIGIN, "study": {**ORIGIN["study"], "simulated": True}}
    assert methods.methods_paragraph(recipe(), origin).startswith("Simulated recordings")


def test_an_unknown_method_or_key_is_refused(lists):
    with pytest.raises(InputError, match="nobody"):
        methods.methods_paragraph(recipe(synchrony=[{"method": "nobody"}]), ORIGIN)
    with pytest.raises(InputError, match="Nobody1900"):
        methods.bibliography(["Nobody1900"])


def test_wording_offers_both_under_the_names_that_the_pipeline_calls():
    assert wording.methods_paragraph is methods.methods_paragraph
    assert wording.bibliography is methods.bibliography


def test_the_bibliography_holds_every_named_key_and_each_entry_reads():
    entries = methods.read_bib(methods.bibliography(NAMED))
    assert list(entries) == NAMED
    for fields in entries.values():
        assert fields["author"]
        assert fields["year"].isdigit()
        assert fields["type"] in {"article", "book", "misc"}


def test_the_whole_file_of_references_reads_and_hedges_nothing():
    entries = methods._entries()
    assert len(entries) >= 40
    read = methods.read_bib("\n".join(entries.values()))
    assert set(read) == set(entries)
    assert "unverified" not in "".join(entries.values())
    assert all("doi.org" not in f.get("doi", "") for f in read.values())


def test_markdown_sets_citations_and_escapes_the_rest():
    bib = methods.read_bib(methods.bibliography(["Marci2007"]))
    out = markdown("# Head\nA *b* `c<d` [@Marci2007; @Gone1999] <i>\n\n- one\n- two", bib)
    assert "<h4>Head</h4>" in out
    assert "<em>b</em>" in out
    assert "<code>c&lt;d</code>" in out
    assert '(<a href="#ref-Marci2007">Marci et al., 2007</a>; Gone1999)' in out
    assert "&lt;i&gt;" in out
    assert "<li>two</li>" in out


def test_numbers_of_numpy_are_written_like_those_of_python():
    from syntony.report.numbers import fixed

    assert fixed(np.float64(1.5)) == fixed(1.5)
