//! Support: stores on a database of their own, and calls, keys and accounts for them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anymodel_gateway::model::{Call, CallAttempt, Group, Key, Limits, Outcome, Window};
use anymodel_gateway::money::Usd;
use anymodel_gateway::store::{
    AuditRow, Balance, BudgetAccount, ReserveRequest, Reserved, SqliteStore, Store,
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::json;

/// A lease that no test outlives.
const LONG: Duration = Duration::from_secs(600);

/// A database that many stores can open, as many processes would.
pub trait Stores: Send + Sync {
    /// A path or a URL, for real processes.
    fn address(&self) -> String;

    /// Another process on this database, with this lease.
    fn open_with_lease(&self, lease: Duration) -> BoxFuture<'_, Arc<dyn Store>>;

    /// Another process on this database.
    fn open(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        self.open_with_lease(LONG)
    }
}

/// A SQLite file in a folder of its own, which is removed at the end.
pub struct SqliteFile {
    folder: Folder,
}

impl SqliteFile {
    pub fn new() -> Self {
        SqliteFile {
            folder: Folder::new(),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("gateway.db")
    }
}

impl Stores for SqliteFile {
    fn address(&self) -> String {
        self.path().display().to_string()
    }

    fn open_with_lease(&self, lease: Duration) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async move {
            let store = SqliteStore::open_with_lease(&self.path(), lease).unwrap();
            Arc::new(store) as Arc<dyn Store>
        })
    }
}

/// A folder for one test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("anymodel-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

/// So many millionths of a dollar.
pub fn micro(count: i64) -> Usd {
    Usd::from_units(count * 1_000_000)
}

pub fn account(owner: &str, window: Window) -> BudgetAccount {
    let began = match window {
        Window::Total => Timestamp::UNIX_EPOCH,
        _ => at("2026-12-01T00:00:00Z"),
    };
    BudgetAccount {
        owner: owner.to_owned(),
        window,
        began,
    }
}

/// A call of the key `k1` in the group `g1`.
pub fn call(id: &str, cost: Usd) -> Call {
    Call {
        id: id.to_owned(),
        at: at("2026-12-01T10:00:00.123456Z"),
        key: "k1".to_owned(),
        group: Some("g1".to_owned()),
        route: "/v1/chat/completions".to_owned(),
        model: "openai/gpt-4o-mini".to_owned(),
        tried: vec![CallAttempt {
            model: "openai/gpt-4o-mini".to_owned(),
            platform: "openrouter".to_owned(),
            status: Some(200),
            kind: None,
            seconds: 0.25,
        }],
        outcome: Outcome::Ok,
        status: 200,
        code: None,
        prompt_tokens: 11,
        completion_tokens: 7,
        cached_tokens: 3,
        cost,
        seconds: 0.5,
        first_token_seconds: Some(0.125),
        unsettled: false,
    }
}

/// The same as it is to be written if the process dies.
pub fn unfinished(id: &str) -> Call {
    Call {
        outcome: Outcome::Cancelled,
        ..call(id, Usd::ZERO)
    }
}

/// A request for this much and no less.
pub fn exactly(id: &str, amount: Usd, accounts: &[(BudgetAccount, Usd)]) -> ReserveRequest {
    ReserveRequest {
        call: unfinished(id),
        accounts: accounts.to_vec(),
        least: amount,
        most: amount,
    }
}

pub async fn reserve(
    store: &Arc<dyn Store>,
    id: &str,
    amount: Usd,
    accounts: &[(BudgetAccount, Usd)],
) -> Reserved {
    store.reserve(exactly(id, amount, accounts)).await.unwrap()
}

pub async fn balance(store: &Arc<dyn Store>, account: &BudgetAccount) -> Balance {
    store.balances(vec![account.clone()]).await.unwrap()[0]
}

pub async fn all_calls(store: &Arc<dyn Store>) -> Vec<Call> {
    let mut filter = anymodel_gateway::store::CallFilter {
        limit: 1000,
        ..Default::default()
    };
    let mut calls = Vec::new();
    loop {
        let page = store.calls(filter.clone()).await.unwrap();
        calls.extend(page.rows);
        filter.after = page.next;
        if page.next.is_none() {
            return calls;
        }
    }
}

pub fn key(id: &str, group: Option<&str>) -> Key {
    Key {
        id: id.to_owned(),
        name: format!("Student {id} 小明"),
        group: group.map(str::to_owned),
        limits: Limits {
            models: Some(vec!["*".to_owned()]),
            budget: [
                (Window::Day, micro(500_000)),
                (Window::Total, micro(5_000_000)),
            ]
            .into(),
            requests_per_minute: Some(60),
            not_before: Some(at("2026-09-01T00:00:00Z")),
            hours: vec!["mon-fri 08:00-12:00".to_owned()],
            ..Limits::default()
        },
        blocked: false,
        secret: [7; 32],
        previous: Some(([8; 32], at("2026-12-02T00:00:00Z"))),
        created: at("2026-11-30T08:00:00Z"),
        last_used: None,
    }
}

pub fn group(id: &str) -> Group {
    Group {
        id: id.to_owned(),
        name: "Class 7b".to_owned(),
        limits: Limits {
            parallel: Some(8),
            ..Limits::default()
        },
        paused: false,
        created: at("2026-11-30T08:00:00Z"),
    }
}

pub fn audit(action: &str, object: &str) -> AuditRow {
    AuditRow {
        at: at("2026-12-01T09:00:00Z"),
        who: "admin".to_owned(),
        action: action.to_owned(),
        object: object.to_owned(),
        before: json!(null),
        after: json!({"name": "小明"}),
    }
}
