"""What does somebody see, and what is written down, when something happens that nobody foresaw?"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from web.server import _PROGRAM, free_port

PERSON = "Isabelle Grandjean"


@pytest.fixture
def home(furnished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(furnished, tmp_path / "home"))


def test_a_page_that_stumbles_says_so_in_words_and_writes_down_kind_and_place_alone(home: Path) -> None:
    port = str(free_port())
    server = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(home), port], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    address = server.stdout.readline().strip()
    with sqlite3.connect(home / "carnet.sqlite") as connection:
        connection.execute("DROP TABLE contact")
    with httpx2.Client(headers={"accept-language": "fr"}, follow_redirects=True, timeout=60) as client:
        assert client.get(address).status_code == 200
        answer = client.get(f"http://127.0.0.1:{port}/person", params={"address": PERSON})
    server.terminate()
    _, told = server.communicate(timeout=60)
    assert answer.status_code == 500
    assert "Carnet n’avait pas prévu" in answer.text
    assert 'href="/"' in answer.text, "there is a way back"
    assert re.search(r"request_failed OperationalError, crms/embedded/\w+\.py:\d+", told), told
    assert "Traceback" not in told
    assert PERSON not in told
