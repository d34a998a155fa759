"""Code books: the presets, TOML both ways, and what is said of codes that cannot be right."""

import math
from dataclasses import replace

import pytest

import syntony as sy
from syntony.config import Recipe
from syntony.core.errors import FileError, InputError
from syntony.io.codes.book import Code

KINDS = {
    "code-outside-book",
    "codes-overlap",
    "code-outside-session",
    "no-coder",
    "no-person",
}


def event(onset, duration, code, person="P", coder="kim", line=0, **more):
    return sy.CodeEvent(
        onset_s=onset, duration_s=duration, code=code, person=person, coder=coder, line=line, **more
    )


def told(events, **more):
    return [(n.code, n.where) for n in sy.check_codes("a.tsv", events, **more)]


@pytest.mark.parametrize("name", sorted(sy.code_books()))
def test_every_preset_says_where_it_is_from_and_comes_back_the_same(name, tmp_path):
    book = sy.read_code_book(name)
    assert len(book.source) > 20
    assert book.status.startswith(("Our own", "Unverified"))
    again = sy.read_code_book(sy.write_code_book(tmp_path / "book.toml", book))
    assert replace(again, path=None) == replace(book, path=None)


def test_bales_has_twelve_and_collapses_three_six_three():
    book = sy.read_code_book("bales")
    counts = [list(book.valences().values()).count(v) for v in ("positive", "neutral", "negative")]
    assert (len(book.codes), counts) == (12, [3, 6, 3])
    assert Recipe.model_validate({"emotion": {"code_book": book.valences()}})
    made = book.collapse([event(1, 2, "tension", modifier="loud"), event(4, 1, "opinion")])
    assert [(e.code, e.modifier) for e in made] == [
        ("negative", "tension|loud"),
        ("neutral", "opinion"),
    ]
    with pytest.raises(InputError, match="smile"):
        book.collapse([event(1, 2, "smile")])


def test_what_is_unverified_says_so():
    books = sy.code_books()
    assert all("Unverified" in books[b].status for b in ("bales", "spaff", "innovative_moments"))
    assert books["innovative_moments"].valences() == {}
    assert books["talk_turns"]["silence"].about == "dyad"


def test_sound_codes_give_no_notes():
    book = sy.read_code_book("three_valence")
    sound = [
        event(0, 2, "positive"),
        event(2, 2, "neutral"),  # from one to the next
        event(1, 2, "negative", person="Q"),
        event(1, 2, "negative", coder="lee"),
    ]
    assert told(sound, book=book, span_s=(0.0, 10.0)) == []


def test_each_wrong_is_told_by_file_and_line_and_nothing_is_dropped():
    book = sy.read_code_book("three_valence")
    wrong = [
        event(0, 4, "positive", line=2),
        event(1, 1, "neutral", line=3),
        event(5, 1, "smile", line=4),
        event(12, 1, "neutral", line=5),
        event(-3, 1, "neutral", line=6),
        event(9, 3, "neutral", line=7),
        event(6, 1, "neutral", coder="", line=8),
        event(7, 1, "neutral", person="", line=9),
        event(8, math.nan, "neutral", person="Q", line=10),
        event(5, 1, "", line=11),
        event(5, 1, "smile", line=12),
        event(4.5, 0.2, "neutral", coder="Kim", line=13),
    ]
    assert sorted(told(wrong, book=book, span_s=(0.0, 10.0))) == sorted(
        [
            ("codes-overlap", "a.tsv, line 3"),
            ("code-outside-book", "a.tsv, line 4"),
            ("code-outside-session", "a.tsv, line 5"),
            ("code-outside-session", "a.tsv, line 6"),
            ("code-over-edge", "a.tsv, line 7"),
            ("no-coder", "a.tsv, line 8"),
            ("no-person", "a.tsv, line 9"),
            ("no-stop", "a.tsv, line 10"),
            ("no-code", "a.tsv, line 11"),
            ("code-outside-book", "a.tsv, line 12"),
            ("code-twice", "a.tsv, line 12"),
            ("coders-alike", "a.tsv, line 13"),
        ]
    )


def test_an_overlap_names_both_lines_also_behind_a_short_one():
    book = sy.read_code_book("three_valence")
    wrong = [
        event(0, 9, "positive", line=2),
        event(1, 1, "neutral", line=3),
        event(5, 1, "neutral", line=4),
    ]
    notes = sy.check_codes("a.tsv", wrong, book=book)
    assert [n.where for n in notes] == ["a.tsv, line 3", "a.tsv, line 4"]
    assert all("a.tsv, line 2" in n.text and "coder kim" in n.text for n in notes)


def test_codes_that_need_not_exclude_one_another_may_overlap():
    book = sy.CodeBook(
        title="mixed",
        codes=(Code(name="a"), Code(name="b", exclusive=False), Code(name="c", about="dyad")),
    )
    both = [event(0, 4, "a"), event(1, 4, "b"), event(2, 4, "c", person="")]
    assert told(both, book=book) == []
    assert told([*both, event(3, 2, "a", line=9)], book=book) == [
        ("codes-overlap", "a.tsv, line 9")
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("title = 3\n[codes.a]\n", "title"),
        ("title = 'x'\n", "codes"),
        ("[codes.a]\nvalence = 'good'\n", "codes.a.valence"),
        ("[codes.a]\ncolor = '#000000'\n", "codes.a.color"),
        ("[codes.a]\ncolour = 'red'\n", "codes.a.colour"),
        ("[codes.a]\nabout = 'group'\n", "codes.a.about"),
        ("[codes.a]\nexclusive = 'yes'\n", "codes.a.exclusive"),
        ("[codes.a]\nkey = 'x'\n[codes.b]\nkey = 'x'\n", "keys"),
        ("codes = 3\n", "codes"),
        ("[codes\n", "TOML"),
    ],
)
def test_a_book_that_is_none_names_the_field(tmp_path, text, found):
    path = tmp_path / "book.toml"
    path.write_text(text)
    with pytest.raises(FileError) as error:
        sy.read_code_book(path)
    assert "book.toml" in str(error.value)
    assert found in str(error.value)


def test_a_book_that_is_not_there_says_which_are():
    with pytest.raises(FileError, match="three_valence"):
        sy.read_code_book("panas")
