//! State: what all requests of one process share: the store, the keys and groups in memory, the client, the limits.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anymodel_client::Client;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::calendar::{Calendar, Hours};
use crate::limits::RateLimits;
use crate::model::{Group, Key, Limits, SecretHash, Window};
use crate::money::Usd;
use crate::refusal::Refusal;
use crate::secret;
use crate::settings::GatewaySettings;
use crate::store::{
    AdminChange, ApplyError, AuditRow, BudgetAccount, Snapshot, Store, StoreResult,
};

/// Tells the time. Tests move it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Keys and groups by their ids.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub revision: i64,
    pub keys: HashMap<String, Arc<Key>>,
    pub groups: HashMap<String, Arc<Group>>,
}

impl Directory {
    fn of(snapshot: Snapshot) -> Directory {
        Directory {
            revision: snapshot.revision,
            keys: snapshot
                .keys
                .into_iter()
                .map(|key| (key.id.clone(), Arc::new(key)))
                .collect(),
            groups: snapshot
                .groups
                .into_iter()
                .map(|group| (group.id.clone(), Arc::new(group)))
                .collect(),
        }
    }
}

/// The state of a running gateway. Clones share it.
#[derive(Clone)]
pub(crate) struct Gateway(pub Arc<Inner>);

pub(crate) struct Inner {
    pub store: Arc<dyn Store>,
    pub client: Client,
    pub settings: GatewaySettings,
    pub calendar: Calendar,
    pub clock: Clock,
    pub rates: Arc<RateLimits>,
    pub admin: SecretHash,
    pub directory: RwLock<Arc<Directory>>,
    pub draining: AtomicBool,
    /// Calls in flight.
    pub in_flight: watch::Sender<usize>,
    /// When keys asked last, until it is written.
    pub used: Mutex<HashMap<String, Timestamp>>,
}

impl std::ops::Deref for Gateway {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Who asks: a key, and its group.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub key: Arc<Key>,
    pub group: Option<Arc<Group>>,
}

impl Holder {
    /// The owners of limits and budgets: the key, then its group.
    pub fn owners(&self) -> Vec<(String, &Limits)> {
        let key = (format!("key:{}", self.key.id), &self.key.limits);
        let group = self.group.as_ref();
        let group = group.map(|group| (format!("group:{}", group.id), &group.limits));
        std::iter::once(key).chain(group).collect()
    }

    /// The limits of the key, then those of its group.
    pub fn limits(&self) -> impl Iterator<Item = &Limits> {
        let group = self.group.as_ref().map(|group| &group.limits);
        std::iter::once(&self.key.limits).chain(group)
    }

    /// Whether the key or its group has expired.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        let over = |limits: &Limits| limits.expires.is_some_and(|at| now >= at);
        self.limits().any(over)
    }

    /// Whether a model may be asked, by each of the names that mean it.
    pub fn may_ask(&self, names: &[&str]) -> bool {
        let allows = |limits: &Limits| {
            let Some(models) = &limits.models else {
                return true;
            };
            models
                .iter()
                .any(|allowed| allowed == "*" || names.contains(&allowed.as_str()))
        };
        self.limits().all(allows)
    }

    /// The names that both limits allow, for a refusal.
    pub fn allowed(&self) -> Vec<String> {
        let named = |limits: &Limits| {
            limits
                .models
                .clone()
                .filter(|models| !models.iter().any(|model| model == "*"))
        };
        let own = named(&self.key.limits);
        let of_group = self.group.as_ref().and_then(|group| named(&group.limits));
        match (own, of_group) {
            (Some(own), Some(other)) => own
                .into_iter()
                .filter(|model| other.contains(model))
                .collect(),
            (own, other) => own.or(other).unwrap_or_default(),
        }
    }
}

