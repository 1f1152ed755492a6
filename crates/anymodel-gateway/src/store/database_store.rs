//! The store over either database: each method is one operation of the database, and a write is done to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::admin_operations::{
    AdminToken, Apply, Audit, ConfigVersions, ReadSnapshot, Revision, Used,
};
use super::call_log::{Calls, Spend};
use super::database::{Backend, Failure, Operation};
use super::money_operations::{
    Balances, Cancel, EndLease, Lease, RecoverOne, ReleaseUnsettled, RenewLease, Reserve, Settle,
};
use super::{
    AdminChange, ApplyError, AuditRow, Balance, BudgetAccount, CallFilter, ConfigVersion, Page,
    ReserveError, ReserveRequest, Reserved, Snapshot, Store, StoreResult, UsageBy, UsageRow,
};
use crate::model::{Call, SecretHash};

/// How long a process counts as alive without a sign of life.
pub(super) const LEASE: Duration = Duration::from_secs(10);

/// A store over a database.
#[derive(Debug)]
pub struct DatabaseStore<B> {
    inner: Arc<Inner<B>>,
}

#[derive(Debug)]
struct Inner<B> {
    backend: B,
    lease: Lease,
    started: Instant,
    /// Milliseconds after the start at which the lease was last renewed; 0 before.
    renewed: AtomicU64,
}

impl<B: Backend> DatabaseStore<B> {
    /// A store of this process.
    pub(super) fn new(backend: B, lease: Duration) -> Result<Self, Failure> {
        let mut random = [0; 8];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut random)
            .map_err(|_| Failure::new("the operating system gives no random numbers"))?;
        let lease = Lease {
            process: i64::from_le_bytes(random),
            milliseconds: i64::try_from(lease.as_millis()).unwrap_or(i64::MAX),
        };
        Ok(DatabaseStore {
            inner: Arc::new(Inner {
                backend,
                lease,
                started: Instant::now(),
                renewed: AtomicU64::new(0),
            }),
        })
    }

    /// Writes, even when the caller leaves before the end.
    fn write<O: Operation>(&self, operation: O) -> impl Future<Output = StoreResult<O::Output>> {
        let written = Box::pin(self.inner.backend.write(operation));
        let end = ToTheEnd {
            future: Some(written),
            abandoned: Some(|_| Box::pin(async {}) as BoxFuture<'static, ()>),
        };
        async move { Ok(end.await?) }
    }

    fn read<O: Operation>(&self, operation: O) -> BoxFuture<'_, StoreResult<O::Output>> {
        let read = self.inner.backend.read(operation);
        Box::pin(async move { Ok(read.await?) })
    }
}

impl<B: Backend> Inner<B> {
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The lease, when a third of it or more has passed: a reservation without a valid one would count as a dead process's.
    fn due_lease(&self) -> Option<Lease> {
        let renewed = self.renewed.load(Ordering::Relaxed);
        let third = self.lease.milliseconds.unsigned_abs() / 3;
        (renewed == 0 || self.now().saturating_sub(renewed) >= third).then_some(self.lease)
    }

    fn note_renewal(&self, at: u64) {
        self.renewed.fetch_max(at.max(1), Ordering::Relaxed);
    }
}

