"""Boards that BrainFlow knows, as sources: one stream of the channels that are asked for."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from syntony.core.errors import InputError
from syntony.core.optional import need
from syntony.io.xdf.headers import ChannelInfo, StreamInfo
from syntony.live.sources import Pulled

SYNTHETIC = -1
KINDS: Mapping[str, tuple[str, str]] = {
    "eda": ("get_eda_channels", "uS"),
    "ecg": ("get_ecg_channels", "uV"),
    "emg": ("get_emg_channels", "uV"),
    "eeg": ("get_eeg_channels", "uV"),
    "ppg": ("get_ppg_channels", "1"),
    "resp": ("get_resistance_channels", "1"),
    "temperature": ("get_temperature_channels", "Cel"),
    "acc": ("get_accel_channels", "g"),
}


class BoardSource:
    """A board as a source.

    BrainFlow stamps in the time of day; the offset to the recorder's clock is measured here, by
    reading both clocks one after the other.

    Parameters
    ----------
    name : str
        For the stream.
    kinds : sequence of str
        What of the board's channels is recorded: keys of ``KINDS``.
    board_id : int
        BrainFlow's number of the board; its synthetic board without it.
    settings : mapping, optional
        Fields of BrainFlow's input parameters, such as ``serial_port``.
    clock : callable
        The recorder's clock.

    Raises
    ------
    InputError
        If the board has no such channels, or cannot be opened.
    MissingPackage
        If BrainFlow is not installed.
    """

    xml = ""

    def __init__(
        self,
        name: str,
        kinds: tuple[str, ...],
        *,
        board_id: int = SYNTHETIC,
        settings: Mapping[str, Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        shim, failure = _library()
        board = shim.BoardShim
        self._clock = clock
        said = shim.BrainFlowInputParams()
        for field, value in (settings or {}).items():
            _set(said, field, value)
        self._rows, _ = _channels(board, failure, board_id, kinds)
        self._stamp_row = int(board.get_timestamp_channel(board_id))
        self.info = describe_board(name, kinds, board_id)
        self._board = board(board_id, said)
        try:
            self._board.prepare_session()
            self._board.start_stream(int(self.info.nominal_rate_hz * 360))
        except failure as error:
            raise InputError("board_id", board_id, f"a board that answers ({error})") from error

    def pull(self) -> Pulled:
        """Everything in the board's buffer."""
        table = self._board.get_board_data()
        stamps = np.array(table[self._stamp_row], dtype=np.float64)
        return stamps, np.ascontiguousarray(table[self._rows].T)

    def measure_offset(self) -> tuple[float, float]:
        """Read both clocks."""
        before, day, after = self._clock(), time.time(), self._clock()
        return day, (before + after) / 2 - day

    def close(self) -> None:
        """Stop the board and let go of it."""
        if self._board.is_prepared():
            self._board.stop_stream()
            self._board.release_session()


def describe_board(name: str, kinds: tuple[str, ...], board_id: int = SYNTHETIC) -> StreamInfo:
    """Say what a board will send, without opening it; parameters and errors as of the source."""
    shim, failure = _library()
    _, channels = _channels(shim.BoardShim, failure, board_id, kinds)
    return StreamInfo(
        name=name,
        type=kinds[0].upper(),
        nominal_rate_hz=float(shim.BoardShim.get_sampling_rate(board_id)),
        format="double64",
        channel_count=len(channels),
        source_id=name,
        channels=channels,
    )


def _library() -> tuple[Any, type[Exception]]:
    """BrainFlow, and what it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # BrainFlow imports what setuptools warns of
        shim = need("brainflow.board_shim", to="recording from a board", extra="boards")
        codes = need("brainflow.exit_codes", to="recording from a board", extra="boards")
        shim.BoardShim.disable_board_logger()
    return shim, codes.BrainFlowError


def _set(said: Any, field: str, value: Any) -> None:
    """Set one of BrainFlow's input parameters, as what it is: a number or a text."""
    if field not in vars(said):
        raise InputError("settings", field, f"one of {sorted(vars(said))}")
    kind = type(getattr(said, field))
    try:
        setattr(said, field, kind(value))
    except ValueError:
        raise InputError("settings", f"{field}={value}", f"a {kind.__name__}") from None


def _channels(
    shim: Any, failure: type[Exception], board_id: int, kinds: tuple[str, ...]
) -> tuple[list[int], tuple[ChannelInfo, ...]]:
    """Rows of the board's table and what they are."""
    rows: list[int] = []
    channels: list[ChannelInfo] = []
    for kind in kinds:
        if kind not in KINDS:
            raise InputError("kinds", kind, f"one of {sorted(KINDS)}")
        function, unit = KINDS[kind]
        try:
            found = [int(r) for r in getattr(shim, function)(board_id)]
        except failure:
            raise InputError("kinds", kind, f"what board {board_id} has") from None
        for i, row in enumerate(found):
            suffix = "_xyz"[i + 1 : i + 2] if kind == "acc" else f"_{i + 1}"
            label = kind if len(found) == 1 else f"{kind}_{suffix.strip('_')}"
            rows.append(row)
            channels.append(ChannelInfo(label=label, unit=unit, type=kind))
    if not rows:
        raise InputError("kinds", kinds, f"channels that board {board_id} has")
    return rows, tuple(channels)
