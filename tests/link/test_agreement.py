"""Agreement between coders beside published examples, statsmodels, naive twins and coverage."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import agreement as naive
from scipy.optimize import linear_sum_assignment
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

from syntony.config.agreement import Agreement
from syntony.core.errors import InputError
from syntony.core.session import Span
from syntony.link.agreement.alpha import krippendorff_alpha
from syntony.link.agreement.events import _in_band, match_events, tally_events
from syntony.link.agreement.icc import intraclass
from syntony.link.agreement.kappa import (
    crosstab,
    event_kappa,
    kappa,
    one_code,
    raw_agreement,
    weighted_kappa,
)
from syntony.link.agreement.looking import disagreements_of, notes_on_coders
from syntony.link.agreement.study import compare_coders, over_sessions
from syntony.link.agreement.tallies import CodedPerson
from syntony.link.agreement.tracks import coder_track, tally_seconds

N = np.nan
KRIPPENDORFF_2011 = [  # four observers, twelve units, example C of "Computing alpha-reliability"
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]
SHROUT_FLEISS_1979 = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]
codes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60)


def theirs_of(table, **options):
    """Kappa of statsmodels, which divides by its own standard error of 0 now and then."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return cohens_kappa(table, **options)


def span(label, start, stop, person="P", coder=""):
    return Span(label=label, start_s=start, stop_s=stop, person=person, coder=coder)


@settings(max_examples=40, deadline=None)
@given(codes)
def test_kappas_are_those_of_statsmodels_and_of_the_definition(pairs):
    first, second = (list(side) for side in zip(*pairs, strict=True))
    table = crosstab(first, second, 4)
    if len(set(first)) < 2 and set(first) == set(second):
        assert np.isnan(kappa(table))
        return
    assert kappa(table) == pytest.approx(naive.kappa(first, second), abs=1e-12)
    assert kappa(table) == pytest.approx(theirs_of(table).kappa, abs=1e-12)
    for weights, power, theirs in (("linear", 1, "linear"), ("quadratic", 2, "quadratic")):
        mine = float(weighted_kappa(table, weights))
        assert mine == pytest.approx(naive.weighted_kappa(first, second, 4, power), abs=1e-12)
        assert mine == pytest.approx(theirs_of(table, wt=theirs).kappa, abs=1e-12)
    assert kappa(table.T) == pytest.approx(kappa(table), abs=1e-12)
    assert kappa(table[::-1, ::-1]) == pytest.approx(kappa(table), abs=1e-12)


def test_the_example_of_krippendorff_2011():
    found = [krippendorff_alpha(KRIPPENDORFF_2011, k) for k in ("nominal", "ordinal", "interval")]
    assert np.round(found, 3).tolist() == [0.743, 0.815, 0.849]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([1.0, 2.0, 3.0, 5.0, N]), min_size=3, max_size=3),
        min_size=3,
        max_size=9,
    )
)
def test_alpha_is_the_mean_over_all_pairs_of_values(units):
    values = np.array(units).T
    pairable = [c[np.isfinite(c)] for c in values.T if np.isfinite(c).sum() > 1]
    for level in ("nominal", "ordinal", "interval"):
        mine = krippendorff_alpha(values, level)
        if not pairable or len(set(np.concatenate(pairable))) < 2:
            assert np.isnan(mine)
        else:
            theirs = naive.alpha(values, getattr(naive, level))
            assert mine == pytest.approx(theirs, abs=1e-10)


def test_alpha_of_whole_data_is_the_kappa_of_fleiss_but_for_small_samples():
    rng = np.random.default_rng(3)
    truth = rng.integers(3, size=40)
    values = np.where(rng.random((4, 40)) < 0.7, truth, rng.integers(3, size=(4, 40)))
    theirs = fleiss_kappa(aggregate_raters(values.T)[0])
    assert krippendorff_alpha(values) == pytest.approx(1 - (159 / 160) * (1 - theirs), abs=1e-12)


