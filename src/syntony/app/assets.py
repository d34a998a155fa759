"""Scripts, styles and pictures of the pages: under an address that changes when one of them does.

A page names ``/static/v-<version>/run/form.js``, and scripts name each other by relative addresses,
so a browser fetches each file once and never asks again, until a file is another.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PREFIX = "/static/"
FOR_EVER = "private, max-age=31536000, immutable"
ASKED_AGAIN = "no-cache"
_VERSION = re.compile(r"v-([0-9a-f]{12})/")


class Assets(StaticFiles):
    """The folder ``static`` of the app, with and without a version in the address."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=str(folder))
        self.folder = folder

    def addresses(self) -> Callable[[str], str]:
        """Where one page finds files: from ``run/form.js`` to its address as of now."""
        now = f"{PREFIX}v-{self.version()}/"
        return lambda name: now + name

    def version(self) -> str:
        """What changes when a file is added, taken away or written; some milliseconds."""
        told = hashlib.sha256()
        for folder, folders, names in os.walk(self.folder):
            folders.sort()
            for name in sorted(names):
                seen = os.stat(os.path.join(folder, name))
                told.update(f"{folder}/{name}\0{seen.st_size}\0{seen.st_mtime_ns}\n".encode())
        return told.hexdigest()[:12]

    def get_path(self, scope: Scope) -> str:
        """The file that is asked for, without the version."""
        return super().get_path({**scope, "path": _VERSION.sub("", scope["path"], count=1)})

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; one under the version of now is kept by the browser for good."""
        answer = await super().get_response(path, scope)
        asked = _VERSION.search(scope["path"])
        is_now = asked is not None and asked[1] == self.version()
        good = answer.status_code in {200, 206, 304}
        answer.headers["Cache-Control"] = FOR_EVER if is_now and good else ASKED_AGAIN
        return answer
