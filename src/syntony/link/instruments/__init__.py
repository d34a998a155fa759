"""Questionnaires: definitions as data, one file each."""

from syntony.link.instruments import (
    blri,
    care,
    demo_closeness,
    demo_empathy,
    ims,
    iri,
    panas,
    srs,
    teq,
    wai_sr,
)

__all__ = [
    "blri",
    "care",
    "demo_closeness",
    "demo_empathy",
    "ims",
    "iri",
    "panas",
    "srs",
    "teq",
    "wai_sr",
]
