"""The table of agreement with other tools, written from what the golden tests compared.

``make agreement`` writes docs/methods/agreement.md; without the golden figures there is nothing
to write.
"""

import json
from collections import defaultdict
from pathlib import Path

from agreement import explained
from shared import SHARED

PEERS = (
    "susy",
    "mvsusy",
    "rmea",
    "wcc",
    "dyadsync",
    "synchr",
    "syncpy",
    "marci_ps_mwa",
    "crqa",
    "pyrqa",
    "multisync",
    "biwavelet",
    "waveletcomp",
    "pycwt",
    "hypyp",
    "pyphysio",
    "dtw",
    "neurokit2",
)
ONLY = {"neurokit2": "signal_synchrony"}  # its other figures are of single bodies
UNEXPLAINED = "Cases neither compared nor explained: "
HEAD = """# Agreement with other tools

Our figures beside those of the tools that people use today, on the same inputs. Made by
`make agreement` from the results of the golden tests; not edited by hand. A row is one case: how
many figures were compared, the largest difference among them and where it lies, and the
difference that is allowed, both relative where it says so. Every figure lies within its limit,
with cells without a value in the same places: a test fails where one does not. Signs of lags are
ours (positive: the second person follows the first).

How single bodies are cleaned (cvxEDA, Ledalab, and NeuroKit2 beyond its synchrony) is compared
elsewhere.
"""


def golden_cases(folder=SHARED / "golden"):
    """Every case of a synchrony tool: ``folder/case`` to its peer and version."""
    cases = {}
    for peer in PEERS:
        for path in sorted((folder / peer).glob("*.json")):
            if path.stem.startswith(ONLY.get(peer, "")):
                told = json.loads(path.read_text("utf-8"))
                cases[f"{peer}/{path.stem}"] = (told["peer"], told["version"])
    return cases


def write_table(path, comparisons, cases=None, reasons=None):
    """Write the table; give the cases that are neither compared nor explained.

    A comparison whose case is no golden file's is kept as a row of its own.
    """
    cases = golden_cases() if cases is None else cases
    reasons = explained() if reasons is None else reasons
    by_case = defaultdict(list)
    for made in comparisons:
        by_case[(made.peer, made.case)].append(made)
    compared, apart, unexplained = [], [], []
    for place, (peer, version) in cases.items():
        name = place.partition("/")[2]
        made = by_case.pop((peer, name), [])
        if made:
            compared.append(_compared(made, reasons.get(place)))
        elif place in reasons:
            apart.append(_apart(peer, version, name, reasons[place]))
        else:
            unexplained.append(place)
    compared += [_compared(made, None) for made in by_case.values()]
    lines = [
        HEAD,
        f"## Compared\n\n{len(compared)} cases, {sum(m.cells for m in comparisons):,} figures.\n",
        "| tool | version | case | figures | largest difference | in | allowed | note |",
        "| --- | --- | --- | ---: | ---: | --- | ---: | --- |",
        *compared,
        "\n## Not compared by value, and why\n",
        "| tool | version | case | why | how to get their number |",
        "| --- | --- | --- | --- | --- |",
        *apart,
        "",
        *(f"- Neither compared nor explained: `{place}`" for place in unexplained),
        f"\n{UNEXPLAINED}{len(unexplained)}.",
    ]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return unexplained


def _compared(made, reason):
    """One row: the comparison that used most of what it is allowed."""
    worst = max(made, key=_used)
    notes = dict.fromkeys(m.note for m in made if m.note)
    if reason is not None:
        notes |= {f"Not all of it: {_because(reason)}": None}
    if any(m.difference > m.allowed for m in made):
        notes |= {"**Over its limit.**": None}
    kind = " (relative)" if worst.relative else ""
    cells = (
        worst.peer,
        worst.version,
        worst.case,
        f"{sum(m.cells for m in made):,}",
        f"{worst.difference:.1e}" if worst.difference else "0",
        worst.what,
        f"{worst.allowed:g}{kind}",
        " ".join(notes),
    )
    return _row(cells)


def _used(made):
    """Share of the allowed difference that was used; exact where nothing is allowed."""
    return made.difference / made.allowed if made.allowed else float(made.difference > 0)


def _apart(peer, version, name, reason):
    return _row((peer, version, name, reason["reason"], reason.get("instead", "")))


def _because(reason):
    instead = f" To get it: {reason['instead']}" if reason.get("instead") else ""
    return reason["reason"] + instead


def _row(cells):
    plain = (" ".join(str(c).split()).replace("|", "\\|") for c in cells)
    return "| " + " | ".join(plain) + " |"
