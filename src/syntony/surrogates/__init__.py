"""What chance alone would give: one file per family of surrogates."""

from syntony.surrogates import partners, segments, shift

__all__ = ["partners", "segments", "shift"]
