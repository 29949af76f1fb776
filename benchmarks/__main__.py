"""Which benchmarks are run, and where do their answers go?

`python -m benchmarks` runs every module of this folder that has a `measure`, each in a process of its own, prints one table
and writes `benchmarks/results.json`; names given as arguments run only those modules and keep the other results.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import benchmarks
from benchmarks.answer import Answer, table

RESULTS = Path(__file__).with_name("results.json")
_ASIDE = {"__main__", "answer", "cards", "machine", "world"}


def modules() -> tuple[str, ...]:
    """The modules that may measure something, by name."""
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return tuple(sorted(name for name in found if name not in _ASIDE and not name.startswith("_")))


def main(arguments: list[str]) -> int:
    """Run the modules named, or all; 1 where a target is missed or a benchmark fails."""
    if arguments[:1] == ["--one"]:
        _measure(arguments[1])
        return 0
    names = arguments or modules()
    kept: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if arguments and RESULTS.is_file() else {}
    answers: list[Answer] = []
    broken = []
    for name in names:
        print(f"… {name}", file=sys.stderr, flush=True)
        run = subprocess.run([sys.executable, "-m", "benchmarks", "--one", name], stdout=subprocess.PIPE, text=True, check=False)
        if run.returncode:
            broken.append(name)
        answers += [Answer(**json.loads(line)) for line in run.stdout.splitlines() if line.startswith("{")]
        _write(kept, answers)
    print(table(answers))
    for name in broken:
        print(f"{name}: failed", file=sys.stderr)
    return 1 if broken or any(answer.holds is False for answer in answers) else 0


def _measure(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    found: Iterable[Answer] = module.measure()
    for answer in found:
        fields = ("question", "ours", "reference", "target", "most", "unit", "note")
        print(json.dumps({field: getattr(answer, field) for field in fields}), flush=True)


def _write(kept: Mapping[str, Any], answers: Iterable[Answer]) -> None:
    results = {**kept, **{answer.question: answer.as_json() for answer in answers}}
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
