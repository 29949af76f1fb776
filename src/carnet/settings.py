"""Where does Carnet keep its things, in which language does it speak, at which port, and under which policy?"""

from __future__ import annotations

import locale
import os
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carnet.errors import BadSettings
from carnet.model.choices import Preset
from carnet.model.direction import FIELDS_OF_ROW, SETTABLE, Addresses, Direction
from carnet.model.policy import Policy

DEFAULT_PORT = 8765
DEFAULT_REGION = "FR"
_OWNER_ONLY = 0o700
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was asked for on the command line, in the environment or by the platform, in this order.

    `language` is the one asked for ("fr"), "" where each door finds it out: the browser says so, and for a terminal `locale`
    is what the environment says ("fr_CH.UTF-8"). `region` (ISO 3166) is where phone numbers without a country code come from.
    Port 0 takes any that is free. Where the system has no `keyring`, secrets are in an encrypted file of the home, whose key is
    made of the passphrase `vault_key`, or lies in the folder `keys`, away from the home.
    """

    home: Path
    language: str = ""
    locale: str = ""
    region: str = DEFAULT_REGION
    port: int = DEFAULT_PORT
    keys: Path = Path()
    vault_key: str = field(default="", repr=False)
    keyring: bool = True

    @property
    def database(self) -> Path:
        """The one database file."""
        return self.home / "carnet.sqlite"

    @property
    def uploads(self) -> Path:
        """Files that a browser sent, until their run is closed."""
        return self.home / "uploads"

    def prepare(self) -> None:
        """Make the folders, for their owner alone. A home that was there keeps its rights. Raises BadSettings."""
        try:
            self.home.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
            self.uploads.mkdir(mode=_OWNER_ONLY, exist_ok=True)
            self.uploads.chmod(_OWNER_ONLY)
        except OSError as error:
            raise BadSettings(
                "The folder {home} cannot be used: {why}.",
                "Choose another one with --home or CARNET_HOME.",
                home=self.home,
                why=error.strerror or type(error).__name__,
            ) from error


def read_settings(
    environment: Mapping[str, str] = os.environ,
    *,
    home: Path | None = None,
    language: str | None = None,
    region: str | None = None,
    port: int | None = None,
    platform: str = sys.platform,
) -> Settings:
    """The settings of this start; what is given here wins over the environment. Raises BadSettings."""
    told = _locale(environment)
    return Settings(
        home=_home(environment, home, platform),
        language=_language(language or environment.get("CARNET_LANGUAGE", "")),
        locale=told,
        region=_region(region or environment.get("CARNET_REGION", ""), told),
        port=_port(environment, port),
        keys=_keys(environment, platform),
        vault_key=environment.get("CARNET_VAULT_KEY", ""),
        keyring=environment.get("CARNET_KEYRING", "") != "off",
    )


def _keys(environment: Mapping[str, str], platform: str) -> Path:
    """Where keys lie: with the settings of programs, while homes lie with their data."""
    if chosen := environment.get("CARNET_KEYS"):
        return Path(chosen).absolute()
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "Carnet keys"
    if platform == "darwin":
        return Path.home() / "Library" / "Preferences" / "Carnet keys"
    config = environment.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "carnet-keys"


def _home(environment: Mapping[str, str], given: Path | None, platform: str) -> Path:
    chosen = str(given or environment.get("CARNET_HOME", ""))
    if not chosen:
        return _default_home(environment, platform)
    try:
        return Path(chosen).expanduser().absolute()
    except RuntimeError as error:
        raise BadSettings("There is no user behind {home}.", "Give --home a full path.", home=chosen) from error


def _default_home(environment: Mapping[str, str], platform: str) -> Path:
    """Where each platform keeps what a program stores for one person."""
    if platform == "win32":
        roaming = environment.get("APPDATA")
        return Path(roaming) / "Carnet" if roaming else Path.home() / "AppData" / "Roaming" / "Carnet"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Carnet"
    data = environment.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "carnet"


def _language(given: str) -> str:
    if given and not re.fullmatch("[a-z]{2}", given):
        raise BadSettings("{language} is not a language code.", "Write two letters, as in fr or en.", language=given)
    return given


def _locale(environment: Mapping[str, str]) -> str:
    """The locale of messages; where the environment says nothing, as on Windows, the one this process runs in."""
    said = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, said), "") or locale.getlocale()[0] or ""


def _region(given: str, told: str) -> str:
    if given:
        if not re.fullmatch("[A-Za-z]{2}", given):
            raise BadSettings("{region} is not a country code.", "Write two letters, as in FR or GB.", region=given)
        return given.upper()
    territory = re.match("[a-z]{2,3}_([A-Z]{2})", told)
    return territory[1] if territory else DEFAULT_REGION


def _port(environment: Mapping[str, str], given: int | None) -> int:
    text = str(given) if given is not None else environment.get("CARNET_PORT", "") or str(DEFAULT_PORT)
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise BadSettings("{port} is not a port.", "Choose a number from 1 to 65535, or 0 for any that is free.", port=text)
    return int(text)


POLICY_FILE = "policy.toml"
_LONGEST = 120
"""Months: ten years."""


def read_policy(home: Path) -> Policy:
    """What `policy.toml` in that home lays down, the defaults where there is none. Raises BadSettings, naming the line."""
    path = home / POLICY_FILE
    try:
        text = path.read_text(encoding="utf-8")
        return policy_of(text, path)
    except FileNotFoundError:
        return Policy()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadSettings("{file} cannot be read: {why}.", "Correct the file, or take it away.", file=path, why=why) from error


def policy_of(text: str, path: Path) -> Policy:
    """What that text of the file lays down. Raises BadSettings, naming the line, and ValueError where it is no TOML."""
    told = tomllib.loads(text)
    for key, value in told.items():
        where = {"file": path, "line": _line(text, key), "key": key}
        if key not in _KEYS:
            known = ", ".join(_KEYS)
            raise BadSettings("{file}, line {line}: {key} is no rule.", "Possible: {known}.", **where, known=known)
        allows, known = _KEYS[key]
        if not allows(value):
            raise BadSettings("{file}, line {line}: {key} cannot have this value.", "Possible: {known}.", **where, known=known)
    for row, value in told.get("directions", {}).items():
        _check_direction(row, value, file=path, line=_line(text, row))
    made: dict[str, Callable[[Any], object]] = {"fields": Preset, "addresses": Addresses, "directions": _directions}
    laid_down: dict[str, Any] = {key: made[key](value) if key in made else value for key, value in told.items()}
    return Policy(**laid_down)


def _directions(told: Mapping[str, str]) -> dict[str, Direction]:
    return {row: Direction(value) for row, value in told.items()}


def _check_direction(row: str, value: object, *, file: Path, line: str) -> None:
    where = {"file": file, "line": line, "key": row}
    if row not in SETTABLE:
        if row in FIELDS_OF_ROW:
            raise BadSettings("{file}, line {line}: {key} always goes both ways.", "Take the line away.", **where)
        known = ", ".join(SETTABLE)
        raise BadSettings("{file}, line {line}: {key} is no field with a direction.", "Possible: {known}.", **where, known=known)
    if value not in tuple(Direction):
        known = ", ".join(f'"{each}"' for each in Direction)
        raise BadSettings("{file}, line {line}: {key} cannot have this value.", "Possible: {known}.", **where, known=known)


def owns_policy(home: Path) -> bool:
    """Whether this process runs for the administrator of that home: who owns `policy.toml` or, where there is none, the folder.

    Where files have no owner's number, as on Windows, it is who may write it.
    """
    path = home / POLICY_FILE
    held = path if path.exists() else home
    try:
        return held.stat().st_uid == os.getuid() if hasattr(os, "getuid") else os.access(held, os.W_OK)
    except OSError:
        return False


def _is_count(most: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and 0 < value <= most


_YES_OR_NO: tuple[Callable[[object], bool], str] = (lambda value: isinstance(value, bool), "true, false")
_KEYS: dict[str, tuple[Callable[[object], bool], str]] = {
    "fields": (lambda value: value in tuple(Preset), '"all", "professional"'),
    "undo_months": (_is_count(_LONGEST), f"1 … {_LONGEST}"),
    "largest_run": (_is_count(sys.maxsize), "1 …"),
    "create_accounts": _YES_OR_NO,
    "communications": _YES_OR_NO,
    "addresses": (lambda value: value in tuple(Addresses), '"one", "mailing", "three"'),
    "directions": (lambda value: isinstance(value, dict), '"both", "to_crm", "to_outlook", "none"'),
}


def _line(text: str, key: str) -> str:
    """The number of the line on which a key begins."""
    named = re.compile(rf"""\s*\[*\s*["']?{re.escape(key)}["']?\s*[=.\]]""")
    return next((str(number) for number, line in enumerate(text.splitlines(), start=1) if named.match(line)), "?")
