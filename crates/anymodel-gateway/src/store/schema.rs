//! Schema: the tables of both databases, and how they came to be, version by version.
//!
//! They are written for SQLite; `for_postgres` translates the types. A migration that was released is never changed: a new
//! one is added.

/// The statements that lead from each version to the next.
pub const MIGRATIONS: &[&str] = &["
CREATE TABLE store_revision (n INTEGER NOT NULL) STRICT;
INSERT INTO store_revision VALUES (0);

CREATE TABLE admin_token (
  n INTEGER NOT NULL PRIMARY KEY,
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE key_group (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  limits TEXT NOT NULL,
  paused INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE api_key (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  group_id TEXT,
  limits TEXT NOT NULL,
  blocked INTEGER NOT NULL,
  secret BLOB NOT NULL,
  previous BLOB,
  previous_until INTEGER,
  created INTEGER NOT NULL,
  last_used INTEGER
) STRICT;

CREATE TABLE config_version (
  n INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  note TEXT NOT NULL,
  document TEXT NOT NULL
) STRICT;

CREATE TABLE audit_log (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  state_before TEXT NOT NULL,
  state_after TEXT NOT NULL
) STRICT;

CREATE TABLE budget_account (
  owner TEXT NOT NULL,
  budget_window TEXT NOT NULL,
  began INTEGER NOT NULL,
  spent INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  PRIMARY KEY (owner, budget_window, began)
) STRICT, WITHOUT ROWID;

CREATE TABLE process_lease (
  id INTEGER NOT NULL PRIMARY KEY,
  deadline INTEGER NOT NULL
) STRICT;

CREATE TABLE reservation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  process INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  accounts TEXT NOT NULL,
  call TEXT NOT NULL
) STRICT;

CREATE TABLE call_log (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  group_id TEXT,
  route TEXT NOT NULL,
  model TEXT NOT NULL,
  tried TEXT NOT NULL,
  outcome TEXT NOT NULL,
  status INTEGER NOT NULL,
  code TEXT,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  seconds REAL NOT NULL,
  first_token_seconds REAL,
  unsettled INTEGER NOT NULL,
  accounts TEXT
) STRICT;
CREATE INDEX call_of_key ON call_log (key_id, n);
CREATE INDEX call_at ON call_log (at);
CREATE INDEX call_unsettled ON call_log (id) WHERE unsettled = 1;
"];

/// A statement that names all tables, and fails where one is missing.
pub const PROBE: &str =
    "SELECT 1 FROM store_revision, admin_token, key_group, api_key, config_version,
    audit_log, budget_account, process_lease, reservation, call_log LIMIT 0";

/// The same statements in the words of PostgreSQL.
#[cfg(feature = "postgres")]
pub fn for_postgres(statements: &str) -> String {
    [
        (
            "INTEGER PRIMARY KEY AUTOINCREMENT",
            "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        ),
        ("INTEGER", "BIGINT"),
        ("REAL", "DOUBLE PRECISION"),
        ("BLOB", "BYTEA"),
        (" STRICT, WITHOUT ROWID;", ";"),
        (" STRICT;", ";"),
    ]
    .iter()
    .fold(statements.to_owned(), |text, (sqlite, postgres)| {
        text.replace(sqlite, postgres)
    })
}
