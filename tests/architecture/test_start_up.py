"""`tocsin --help` answers at once, because it imports next to nothing."""

from __future__ import annotations

import os
import subprocess
import sys

from project_tree import ROOT

HEAVY = ("rich", "sqlglot", "starlette", "uvicorn", "httpx2", "jinja2", "markdown_it", "pyromark", "psycopg", "asyncio")
ASK_FOR_HELP = """
import sys
sys.argv = ["tocsin", "--help"]
try:
    from tocsin.cli.main import main
    main()
finally:
    print("\\n".join(sys.modules), file=sys.stderr)
"""


def test_help_imports_nothing_heavy() -> None:
    """No table drawer, SQL parser, web server or HTTP client is loaded to print a page of text."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", ASK_FOR_HELP]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "Usage: tocsin" in done.stdout
    assert set(HEAVY) & set(done.stderr.split()) == set()
