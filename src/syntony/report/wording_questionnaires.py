"""What the report says of questionnaires: reliability, likeness, change, the time of rating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, sqrt
from typing import Any

import numpy as np

from syntony.report.numbers import compact, correlation, count, fixed, interval, p_with_floor
from syntony.report.phrases import r_interval, scale_name, signed, upper

Row = Mapping[str, Any]
FEW = 30
_TARGETS = {"other": "of the other", "self": "of themselves", "": ""}


def label_of(row: Row) -> str:
    """Name the scale of a row."""
    return scale_name(f"{row['instrument']}.{row['scale']}")


def who_answered(row: Row) -> str:
    """Name whose answers a row holds.

    Examples
    --------
    >>> who_answered({"role": "patient", "about_role": "therapist"})
    'patient about therapist'
    >>> who_answered({"role": "", "about_role": ""})
    'everybody'
    """
    about = f" about {row['about_role']}" if row["about_role"] else ""
    return f"{row['role'] or 'everybody'}{about}"


def about_reliability(row: Row) -> str:
    """Say how well the items of a scale hang together.

    Examples
    --------
    >>> print(about_reliability({
    ...     "instrument": "ims", "scale": "satisfaction", "role": "woman", "about_role": "",
    ...     "omega": 0.968, "omega_low": 0.956, "omega_high": 0.976, "alpha": 0.967,
    ...     "alpha_low": 0.954, "alpha_high": 0.976, "people": 280, "clusters": 280, "items": 5,
    ...     "left_out": 2, "weakest_item": "sat2", "weakest_r": 0.81, "status": "ok",
    ... }))
    Satisfaction (ims), woman: omega = .97 [.96, .98], alpha = .97 [.95, .98], over 280 \
questionnaires with every one of the 5 items (2 with a gap were left out).
    """
    start = f"{upper(label_of(row))}, {who_answered(row)}"
    if row["status"].startswith("not testable"):
        return f"{start}: reliability {row['status']}."
    parts = [
        f"{name} = {correlation(row[name])} {r_interval(row[f'{name}_low'], row[f'{name}_high'])}"
        for name in ("omega", "alpha")
        if isfinite(row[name])
    ]
    gone = row["left_out"]
    lost = f" ({gone:,.0f} with a gap {'was' if gone == 1 else 'were'} left out)" if gone else ""
    said = (
        f"{start}: {', '.join(parts)}, over {count(row['people'], 'questionnaire')} with every one "
        f"of the {row['items']:.0f} items{lost}."
    )
    return " ".join([said, *_cautions(row)])


def _cautions(row: Row) -> list[str]:
    """What a reader must know of a reliability."""
    said = []
    if row["people"] < FEW:
        said.append("That is few people: read the interval, not the number.")
    if isfinite(row["weakest_r"]) and row["weakest_r"] < -2 / sqrt(row["people"]):
        said.append(
            f"Item {row['weakest_item']} goes against the sum of the others (r = "
            f"{correlation(row['weakest_r'])}): a wrong key looks like that."
        )
    if row["clusters"] < row["people"]:
        said.append(f"Some share a person; {row['clusters']:.0f} clusters were drawn.")
    if row["status"] != "ok":
        said.append(f"{upper(row['status'].removeprefix('ok: '))}.")
    return said


def about_likeness(row: Row) -> str:
    """Say how alike the two people of a dyad answered, the interval before any p.

    Examples
    --------
    >>> print(about_likeness({
    ...     "instrument": "ims", "scale": "satisfaction", "role_a": "woman", "role_b": "man",
    ...     "target": "", "r": 0.7, "r_low": 0.59, "r_high": 0.78, "icc": 0.7, "icc_low": 0.58,
    ...     "icc_high": 0.78, "p_r": 0.002, "draws": 999, "dyads": 281, "status": "ok",
    ... }))
    Satisfaction (ims): scores of woman and man of the same dyad go together, r = .70 [.59, .78] \
