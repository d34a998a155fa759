"""Investment Model Scale: satisfaction and commitment, five items each, as in the dySEM couples."""

from syntony.link.instruments.registry import Scale, instrument

IMS = instrument(
    name="ims",
    title="Investment Model Scale: satisfaction and commitment, five items each",
    low=1,
    high=9,
    scales=(
        Scale(
            name="satisfaction",
            items=tuple(f"sat{k}" for k in range(1, 6)),
            max_missing=1,
        ),
        Scale(
            name="commitment",
            items=tuple(f"com{k}" for k in range(1, 6)),
            reverse=frozenset({"com3", "com4"}),
            max_missing=1,
        ),
    ),
    cites=("Rusbult1998", "Sakaluk2021"),
    wording="licensed",
    source=(
        "The global items as in the data set commitmentM of the R package dySEM: five of "
        "satisfaction and the first five of commitment. Range and reversed items were read from "
        "these data (282 couples): answers run from 1 to 9, and com3 and com4 go against the other "
        "three in both partners. That two of the seven statements of commitment are reversed "
        "stands in public code of the scale. The answer scale and the order of items in the "
        "article were not at hand: compare with your form, and define your own where it differs."
    ),
)
