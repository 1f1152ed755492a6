-- The tables of version 1, as that version made them, with rows. It stays as it is when there are later versions.
PRAGMA journal_mode = WAL;
BEGIN;
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
UPDATE store_revision SET n = 7;
INSERT INTO admin_token VALUES (1, x'0909090909090909090909090909090909090909090909090909090909090909');
INSERT INTO key_group VALUES ('g1', 'Class 7b', '{"models":null,"budget":{"day":"0.5"},"requests_per_minute":60,"tokens_per_minute":null,"parallel":null,"not_before":null,"expires":null,"hours":[]}', 0, 1796000000000000);
INSERT INTO api_key VALUES ('k1', 'Student 小明', 'g1', '{"models":null,"budget":{"day":"0.5"},"requests_per_minute":60,"tokens_per_minute":null,"parallel":null,"not_before":null,"expires":null,"hours":[]}', 0, x'0707070707070707070707070707070707070707070707070707070707070707', NULL, NULL, 1796000000000000, NULL);
INSERT INTO config_version VALUES (1, 1796000000000000, 'admin', 'the first', 'gateway: {}');
INSERT INTO audit_log VALUES (1, 1796000000000000, 'admin', 'key.create', 'k1', 'null', '{"name":"小明"}');
INSERT INTO budget_account VALUES ('group:g1', 'total', 0, 5000000, 40000000);
INSERT INTO process_lease VALUES (1234567, 1796000000000);
INSERT INTO reservation VALUES (1, 1234567, 40000000, '[{"owner":"group:g1","window":"total","began":"1970-01-01T00:00:00Z"}]', '{"id":"c2","at":"2026-12-01T10:00:00.123456Z","key":"k1","group":"g1","route":"/v1/chat/completions","model":"openai/gpt-4o-mini","tried":[],"outcome":"cancelled","status":200,"code":null,"prompt_tokens":11,"completion_tokens":7,"cached_tokens":3,"cost":"0","seconds":0.5,"first_token_seconds":0.125,"unsettled":false}');
INSERT INTO call_log VALUES (1, 'c1', 1796119200123456, 'k1', 'g1', '/v1/chat/completions', 'openai/gpt-4o-mini', '[{"model":"openai/gpt-4o-mini","platform":"openrouter","status":200,"kind":null,"seconds":0.25}]', 'ok', 200, NULL, 11, 7, 3, 5000000, 0.5, 0.125, 0, NULL);
PRAGMA application_id = 1734440037;
PRAGMA user_version = 1;
COMMIT;
