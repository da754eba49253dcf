"""How many ticks survive an edit, on a thousand edits whose truth is known: `python -m tests.bench.identity [SEED]`.

Every item of an old edition counts as ticked once. `ticks_kept` is the share of those whose item is still there that
are on it afterwards; `ticks_wrong_exact` counts those that the exact and moved stages put on another item, and
`ticks_wrong_fuzzy` is the share of all ticks that the reworded stage put on another one.
"""

import importlib
import json
import os
import sys
from collections.abc import Iterator

import django

COUNT, SEED = 1000, 8
KEPT, WRONG_EXACT, WRONG_FUZZY = 0.995, 0, 0.002
"""The goals: at least, and twice at most."""


def lines(count: int, seed: int) -> Iterator[str]:
    """One JSON object for each figure; all that was counted goes to the other output."""
    bench = importlib.import_module("tests.bench.ticks")
    found = bench.counted(bench.ticks(count, seed))
    print(json.dumps({"edits": count, "seed": seed, **found}), file=sys.stderr)
    kept = found["kept"] / found["surviving"]
    wrong = found["wrong_fuzzy"] / found["ticks"]
    for name, value, goal, holds in [
        ("ticks_kept", round(kept, 5), KEPT, kept >= KEPT),
        ("ticks_wrong_exact", found["wrong_exact"], WRONG_EXACT, found["wrong_exact"] <= WRONG_EXACT),
        ("ticks_wrong_fuzzy", round(wrong, 6), WRONG_FUZZY, wrong <= WRONG_FUZZY),
    ]:
        yield json.dumps({"name": name, "value": value, "goal": goal, "holds": holds})


if __name__ == "__main__":
    if "SECRET_KEY" not in os.environ:
        os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for line in lines(COUNT, int(sys.argv[1]) if len(sys.argv) > 1 else SEED):
        print(line, flush=True)
