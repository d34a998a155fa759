"""Where LSL may be heard: this machine only, unless the caller names others.

LSL neither encrypts nor authenticates. Its library reads a file of settings when it is loaded; so
this must be called before the first stream is looked for.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from syntony.core.errors import InputError

WARNING = (
    "LSL is neither encrypted nor authenticated: whoever is on the network can read these streams "
    "or send others under their names. Record on this machine alone, or in a network of your own."
)
_ASKED = "LSLAPICFG"
_ANSWERS = (
    "the library takes answers, and measures clocks, at a port of every address; only this "
    "machine is asked"
)
OPEN: Mapping[str, Mapping[str, str]] = {
    "find": {"udp": _ANSWERS},
    "rehearse": {
        "tcp": "the library sends streams from a port of every address, and has no setting for it",
        "udp": "the library tells the clock of a stream at a port of every address",
    },
    "record": {"udp": _ANSWERS},
}
"""Every kind of socket that is bound to more than this machine, by the work that opens it, with
why it cannot be otherwise: the library (liblsl 1.18) can narrow only where it looks. Nothing else
of Syntony is; each ends with its work."""


def keep_to_this_machine(*, session_id: str = "", peers: Sequence[str] = ()) -> str:
    """Let LSL look and answer on this machine only; gives the session id that streams must share.

    Parameters
    ----------
    session_id : str
        Streams of other sessions are not seen. Without it a random one, so that nobody else's
        programs are met: whoever sends needs to be given it.
    peers : sequence of str
        Addresses of other machines of the lab that are asked for streams, each by name.

    Returns
    -------
    str
        The session id; where ``LSLAPICFG`` names settings already, that these say it.

    Raises
    ------
    InputError
        If the LSL library is loaded already with other settings, or a word cannot stand in them.

    Notes
    -----
    Settings that the environment names (``LSLAPICFG``) are left alone: then the lab has its own.
    Its ports still listen on all addresses of the machine, for LSL offers no other (`OPEN`); what
    is kept to this machine is where streams are looked for and announced. A firewall does the
    rest.
    """
    for word in (session_id, *peers):
        if not all(c.isalnum() or c in ".:-_" for c in word):
            raise InputError("session_id, peers", word, "letters, digits, and . : - _ only")
    if os.environ.get(_ASKED):
        if session_id or peers:
            given, wanted = (
                session_id or list(peers),
                f"that {_ASKED} names no settings, or none here",
            )
            raise InputError("session_id, peers", given, wanted, "The settings say both.")
        return f"as {os.environ[_ASKED]} says"
    if "pylsl" in sys.modules:
        raise InputError("LSL", "loaded already", "settings before its first use")
    session = session_id or secrets.token_hex(8)
    folder = Path(tempfile.mkdtemp(prefix="syntony-lsl-"))
    known = ", ".join(["127.0.0.1", *peers])
    heard = "" if peers else "ListenAddress = 127.0.0.1\n"
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "lsl_api.cfg").write_text(
        "[ports]\nIPv6 = disable\n"
        f"[multicast]\nResolveScope = machine\nAddressesOverride = {{127.0.0.1}}\n{heard}"
        f"[lab]\nKnownPeers = {{{known}}}\nSessionID = {session}\n"
        "[log]\nlevel = -2\n",
        encoding="utf-8",
    )
    os.environ[_ASKED] = str(folder / "lsl_api.cfg")
    return session
