"""An answer that is not a success, in words of the one text file."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException


class Refusal(HTTPException):
    """Refuse a request: ``Refusal(404, "no_session")`` says what ``[refusals]`` has for it.

    Values go into the braces of the text.
    """

    def __init__(
        self, status: int, key: str, *, headers: Mapping[str, str] | None = None, **values: object
    ) -> None:
        super().__init__(status, detail=key, headers=dict(headers) if headers else None)
        self.key, self.values = f"refusals.{key}", values