def test_the_table_of_shrout_and_fleiss_1979_with_its_intervals():
    """Intervals as psych::ICC (R) prints them for this table; the article itself was not read."""
    found = intraclass(SHROUT_FLEISS_1979)
    values = {k: round(v.value, 2) for k, v in found.items()}
    assert values == {
        "icc_1_1": 0.17,
        "icc_2_1": 0.29,
        "icc_3_1": 0.71,
        "icc_1_k": 0.44,
        "icc_2_k": 0.62,
        "icc_3_k": 0.91,
    }
    limits = {k: (round(v.low, 2), round(v.high, 2)) for k, v in found.items()}
    assert limits["icc_1_1"] == (-0.13, 0.72)
    assert limits["icc_2_1"] == (0.02, 0.76)
    assert limits["icc_3_1"] == (0.34, 0.95)
    assert limits["icc_1_k"] == (-0.88, 0.91)
    assert limits["icc_2_k"] == (0.07, 0.93)
    assert found["icc_3_1"].value == pytest.approx(naive.icc_3_1(SHROUT_FLEISS_1979))


def test_intervals_of_the_icc_cover_what_they_should():
    rng = np.random.default_rng(5)
    hits = {"icc_1_1": 0, "icc_2_1": 0, "icc_3_1": 0}
    truth = 1.0 / (1.0 + 0.5)
    for _ in range(800):
        units = rng.normal(size=(15, 1))
        x = units + rng.normal(scale=np.sqrt(0.5), size=(15, 3))  # no coder is stricter
        for name, found in intraclass(x).items():
            if name in hits:
                hits[name] += found.low <= truth <= found.high
    for name in hits:
        assert 0.93 <= hits[name] / 800 <= 0.98, (name, hits)


def test_an_icc_that_is_not_defined_is_missing():
    assert np.isnan(intraclass([[1, 1], [1, 1]])["icc_2_1"].value)
    assert np.isnan(intraclass([[1, N], [2, 3]])["icc_3_1"].value)
    with pytest.raises(InputError, match="two coders"):
        intraclass([[1.0], [2.0]])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 2)), min_size=1, max_size=40),
    st.integers(0, 3),
)
def test_tolerance_looks_around_each_second_from_either_coder(pairs, tolerance):
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    seen, back = tally_seconds(a, b, 3, tolerance=tolerance)
    assert seen.tolist() == naive.tally_with_tolerance(list(a), list(b), 3, tolerance).tolist()
    assert back.T.tolist() == naive.tally_with_tolerance(list(b), list(a), 3, tolerance).tolist()
    assert seen.sum() == ((a >= 0) & (b >= 0)).sum()


def test_a_border_two_seconds_late_agrees_within_two_seconds():
    a = np.repeat([0, 1, 0, 1], 20)
    b = np.roll(a, 2)
    b[:2] = 0
    assert float(kappa(tally_seconds(a, b, 2)[0])) < 0.9
    assert kappa(tally_seconds(a, b, 2, tolerance=2)).tolist() == [1.0, 1.0]
    assert (kappa(tally_seconds(a, b, 2, tolerance=1)) < 1.0).all()


def test_tolerance_raises_the_kappa_of_coders_who_saw_nothing_alike():
    rng = np.random.default_rng(8)
    found = []
    for _ in range(40):
        tracks = [np.repeat(rng.integers(2, size=300), rng.integers(1, 6, 300))[:600] for _ in "ab"]
        found.append([kappa(tally_seconds(*tracks, 2, tolerance=t)).mean() for t in (0, 2)])
    plain, near = np.mean(found, axis=0)
    assert abs(plain) < 0.03
    assert near > 0.3  # so the page says that tolerance raises it


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=9, max_size=9))
def test_event_kappa_is_that_of_iterative_fitting(cells):
    table = np.array(cells, dtype=float).reshape(3, 3)
    table[-1, -1] = 0
    n, linked = table.sum(), table[:2, :2].sum()
    mine = float(event_kappa(table))
    if not n:
        assert np.isnan(mine)
    elif not linked:
        assert mine == 0.0
    elif np.isfinite(mine):
        assert mine == pytest.approx(naive.event_kappa(table), abs=1e-6)


