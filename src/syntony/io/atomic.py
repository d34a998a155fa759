"""Changing several files of a study at once: all of it happens, or nothing.

New files are first written into a folder beside the old ones. Then old versions are kept
aside, a list of what will happen is written, and the new files are moved into place. A
writer that dies on the way is undone by the next one, or by ``recover``. One writer at a
time: the study folder is not a database.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syntony.core.errors import FileError

STAGE = ".syntony-writing"
_PLAN = "plan.json"


@contextmanager
def staged(root: Path, *, last: tuple[str, ...] = ()) -> Iterator[Path]:
    """Give a folder to write into; on leaving, its files move to the same places under ``root``.

    Parameters
    ----------
    root : Path
        A folder that exists.
    last : tuple of str
        Files that are moved at the end, in this order: what makes the rest count.

    Raises
    ------
    FileError
        If the disk is full or may not be written; nothing has changed then.
    """
    recover(root)
    stage = root / STAGE
    try:
        (stage / "new").mkdir(parents=True)
        yield stage / "new"
        _commit(root, stage, last)
    except OSError as error:
        recover(root)
        raise _told(root, error) from error
    except BaseException:
        recover(root)
        raise


def _told(root: Path, error: OSError) -> FileError:
    """Say in words why nothing could be written."""
    full = error.errno in {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
    return FileError(
        error.filename or root,
        "a full disk" if full else f"that it cannot be written ({error.strerror})",
        "room for the files" if full else "a folder that may be written",
        "Nothing was changed. " + ("Free some space." if full else "Check the permissions."),
    )


def _commit(root: Path, stage: Path, last: tuple[str, ...]) -> None:
    """Keep old versions, write the plan, move the new files, tidy up."""
    new = stage / "new"
    names = sorted(str(p.relative_to(new)) for p in new.rglob("*") if not p.is_dir())
    names = [n for n in names if n not in last] + [n for n in last if (new / n).exists()]
    replaced = [n for n in names if (root / n).exists()]
    for name in replaced:
        kept = stage / "old" / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, kept)
    plan = {"made": [n for n in names if n not in replaced], "replaced": replaced}
    (stage / "plan.tmp").write_text(json.dumps(plan), encoding="utf-8")
    os.replace(stage / "plan.tmp", stage / _PLAN)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        os.replace(new / name, root / name)
    os.replace(stage / _PLAN, stage / "done.json")
    shutil.rmtree(stage)


def recover(root: Path) -> bool:
    """Undo what a writer left half done; True where there was something to undo."""
    stage = root / STAGE
    if not stage.exists():
        return False
    if (stage / _PLAN).exists():
        plan = json.loads((stage / _PLAN).read_text(encoding="utf-8"))
        for name in plan["made"]:
            (root / name).unlink(missing_ok=True)
            _drop_empty(root, (root / name).parent)
        for name in plan["replaced"]:
            kept = stage / "old" / name
            if kept.exists():
                os.replace(kept, root / name)
    shutil.rmtree(stage)
    return True


def _drop_empty(root: Path, folder: Path) -> None:
    """Remove folders that are empty, upward to the root."""
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def is_half_written(root: Path) -> bool:
    """Claim that a writer is at work, or died on the way."""
    return (root / STAGE / _PLAN).exists()
