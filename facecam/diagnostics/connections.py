"""Network connections that programs of this user have open, as the kernel lists them.

Linux tells the sockets of a process and their addresses in /proc. Elsewhere nothing is measured. Sockets within this computer, by
which facecam talks to its child processes and to FFmpeg, are left out.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

IS_SUPPORTED = sys.platform.startswith("linux")

_PROC = Path("/proc")
_TABLES = ("tcp", "tcp6", "udp", "udp6")
_SOCKET = re.compile(r"socket:\[(\d+)\]")
_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection of a process, or a socket that waits for connections from other computers, which has no port there.

    `host` is the address at the other end, or of the network interface on which it waits.
    """

    host: str
    port: int | None

    def __str__(self) -> str:
        return f"waiting on {self.host}" if self.port is None else self.host


def open_connections(process: int | None = None) -> tuple[Connection, ...] | None:
    """Return the connections of a process to other computers, of this one by default.

    None when they cannot be read: not on Linux, or another user's process.
    """
    if not IS_SUPPORTED:
        return None
    folder = _PROC / str(os.getpid() if process is None else process)
    try:
        numbers = {number[1] for path in (folder / "fd").iterdir() if (number := _socket_of(path))}
        found = [each for table in _TABLES for each in _read_table(folder / "net" / table, numbers)] if numbers else []
    except OSError:
        return None
    return tuple(dict.fromkeys(found))


def facecam_processes() -> Iterator[int]:
    """Yield the ids of the running processes of facecam that belong to this user, this one included. Nothing but on Linux."""
    if not IS_SUPPORTED:
        return
    for folder in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            if folder.stat().st_uid == os.geteuid() and _is_facecam((folder / "cmdline").read_bytes().split(b"\0")):
                yield int(folder.name)


def _is_facecam(command: list[bytes]) -> bool:
    """Return whether a command line is `python -m facecam...` or a script `facecam`."""
    words = [os.fsdecode(word) for word in command[:6]]
    is_module = any(option == "-m" and name.partition(".")[0] == "facecam" for option, name in pairwise(words))
    return is_module or any(Path(word).name in ("facecam", "facecam.exe") for word in words[:2])


def _socket_of(path: Path) -> re.Match[str] | None:
    with suppress(OSError):  # closed meanwhile
        return _SOCKET.fullmatch(os.readlink(path))  # noqa: PTH115 - Path.readlink returns a path
    return None


def _read_table(path: Path, numbers: set[str]) -> Iterator[Connection]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()[1:]
    except FileNotFoundError:  # a kernel without IPv6
        return
    for fields in map(str.split, lines):
        if fields[9] not in numbers:
            continue
        is_waiting = fields[3] == _LISTENING
        address, port = _parsed(fields[1] if is_waiting else fields[2])
        if address.is_loopback or (address.is_unspecified and not is_waiting):  # an unconnected UDP socket
            continue
        yield Connection(str(address), None if is_waiting else port)


def _parsed(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    """Return address and port of a field such as 0100007F:1F90: words of four bytes in the byte order of the machine."""
    digits, _, port = text.partition(":")
    words = [int(digits[start : start + 8], 16).to_bytes(4, sys.byteorder) for start in range(0, len(digits), 8)]
    packed = b"".join(words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    address = ipaddress.ip_address(socket.inet_ntop(family, packed))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address, int(port, 16)
