"""Tables of a run: Parquet, and a CSV twin for those who open it in a spreadsheet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from syntony.core.columns import COUNT, FLAG, NUMBER, TEXT, column_of_cells, null_where_nan
from syntony.core.files import write_whole
from syntony.pipeline.model_schema import MODELS

_KEYS = {"session": TEXT, "dyad": TEXT}
_SEARCHED = {**_KEYS, "step": COUNT, "method": TEXT, "surrogate": TEXT}
_SCALE = {"instrument": TEXT, "scale": TEXT, "role": TEXT, "about_role": TEXT}
_CHANCE = {"z_surrogate": NUMBER, "p_one": NUMBER, "p_two": NUMBER}

SCHEMAS: dict[str, dict[str, pa.DataType]] = {
    "sessions": {
        **_KEYS,
        "type": TEXT,
        "number": COUNT,
        "site": TEXT,
        "year": TEXT,
        "device": TEXT,
        "role_a": TEXT,
        "role_b": TEXT,
        "person_a": TEXT,
        "person_b": TEXT,
        "duration_s": NUMBER,
        "overlap_s": NUMBER,
        "left_over_a_s": NUMBER,
        "left_over_b_s": NUMBER,
        "clock_error_s": NUMBER,
        "clock_source": TEXT,
        "signal_a": TEXT,
        "unit_a": TEXT,
        "signal_b": TEXT,
        "unit_b": TEXT,
        "failed": TEXT,
    },
    "pairs": {
        **_KEYS,
        "session_type": TEXT,
        "span": TEXT,
        "signal_a": TEXT,
        "signal_b": TEXT,
        "role_a": TEXT,
        "role_b": TEXT,
        "person_a": TEXT,
        "person_b": TEXT,
        "step": COUNT,
        "method": TEXT,
        "statistic": TEXT,
        "value": NUMBER,
        "fisher_z": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "t_start_s": NUMBER,
        "t_stop_s": NUMBER,
        "lag_s": NUMBER,
        "leader": TEXT,
        "clock_error_s": NUMBER,
        "coverage": NUMBER,
        "surrogate": TEXT,
        "draws": COUNT,
        "null_mean": NUMBER,
        **_CHANCE,
        "family": TEXT,
        "q_exploratory": NUMBER,
        "capped": FLAG,
        "note": TEXT,
    },
    "pseudo": {
        "surrogate": TEXT,
        "session_a": TEXT,
        "session_b": TEXT,
        "dyad_a": TEXT,
        "dyad_b": TEXT,
        "role_a": TEXT,
        "role_b": TEXT,
        "step": COUNT,
        "method": TEXT,
        "statistic": TEXT,
        "value": NUMBER,
        "value_a": NUMBER,
        "value_b": NUMBER,
        "seconds": NUMBER,
    },
    "paths": {
        "path": COUNT,
        "primary": FLAG,
        "signal": TEXT,
        "method": TEXT,
        "statistic": TEXT,
        "trim_start_s": NUMBER,
        "trim_stop_s": NUMBER,
        "options": TEXT,
        "choices": TEXT,
        "n_dyads": COUNT,
        "effect": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "r": NUMBER,
        "r_low": NUMBER,
        "r_high": NUMBER,
        "status": TEXT,
    },
    "quality": {
        **_KEYS,
        "person": TEXT,
        "role": TEXT,
        "signal": TEXT,
        "cause": TEXT,
        "seconds": NUMBER,
        "count": NUMBER,
        "share": NUMBER,
    },
    "moments": {
        **_KEYS,
        "step": COUNT,
        "kind": TEXT,
        "start_s": NUMBER,
        "stop_s": NUMBER,
        "strength": NUMBER,
        "third": COUNT,
        "coverage": NUMBER,
        "matched": FLAG,
        "lag_s": NUMBER,
        "leader": TEXT,
    },
    "survivors": {
        **_SEARCHED,
        "start_s": NUMBER,
        "stop_s": NUMBER,
        "strength": NUMBER,
        "scale": TEXT,
        "sign": COUNT,
        "phase": TEXT,
        "lag_s": NUMBER,
        "leader": TEXT,
        "clock_error_s": NUMBER,
        "lead": NUMBER,
        "p_lead": NUMBER,
        "coverage": NUMBER,
        "mass": NUMBER,
        "p": NUMBER,
        "draws": COUNT,
    },
    "searches": {
        **_SEARCHED,
        "over": TEXT,
        "status": TEXT,
        "draws": COUNT,
        "draws_missing": COUNT,
        "places": COUNT,
        "start_s": NUMBER,
        "stop_s": NUMBER,
        "found": COUNT,
        "value": NUMBER,
        "lag_s": NUMBER,
        "frequency_hz": NUMBER,
        "p": NUMBER,
        "lead": NUMBER,
        "lead_low": NUMBER,
        "lead_high": NUMBER,
        "p_lead": NUMBER,
        "leader": TEXT,
        "clock_error_s": NUMBER,
    },
    "codes": {
        **_KEYS,
        "coder": TEXT,
        "step": COUNT,
        "class": TEXT,
        "seconds": NUMBER,
        "share": NUMBER,
        "scale": TEXT,
        "mean": NUMBER,
        "in_phase": NUMBER,
        "anti_phase": NUMBER,
        "null_mean": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "contrast": NUMBER,
        "contrast_low": NUMBER,
        "contrast_high": NUMBER,
        **_CHANCE,
        "draws": COUNT,
        "in_phase_contrast": NUMBER,
        "in_phase_z": NUMBER,
        "in_phase_p_two": NUMBER,
        "anti_phase_contrast": NUMBER,
        "anti_phase_z": NUMBER,
        "anti_phase_p_two": NUMBER,
    },
    "events": {
        **_KEYS,
        "code": TEXT,
        "outcome": TEXT,
        "found": COUNT,
        "used": COUNT,
        "overlap": COUNT,
        "unseen": COUNT,
        "edge": COUNT,
        "missing": COUNT,
    },
    "event_locked": {
        "code": TEXT,
        "outcome": TEXT,
        "step": COUNT,
        "lag_s": NUMBER,
        "mean": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "null_mean": NUMBER,
        "null_low": NUMBER,
        "null_high": NUMBER,
        "band_low": NUMBER,
        "band_high": NUMBER,
        "beyond": FLAG,
        "n_dyads": COUNT,
    },
    "epochs": {
        **_KEYS,
        "step": COUNT,
        "class": TEXT,
        "epochs": COUNT,
        "seconds": NUMBER,
        "mean": NUMBER,
        "null_mean": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        **_CHANCE,
        "draws": COUNT,
        "status": TEXT,
    },
    "emotion_lag": {
        "class": TEXT,
        "step": COUNT,
        "lag_s": NUMBER,
        "contrast": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
    },
    "dose": {
        **_KEYS,
        "step": COUNT,
        "class": TEXT,
        "seconds": NUMBER,
        "coded_s": NUMBER,
        "share": NUMBER,
        "index": NUMBER,
    },
    "moment_model": {
        "outcome": TEXT,
        "reference": TEXT,
        "part": TEXT,
        "term": TEXT,
        "estimate": NUMBER,
        "se": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "p_model": NUMBER,
        "p_rotation": NUMBER,
        "least_squares": NUMBER,
        "draws": COUNT,
        "n_rows": COUNT,
        "n_sessions": COUNT,
        "n_dyads": COUNT,
        "remarks": TEXT,
    },
    "agreement": {
        "session": TEXT,
        "coder_a": TEXT,
        "coder_b": TEXT,
        "role": TEXT,
        "code": TEXT,
        "measure": TEXT,
        "unit": TEXT,
        "n_sessions": COUNT,
        "n_dyads": COUNT,
        "units": NUMBER,
        "both_s": NUMBER,
        "one_s": NUMBER,
        "prevalence_a": NUMBER,
        "prevalence_b": NUMBER,
        "raw": NUMBER,
        "value": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "reading": TEXT,
        "status": TEXT,
    },
    "disagreements": {
        "session": TEXT,
        "person": TEXT,
        "role": TEXT,
        "start_s": NUMBER,
        "stop_s": NUMBER,
        "seconds": NUMBER,
        "coder_a": TEXT,
        "code_a": TEXT,
        "coder_b": TEXT,
        "code_b": TEXT,
    },
    "sequences": {
        **_KEYS,
        "before": TEXT,
        "after": TEXT,
        "lag": COUNT,
        "lag_s": NUMBER,
        "statistic": TEXT,
        "scale": TEXT,
        "surrogate": TEXT,
        "n_dyads": COUNT,
        "n_sessions": COUNT,
        "value": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "null_mean": NUMBER,
        "null_low": NUMBER,
        "null_high": NUMBER,
        "z": NUMBER,
        "p_one": NUMBER,
        "p_two": NUMBER,
        "draws": COUNT,
        "family": TEXT,
        "q_exploratory": NUMBER,
        "status": TEXT,
    },
    "scores": {
        **_KEYS,
        "person": TEXT,
        "about": TEXT,
        "instrument": TEXT,
        "scale": TEXT,
        "value": NUMBER,
        "missing": COUNT,
        "number": COUNT,
        "role": TEXT,
        "about_role": TEXT,
        "items": COUNT,
        "low": NUMBER,
        "high": NUMBER,
        "rated_at": TEXT,
        "minutes_after": NUMBER,
        "once": FLAG,
    },
    "reliability": {
        **_SCALE,
        "people": COUNT,
        "clusters": COUNT,
        "items": COUNT,
        "left_out": COUNT,
        "alpha": NUMBER,
        "alpha_low": NUMBER,
        "alpha_high": NUMBER,
        "feldt_low": NUMBER,
        "feldt_high": NUMBER,
        "omega": NUMBER,
        "omega_low": NUMBER,
        "omega_high": NUMBER,
        "weakest_item": TEXT,
        "weakest_r": NUMBER,
        "status": TEXT,
    },
    "change": {
        **_SCALE,
        "dyad": TEXT,
        "person": TEXT,
        "about": TEXT,
        "people": COUNT,
        "sessions": COUNT,
        "first_session": TEXT,
        "last_session": TEXT,
        "first": NUMBER,
        "last": NUMBER,
        "difference": NUMBER,
        "difference_low": NUMBER,
        "difference_high": NUMBER,
        "rci": NUMBER,
        "limit": NUMBER,
        "limit_low": NUMBER,
        "limit_high": NUMBER,
        "beyond_error": TEXT,
        "slope": NUMBER,
        "slope_low": NUMBER,
        "slope_high": NUMBER,
        "spread": NUMBER,
        "rests_on": TEXT,
        "reliability": NUMBER,
    },
    "likeness": {
        "instrument": TEXT,
        "scale": TEXT,
        "role_a": TEXT,
        "role_b": TEXT,
        "target": TEXT,
        "dyads": COUNT,
        "clusters": COUNT,
        "sessions": COUNT,
        "r": NUMBER,
        "r_low": NUMBER,
        "r_high": NUMBER,
        "fisher_low": NUMBER,
        "fisher_high": NUMBER,
        "icc": NUMBER,
        "icc_low": NUMBER,
        "icc_high": NUMBER,
        "p_r": NUMBER,
        "p_icc": NUMBER,
        "draws": COUNT,
        "status": TEXT,
    },
    "ratings": {
        **_KEYS,
        "person": TEXT,
        "role": TEXT,
        "what": TEXT,
        "rater": TEXT,
        "rate_hz": NUMBER,
        "unit": TEXT,
        "seconds": NUMBER,
        "missing": NUMBER,
        "mean": NUMBER,
        "sd": NUMBER,
        "flat": FLAG,
        "raters": COUNT,
        "agreement": NUMBER,
    },
    "accuracy": {
        **_KEYS,
        "measure": TEXT,
        "what": TEXT,
        "perceiver": TEXT,
        "target": TEXT,
        "person_perceiver": TEXT,
        "person_target": TEXT,
        "value": NUMBER,
        "unit": TEXT,
        "fisher_z": NUMBER,
        "lag_s": NUMBER,
        "seconds": NUMBER,
        "coverage": NUMBER,
        "surrogate": TEXT,
        "draws": COUNT,
        "null_mean": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        **_CHANCE,
        "note": TEXT,
    },
    "links": {
        "finding": TEXT,
        "label": TEXT,
        "step": COUNT,
        "method": TEXT,
        "statistic": TEXT,
        "surrogate": TEXT,
        "n_dyads": COUNT,
        "n_sessions": COUNT,
        "value": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "null_mean": NUMBER,
        "null_low": NUMBER,
        "null_high": NUMBER,
        "z": NUMBER,
        "d": NUMBER,
        "d_low": NUMBER,
        "d_high": NUMBER,
        "p_one": NUMBER,
        "p_two": NUMBER,
        "draws": COUNT,
        "cliffs_delta": NUMBER,
        "cliffs_delta_low": NUMBER,
        "cliffs_delta_high": NUMBER,
        "superiority": NUMBER,
        "family": TEXT,
        "q_exploratory": NUMBER,
        "status": TEXT,
        "detail": TEXT,
    },
    "groups": {
        "by": TEXT,
        "group": TEXT,
        "what": TEXT,
        "step": COUNT,
        "method": TEXT,
        "statistic": TEXT,
        "surrogate": TEXT,
        "n_dyads": COUNT,
        "n_sessions": COUNT,
        "value": NUMBER,
        "null_mean": NUMBER,
        "difference": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "p_two": NUMBER,
        "q": NUMBER,
        "status": TEXT,
    },
    "convergence": {
        "index_a": TEXT,
        "index_b": TEXT,
        "step_a": COUNT,
        "step_b": COUNT,
        "method_a": TEXT,
        "method_b": TEXT,
        "statistic_a": TEXT,
        "statistic_b": TEXT,
        "first_statistics": FLAG,
        "n_sessions": COUNT,
        "n_dyads": COUNT,
        "pearson": NUMBER,
        "pearson_low": NUMBER,
        "pearson_high": NUMBER,
        "spearman": NUMBER,
        "spearman_low": NUMBER,
        "spearman_high": NUMBER,
    },
    **MODELS,
    "spans": {
        "session": TEXT,
        "label": TEXT,
        "start_s": NUMBER,
        "stop_s": NUMBER,
        "person": TEXT,
        "role": TEXT,
        "coder": TEXT,
    },
}

SCHEMAS["rated_pairs"] = SCHEMAS["pairs"]

Row = Mapping[str, Any]
Columns = Mapping[str, Any]

GROUP = 1_000_000
SPREADSHEET = 1_048_575
"""Rows that a spreadsheet opens, below its head."""


def write_table(folder: Path, name: str, rows: Sequence[Row]) -> None:
    """Write one table of a run, ``<name>.parquet`` and ``tables/<name>.csv``.

    A column that a row lacks is null; a column that the schema lacks is an error of ours.
    """
    columns = SCHEMAS[name]
    unknown = {key for row in rows for key in row} - set(columns)
    if unknown:
        raise KeyError(f"table {name} has no column {sorted(unknown)}")
    schema = pa.schema(list(columns.items()))
    cells = [column_of_cells([row.get(k) for row in rows], kind) for k, kind in columns.items()]
    table = pa.table(cells, schema=schema)
    write_whole(folder / f"{name}.parquet", lambda part: pq.write_table(table, part))
    plain = pa.table([null_where_nan(c) for c in table.columns], schema=schema)
    write_whole(folder / "tables" / f"{name}.csv", lambda part: csv.write_csv(plain, part))


def write_parts(folder: Path, name: str, parts: Iterable[Columns]) -> None:
    """Write a table that may be too large for memory, from columns that come part by part.

    Its CSV twin is left out where it has more rows than a spreadsheet opens.
    """
    schema = pa.schema(list(SCHEMAS[name].items()))
    target = folder / "tables" / f"{name}.csv"
    with tempfile.TemporaryDirectory(prefix=".", dir=_made(target.parent)) as place:
        parquet, plain = Path(place) / "part.parquet", Path(place) / "part.csv"
        rows = 0
        with pq.ParquetWriter(parquet, schema) as whole, csv.CSVWriter(plain, schema) as twin:
            for table in _gathered(parts, schema):
                whole.write_table(table)
                rows += len(table)
                if rows <= SPREADSHEET:
                    twin.write_table(
                        pa.table([null_where_nan(c) for c in table.columns], schema=schema)
                    )
        write_whole(folder / f"{name}.parquet", lambda part: parquet.replace(part))
        if rows <= SPREADSHEET:
            write_whole(target, lambda part: plain.replace(part))
        else:
            target.unlink(missing_ok=True)


def _made(folder: Path) -> Path:
    """A folder that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _gathered(parts: Iterable[Columns], schema: pa.Schema) -> Iterator[pa.Table]:
    """Join parts to tables of about ``GROUP`` rows: the row groups of the file."""
    held, rows = [], 0
    for part in parts:
        held.append(
            pa.table({f.name: pa.array(part[f.name], f.type, from_pandas=False) for f in schema})
        )
        rows += len(held[-1])
        if rows >= GROUP:
            yield pa.concat_tables(held).combine_chunks()
            held, rows = [], 0
    if held:
        yield pa.concat_tables(held).combine_chunks()
