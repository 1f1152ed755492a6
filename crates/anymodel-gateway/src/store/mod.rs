//! Store: keys, groups, money and the call log, in SQLite or PostgreSQL behind one trait.
//!
//! Money is exact on both. [`Store::reserve`] sets aside in one transaction, for all accounts of a call or for none;
//! [`Store::settle`] ends that reservation once, in the transaction that writes the call's row. What a process that died had
//! reserved is booked by [`Store::recover`].
//!
//! - this file: the trait and its types
//! - `money_operations` over `accounts`, `call_log`, `admin_operations`: what is done in a transaction, once for both databases
//! - `database`: what both have in common; `schema`: the tables
//! - `database_store`: the trait over either; [`SqliteStore`], and `PostgresStore` with the feature `postgres`

mod accounts;
mod admin_operations;
mod call_log;
mod database;
mod database_store;
mod money_operations;
#[cfg(feature = "postgres")]
mod postgres;
mod schema;
mod sqlite;

use std::fmt;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Call, Group, Key, SecretHash, Window};
use crate::money::Usd;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;

/// An account: the money of a key or a group in one window that began at one moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BudgetAccount {
    /// `key:ID` or `group:ID`.
    pub owner: String,
    /// The kind of window.
    pub window: Window,
    /// When the window began; the epoch for [`Window::Total`].
    pub began: Timestamp,
}

/// What stands in an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Settled.
    pub spent: Usd,
    /// Set aside for calls that are not over.
    pub reserved: Usd,
}

impl Balance {
    /// What is left under this limit; never below zero.
    pub fn left(&self, limit: Usd) -> Usd {
        (limit - self.spent - self.reserved).max(Usd::ZERO)
    }
}

/// A request to set money aside, in each of its accounts.
#[derive(Clone, Debug)]
pub struct ReserveRequest {
    /// The call's row as it is to be written if this process dies: outcome `cancelled`, the cost is filled in.
    pub call: Call,
    /// Each account with its limit.
    pub accounts: Vec<(BudgetAccount, Usd)>,
    /// The least that is worth reserving.
    pub least: Usd,
    /// The most that the call may cost: as much of it as all accounts have is reserved.
    pub most: Usd,
}

/// Money that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// Identifies it until it is settled.
    pub id: i64,
    /// How much.
    pub amount: Usd,
}

/// The account that has too little, and what it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsufficientFunds {
    /// The account with the least left.
    pub account: BudgetAccount,
    /// Its limit.
    pub limit: Usd,
    /// What stood in it at that moment.
    pub balance: Balance,
}

/// Why no money was set aside.
#[derive(Debug)]
pub enum ReserveError {
    /// There is not enough.
    InsufficientFunds(Box<InsufficientFunds>),
    /// The store failed.
    Store(StoreError),
}

/// A failure of the store: it is busy, full, unreachable or damaged.
#[derive(Debug)]
pub struct StoreError {
    /// What happened, without secrets.
    pub message: String,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StoreError {}

/// The result of an operation of the store.
pub type StoreResult<T> = Result<T, StoreError>;

/// All that a process keeps in memory of the store, and the revision at which it was read.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Counts the changes: another number means that something was changed.
    pub revision: i64,
    /// The keys that were not deleted.
    pub keys: Vec<Key>,
    /// The groups that were not deleted.
    pub groups: Vec<Group>,
    /// The present configuration document and its number; `None` before the first.
    pub config: Option<(i64, String)>,
}

/// A change by the administrator.
#[derive(Clone, Debug)]
pub enum AdminChange {
    /// Makes or replaces keys.
    PutKeys(Vec<Key>),
    /// Deletes a key. Its calls stay.
    DeleteKey(String),
    /// Makes or replaces a group.
    PutGroup(Group),
    /// Deletes a group and its keys. Its calls stay.
    DeleteGroup(String),
    /// Makes a new version of the configuration.
    PutConfig {
        /// The document.
        document: String,
        /// Why, for the list of versions.
        note: String,
        /// The version that it was made from; another one stands there by now is [`ApplyError::Stale`].
        expected: Option<i64>,
    },
}

/// Why a change was not made.
#[derive(Debug)]
pub enum ApplyError {
    /// Another change was made in between: read the snapshot, and make the change from that.
    Stale,
    /// The store failed.
    Store(StoreError),
}

/// Who changes what: one row of the audit log. It holds no secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// Who: `admin`, `file`, or the name of a program.
    pub who: String,
    /// What was done, such as `key.create`.
    pub action: String,
    /// The id of the object.
    pub object: String,
    /// The object before.
    pub before: Value,
    /// The object after.
    pub after: Value,
}