over 281 dyads (p = .002 beside partners drawn at random). Were the two interchangeable: ICC = \
.70 [.58, .78].
    """
    target = _TARGETS[row["target"]]
    start = f"{upper(label_of(row))}{', ratings ' + target if target else ''}"
    if row["status"].startswith("not testable"):
        return f"{start}: likeness of {row['role_a']} and {row['role_b']} {row['status']}."
    how = "go together" if row["r_low"] > 0 or row["r_high"] < 0 else "may or may not go together"
    p = f" (p = {p_with_floor(row['p_r'], row['draws'])} beside partners drawn at random)"
    return (
        f"{start}: scores of {row['role_a']} and {row['role_b']} of the same dyad {how}, r = "
        f"{correlation(row['r'])} {r_interval(row['r_low'], row['r_high'])} over "
        f"{count(row['dyads'], 'dyad')}{p if isfinite(row['p_r']) else ''}. Were the two "
        f"interchangeable: ICC = {correlation(row['icc'])} "
        f"{r_interval(row['icc_low'], row['icc_high'])}."
    )


def about_change(role: Row, people: Sequence[Row]) -> str:
    """Say how scores of a role moved over sessions, and how many people beyond error."""
    start = f"{upper(label_of(role))}, {who_answered(role)}"
    slope = (
        f"{start}: {signed(role['slope'])} points a session "
        f"{interval(role['slope_low'], role['slope_high'])} on average over "
        f"{count(len(people), 'course')} of at least two sessions."
    )
    limits = [r["limit"] for r in people if isfinite(r["limit"])]
    if not limits:
        return f"{slope} Without a reliability, no limit of measurement error can be given."
    one = people[0]
    width = (
        f" ({fixed(one['limit_low'], 1)} to {fixed(one['limit_high'], 1)} within the interval of "
        f"{one['rests_on']})"
        if isfinite(one["limit_low"]) and isfinite(one["limit_high"])
        else ""
    )
    counts = {k: sum(r["beyond_error"] == k for r in people) for k in _BEYOND}
    told = ", ".join(f"{n} {_BEYOND[k]}" for k, n in counts.items() if n)
    return (
        f"{slope} Measurement error alone keeps 95 % of differences between first and last session "
        f"below {fixed(limits[0], 1)} points{width}: {told}. More than error is not yet an "
        "effect of anything."
    )


_BEYOND = {
    "up": "rose by more",
    "down": "fell by more",
    "within": "stayed within it",
    "unsure": "cannot be told, for the limit itself is uncertain",
}


def about_timing(minutes: Sequence[float], later: int) -> str:
    """Say when the ratings were given, as seen from the end of the sessions.

    Examples
    --------
    >>> about_timing([4.0, 6.0, 1500.0], 1)
    'Ratings with a time: 3, given 4 to 1,500 min after the end of the session (median 6). 1 was \
given on another day.'
    >>> about_timing([], 0)
    ''
    """
    there = np.array([m for m in minutes if isfinite(m)])
    if not there.size:
        return ""
    other = f" {later} {'was' if later == 1 else 'were'} given on another day." if later else ""
    return (
        f"Ratings with a time: {there.size}, given {compact(float(there.min()))} to "
        f"{compact(float(there.max()))} min after the end of the session (median "
        f"{compact(float(np.median(there)))}).{other}"
    )


def about_courses(label: str, number: int) -> str:
    """Beside the figure of scores over sessions."""
    return (
        f"{upper(label)} over sessions, {count(number, 'person', 'people')}; bars: mean of those "
        "who answered. A line says how one person answered, not how well anybody did."
    )


def about_scatter(row: Row) -> str:
    """Beside the figure of two people's scores."""
    return (
        f"One dot a dyad: {label_of(row)} of {row['role_a']} and {row['role_b']}. Line: least "
        "squares; band: where it lies in 95 % of resampled studies."
    )


def questionnaire_methods(*, bootstrap: int, permutations: int, rests_on: str) -> str:
    """Sentences for a methods section; ``permutations`` 0 and ``rests_on`` empty: not computed.

    Examples
    --------
    >>> "@Jacobson1991" in questionnaire_methods(bootstrap=1000, permutations=0, rests_on="")
    False
    """
    told = [
        "Reversed items were turned round, and scales were scored by the definitions in the "
        "recipe. Reliability is McDonald's omega total of a one-factor maximum likelihood model "
        "[@McDonald1999] and Cronbach's alpha [@Cronbach1951], over the first questionnaire of "
        f"everybody, with bootstrap intervals (BCa, {bootstrap:,} resamples) over dyads, those "
        "that share a person drawn together; Feldt's interval of alpha stands beside it "
        "[@Feldt1987]."
    ]
    if permutations:
        told.append(
            "Scores of the two people of a dyad were correlated over dyads by Pearson's r, and by "
            "the pairwise intraclass correlation for people who cannot be told apart "
            f"[@Griffin1995], with the same bootstrap and {permutations:,} permutations of "
            "partners."
        )
    if rests_on:
        told.append(
            "A difference between first and last session is beyond measurement error where it "
            f"exceeds 1.96 standard errors of a difference [@Jacobson1991], which rest on "
            f"{rests_on} and on the SD over people at their first session."
        )
    return " ".join(told)
