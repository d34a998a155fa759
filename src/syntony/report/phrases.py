"""Small pieces of sentences: a title inside one, a difference with its sign, an interval."""

from __future__ import annotations

from math import isfinite

from syntony.report.numbers import correlation, fixed


def scale_name(label: str) -> str:
    """Name ``instrument.scale`` in words.

    Examples
    --------
    >>> scale_name("blri.empathic_understanding")
    'empathic understanding (blri)'
    """
    instrument, _, scale = label.partition(".")
    return f"{scale.replace('_', ' ')} ({instrument})" if scale else instrument


def signed(value: float, digits: int = 2) -> str:
    """Write a difference with its sign.

    Examples
    --------
    >>> signed(0.12), signed(-0.12)
    ('+0.12', '−0.12')
    """
    text = fixed(value, digits)
    return f"+{text}" if isfinite(value) and value > 0 else text


def r_interval(low: float, high: float) -> str:
    """Interval of a correlation in brackets."""
    return f"[{correlation(low)}, {correlation(high)}]"


def lower(text: str) -> str:
    """Put a title into a sentence; an abbreviation and a name stay as they are.

    Examples
    --------
    >>> lower("Shift within"), lower("SSI"), lower("Kleinbub's session index")
    ('shift within', 'SSI', "Kleinbub's session index")
    """
    is_name = text.partition(" ")[0].endswith(("'s", "’s"))
    return text[:1].lower() + text[1:] if text[1:2].islower() and not is_name else text


def upper(text: str) -> str:
    """Begin a sentence."""
    return text[:1].upper() + text[1:]
