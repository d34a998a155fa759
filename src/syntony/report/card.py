"""PLACEHOLDER."""
from collections.abc import Mapping
from typing import Any
def card_in_words(card: Mapping[str, Any]) -> list[str]:
    return [str({k: r[k] for k in ("level","method","surrogate","leader","rate","low","high","verdict")}) for r in card["rates"]]
