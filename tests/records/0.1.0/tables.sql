PRAGMA journal_mode = wal;
PRAGMA application_id = 1178948178;
PRAGMA user_version = 1;
CREATE TABLE replications (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    schema INTEGER NOT NULL,   -- derived from the record, as are the next five
    region TEXT NOT NULL,
    resource TEXT NOT NULL,
    phase TEXT NOT NULL,
    ended INTEGER NOT NULL,
    accepted_at TEXT NOT NULL,
    next_at TEXT NOT NULL,     -- a hint, as are the next six
    asks INTEGER NOT NULL,
    looks INTEGER NOT NULL,
    progress INTEGER,
    trail TEXT NOT NULL,
    missed_at TEXT,
    trouble TEXT NOT NULL,
    doc TEXT NOT NULL          -- the record; last, so that a list of the others never reads through it
);
CREATE INDEX open_by_time ON replications (next_at, id) WHERE ended = 0;
CREATE INDEX open_by_region ON replications (region, next_at, id) WHERE ended = 0;
CREATE INDEX open_by_resource ON replications (resource) WHERE ended = 0;
CREATE INDEX by_acceptance ON replications (accepted_at, id);
CREATE TABLE dead_letters (id TEXT PRIMARY KEY, at TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX dead_letters_by_time ON dead_letters (at, id);
