"""How a number is written: its unit, its sign, its missing value, and p with its floor."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
MISSING = "\N{EN DASH}"


def fixed(value: float, digits: int = 2) -> str:
    """Write a number with a set number of decimals and a true minus; missing is a dash.

    Examples
    --------
    >>> fixed(-0.126), fixed(float("nan")), fixed(-0.001)
    ('−0.13', '–', '0.00')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def digits(*values: float) -> int:
    """How many decimals numbers that stand together need: two, and more where all are small.

    Examples
    --------
    >>> digits(0.62, -0.2), digits(0.0032, 0.0001), digits(0.04, float("nan")), digits(0.0)
    (2, 4, 3, 2)
    """
    sizes = [abs(v) for v in values if v is not None and math.isfinite(v)]
    largest = max(sizes, default=0.0)
    if largest == 0.0 or largest >= 0.095:
        return 2
    return min(6, 1 - math.floor(math.log10(largest)))


def compact(value: float) -> str:
    """Write a number with about three figures, whatever its size.

    Examples
    --------
    >>> compact(1234.5), compact(0.08314), compact(12.34), compact(3.0)
    ('1,234', '0.083', '12.3', '3')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    if value == round(value) and abs(value) < 1e6:
        return f"{value:,.0f}".replace("-", MINUS)
    size = abs(value)
    if size >= 1e6 or size < 1e-4:
        return f"{value:.2e}".replace("-", MINUS)
    digits = (
        0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 0.1 else 3 if size >= 0.01 else 4
    )
    return f"{value:,.{digits}f}".replace("-", MINUS)


def correlation(value: float) -> str:
    """Write a correlation without its leading zero.

    Examples
    --------
    >>> correlation(0.47), correlation(-0.05), correlation(1.0)
    ('.47', '−.05', '1.00')
    """
    return _drop_zero(fixed(value, 2))


def p_value(p: float) -> str:
    """Write a p-value: three decimals below .1, two above; small ones with one figure.

    Examples
    --------
    >>> p_value(0.003), p_value(0.25), p_value(0.00006), p_value(1e-13), p_value(1.0)
    ('.003', '.25', '.00006', '< .00001', '1')
    """
    if p is None or not math.isfinite(p):
        return MISSING
    if p >= 0.995:
        return "1"
    if 0 < p < 1e-5:  # below what anybody can tell apart
        return "< .00001"
    if p < 0.0005:
        return _drop_zero(f"{p:.{1 - math.floor(math.log10(p)) - 1}f}") if p > 0 else "0"
    return _drop_zero(f"{p:.3f}" if p < 0.0995 else f"{p:.2f}")


def p_said(p: float) -> str:
    """The same as words of a sentence.

    Examples
    --------
    >>> p_said(0.003), p_said(1e-9)
    ('p = .003', 'p < .00001')
    """
    told = p_value(p)
    return f"p {told}" if told.startswith("<") else f"p = {told}"


def p_with_floor(p: float, draws: float) -> str:
    """Write p, and say so where it is the smallest value that these draws can give.

    Examples
    --------
    >>> p_with_floor(0.001, 999)
    '.001, the floor 1/1,000'
    >>> p_with_floor(0.04, 999)
    '.040'
    """
    if _is_floor(p, draws):
        return f"{p_value(p)}, the floor 1/{draws + 1:,.0f}"
    return p_value(p)


def reached(p_one: float, draws: float) -> int | None:
    """Count the draws that reach the observed value, read back from p = (1 + k) / (n + 1).

    Examples
    --------
    >>> reached(0.05, 99), reached(float("nan"), 99)
    (4, None)
    """
    if p_one is None or not (math.isfinite(p_one) and math.isfinite(draws)) or draws < 1:
        return None
    return max(0, round(p_one * (draws + 1)) - 1)


def interval(low: float, high: float, digits: int = 2) -> str:
    """Write an interval in brackets, or a dash where it is not known.

    Examples
    --------
    >>> interval(-0.1, 0.42)
    '[−0.10, 0.42]'
    """
    if not (_there(low) and _there(high)):
        return MISSING
    return f"[{fixed(low, digits)}, {fixed(high, digits)}]"


def percent(share: float, digits: int = 1) -> str:
    """Write a share as a percentage with a narrow space that does not break.

    Examples
    --------
    >>> percent(0.0521).replace("\N{NARROW NO-BREAK SPACE}", " ")
    '5.2 %'
    """
    if not _there(share):
        return MISSING
    return f"{fixed(100 * share, digits)}\N{NARROW NO-BREAK SPACE}%"


def seconds(value: float) -> str:
    r"""Write a short time in seconds, to a tenth.

    Examples
    --------
    >>> seconds(2.0), seconds(0.04)
    ('2.0\xa0s', '0.04\xa0s')
    """
    if not _there(value):
        return MISSING
    digits = 1 if abs(value) >= 0.095 or value == 0 else 2
    return f"{fixed(value, digits)}\N{NO-BREAK SPACE}s"


def minutes(value_s: float) -> str:
    r"""Write a duration in minutes, given in seconds.

    Examples
    --------
    >>> minutes(3000)
    '50.0\xa0min'
    """
    return f"{fixed(value_s / 60, 1)}\N{NO-BREAK SPACE}min" if _there(value_s) else MISSING


def clock(value_s: float) -> str:
    """Write a time of the session as minutes and seconds.

    Examples
    --------
    >>> clock(754.4)
    '12:34'
    """
    if not _there(value_s):
        return MISSING
    whole = round(value_s)
    sign = MINUS if whole < 0 else ""
    return f"{sign}{abs(whole) // 60}:{abs(whole) % 60:02d}"


def count(number: float, one: str, many: str = "") -> str:
    """Write how many of something, with the right noun.

    Examples
    --------
    >>> count(1, "dyad"), count(1200, "dyad"), count(2, "frequency", "frequencies")
    ('1 dyad', '1,200 dyads', '2 frequencies')
    """
    noun = one if number == 1 else many or one + "s"
    return f"{number:,.0f} {noun}"


def _there(value: float) -> bool:
    return value is not None and math.isfinite(value)


def _is_floor(p: float, draws: float) -> bool:
    return _there(p) and _there(draws) and draws >= 1 and abs(p * (draws + 1) - 1) < 1e-6


def _drop_zero(text: str) -> str:
    for lead in ("0.", MINUS + "0."):
        if text.startswith(lead):
            return text.replace("0.", ".", 1)
    return text
