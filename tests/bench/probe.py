"""What a yardstick does: `python -m tests.bench.probe 100`, under the settings of the one that is looked at.

Fills an empty database and asks for each page. Prints what the seeding printed, and `pages`: status, queries, bytes.
"""

import json
import os
import sys
from io import StringIO
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def probe(people: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    said = StringIO()
    call_command("seed", people, stdout=said)
    seeded: dict[str, Any] = json.loads(said.getvalue())
    client = Client()
    client.cookies["sessionid"] = seeded["sessionid"][0]
    tick = f"/tick/{seeded['task']}/"
    asks = {
        "page": lambda: client.get("/page/"),
        "tick": lambda: client.post(tick, {"done": "yes"}),
        "untick": lambda: client.post(tick, {"done": "no"}),
        "table": lambda: client.get("/table/?n=30"),
    }
    seeded["pages"] = {}
    for name, ask in asks.items():
        with CaptureQueriesContext(connection) as asked:
            answer = ask()
        seeded["pages"][name] = {
            "status": answer.status_code,
            "queries": len(asked),
            "bytes": len(answer.content),
        }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return seeded


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.yardstick.settings")
    django.setup()
    print(json.dumps(probe(int(sys.argv[1]))))
