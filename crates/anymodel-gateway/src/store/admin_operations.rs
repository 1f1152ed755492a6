//! Administration: keys, groups, configuration and the audit log.

use super::call_log::{Conditions, page};
use super::database::{Database, Failure, Operation, Row, Value};
use super::{AdminChange, AuditRow, ConfigVersion, Page, Snapshot};
use crate::model::{Group, Key, SecretHash};
use jiff::Timestamp;

const KEY_COLUMNS: &str =
    "id, name, group_id, limits, blocked, secret, previous, previous_until, created, last_used";
const GROUP_COLUMNS: &str = "id, name, limits, paused, created";
const AUDIT_COLUMNS: &str = "at, who, action, object, state_before, state_after";

/// The number of changes so far.
pub struct Revision;

impl Operation for Revision {
    type Output = i64;

    async fn run<D: Database>(&self, database: &mut D) -> Result<i64, Failure> {
        revision(database, "").await
    }
}

async fn revision<D: Database>(database: &mut D, lock: &str) -> Result<i64, Failure> {
    let sql = format!("SELECT n FROM store_revision {lock}");
    let rows = database.query(&sql, &[]).await?;
    let row = rows.first();
    row.ok_or_else(|| Failure::new("the gateway's database has lost the number of its changes"))?
        .integer(0)
}

/// The hash of the administrator's token, and whether it is the offered one because there was none.
pub struct AdminToken {
    pub offered: SecretHash,
}

impl Operation for AdminToken {
    type Output = (SecretHash, bool);

    async fn run<D: Database>(&self, database: &mut D) -> Result<Self::Output, Failure> {
        let sql = "INSERT INTO admin_token (n, hash) VALUES (1, $1) ON CONFLICT (n) DO NOTHING RETURNING n";
        let taken = database.query(sql, &[(&self.offered).into()]).await?;
        let rows = database
            .query("SELECT hash FROM admin_token WHERE n = 1", &[])
            .await?;
        let hash = rows.first().map(|row| row.optional_hash(0)).transpose()?;
        let lost = || Failure::new("the gateway's database has lost the administrator's token");
        Ok((hash.flatten().ok_or_else(lost)?, !taken.is_empty()))
    }
}

/// Keys, groups and configuration.
pub struct ReadSnapshot;

impl Operation for ReadSnapshot {
    type Output = Snapshot;

    async fn run<D: Database>(&self, database: &mut D) -> Result<Snapshot, Failure> {
        let revision = revision(database, "").await?;
        let sql = format!("SELECT {KEY_COLUMNS} FROM api_key ORDER BY created, id");
        let keys = database.query(&sql, &[]).await?;
        let sql = format!("SELECT {GROUP_COLUMNS} FROM key_group ORDER BY created, id");
        let groups = database.query(&sql, &[]).await?;
        let sql = "SELECT n, document FROM config_version ORDER BY n DESC LIMIT 1";
        let config = database.query(sql, &[]).await?;
        let config = config
            .first()
            .map(|row| Ok((row.integer(0)?, row.text(1)?)));
        Ok(Snapshot {
            revision,
            keys: keys.iter().map(read_key).collect::<Result<_, _>>()?,
            groups: groups.iter().map(read_group).collect::<Result<_, _>>()?,
            config: config.transpose()?,
        })
    }
}

/// A change, with its row of the audit log. `None` when it is stale.
pub struct Apply {
    pub change: AdminChange,
    pub audit: AuditRow,
    pub seen: Option<i64>,
}

impl Operation for Apply {
    type Output = Option<i64>;

    async fn run<D: Database>(&self, database: &mut D) -> Result<Option<i64>, Failure> {
        // The lock makes all changes of all processes follow one another.
        let before = revision(database, D::DIALECT.for_update).await?;
        if self.seen.is_some_and(|seen| seen != before) || is_stale(database, &self.change).await? {
            return Ok(None);
        }
        match &self.change {
            AdminChange::PutKeys(keys) => put_keys(database, keys).await?,
            AdminChange::DeleteKey(id) => delete(database, "api_key WHERE id", id).await?,
            AdminChange::PutGroup(group) => put_group(database, group).await?,
            AdminChange::DeleteGroup(id) => {
                delete(database, "api_key WHERE group_id", id).await?;
                delete(database, "key_group WHERE id", id).await?;
            }
            AdminChange::PutConfig { document, note, .. } => {
                let sql = "INSERT INTO config_version (n, at, who, note, document)
                    SELECT COALESCE(MAX(n), 0) + 1, $1, $2, $3, $4 FROM config_version";
                let values = [
                    self.audit.at.into(),
                    (&self.audit.who).into(),
                    note.into(),
                    document.into(),
                ];
                database.execute(sql, &values).await?;
            }
        }
        let sql =
            format!("INSERT INTO audit_log ({AUDIT_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)");
        database.execute(&sql, &audit_values(&self.audit)?).await?;
        let sql = "UPDATE store_revision SET n = n + 1";
        database.execute(sql, &[]).await?;
        Ok(Some(before + 1))
    }
}

/// Whether what the change was made from is not there any more.
async fn is_stale<D: Database>(database: &mut D, change: &AdminChange) -> Result<bool, Failure> {
    match change {
        AdminChange::PutKeys(keys) => {
            let mut groups: Vec<&String> =
                keys.iter().filter_map(|key| key.group.as_ref()).collect();
            groups.sort();
            groups.dedup();
            let sets: Vec<_> = groups.into_iter().map(|id| vec![id.into()]).collect();
            let sql = "SELECT 1 FROM key_group WHERE id = $1";
            let found = database.query_each(sql, &sets).await?;
            Ok(found.iter().any(Vec::is_empty))
        }
        AdminChange::PutConfig { expected, .. } => {
            let sql = "SELECT MAX(n) FROM config_version";
            let rows = database.query(sql, &[]).await?;
            let present = rows
                .first()
                .map(|row| row.optional_integer(0))
                .transpose()?;
            Ok(present.flatten() != *expected)
        }
        _ => Ok(false),
    }
}

