"""Runs as they are shown."""

from __future__ import annotations

from sqlalchemy import event

from server.db.models import Stage
from server.db.session import Database
from server.services.runs import runs, stages
from tests.support.rows import make_run


def test_shown_run_reads_no_list_of_files(database: Database) -> None:
    """Rows from before there were packs have thousands of entries."""
    run = make_run(database, num_stages=2)
    files = {f"masks/{number}.png": {"sha256": f"{number:064x}", "bytes": 9} for number in range(3000)}
    with database.write() as session:
        session.get_one(Stage, run.stages[0].id).outputs = {"labels": files}

    statements: list[str] = []
    with database.read() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert len(runs.show(session, run.id).stages) == 2

    assert [statement for statement in statements if "outputs" in statement] == []
    with database.read() as session:
        assert len(stages.show(session, run.stages[0].id).outputs) == 3000
