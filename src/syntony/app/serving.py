"""Serving one study on one socket: what may be bound, what is printed, how it ends."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import os
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from syntony.app.accounts import Accounts
from syntony.app.discreet import Discreet
from syntony.app.home import LOOPBACK, Home, data_beside
from syntony.core.errors import InputError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from syntony.app.pages import Pages

PRIVATE = 49152
"""From here on ports are nobody's by agreement (RFC 6335, section 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen and under which names.

    Port None is the study's own, see :func:`own_port`, or a free one where that is taken;
    0 takes a free one.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    names: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def has_tls(self) -> bool:
        """Whether the server itself speaks TLS."""
        return self.certificate is not None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_port(study: Path) -> int:
    """The port at which a study is served unless another is asked for.

    It follows from the path, so that a study has the same address after a restart: what a
    browser keeps for an address, such as codes that were not saved yet, is found again.

    Examples
    --------
    >>> own_port(Path("/data/pilot")) == own_port(Path("/data/../data/pilot"))
    True
    >>> 49152 <= own_port(Path("/data/pilot")) <= 65535
    True
    """
    told = hashlib.sha256(str(study.resolve()).encode()).digest()
    return PRIVATE + int.from_bytes(told[:4], "big") % (2**16 - PRIVATE)


def refuse_open_door(address: Address, *, has_accounts: bool) -> None:
    """Refuse to let other machines in without an encrypted line and a log-in.

    Raises
    ------
    InputError
        Naming the option that is missing.
    """
    if not address.host.strip():
        raise InputError("host", address.host, "an address", "An empty one would be every one.")
    if (address.certificate is None) != (address.key is None):
        raise InputError("tls-cert", str(address.certificate), "--tls-cert and --tls-key together")
    for field, path in (("tls-cert", address.certificate), ("tls-key", address.key)):
        if path is not None and not path.is_file():
            raise InputError(field, str(path), "a file in PEM format")
    if address.is_local and not address.behind_proxy:
        return
    if not (address.has_tls or address.behind_proxy):
        raise InputError(
            "host",
            address.host,
            "127.0.0.1, or TLS with --tls-cert and --tls-key, or --behind-proxy",
            "Other machines may not read a study over an open line.",
        )
    if not has_accounts:
        raise InputError(
            "host",
            address.host,
            "an account before other machines are let in",
            "Make one: syntony accounts add STUDY NAME --role owner.",
        )
    if _is_wildcard(address.host) and not address.names:
        raise InputError(
            "name", "", "the name by which others reach the app", "Give --name lab.example.org."
        )


def _is_wildcard(host: str) -> bool:
    """Whether a host is every address of this machine, in whatever spelling: 0.0.0.0, ::, 0."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        pass
    try:
        return not any(socket.inet_aton(host))
    except OSError:
        return False


def bind(address: Address) -> socket.socket:
    """Open the listening socket.

    Raises
    ------
    InputError
        If the host is none of this machine's, or the port is taken.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((address.host, address.port))
    except OSError as error:
        found.close()
        raise InputError(
            "port",
            address.port,
            f"a free port of {address.host} ({error.strerror or error})",
            "Without --port the study's own or a free one is taken.",
        ) from error
    return found


def bind_for(study: Path, address: Address) -> socket.socket:
    """Open the listening socket of a study: at the port asked for, its own, or a free one.

    Raises
    ------
    InputError
        As of :func:`bind`.
    """
    if address.port is None:
        with suppress(InputError):
            return bind(replace(address, port=own_port(study)))
    return bind(replace(address, port=address.port or 0))


def serve(
    study: Path | str,
    address: Address | None = None,
    *,
    data: Path | None = None,
    on_ready: Callable[[str], None] = lambda url: None,
    launch: Callable[[str], object] | None = None,
) -> None:
    """Serve a study until the program is interrupted.

    Parameters
    ----------
    study : path
        Study folder; one that is empty or not there is offered a demo and an import.
    address : Address, optional
        Default: the study's own port of 127.0.0.1, or a free one where that is taken.
    data : Path, optional
        Folder of accounts and audit log; default: in the user's data folder.
    on_ready : callable, optional
        Called with the address to open, as soon as requests are answered.
    launch : callable, optional
        Called then with what a browser on this machine is to open. The token is not in it: the
        arguments of a command are read by everybody on the machine.

    Raises
    ------
    InputError
        If the address would let others in without TLS and an account, or is taken; if ``data``
        lies in the study.
    FileError
        If ``study`` is a file, or a folder that holds something else than a study.
    """
    from syntony.app.make import make_app

    where, study = address or Address(), Path(study)
    folder = data_beside(study, data)
    has_accounts = bool(Accounts(folder))
    refuse_open_door(where, has_accounts=has_accounts)
    with closing(bind_for(study, where)) as listening:
        port = listening.getsockname()[1]
        names = (*LOOPBACK, *where.names, *(() if _is_wildcard(where.host) else (where.host,)))
        home = Home(
            study=study,
            data=folder,
            hosts=tuple(dict.fromkeys(n.lower() for n in names)),
            secure=where.has_tls or where.behind_proxy,
            behind_proxy=where.behind_proxy,
            cookie=f"syntony-{port}",
        )
        if home.secure:  # a cookie that nothing but this very host could have set
            home = replace(home, cookie=f"__Host-{home.cookie}")
        if has_accounts:
            home = replace(home, token="")
        app = make_app(home)

        def ready(url: str) -> None:
            on_ready(url)
            if launch is not None and where.is_local:
                launch(_launched(home, app.state.pages, url) if home.token else url)

        try:
            _run(app, home, where, listening, ready)
        finally:
            home.launch_file.unlink(missing_ok=True)


def _launched(home: Home, pages: Pages, url: str) -> str:
    """Address of a file, for our eyes only, that sends a browser on to the app."""
    home.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.launch_file.unlink(missing_ok=True)
    mode = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    with open(os.open(home.launch_file, mode, 0o600), "w", encoding="utf-8") as file:
        file.write(pages.fill("launch.html", url=url))
    return home.launch_file.resolve().as_uri()


def _run(
    app: FastAPI,
    home: Home,
    address: Address,
    listening: socket.socket,
    on_ready: Callable[[str], None],
) -> None:
    import uvicorn

    log = logging.getLogger("uvicorn.error")
    log.setLevel(logging.WARNING)
    log.addFilter(Discreet())
    config = uvicorn.Config(
        app,
        access_log=False,  # an address holds the token, a path the name of a session
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        ws="websockets-sansio",
        ws_max_size=2**16,  # pages say nothing on a socket
        timeout_graceful_shutdown=3,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
    )
    server = uvicorn.Server(config)
    listening.listen(128)
    on_ready(_url(home, address, listening))
    with suppress(KeyboardInterrupt):  # raised again when all is closed: the wish was granted
        server.run(sockets=[listening])


def _url(home: Home, address: Address, listening: socket.socket) -> str:
    """The address to open."""
    scheme = "https" if home.secure else "http"
    host = address.names[0] if address.names else address.host
    host = f"[{host}]" if ":" in host else host
    port = "" if address.behind_proxy and address.names else f":{listening.getsockname()[1]}"
    entry = f"/enter?token={home.token}" if home.token else "/"
    return f"{scheme}://{host}{port}{entry}"
