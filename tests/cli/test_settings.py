"""Does Carnet find its home, its language, its country and its port?"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from carnet.errors import BadSettings
from carnet.settings import DEFAULT_PORT, Settings, read_settings


def test_a_home_on_the_command_line_wins_over_the_environment(tmp_path: Path) -> None:
    told = {"CARNET_HOME": str(tmp_path / "told")}
    assert read_settings(told, home=tmp_path / "given").home == tmp_path / "given"
    assert read_settings(told).home == tmp_path / "told"


@pytest.mark.parametrize(
    ("platform", "environment", "home"),
    [
        ("win32", {"APPDATA": "/roaming"}, Path("/roaming/Carnet")),
        ("win32", {}, Path.home() / "AppData" / "Roaming" / "Carnet"),
        ("darwin", {}, Path.home() / "Library" / "Application Support" / "Carnet"),
        ("linux", {}, Path.home() / ".local" / "share" / "carnet"),
        ("linux", {"XDG_DATA_HOME": "/data"}, Path("/data/carnet")),
    ],
)
def test_every_platform_has_its_place(platform: str, environment: dict[str, str], home: Path) -> None:
    assert read_settings(environment, platform=platform).home == home


def test_a_home_is_a_full_path_whatever_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({}, home=Path("here")).home == tmp_path / "here"
    assert read_settings({"CARNET_HOME": "~/there"}).home == Path.home() / "there"
    with pytest.raises(BadSettings):
        read_settings({"CARNET_HOME": "~nobody-of-that-name/there"})


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr_FR.UTF-8"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en_GB.UTF-8"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8", "LC_ALL": "fr_CH.UTF-8"}, "fr_CH.UTF-8"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": ""}, "fr_FR.UTF-8"),
    ],
)
def test_the_locale_is_that_of_messages(environment: dict[str, str], locale: str) -> None:
    assert read_settings(environment).locale == locale
    assert read_settings(environment).language == ""


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({"LANG": "fr_CH.UTF-8"}, "CH"),
        ({"LANG": "en_GB.UTF-8"}, "GB"),
        ({"LANG": "C.UTF-8"}, "FR"),
        ({"LANG": "en_GB.UTF-8", "CARNET_REGION": "be"}, "BE"),
    ],
)
def test_the_country_of_phone_numbers_is_that_of_the_locale_unless_told(environment: dict[str, str], region: str) -> None:
    assert read_settings(environment).region == region


def test_the_port_is_the_option_the_environment_or_the_usual_one() -> None:
    assert read_settings({}).port == DEFAULT_PORT
    assert read_settings({"CARNET_PORT": "1234"}).port == 1234
    assert read_settings({"CARNET_PORT": "1234"}, port=0).port == 0


@pytest.mark.parametrize(
    ("name", "value"), [("CARNET_PORT", "65536"), ("CARNET_PORT", "-1"), ("CARNET_REGION", "FRA"), ("CARNET_LANGUAGE", "French")]
)
def test_a_wrong_setting_is_refused_with_what_to_write(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings({name: value})
    assert value in str(refused.value)
    assert refused.value.hint


@pytest.mark.skipif(os.name != "posix", reason="rights are told otherwise on Windows")
def test_the_folders_are_their_owners_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "deep" / "home")
    settings.prepare()
    settings.prepare()
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.uploads.stat().st_mode) == 0o700
    assert settings.database.parent == settings.home


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("not a folder", encoding="utf-8")
    with pytest.raises(BadSettings, match="home"):
        Settings(home=tmp_path / "home").prepare()