def test_events_that_nobody_saw_are_refused_and_codes_can_be_taken_apart():
    with pytest.raises(InputError, match="neither"):
        event_kappa(np.ones((2, 2)))
    table = np.array([[8.0, 2, 3], [1, 9, 2], [4, 1, 0]])
    assert one_code(table, 0).tolist() == [[8, 5], [5, 12]]
    assert raw_agreement(table) == pytest.approx(17 / 30)


events = st.lists(
    st.tuples(st.floats(0, 30), st.floats(0, 6)).map(
        lambda t: span("a", round(t[0], 2), round(t[0] + t[1], 2))
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(events, events)
def test_matching_finds_the_most_pairs_and_of_those_the_closest(first, second):
    pairs = match_events(first, second, tolerance_s=2.0, overlap=0.6)
    may = np.zeros((len(first), len(second)), dtype=bool)
    apart = np.zeros(may.shape)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            shared = min(a.stop_s, b.stop_s) - max(a.start_s, b.start_s)
            longer = max(a.stop_s - a.start_s, b.stop_s - b.start_s)
            near = abs(a.start_s - b.start_s) <= 2.0
            may[i, j] = near or (shared > 0 and shared >= 0.6 * longer - 1e-9)
            apart[i, j] = abs(a.start_s - b.start_s) + abs(a.stop_s - b.stop_s)
    assert all(may[i, j] for i, j in pairs)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    many, closest = naive.most_pairs(may, apart)
    assert len(pairs) == many
    assert sum(apart[i, j] for i, j in pairs) == pytest.approx(closest, abs=1e-9)


def whole_table(first, second, tolerance_s, overlap):
    """Which events may be one, and how far apart they are, every pair looked at."""
    may = np.zeros((len(first), len(second)), dtype=bool)
    apart = np.zeros(may.shape)
    for i, one in enumerate(first):
        for j, other in enumerate(second):
            shared = min(one.stop_s, other.stop_s) - max(one.start_s, other.start_s)
            longer = max(one.stop_s - one.start_s, other.stop_s - other.start_s)
            begin = abs(one.start_s - other.start_s)
            may[i, j] = begin <= tolerance_s or (shared > 0 and shared >= overlap * longer - 1e-9)
            apart[i, j] = begin + abs(one.stop_s - other.stop_s)
    return may, apart


@pytest.mark.parametrize("seed", range(40))
def test_matching_in_a_band_is_that_of_the_whole_table(seed):
    rng = np.random.default_rng(seed)
    overlap, tolerance = float(rng.choice([0.1, 0.5, 0.6, 1.0])), float(rng.choice([0.0, 0.5, 3.0]))
    sides = []
    for _ in range(2):
        starts = rng.uniform(0, 60, rng.integers(1, 14)).round(1)
        lengths = rng.choice([0.0, 0.3, 2.0, 20.0], starts.size) * rng.uniform(0.5, 1.5)
        sides.append([
            Span(label="a", start_s=t, stop_s=t + d) for t, d in zip(starts, lengths, strict=True)
        ])  # fmt: skip
    may, apart = whole_table(*sides, tolerance, overlap)
    dear = 1e6
    rows, columns = linear_sum_assignment(np.where(may, apart, dear))
    wanted = [(i, j) for i, j in zip(rows, columns, strict=True) if may[i, j]]
    found = match_events(*sides, tolerance_s=tolerance, overlap=overlap)
    assert all(may[i, j] for i, j in found)
    assert len(found) == len(wanted)
    far = sum(apart[i, j] for i, j in found)
    assert far == pytest.approx(sum(apart[i, j] for i, j in wanted), abs=1e-9)
    if may.any():  # and so by the sparse search, which only crowded codings need
        i, j = np.nonzero(may)
        sparse = _in_band(*(np.unique(k, return_inverse=True)[1] for k in (i, j)), apart[may], dear)
        rows, columns = np.unique(i), np.unique(j)
        assert len(sparse) == len(wanted)
        assert sum(apart[rows[p], columns[q]] for p, q in sparse) == pytest.approx(far, abs=1e-9)


def test_thousands_of_events_that_all_may_meet_need_no_table():
    rng = np.random.default_rng(1)
    starts = np.arange(3000.0)
    first = [Span(label="a", start_s=t, stop_s=t + 0.8) for t in starts]
    late = starts + rng.uniform(-0.3, 0.3, starts.size)
    second = [Span(label="a", start_s=max(t, 0.0), stop_s=t + 1.1) for t in late]
    tracemalloc.start()
    found = match_events(first, second)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [(k, k) for k in range(3000)]
    assert peak < 20e6  # a table of numbers would be 72 MB


def test_matching_does_not_look_at_the_codes():
    first = [span("a", 0, 5), span("b", 6, 9)]
    second = [span("b", 0.5, 5), span("a", 6.2, 9)]
    assert match_events(first, second) == [(0, 0), (1, 1)]
    table = tally_events(first, second, ["a", "b"])
    assert table.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_seconds_with_two_codes_are_in_no_class_and_counted():
    track = coder_track([span("a", 0, 4), span("b", 2, 6)], ["a", "b"], seconds=7)
    assert track.codes.tolist() == [0, 0, -1, -1, 1, 1, -1]
    assert track.overlap_s == pytest.approx(2.0)
    assert track.each.astype(int).tolist() == [[1, 1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 1, 0]]
    halves = coder_track([span("b", 0, 0.5), span("a", 0.5, 2)], ["a", "b"], seconds=2)
    assert halves.codes.tolist() == [1, 0]  # of two equal halves the one that came first


def sessions(rng, n, agree, spread=0.0, long_s=300, stay=20):
    """Coded people whose second coder follows the first on a share of the stretches."""
    people = []
    for k in range(n):
        share = np.clip(agree + spread * rng.normal(), 0, 1)
        spans = {"kim": [], "lee": []}
        for t in range(0, long_s, stay):
            a = str(rng.choice(["neg", "neu", "pos"], p=[0.2, 0.5, 0.3]))
            b = (
                a
                if rng.random() < share
                else str(rng.choice(["neg", "neu", "pos"], p=[0.2, 0.5, 0.3]))
            )
            spans["kim"].append(span(a, t, t + stay, coder="kim"))
            spans["lee"].append(span(b, t, t + stay, coder="lee"))
        people.append(
            CodedPerson(
                session=f"s{k}",
                dyad=f"d{k}",
                person="P",
                role="patient",
                seconds=long_s,
                by={c: tuple(v) for c, v in spans.items()},
            )
        )
    return people


def test_rows_recover_planted_agreement_by_code_with_prevalence():
    rows = compare_coders(sessions(np.random.default_rng(2), 40, 0.7), Agreement(bootstrap=199))
    whole = {(r.measure, r.code): r for r in rows if not r.session and not r.role}
    found = whole["kappa", ""]
    assert found.low < 0.7 < found.high
    assert found.reading in ("below .67", ".67 to .80")
    for code, share in (("neg", 0.2), ("neu", 0.5), ("pos", 0.3)):
        row = whole["kappa", code]
        assert row.prevalence_a == pytest.approx(share, abs=0.06)
        assert row.prevalence_b == pytest.approx(share, abs=0.06)
        assert row.low < row.value < row.high
        assert ("icc_2_1", code) in whole
    assert whole["kappa_events", ""].units > 500
    assert whole["alpha_nominal", ""].value == pytest.approx(found.value, abs=0.01)
    assert sum(bool(r.session) for r in rows) == 40


@pytest.mark.slow
def test_intervals_over_sessions_cover_where_those_over_seconds_do_not():
    rng = np.random.default_rng(11)
    truth = 0.7
    covered = seconds_covered = 0
    studies = 120
    for _ in range(studies):
        people = sessions(rng, 20, truth, spread=0.15)
        tables = []
        for p in people:
            tracks = [
                coder_track(s, ["neg", "neu", "pos"], seconds=300).codes for s in p.by.values()
            ]
            tables.append(tally_seconds(*tracks, 3)[0])
        value, low, high = over_sessions(np.array(tables), kappa, rng, draws=400)
        covered += low <= truth <= high
        half = 1.96 * cohens_kappa(np.sum(tables, axis=0)).std_kappa
        seconds_covered += abs(value - truth) <= half
    assert covered / studies >= 0.88
    assert seconds_covered / studies < 0.6


def test_under_four_sessions_there_is_no_interval():
    rows = compare_coders(sessions(np.random.default_rng(2), 3, 0.7), Agreement(bootstrap=99))
    row = next(r for r in rows if r.measure == "kappa" and not r.session)
    assert np.isfinite(row.value)
    assert np.isnan(row.low)
    assert row.n_sessions == 3


def test_where_gaps_are_an_answer_what_one_coder_missed_counts():
    kim = (span("smile", 10, 20, coder="kim"), span("smile", 40, 50, coder="kim"))
    lee = (span("smile", 10, 20, coder="lee"),)
    one = CodedPerson(
        session="s", dyad="d", person="P", role="x", seconds=100, by={"kim": kim, "lee": lee}
    )
    uncoded = compare_coders([one], Agreement(bootstrap=99))
    absent = compare_coders([one], Agreement(bootstrap=99, gaps="absent"))

    def pick(rows):
        return next(r for r in rows if r.measure == "kappa" and not r.session)

    assert pick(uncoded).status.startswith("not defined: there is one code")
    assert (pick(uncoded).units, pick(uncoded).one_s) == (10, 10)
    assert pick(absent).units == 100
    assert pick(absent).value == pytest.approx(
        naive.kappa([1] * 20 + [0] * 80, [1] * 10 + [0] * 90)
    )
    events = next(r for r in uncoded if r.measure == "kappa_events")
    assert events.raw == 0.5


def test_disagreements_come_longest_first_and_exactly():
    kim = (span("a", 0, 10.5, coder="kim"), span("b", 10.5, 30, coder="kim"))
    lee = (span("a", 0, 12, coder="lee"), span("b", 12, 25, coder="lee"))
    one = CodedPerson(
        session="s", dyad="d", person="P", role="x", seconds=60, by={"kim": kim, "lee": lee}
    )
    found = disagreements_of([one])
    assert [(d.start_s, d.stop_s, d.code_a, d.code_b) for d in found] == [
        (25, 30, "b", "uncoded"),
        (10.5, 12, "b", "a"),
    ]
    assert len(disagreements_of([one], least_s=2)) == 1


def test_odd_coders_are_named():
    rng = np.random.default_rng(4)
    people = sessions(rng, 4, 0.95)
    late = people[0].by["lee"]
    moved = tuple(
        span(s.label, s.start_s + 6, s.stop_s + 6, coder="lee") for s in late if s.stop_s < 294
    )
    doubled = (*people[1].by["kim"], span("neg", 0, 200, coder="kim"))
    people[0] = CodedPerson(
        **{k: getattr(people[0], k) for k in ("session", "dyad", "person", "role", "seconds")},
        by={"kim": people[0].by["kim"], "lee": moved},
    )
    people[1] = CodedPerson(
        **{k: getattr(people[1], k) for k in ("session", "dyad", "person", "role", "seconds")},
        by={"kim": doubled, "lee": people[1].by["lee"]},
    )
    people[3] = CodedPerson(
        **{k: getattr(people[3], k) for k in ("session", "dyad", "person", "role", "seconds")},
        by={"kim": people[3].by["kim"]},
    )
    notes = notes_on_coders(people, Agreement(), nameless={"s2": 3})
    told = {n.code: n for n in notes}
    assert set(told) == {"coder-missing", "coded-once", "coders-shifted", "codes-doubled"}
    assert told["coders-shifted"].where == "s0"
    assert "6 s earlier" in told["coders-shifted"].text
    assert "two coders under one name" in told["codes-doubled"].text.lower()
    assert "3 of 4" in told["coded-once"].text