/// One version of the configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigVersion {
    /// Its number.
    pub n: i64,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it.
    pub who: String,
    /// Why.
    pub note: String,
    /// The document.
    pub document: String,
}

/// Which calls to list, the newest first.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// Of this key.
    pub key: Option<String>,
    /// Of this model.
    pub model: Option<String>,
    /// With this HTTP status.
    pub status: Option<u16>,
    /// Only those that were not answered whole.
    pub only_failed: bool,
    /// That came at this moment or after it.
    pub from: Option<Timestamp>,
    /// Older than the call at this cursor.
    pub after: Option<i64>,
    /// At most so many; 0 counts as 100.
    pub limit: usize,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<i64>,
}

/// What sums are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UsageBy {
    /// The key's id.
    Key,
    /// The group's id.
    Group,
    /// The model.
    Model,
    /// The day in the gateway's time zone, as `2026-12-01`.
    Day,
}

/// Sums of the call log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UsageRow {
    /// What they are of.
    pub name: String,
    /// Calls.
    pub calls: u64,
    /// Tokens of prompts.
    pub prompt_tokens: u64,
    /// Tokens of answers.
    pub completion_tokens: u64,
    /// US dollars.
    pub cost: Usd,
}

/// A store of one process. All processes of a gateway use one database.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// The number of changes so far: cheap, to be asked for twice a second.
    fn revision(&self) -> BoxFuture<'_, StoreResult<i64>>;

    /// The hash of the administrator's token, and whether it is the offered one because there was none before. Of two
    /// processes that offer one to a new database, one wins.
    fn admin_token(&self, offered: SecretHash) -> BoxFuture<'_, StoreResult<(SecretHash, bool)>>;

    /// Keys, groups and configuration.
    fn snapshot(&self) -> BoxFuture<'_, StoreResult<Snapshot>>;

    /// Makes a change and writes its row of the audit log, in one transaction. Returns the new revision.
    ///
    /// `seen` is the revision of the snapshot that the change was made from. When there was another change since, nothing is
    /// done, and it is [`ApplyError::Stale`]: a key that was blocked or deleted meanwhile would be written back as it was.
    /// `None` is for what replaces nothing. A key of a group that is not there is stale in any case.
    fn apply(
        &self,
        change: AdminChange,
        audit: AuditRow,
        seen: Option<i64>,
    ) -> BoxFuture<'_, Result<i64, ApplyError>>;

    /// Sets money aside in all accounts of the request or in none: as much as the request's `most`, the accounts' limits and
    /// what is spent and reserved allow. A reservation belongs to this process until it is settled.
    fn reserve(&self, request: ReserveRequest) -> BoxFuture<'_, Result<Reserved, ReserveError>>;

    /// Ends a reservation once: books the call's cost in its accounts, even above the reserved amount, and writes the call's
    /// row. Without a reservation only the row is written. A reservation that was settled or recovered before is left
    /// alone, and its row with it: then it returns `false`.
    fn settle(&self, reservation: Option<i64>, call: Call) -> BoxFuture<'_, StoreResult<bool>>;

    /// Renews this process's lease, and books what processes without a valid lease had reserved, at its dearest, as rows
    /// marked unsettled. Returns how many.
    fn recover(&self) -> BoxFuture<'_, StoreResult<usize>>;

    /// What stands in these accounts; zero where nothing was booked.
    fn balances(&self, accounts: Vec<BudgetAccount>) -> BoxFuture<'_, StoreResult<Vec<Balance>>>;

    /// Notes when keys asked last. It is no change: the revision stays.
    fn used(&self, keys: Vec<(String, Timestamp)>) -> BoxFuture<'_, StoreResult<()>>;

    /// One page of the call log.
    fn calls(&self, filter: CallFilter) -> BoxFuture<'_, StoreResult<Page<Call>>>;

    /// Sums of the call log from one moment until another. `zone` is the name of the time zone that days are counted in.
    fn spend(
        &self,
        by: UsageBy,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        zone: String,
    ) -> BoxFuture<'_, StoreResult<Vec<UsageRow>>>;

    /// One page of the audit log, the newest first.
    fn audit(&self, after: Option<i64>, limit: usize)
    -> BoxFuture<'_, StoreResult<Page<AuditRow>>>;

    /// The versions of the configuration, the newest first.
    fn config_versions(&self) -> BoxFuture<'_, StoreResult<Vec<ConfigVersion>>>;

    /// Releases what a dead process's call was booked at: its accounts get the money back, and its row costs nothing.
    fn release_unsettled(&self, call: String) -> BoxFuture<'_, StoreResult<bool>>;

    /// Gives up this process's lease, at the end: another process may recover at once what is still reserved.
    fn close(&self) -> BoxFuture<'_, StoreResult<()>>;
}
