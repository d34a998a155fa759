"""Barrett-Lennard Relationship Inventory, empathic understanding, form other-to-self (OS).

Range and number of items are as published. Wording and key are copyrighted: the wording is not
here, and the reversed items come from the lab's licensed key (``link/keys.py``). Items are named
eu01 to eu16 in the order in which the lab's table holds them.
"""

from syntony.link.instruments.registry import Scale, instrument

BLRI_EU = instrument(
    name="blri_eu",
    title="Barrett-Lennard Relationship Inventory, empathic understanding (OS)",
    low=-3,
    high=3,
    no_zero=True,
    scales=(
        Scale(
            name="empathic_understanding",
            items=tuple(f"eu{k:02d}" for k in range(1, 17)),
            reverse=None,
            combine="sum",
            max_missing=3,
        ),
    ),
    cites=("BarrettLennard2015",),
    wording="licensed",
)