impl Gateway {
    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Keys and groups as they are now.
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(
            &self
                .directory
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Whether the gateway is about to stop.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Reads keys and groups from the store again, if anything was changed.
    pub async fn refresh(&self) -> StoreResult<()> {
        if self.store.revision().await? != self.directory().revision {
            let fresh = Directory::of(self.store.snapshot().await?);
            let mut directory = self
                .directory
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            if fresh.revision >= directory.revision {
                *directory = Arc::new(fresh);
            }
        }
        Ok(())
    }

    /// Makes a change, and reads it.
    ///
    /// `seen` is the revision of the directory that the change was made from; `None` for what replaces nothing.
    ///
    /// # Errors
    /// [`Refusal::Stale`] when another change came in between.
    pub async fn apply(
        &self,
        change: AdminChange,
        audit: AuditRow,
        seen: Option<i64>,
    ) -> Result<(), Refusal> {
        self.store
            .apply(change, audit, seen)
            .await
            .map_err(|error| match error {
                ApplyError::Stale => Refusal::Stale,
                ApplyError::Store(_) => Refusal::StoreFailed,
            })?;
        self.refresh().await.map_err(|_| Refusal::StoreFailed)
    }

    /// The holder of this key, whatever its limits say.
    ///
    /// # Errors
    /// One and the same refusal for a key that is missing, malformed, unknown, wrong, blocked or expired.
    pub fn identify(&self, text: Option<&str>) -> Result<Holder, Refusal> {
        let directory = self.directory();
        let key = text
            .and_then(secret::id_of)
            .and_then(|id| directory.keys.get(id));
        // The hash is compared for an unknown id, too, so that the time does not tell whether there is such a key.
        let unknown = SecretHash::default();
        let given = secret::hash(text.unwrap_or_default());
        let now = self.now();
        let fits = secret::same(&given, key.map_or(&unknown, |key| &key.secret));
        let before = key.and_then(|key| key.previous.as_ref());
        let fits_before =
            before.is_some_and(|(hash, until)| secret::same(&given, hash) && now < *until);
        let key = key
            .filter(|_| fits || fits_before)
            .ok_or(Refusal::InvalidKey)?;
        let holder = self.holder(key);
        match key.blocked || holder.is_expired(now) {
            true => Err(Refusal::InvalidKey),
            false => Ok(holder),
        }
    }

    /// The holder of a key: the key, and its group.
    pub fn holder(&self, key: &Arc<Key>) -> Holder {
        let directory = self.directory();
        let group = key.group.as_ref();
        Holder {
            key: Arc::clone(key),
            group: group.and_then(|id| directory.groups.get(id).cloned()),
        }
    }

    /// Whether this is the administrator's token.
    pub fn is_admin(&self, token: Option<&str>) -> bool {
        secret::same(&secret::hash(token.unwrap_or_default()), &self.admin)
    }

    /// The name of the time zone.
    pub fn zone(&self) -> String {
        self.calendar.zone.iana_name().unwrap_or("UTC").to_owned()
    }

    /// Whether the holder may ask at this moment.
    ///
    /// # Errors
    /// Why not, and when again.
    pub fn may_ask_now(&self, holder: &Holder) -> Result<(), Refusal> {
        if holder.group.as_ref().is_some_and(|group| group.paused) {
            return Err(Refusal::Paused);
        }
        let now = self.now();
        for limits in holder.limits() {
            if let Some(from) = limits.not_before.filter(|from| now < *from) {
                return Err(Refusal::NotYet(from));
            }
            let hours: Vec<Hours> = limits
                .hours
                .iter()
                .filter_map(|hours| hours.parse().ok())
                .collect();
            if !self.calendar.is_open(&hours, now) {
                return Err(Refusal::OutsideHours(self.calendar.opens_at(&hours, now)));
            }
        }
        Ok(())
    }

    /// The budget accounts of a holder now, each with its limit.
    pub fn accounts(&self, holder: &Holder) -> Vec<(BudgetAccount, Usd)> {
        let now = self.now();
        let mut accounts = Vec::new();
        for (owner, limits) in holder.owners() {
            for (window, limit) in &limits.budget {
                accounts.push((self.account(&owner, *window, now), *limit));
            }
        }
        accounts
    }

    /// The account of one owner in the window that holds `now`.
    pub fn account(&self, owner: &str, window: Window, now: Timestamp) -> BudgetAccount {
        BudgetAccount {
            owner: owner.to_owned(),
            window,
            began: self.calendar.began(window, now),
        }
    }

    /// Notes that a key asked now.
    pub fn note_use(&self, key: &str) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(key.to_owned(), self.now());
    }

    /// Writes when keys asked last.
    pub async fn write_uses(&self) {
        let used = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        if !used.is_empty() {
            // What is lost here is a time, and no money.
            let _ = self.store.used(used.into_iter().collect()).await;
        }
    }
}
