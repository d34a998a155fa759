"""Interpersonal Reactivity Index (IRI): four sides of a disposition to empathy."""

from syntony.link.instruments.registry import Scale, instrument

_KEY = {
    "perspective_taking": ((3, 8, 11, 15, 21, 25, 28), (3, 15)),
    "fantasy": ((1, 5, 7, 12, 16, 23, 26), (7, 12)),
    "empathic_concern": ((2, 4, 9, 14, 18, 20, 22), (4, 14, 18)),
    "personal_distress": ((6, 10, 13, 17, 19, 24, 27), (13, 19)),
}

IRI = instrument(
    name="iri",
    title="Interpersonal Reactivity Index (IRI)",
    low=0,
    high=4,
    scales=tuple(
        Scale(
            name=name,
            items=tuple(f"iri{k:02d}" for k in items),
            reverse=frozenset(f"iri{k:02d}" for k in reverse),
            combine="sum",
            max_missing=1,
        )
        for name, (items, reverse) in _KEY.items()
    ),
    cites=("Davis1980", "Davis1983"),
    wording="licensed",
    source=(
        "Items, signs and range (A = 0 to E = 4, reversed A = 4 to E = 0) as on the form with its "
        "key (docsbay.net, Frias-Navarro 2009, signs of items 1 to 14), in the description of the "
        "CCC study (github.com/jpoko/ccc-dashboard, empathic concern and personal distress) and in "
        "a public scoring module (all four scales); they agree. One missing item a scale is our "
        "rule."
    ),
)