impl<B: Backend> Store for DatabaseStore<B> {
    fn revision(&self) -> BoxFuture<'_, StoreResult<i64>> {
        self.read(Revision)
    }

    fn admin_token(&self, offered: SecretHash) -> BoxFuture<'_, StoreResult<(SecretHash, bool)>> {
        Box::pin(self.write(AdminToken { offered }))
    }

    fn snapshot(&self) -> BoxFuture<'_, StoreResult<Snapshot>> {
        self.read(ReadSnapshot)
    }

    fn apply(
        &self,
        change: AdminChange,
        audit: AuditRow,
        seen: Option<i64>,
    ) -> BoxFuture<'_, Result<i64, ApplyError>> {
        let applied = self.write(Apply {
            change,
            audit,
            seen,
        });
        Box::pin(async move {
            match applied.await {
                Ok(revision) => revision.ok_or(ApplyError::Stale),
                Err(error) => Err(ApplyError::Store(error)),
            }
        })
    }

    fn reserve(&self, request: ReserveRequest) -> BoxFuture<'_, Result<Reserved, ReserveError>> {
        let (at, lease) = (self.inner.now(), self.inner.due_lease());
        let reserve = Reserve {
            request,
            process: self.inner.lease.process,
            lease,
        };
        let inner = Arc::clone(&self.inner);
        let reserved = ToTheEnd {
            future: Some(Box::pin(self.inner.backend.write(reserve))),
            // The caller has left, so nothing will settle it.
            abandoned: Some(move |reserved| {
                Box::pin(async move {
                    if let Ok(Ok(Reserved { id, .. })) = reserved {
                        let _ = inner.backend.write(Cancel { reservation: id }).await;
                    }
                }) as BoxFuture<'static, ()>
            }),
        };
        Box::pin(async move {
            match reserved.await {
                Ok(Ok(reserved)) => {
                    if lease.is_some() {
                        self.inner.note_renewal(at);
                    }
                    Ok(reserved)
                }
                Ok(Err(refused)) => Err(ReserveError::InsufficientFunds(refused)),
                Err(failure) => Err(ReserveError::Store(failure.into())),
            }
        })
    }

    fn settle(&self, reservation: Option<i64>, call: Call) -> BoxFuture<'_, StoreResult<bool>> {
        Box::pin(self.write(Settle { reservation, call }))
    }

    fn recover(&self) -> BoxFuture<'_, StoreResult<usize>> {
        Box::pin(async move {
            let (at, lease) = (self.inner.now(), self.inner.lease);
            self.write(RenewLease(lease)).await?;
            self.inner.note_renewal(at);
            let mut recovered = 0;
            let process = lease.process;
            while self.write(RecoverOne { process }).await? {
                recovered += 1;
            }
            Ok(recovered)
        })
    }

    fn balances(&self, accounts: Vec<BudgetAccount>) -> BoxFuture<'_, StoreResult<Vec<Balance>>> {
        self.read(Balances { accounts })
    }

    fn used(&self, keys: Vec<(String, Timestamp)>) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(self.write(Used { keys }))
    }

    fn calls(&self, filter: CallFilter) -> BoxFuture<'_, StoreResult<Page<Call>>> {
        self.read(Calls { filter })
    }

    fn spend(
        &self,
        by: UsageBy,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        zone: String,
    ) -> BoxFuture<'_, StoreResult<Vec<UsageRow>>> {
        self.read(Spend { by, from, to, zone })
    }

    fn audit(
        &self,
        after: Option<i64>,
        limit: usize,
    ) -> BoxFuture<'_, StoreResult<Page<AuditRow>>> {
        self.read(Audit { after, limit })
    }

    fn config_versions(&self) -> BoxFuture<'_, StoreResult<Vec<ConfigVersion>>> {
        self.read(ConfigVersions)
    }

    fn release_unsettled(&self, call: String) -> BoxFuture<'_, StoreResult<bool>> {
        Box::pin(self.write(ReleaseUnsettled { call }))
    }

    fn close(&self) -> BoxFuture<'_, StoreResult<()>> {
        let process = self.inner.lease.process;
        Box::pin(self.write(EndLease { process }))
    }
}

/// A write that goes on when its caller leaves, as a client that closes its connection does.
struct ToTheEnd<T: Send + 'static, A>
where
    A: FnOnce(T) -> BoxFuture<'static, ()> + Send + 'static,
{
    future: Option<BoxFuture<'static, T>>,
    /// What is done with a result that reaches no caller.
    abandoned: Option<A>,
}

impl<T: Send + 'static, A> Unpin for ToTheEnd<T, A> where
    A: FnOnce(T) -> BoxFuture<'static, ()> + Send + 'static
{
}

impl<T: Send + 'static, A> Future for ToTheEnd<T, A>
where
    A: FnOnce(T) -> BoxFuture<'static, ()> + Send + 'static,
{
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(future) = &mut self.future else {
            return Poll::Pending;
        };
        let result = future.as_mut().poll(context);
        if result.is_ready() {
            self.future = None;
        }
        result
    }
}

impl<T: Send + 'static, A> Drop for ToTheEnd<T, A>
where
    A: FnOnce(T) -> BoxFuture<'static, ()> + Send + 'static,
{
    fn drop(&mut self) {
        let (Some(future), Some(abandoned)) = (self.future.take(), self.abandoned.take()) else {
            return;
        };
        // Without a runtime the process ends, and another one recovers what is reserved.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { abandoned(future.await).await });
        }
    }
}
