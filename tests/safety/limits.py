"""What the proof of SQL can't see: code that lives in the database behind a plain name. These are judged `read`.

The second wall answers for them: a read-only session, a statement timeout, a database user without special powers
(`docs/explanation/safety.md`). Each line: the statement, and what it may run.
"""

from __future__ import annotations

LIMITS: list[tuple[str, str]] = [
    ("SELECT o.purge FROM orders o", "functional notation: `purge(orders)`, where the table has no such column"),
    ("SELECT * FROM purge_view", "a view may call any function"),
    ("SELECT * FROM logs_of_a_program", "a foreign table of `file_fdw` runs a program"),
    ("EXPLAIN SELECT * FROM remote_orders", "a foreign table may ask another server while planning"),
    ("SELECT * FROM public.pg_stat_activity", "a view that bears a catalogue's name"),
    ("SELECT lower(name) FROM users", "a function of the same name in a schema of `search_path` that fits better"),
    ("SELECT status::text FROM orders", "a cast that somebody made with a function"),
    ("SELECT row_to_json(o) FROM orders o", "a cast to json that somebody made"),
    ("SELECT a = b FROM orders", "an operator of a type of the database's own"),
]
