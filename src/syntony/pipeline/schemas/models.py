"""Columns of tables: models."""

from __future__ import annotations

import pyarrow as pa

from syntony.core.columns import COUNT, FLAG, NUMBER, TEXT

MODELS: dict[str, dict[str, pa.DataType]] = {
    "models": {
        "name": TEXT,
        "model": TEXT,
        "outcome": TEXT,
        "predictor": TEXT,
        "term": TEXT,
        "key": FLAG,
        "estimate": NUMBER,
        "low": NUMBER,
        "high": NUMBER,
        "se": NUMBER,
        "df": NUMBER,
        "p": NUMBER,
        "p_flip": NUMBER,
        "q_exploratory": NUMBER,
        "boot_low": NUMBER,
        "boot_high": NUMBER,
        "spread": NUMBER,
        "n_sessions": COUNT,
        "n_dyads": COUNT,
        "n_therapists": COUNT,
        "method": TEXT,
        "status": TEXT,
        "note": TEXT,
    },
    "model_checks": {
        "name": TEXT,
        "model": TEXT,
        "check": TEXT,
        "value": NUMBER,
        "p": NUMBER,
        "words": TEXT,
    },
}
