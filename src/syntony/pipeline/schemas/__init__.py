"""Columns of every table of a run."""

from __future__ import annotations

import pyarrow as pa

from syntony.pipeline.schemas.chain import CHAIN
from syntony.pipeline.schemas.codes import CODES
from syntony.pipeline.schemas.models import MODELS
from syntony.pipeline.schemas.scores import SCORES

SCHEMAS: dict[str, dict[str, pa.DataType]] = {**CHAIN, **CODES, **SCORES, **MODELS}

SCHEMAS["rated_pairs"] = SCHEMAS["pairs"]
