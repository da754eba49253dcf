"""What a connection to SQLite must not have to find out while nobody can write."""

from contextlib import closing
from pathlib import Path

from django.db.utils import ConnectionHandler


def test_json_is_known_without_a_transaction_that_may_write(db: None, tmp_path: Path) -> None:
    engine = "django.db.backends.sqlite3"
    with closing(
        ConnectionHandler({"default": {"ENGINE": engine, "NAME": tmp_path / "own"}})["default"]
    ) as own:
        own.ensure_connection()
        asked: list[str] = []
        own.connection.set_trace_callback(asked.append)
        with own.cursor() as cursor:
            cursor.execute("SELECT json_object('a', 1)")
        assert vars(own.features)["supports_json_field"] is True
        assert own.features.has_json_object_function
        assert len(asked) == 1
