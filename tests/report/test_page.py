"""Every page is whole, loads nothing, escapes everything and is the same each time."""

import math
import re
from functools import cache
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote

import numpy as np
import pytest

from syntony.core.errors import FileError, InputError
from syntony.report.numbers import fixed, p_value
from syntony.report.page import page_name, write_report
from syntony.report.run_folder import RunFolder, Table
from syntony.report.session_page import first_rows, has_strangers

NAMES = ("full", "bare", "three", "pair", "empty", "capped", "odd")


@cache
def seen(page):
    return Seen(page)


class Seen(HTMLParser):
    """Collects tags with their attributes, and the text outside style sheets."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.open, self.text = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)


def pages(run):
    return {p.name: p.read_text(encoding="utf-8") for p in (run / "report").glob("*.html")}


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_page_for_the_study_and_for_each_session(runs, name):
    run = runs(name)
    sessions = RunFolder(run).tables["sessions"].words("session")
    assert set(pages(run)) == {"index.html", *(page_name(s) for s in sessions)}
    assert not list((run / "report").glob("*.part"))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_loads_nothing_from_anywhere(runs, name):
    for page in pages(runs(name)).values():
        assert "@import" not in page
        assert "url(" not in page
        for tag, attrs in seen(page).tags:
            assert tag not in {"script", "iframe", "object", "embed", "audio", "video", "img"}
            for key, value in attrs.items():
                if key in {"src", "srcset", "data", "poster", "action"}:
                    raise AssertionError((tag, key))
                if key == "href" and "://" in value:
                    assert tag == "a"
                    assert value.startswith("https://doi.org/")
                if key == "href" and tag in {"link", "image"}:
                    assert value.startswith("data:")
                assert not key.startswith("on")


@pytest.mark.parametrize("name", NAMES)
def test_links_to_files_and_places_lead_somewhere(runs, name):
    run = runs(name)
    for file, page in pages(run).items():
        tags = seen(page).tags
        ids = {a["id"] for _, a in tags if "id" in a}
        assert len(ids) == sum("id" in a for _, a in tags), "an id is used twice"
        for tag, attrs in tags:
            href = attrs.get("href", "")
            if tag != "a" or "://" in href or href.startswith("data:"):
                continue
            path, _, place = href.partition("#")
            if not path:
                assert place in ids, (file, href)
            else:
                assert (run / "report" / unquote(path)).is_file(), (file, href)


@cache
def shown(page):
    return " ".join(seen(page).text)


@pytest.mark.parametrize("name", NAMES)
def test_a_session_page_holds_every_number_of_its_results(runs, name):
    run = runs(name)
    folder = RunFolder(run)
    for session in folder.tables["sessions"].words("session"):
        text = shown(pages(run)[page_name(session)])
        for row in folder.tables["pairs"].where(session=session).rows():
            for key in ("value", "low", "high", "null_mean", "z_surrogate", "fisher_z"):
                assert fixed(row[key]) in text, (session, key)
            assert p_value(row["p_one"]) in text
            assert p_value(row["p_two"]) in text
            assert fixed(row["lag_s"], 1) in text
        for row in folder.tables["quality"].where(session=session).rows():
            assert fixed(row["seconds"], 1) in text
        for row in folder.tables["codes"].where(session=session).rows():
            assert fixed(row["mean"]) in text


@pytest.mark.parametrize("name", NAMES)
def test_the_study_page_holds_every_number_of_the_findings(runs, name):
    run = runs(name)
    text = shown(pages(run)["index.html"])
    for row in RunFolder(run).tables["links"].rows():
        for key in ("value", "low", "high", "null_mean", "null_low", "null_high", "d", "z"):
            assert fixed(row[key]) in text, (row["finding"], key)
        assert p_value(row["p_two"]) in text
        assert row["status"] in text


@pytest.mark.parametrize("name", NAMES)
def test_no_number_is_left_unwritten_or_written_as_nan(runs, name):
    for page in pages(runs(name)).values():
        assert not re.search(r"\b(nan|None|inf)\b", shown(page))
        assert not re.search(r'="[^"]*\b(nan|inf)\b[^"]*"', page)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_praised_as_significant(runs, name):
    for page in pages(runs(name)).values():
        assert "significan" not in page.lower()


def test_names_from_the_study_are_text_and_never_markup(runs):
    for page in pages(runs("odd")).values():
        assert "<b>&" not in page
        assert "<friend>" not in page
        assert "<b>there" not in page
        assert "<b>no bold" not in page
    folder = RunFolder(runs("odd"))
    odd = next(s for s in folder.tables["sessions"].words("session") if "<b>" in s)
    assert escape(odd, quote=False) in pages(runs("odd"))[page_name(odd)].replace(
        "&#34;", '"'
    ).replace("&#39;", "'")


def test_the_same_run_gives_the_same_bytes(runs, tmp_path):
    import shutil

    copy = tmp_path / "again"
    shutil.copytree(runs("full"), copy)
    shutil.rmtree(copy / "report")
    write_report(copy)
    assert pages(copy) == pages(runs("full"))


def test_simulated_data_are_labelled_on_every_page_and_real_data_are_not(runs):
    assert all("Simulated data" in p for p in pages(runs("full")).values())
    assert not any("Simulated data" in p for p in pages(runs("pair")).values())


def test_without_strangers_the_first_line_says_what_can_pass_and_how_often(runs):
    for page in pages(runs("pair")).values():
        text = re.sub(r"\s+", " ", shown(page).replace("\u202f", " "))
        before = text[: text.index("No strangers were compared")]
        assert len(before) < 300
        assert "settle at the same time" in text
        assert "31 % did (95 % interval 27 % to 35 %, 500 runs)" in text
    assert not any("No strangers" in p for p in pages(runs("full")).values())


def test_three_dyads_are_not_testable_and_the_page_says_so_first(runs):
    text = shown(pages(runs("three"))["index.html"])
    assert text.count("not testable") >= 4
    assert "not testable: 3 dyads, 6 are needed" in text


def test_a_session_without_data_says_so(runs):
    page = shown(pages(runs("empty"))["d01s01.html"])
    assert "too little of both is valid together" in page
    assert "no valid sample" in page
    assert "0.0 % valid" in page.replace("\u202f", " ")


def test_a_capped_index_is_marked_wherever_it_stands(runs):
    found = pages(runs("capped"))
    assert "10.00 (capped)" in found["d02s01.html"]
    assert "at its cap" in found["d02s01.html"]
    assert "10.00 (capped)" in found["index.html"]


def test_findings_stand_beside_the_planted_truth(runs):
    text = shown(pages(runs("full"))["index.html"]).replace("\xa0", " ")
    for part in (
        "patient leads by 2.0 s",
        "r = .47 with the true coupling",
        "r = .41 is to be",
        "0.25 higher",
    ):
        assert part in text
    assert "Planted" not in shown(pages(runs("bare"))["index.html"])


@pytest.mark.parametrize(
    ("gone", "page", "says"),
    [
        ("codes.parquet", "d01s01.html", "No emotion codes in this session."),
        ("links.parquet", "index.html", "This run holds no findings over dyads."),
        ("quality.parquet", "d01s01.html", "This run holds no table of quality."),
        ("pairs.parquet", "d01s01.html", "No result was computed for this session."),
        ("moments.parquet", "d01s01.html", "No moments were chosen in this session."),
        ("scores.parquet", "d01s01.html", "No questionnaire scores in this session."),
        ("methods.md", "index.html", "This run holds no methods paragraph"),
        ("references.bib", "index.html", "This run holds no references"),
        ("notes.jsonl", "index.html", "Nothing was noticed."),
        ("signals/d01s01.parquet", "d01s01.html", "This run holds no signals of this session"),
        ("couplings/d01s01_0.npz", "d01s01.html", "This run holds no course of synchrony"),
        ("pseudo.parquet", "index.html", "not in this run"),
        ("spans.parquet", "d01s01.html", "No emotion codes were given"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(fresh, gone, page, says):
    run = fresh("full" if gone in {"links.parquet", "pseudo.parquet"} else "bare")
    (run / gone).unlink(missing_ok=True)
    write_report(run, sessions=["d01s01"])
    assert says in re.sub(r"\s+", " ", shown((run / "report" / page).read_text("utf-8")))


def test_only_the_sessions_asked_for_get_a_page_and_a_link(fresh):
    run = fresh()
    done = []
    index = write_report(run, sessions=["d02s01"], on_progress=lambda d, t: done.append((d, t)))
    assert set(pages(run)) == {"index.html", "d02s01.html"}
    assert 'href="d02s01.html"' in index.read_text("utf-8")
    assert 'href="d01s01.html"' not in index.read_text("utf-8")
    assert done == [(0, 2), (1, 2), (2, 2)]


def test_an_unknown_session_and_a_folder_that_is_no_run_are_refused(fresh, tmp_path):
    with pytest.raises(InputError, match="d99"):
        write_report(fresh(), sessions=["d99"])
    with pytest.raises(FileError, match=r"origin\.json"):
        write_report(tmp_path)
    with pytest.raises(FileError, match="no such folder"):
        write_report(tmp_path / "nowhere")


def test_broken_files_are_named(fresh):
    run = fresh()
    (run / "pairs.parquet").write_bytes(b"not a table")
    with pytest.raises(FileError, match=r"pairs\.parquet"):
        write_report(run)


@pytest.mark.parametrize("bad", [b"", b"PK\x03\x04nonsense"])
def test_a_broken_map_is_named(fresh, bad):
    run = fresh()
    (run / "couplings" / "d01s01_0.npz").write_bytes(bad)
    with pytest.raises(FileError, match=r"d01s01_0\.npz"):
        write_report(run)


def test_a_map_with_pickles_is_refused(fresh):
    run = fresh()
    with (run / "couplings" / "d01s01_0.npz").open("wb") as file:
        np.savez(file, time_s=np.array([{}], dtype=object))
    with pytest.raises(FileError, match="plain arrays"):
        write_report(run)


def test_a_bad_note_is_named_with_its_line(fresh):
    run = fresh()
    (run / "notes.jsonl").write_text('{"where": "a", "code": "b", "text": "c"}\n{"x": 1}\n')
    with pytest.raises(FileError, match="line 2"):
        write_report(run)


def test_page_names_are_safe_and_different():
    names = ["index", "a/b", "a_b", 'x"y', "x<y", "d01", "Index", "..", "."]
    files = [page_name(n) for n in names]
    assert len({f.lower() for f in files}) == len(names)
    assert "index.html" not in {f.lower() for f in files}
    assert all(re.fullmatch(r"[\w.\-+ ]+", f) for f in files)


def test_people_are_told_apart_by_more_than_colour(runs):
    page = pages(runs("full"))["d01s01.html"]
    figure = page[page.index('aria-label="The skin conductance') :]
    figure = figure[: figure.index("</svg>")]
    assert '<circle class="fill p0"' in figure
    assert re.search(r'<path class="fill p1" d="M[\d. ]+l', figure)
    assert "patient · P01" in figure
    assert "therapist · T01" in figure


def test_the_count_that_reaches_the_index_is_the_one_of_its_p(runs):
    folder = RunFolder(runs("full"))
    row = next(folder.tables["pairs"].where(surrogate="pseudo_dyads", statistic="ssi").rows())
    own = folder.pseudo(row["step"], "ssi")
    assert row["draws"] > 0
    assert len(own.where(session_a=row["session"])) > 0
    many = round(row["p_one"] * (row["draws"] + 1)) - 1
    assert math.isclose((1 + many) / (row["draws"] + 1), row["p_one"])
    text = shown(pages(runs("full"))[page_name(row["session"])])
    assert f"{many} of {row['draws']:.0f}" in text


def test_strangers_come_first_wherever_they_were_compared(runs):
    page = shown(pages(runs("full"))["d01s01.html"])
    assert "pairings of people who never met" in page[: page.index("What was recorded")]


def test_a_run_of_one_session_leads_with_that_session(runs):
    page = pages(runs("pair"))["index.html"]
    text = shown(page)
    assert (
        "moved more in step than in" in text[: text.index("1")]
        or "draws within the session" in text
    )
    assert 'href="d01s01.html"' in page
    assert "lowest first" not in page
    assert "All of session" not in pages(runs("full"))["index.html"]


def test_strangers_without_a_single_draw_are_no_strangers():
    rows = {
        "surrogate": np.array(["pseudo_dyads", "shift"], dtype=object),
        "draws": np.array([0.0, 99.0]),
    }
    same = {k: np.zeros(2) for k in ("step", "statistic", "span", "signal_a", "signal_b")}
    pairs = Table({**rows, **same})
    assert not has_strangers(pairs)
    assert [r["surrogate"] for r in first_rows(pairs)] == ["shift", "pseudo_dyads"]
