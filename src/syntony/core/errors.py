"""Errors made on purpose: what, what was given, what is expected, what to do."""

from __future__ import annotations

from pathlib import Path


class SyntonyError(Exception):
    """Base of every error that the program makes on purpose."""


class InputError(SyntonyError, ValueError):
    """A value the caller gave cannot be used; ``field`` names it.

    Examples
    --------
    >>> print(InputError("window_s", 30.0, "at most 2.5 s", "Choose a shorter window."))
    window_s=30.0: expected at most 2.5 s. Choose a shorter window.
    """

    def __init__(self, field: str, got: object, expected: str, hint: str = "") -> None:
        self.field, self.got, self.expected, self.hint = field, got, expected, hint
        super().__init__(f"{field}={got!r}: expected {expected}." + (f" {hint}" if hint else ""))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str, str]]:
        return type(self), (self.field, self.got, self.expected, self.hint)


class Conflict(InputError):
    """What was read has been changed by somebody else meanwhile; nothing was written over."""


class FileError(SyntonyError, ValueError):
    """A file cannot be used; names the file and, where known, line and column.

    Examples
    --------
    >>> print(FileError("a.csv", "'x1'", "a number", "Mend the cell.", line=7, column="eda"))
    a.csv, line 7, column 'eda': found 'x1', expected a number. Mend the cell.
    """

    def __init__(
        self,
        path: Path | str,
        found: str,
        expected: str,
        hint: str = "",
        *,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        self.path, self.found, self.expected, self.hint = Path(path), found, expected, hint
        self.line, self.column = line, column
        where = str(path)
        where += f", line {line}" if line is not None else ""
        where += f", column {column!r}" if column is not None else ""
        text = f"{where}: found {found}, expected {expected}."
        super().__init__(text + (f" {hint}" if hint else ""))

    def __reduce__(self) -> tuple[object, ...]:
        state = {"line": self.line, "column": self.column}
        return _again, (type(self), self.path, self.found, self.expected, self.hint, state)


def _again(
    kind: type[FileError],
    path: Path,
    found: str,
    expected: str,
    hint: str,
    rest: dict[str, object],
) -> FileError:
    """Make the error again in another process: pickle calls this."""
    return kind(path, found, expected, hint, **rest)  # type: ignore[arg-type]


class RecipeError(FileError):
    """A recipe cannot be used: wrong use, rather than a broken study."""


class MissingPackage(SyntonyError, ImportError):
    """An optional package is not installed; says what for and how to get it."""
