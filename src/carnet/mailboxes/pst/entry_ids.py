"""Whom or what does an entry id name?"""

from __future__ import annotations

_ONE_OFF = bytes.fromhex("812b1fa4bea310199d6e00dd010f5402")
_UNICODE = 0x8000
_HEAD = 24
_TEXTS = 3
_STORE_ENTRY = 24
_LONG_FOLDER_ENTRY = 46


def one_off(entry: bytes, codec: str = "cp1252") -> tuple[str, str, str] | None:
    """(name, address type, address), each ended by a zero, of a one-off entry id (MS-OXCDATA 2.2.5.1); None where it is none."""
    if entry[4:20] != _ONE_OFF or len(entry) < _HEAD:
        return None
    wide = int.from_bytes(entry[22:24], "little") & _UNICODE
    text = entry[_HEAD:].decode("utf-16-le" if wide else codec, "replace")
    parts = text.split("\0")
    return (parts[0], parts[1], parts[2]) if len(parts) > _TEXTS else None


def node_of(entry: bytes) -> int | None:
    """The node id in an entry id of a PST's own object (MS-PST 2.4.3.2: flags, store, node), or None."""
    return int.from_bytes(entry[20:24], "little") if len(entry) == _STORE_ENTRY else None


def source_key_of(entry: bytes) -> bytes | None:
    """The source key in an Exchange folder's entry id (MS-OXCDATA 2.2.4.1: … database GUID, counter), or None."""
    return entry[22:44] if len(entry) == _LONG_FOLDER_ENTRY else None
