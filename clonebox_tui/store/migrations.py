"""How the store came to its present form: each entry is a version, applied once, never edited later."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE jobs (
            id TEXT PRIMARY KEY, lane TEXT NOT NULL, act BLOB NOT NULL, job BLOB NOT NULL,
            ended INTEGER NOT NULL, created_at REAL NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX jobs_by_age ON jobs (created_at)",
        """CREATE TABLE journal (
            sequence INTEGER PRIMARY KEY, job TEXT NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL,
            memory BLOB NOT NULL, at REAL NOT NULL)""",
        "CREATE INDEX journal_by_job ON journal (job, sequence)",
        "CREATE TABLE job_lines (job TEXT NOT NULL, at REAL NOT NULL, text TEXT NOT NULL)",
        "CREATE INDEX job_lines_by_job ON job_lines (job)",
        """CREATE TABLE samples (
            machine TEXT NOT NULL, minute INTEGER NOT NULL, reading BLOB NOT NULL,
            PRIMARY KEY (machine, minute)) WITHOUT ROWID""",
        "CREATE INDEX samples_by_minute ON samples (minute)",
    ),
    (
        """CREATE TABLE damage (
            kept TEXT PRIMARY KEY, why TEXT NOT NULL, at REAL NOT NULL,
            seen INTEGER NOT NULL) WITHOUT ROWID""",
    ),
    (
        "CREATE TABLE deeds (id TEXT PRIMARY KEY, deed BLOB NOT NULL) WITHOUT ROWID",
        """CREATE TABLE hidden_snapshots (
            machine TEXT NOT NULL, name TEXT NOT NULL, deleted_at REAL NOT NULL, until_at REAL NOT NULL,
            PRIMARY KEY (machine, name)) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE system_facts (
            machine TEXT NOT NULL, name TEXT NOT NULL, facts BLOB NOT NULL,
            PRIMARY KEY (machine, name)) WITHOUT ROWID""",
    ),
)
"""Times are UNIX seconds, minutes since the UNIX epoch; BLOBs are JSON of the structs in `model`,
those of facts packed by zlib."""