async fn put_keys<D: Database>(database: &mut D, keys: &[Key]) -> Result<(), Failure> {
    // When a key asked last is not the administrator's to write: `used` may have written a later moment.
    let sql = format!(
        "INSERT INTO api_key ({KEY_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, group_id = excluded.group_id, limits = excluded.limits,
        blocked = excluded.blocked, secret = excluded.secret, previous = excluded.previous,
        previous_until = excluded.previous_until, created = excluded.created"
    );
    let sets = keys.iter().map(key_values).collect::<Result<Vec<_>, _>>()?;
    database.query_each(&sql, &sets).await.map(|_| ())
}

async fn put_group<D: Database>(database: &mut D, group: &Group) -> Result<(), Failure> {
    let sql = format!(
        "INSERT INTO key_group ({GROUP_COLUMNS}) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, limits = excluded.limits, paused = excluded.paused, created = excluded.created"
    );
    let values = [
        (&group.id).into(),
        (&group.name).into(),
        Value::json(&group.limits)?,
        group.paused.into(),
        group.created.into(),
    ];
    database.execute(&sql, &values).await.map(|_| ())
}

async fn delete<D: Database>(database: &mut D, place: &str, id: &String) -> Result<(), Failure> {
    let sql = format!("DELETE FROM {place} = $1");
    database.execute(&sql, &[id.into()]).await.map(|_| ())
}

/// Notes when keys asked last.
pub struct Used {
    pub keys: Vec<(String, Timestamp)>,
}

impl Operation for Used {
    type Output = ();

    async fn run<D: Database>(&self, database: &mut D) -> Result<(), Failure> {
        let mut keys: Vec<_> = self.keys.iter().collect();
        keys.sort(); // all processes lock them in one order
        let sets: Vec<_> = keys
            .into_iter()
            .map(|(id, at)| vec![id.into(), (*at).into()])
            .collect();
        let sql = "UPDATE api_key SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used < $2)";
        database.query_each(sql, &sets).await.map(|_| ())
    }
}

/// One page of the audit log, the newest first.
pub struct Audit {
    pub after: Option<i64>,
    pub limit: usize,
}

impl Operation for Audit {
    type Output = Page<AuditRow>;

    async fn run<D: Database>(&self, database: &mut D) -> Result<Page<AuditRow>, Failure> {
        let mut conditions = Conditions::default();
        conditions.add("n <", self.after);
        let table = "audit_log";
        page(
            database,
            AUDIT_COLUMNS,
            table,
            conditions,
            self.limit,
            read_audit,
        )
        .await
    }
}

/// The versions of the configuration, the newest first.
pub struct ConfigVersions;

impl Operation for ConfigVersions {
    type Output = Vec<ConfigVersion>;

    async fn run<D: Database>(&self, database: &mut D) -> Result<Vec<ConfigVersion>, Failure> {
        let sql = "SELECT n, at, who, note, document FROM config_version ORDER BY n DESC";
        let rows = database.query(sql, &[]).await?;
        let version = |row: &Row| {
            Ok(ConfigVersion {
                n: row.integer(0)?,
                at: row.moment(1)?,
                who: row.text(2)?,
                note: row.text(3)?,
                document: row.text(4)?,
            })
        };
        rows.iter().map(version).collect()
    }
}

fn key_values(key: &Key) -> Result<Vec<Value>, Failure> {
    let previous = key.previous.as_ref();
    Ok(vec![
        (&key.id).into(),
        (&key.name).into(),
        key.group.as_ref().into(),
        Value::json(&key.limits)?,
        key.blocked.into(),
        (&key.secret).into(),
        previous.map(|(secret, _)| secret).into(),
        previous.map(|(_, until)| *until).into(),
        key.created.into(),
        key.last_used.into(),
    ])
}

fn read_key(row: &Row) -> Result<Key, Failure> {
    Ok(Key {
        id: row.text(0)?,
        name: row.text(1)?,
        group: row.optional_text(2)?,
        limits: row.json(3)?,
        blocked: row.boolean(4)?,
        secret: row
            .optional_hash(5)?
            .ok_or_else(|| Failure::new("a key in the gateway's database has no secret"))?,
        previous: row.optional_hash(6)?.zip(row.optional_moment(7)?),
        created: row.moment(8)?,
        last_used: row.optional_moment(9)?,
    })
}

fn read_group(row: &Row) -> Result<Group, Failure> {
    Ok(Group {
        id: row.text(0)?,
        name: row.text(1)?,
        limits: row.json(2)?,
        paused: row.boolean(3)?,
        created: row.moment(4)?,
    })
}

fn audit_values(row: &AuditRow) -> Result<Vec<Value>, Failure> {
    Ok(vec![
        row.at.into(),
        (&row.who).into(),
        (&row.action).into(),
        (&row.object).into(),
        Value::json(&row.before)?,
        Value::json(&row.after)?,
    ])
}

fn read_audit(row: &Row) -> Result<AuditRow, Failure> {
    Ok(AuditRow {
        at: row.moment(0)?,
        who: row.text(1)?,
        action: row.text(2)?,
        object: row.text(3)?,
        before: row.json(4)?,
        after: row.json(5)?,
    })
}
