"""Do thirty thousand damaged files give only clear errors, within limits? `make soak`; ARGS="1000 7" for fewer, another seed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from corrupting import KINDS, Outcome, outcomes, summary

ROOT = Path(os.environ.get("CARNET_SHARED") or Path(__file__).parents[2] / "shared")
COUNT, SEED = 30_000, 2026
EVERY = 500


def main(arguments: list[str]) -> int:
    """Damage and read that many files (the first argument) from that seed (the second); 1 where one went otherwise."""
    count = int(arguments[0]) if arguments else COUNT
    seed = int(arguments[1]) if arguments[1:] else SEED
    data = ROOT / "data"
    if not all((data / kind).is_dir() for kind in KINDS):
        print(f"There are no files to damage below {data}: set CARNET_SHARED.", file=sys.stderr)
        return 2
    start, found = time.monotonic(), list[Outcome]()
    for outcome in outcomes(data, count, seed=seed, workers=os.cpu_count() or 1):
        found.append(outcome)
        if outcome.wrong:
            print(f"{outcome.name}: {outcome.wrong}", flush=True)
        if len(found) % EVERY == 0:
            print(f"{len(found)} of {count}, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print(summary(found))
    return int(any(outcome.wrong for outcome in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
