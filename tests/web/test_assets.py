"""What the pages load is known, unchanged, and no more than they need."""

from __future__ import annotations

import hashlib
import re

from web.messages import SOURCE

STATIC = SOURCE / "web" / "static"
TEMPLATES = SOURCE / "web" / "templates"
VENDOR = STATIC / "vendor"


def test_every_third_party_asset_stands_in_the_table_with_its_hash() -> None:
    table = (VENDOR / "VENDOR.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (\S+) \|.*\| `([0-9a-f]{64})` \|$", table, flags=re.MULTILINE))
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir() if path.name != "VENDOR.md"}
    assert rows == files


def test_the_tokens_are_those_that_the_style_uses() -> None:
    style = (STATIC / "carnet.css").read_text("utf-8")
    tokens = (VENDOR / "fluent-tokens.css").read_text("utf-8")
    assert set(re.findall(r"var\(--(\w+)\)", style)) == set(re.findall(r"--(\w+):", tokens))
    assert "prefers-color-scheme: dark" in tokens


def test_no_template_has_script_or_style_of_its_own() -> None:
    for path in TEMPLATES.rglob("*.html"):
        source = path.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", source), path.name
        assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", source) == [], path.name
        assert not re.search(r"https?://(?!www\.w3\.org)", source), path.name


def test_a_table_on_a_narrow_screen_says_what_each_cell_is() -> None:
    for path in TEMPLATES.rglob("*.html"):
        source = path.read_text("utf-8")
        if "<table" in source:
            assert 'class="cards"' in source or 'class="sum"' in source, path.name
