"""Devices that send no LSL, by name: heart-rate straps over Bluetooth, boards that BrainFlow knows.

A name is all that is needed to record a device, and to remember whose it is:
``strap:AA:BB:CC:DD:EE:FF``, ``board:synthetic/eda,ppg``, ``board:1/eda?serial_port=COM3``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from syntony.core.errors import InputError, MissingPackage
from syntony.core.optional import need
from syntony.io.xdf.headers import StreamInfo
from syntony.live.sources import Source

STRAP, BOARD = "strap:", "board:"
HEART_RATE = "0000180d-0000-1000-8000-00805f9b34fb"
_EXPECTED = "strap:ADDRESS, or board:NUMBER/KINDS such as board:synthetic/eda,ppg"
_ADDRESS = re.compile(r"[0-9A-Fa-f:-]{11,40}")
_NUMBER = re.compile(r"-?\d{1,4}")


def is_device(name: str) -> bool:
    """Whether a name is that of a device rather than of an LSL stream.

    Examples
    --------
    >>> is_device("strap:A0:9E:1A:00:00:01"), is_device("EDA-7")
    (True, False)
    """
    return name.startswith((STRAP, BOARD))


def is_made(name: str) -> bool:
    """Whether a device only makes its samples: BrainFlow's synthetic board.

    Examples
    --------
    >>> is_made("board:-1/eda"), is_made("board:1/eda"), is_made("board:of wood")
    (True, False, False)
    """
    from syntony.live.boards import SYNTHETIC

    try:
        return name.startswith(BOARD) and _board_of(name).number == SYNTHETIC
    except InputError:  # another program's name for something of its own
        return False


@dataclass(frozen=True, slots=True)
class _Board:
    number: int
    kinds: tuple[str, ...]
    settings: dict[str, str] = field(default_factory=dict)


def _board_of(name: str) -> _Board:
    """Take the name of a board apart.

    Examples
    --------
    >>> _board_of("board:1/eda,acc?serial_port=/dev/ttyUSB0")
    _Board(number=1, kinds=('eda', 'acc'), settings={'serial_port': '/dev/ttyUSB0'})
    """
    from syntony.live.boards import SYNTHETIC

    rest, _, more = name.removeprefix(BOARD).partition("?")
    number, _, kinds = rest.partition("/")
    if number == "synthetic":
        number = str(SYNTHETIC)
    asked = tuple(k.strip() for k in kinds.split(",") if k.strip())
    if not (_NUMBER.fullmatch(number) and asked):
        raise InputError("device", name, _EXPECTED)
    return _Board(int(number), asked, dict(parse_qsl(more)))


def _address_of(name: str) -> str:
    """Bluetooth address in the name of a strap (a UUID on macOS)."""
    address = name.removeprefix(STRAP)
    if address == name or not _ADDRESS.fullmatch(address):
        raise InputError("device", name, _EXPECTED)
    return address


def describe_device(name: str) -> StreamInfo:
    """Say what a device will send, without connecting to it.

    Parameters
    ----------
    name : str
        See the head of this module.

    Returns
    -------
    StreamInfo
        Its ``source_id`` is the name, so that it is found again in the file.

    Raises
    ------
    InputError
        If the name is no device's, or the board has no such channels.
    MissingPackage
        If the extra is not installed: ``live`` for straps, ``boards`` for boards.

    Examples
    --------
    >>> describe_device("strap:my own")
    Traceback (most recent call last):
    syntony.core.errors.InputError: device='strap:my own': expected strap:ADDRESS, or board:...
    """
    if name.startswith(BOARD):
        from syntony.live.boards import describe_board

        board = _board_of(name)
        return describe_board(name, board.kinds, board.number)
    from syntony.live.straps import StrapSource

    _address_of(name)
    need("bleak", to="reading a heart-rate strap", extra="live")
    return StrapSource(name).info


def open_device(name: str, clock: Callable[[], float] = time.monotonic) -> Source:
    """Connect to a device.

    A strap that is out of reach is asked again and again; a board has to answer at once.

    Parameters
    ----------
    name : str
    clock : callable
        The recorder's clock.

    Raises
    ------
    InputError, MissingPackage
        As ``describe_device``, and if a board does not answer.
    """
    if name.startswith(BOARD):
        from syntony.live.boards import BoardSource

        board = _board_of(name)
        number, settings = board.number, board.settings
        return BoardSource(name, board.kinds, board_id=number, settings=settings, clock=clock)
    from syntony.live.straps import StrapSource

    return StrapSource(name, address=_address_of(name), clock=clock)


def find_straps(wait_s: float = 4.0) -> tuple[StreamInfo, ...]:
    """Look for heart-rate straps that are worn and not taken.

    Parameters
    ----------
    wait_s : float

    Returns
    -------
    tuple of StreamInfo
        Named as ``open_device`` takes them; ``hostname`` is what the strap calls itself. None
        where this machine has no Bluetooth, or the extra ``live`` is not installed.
    """
    import asyncio

    try:
        bleak = need("bleak", to="reading a heart-rate strap", extra="live")
    except MissingPackage:
        return ()
    try:
        found = asyncio.run(bleak.BleakScanner.discover(wait_s, service_uuids=[HEART_RATE]))
    except (bleak.exc.BleakError, OSError, TimeoutError):  # no Bluetooth here, or it is off
        return ()
    infos = (replace(describe_device(STRAP + d.address), hostname=d.name or "") for d in found)
    return tuple(sorted(infos, key=lambda i: i.name))
