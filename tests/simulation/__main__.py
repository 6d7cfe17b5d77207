"""`make simulate`: that many lives from a seed, the table of figures, and the shortest trace of each failure.

Seeds are `<SEED>:<number>`; SEED may also be one of those, with LIVES=1, to see one life again.
"""

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.campaign import Figures, many, one, report

CHUNK = 50
SHOWN = 3


def seeds_of(seed: str, lives: int) -> list[str]:
    """The seeds of a run; a seed that names one life is itself."""
    return [seed] if ":" in seed else [f"{seed}:{number}" for number in range(lives)]


def played(chunks: list[list[str]], jobs: int) -> Iterator[Figures]:
    """The figures of each chunk, in order; one job is this process."""
    if jobs == 1:
        yield from map(many, chunks)
        return
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(many, chunks)


def main() -> int:
    """0 where no invariant broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--lives", type=int, default=10_000)
    parser.add_argument("--seed", default="20261124")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    seeds = seeds_of(asked.seed, asked.lives)
    if len(seeds) == 1:
        life, violation = one(seeds[0])
        print(report(seeds[0]) if violation else "\n".join(map(str, life.trace)))
    figures = Figures()
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    for done, part in enumerate(played(chunks, min(asked.jobs, len(chunks))), start=1):
        figures.join(part)
        if done % 20 == 0:
            print(f"... {figures.lives:,} lives, {len(figures.violations)} violations", flush=True)
    for failure in figures.violations[:SHOWN] if len(seeds) > 1 else ():
        print(report(failure.split("  ")[0]), end="\n\n")
    print("\n".join(figures.violations[SHOWN:20]))
    print(figures.table())
    print(f"seed {asked.seed}")
    return 1 if figures.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
