"""Does the glossary know every word of the model?"""

from __future__ import annotations

import ast
import re

from architecture.sources import PACKAGE, ROOT, modules, tree

TOLD = set(re.findall(r"`([A-Z]\w+)`", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")))
CLASSES = {
    node.name
    for path in modules(PACKAGE / "model")
    for node in tree(path).body
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
}


def test_the_glossary_names_every_value_of_the_model() -> None:
    assert sorted(CLASSES - TOLD) == []


def test_the_glossary_names_no_value_that_is_gone() -> None:
    assert sorted(TOLD - CLASSES) == []
