import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from companion.errors import JournalError
from companion.memory import migrations
from companion.memory.schema import metadata


@pytest.fixture
def connection():
    with create_engine("sqlite://").connect() as made:
        yield made


def test_an_empty_database_is_brought_to_the_schema(connection):
    migrations.upgrade(connection)
    assert migrations.current(connection) == migrations.HEAD
    assert set(metadata.tables) <= set(inspect(connection).get_table_names())
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, metadata) == []


def test_repeating_changes_nothing(connection):
    migrations.upgrade(connection)
    connection.execute(text("INSERT INTO people VALUES (1, 'anna', '', x'00')"))
    migrations.upgrade(connection)
    assert connection.execute(text("SELECT count(*) FROM people")).scalar() == 1


def test_reflections_of_the_first_schema_may_leave_as_before(connection):
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    connection.execute(text("INSERT INTO people VALUES (1, 'anna', '', x'00')"))
    connection.execute(
        text("INSERT INTO reflections VALUES (1, 'anna', 'r', 'moment', '2026-01-01', x'00')")
    )
    migrations.upgrade(connection)
    assert connection.execute(text("SELECT id, stays FROM reflections")).all() == [("r", 0)]


def test_a_newer_schema_is_refused(connection):
    migrations.upgrade(connection)
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(JournalError, match="newer Companion"):
        migrations.upgrade(connection)


def test_head_and_known_are_what_the_files_say():
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == migrations.HEAD
    assert {one.revision for one in script.walk_revisions()} == migrations.KNOWN


def test_the_tables_can_be_made_in_postgresql():
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=postgresql.dialect()))
