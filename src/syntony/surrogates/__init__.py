"""What chance alone would give: one file per family of surrogates."""

from syntony.surrogates import autoregressive, codes, partners, segments, shift, spectrum

__all__ = ["autoregressive", "codes", "partners", "segments", "shift", "spectrum"]
