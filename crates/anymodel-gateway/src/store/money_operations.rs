//! Money operations: reserve, settle, recover and release, each in one transaction.
//!
//! `reserved` of an account is always the sum of the open reservations in it, and `spent` the sum of what its calls cost. All
//! transactions lock a reservation before accounts, and accounts in the order of their names; so none waits for another in a
//! circle.

use super::accounts::{in_order, lock_accounts, read_balances, write_balances};
use super::call_log::{call_values, insert_call};
use super::database::{Database, Failure, Operation, Row, Value};
use super::{Balance, BudgetAccount, InsufficientFunds, ReserveRequest, Reserved};
use crate::model::Call;
use crate::money::Usd;

/// Lease of a process: how long it counts as alive without a sign of life.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// Identifies the process.
    pub process: i64,
    /// In milliseconds from now.
    pub milliseconds: i64,
}

/// Sets money aside, in all accounts or in none.
pub struct Reserve {
    pub request: ReserveRequest,
    pub process: i64,
    /// Given when it is due to be renewed.
    pub lease: Option<Lease>,
}

impl Operation for Reserve {
    type Output = Result<Reserved, Box<InsufficientFunds>>;

    async fn run<D: Database>(&self, database: &mut D) -> Result<Self::Output, Failure> {
        let (accounts, limits) = in_order(&self.request.accounts);
        let balances = lock_accounts(database, &accounts).await?;
        let amount = match affordable(&self.request, &accounts, &limits, &balances) {
            Ok(amount) => amount,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(lease) = self.lease {
            renew(database, lease).await?;
        }
        write_balances(database, &accounts, &balances, |balance| Balance {
            reserved: balance.reserved + amount,
            ..balance
        })
        .await?;
        let sql = "INSERT INTO reservation (process, amount, accounts, call) VALUES ($1, $2, $3, $4) RETURNING id";
        let values = [
            self.process.into(),
            amount.into(),
            Value::json(&accounts)?,
            Value::json(&self.request.call)?,
        ];
        let rows = database.query(sql, &values).await?;
        let id = rows.first().ok_or_else(no_row)?.integer(0)?;
        Ok(Ok(Reserved { id, amount }))
    }
}

/// How much of the request all accounts have.
fn affordable(
    request: &ReserveRequest,
    accounts: &[BudgetAccount],
    limits: &[Usd],
    balances: &[Balance],
) -> Result<Usd, Box<InsufficientFunds>> {
    let left = |at: usize| balances[at].left(limits[at]);
    let Some(scarcest) = (0..accounts.len()).min_by_key(|at| left(*at)) else {
        return Ok(request.most);
    };
    if left(scarcest) < request.least {
        return Err(Box::new(InsufficientFunds {
            account: accounts[scarcest].clone(),
            limit: limits[scarcest],
            balance: balances[scarcest],
        }));
    }
    Ok(left(scarcest).min(request.most))
}

/// Ends a reservation: books the cost and writes the row. `false` when it was ended before.
pub struct Settle {
    pub reservation: Option<i64>,
    pub call: Call,
}

impl Operation for Settle {
    type Output = bool;

    async fn run<D: Database>(&self, database: &mut D) -> Result<bool, Failure> {
        if let Some(id) = self.reservation {
            let Some(ended) = end_reservation(database, id).await? else {
                return Ok(false);
            };
            book(database, &ended, self.call.cost).await?;
        }
        insert_call(database, &call_values(&self.call, None)?).await?;
        Ok(true)
    }
}

/// Ends a reservation that was never used: its caller left before it was made.
pub struct Cancel {
    pub reservation: i64,
}

impl Operation for Cancel {
    type Output = ();

    async fn run<D: Database>(&self, database: &mut D) -> Result<(), Failure> {
        match end_reservation(database, self.reservation).await? {
            Some(ended) => book(database, &ended, Usd::ZERO).await,
            None => Ok(()),
        }
    }
}

/// Books one reservation of a process that is dead. `false` when there is none.
pub struct RecoverOne {
    pub process: i64,
}

impl Operation for RecoverOne {
    type Output = bool;

    async fn run<D: Database>(&self, database: &mut D) -> Result<bool, Failure> {
        let sql = format!(
            "DELETE FROM reservation WHERE id = (
                SELECT r.id FROM reservation r WHERE r.process <> $1 AND NOT EXISTS (
                    SELECT 1 FROM process_lease l WHERE l.id = r.process AND l.deadline > {}
                ) ORDER BY r.id LIMIT 1 {}
            ) RETURNING amount, accounts, call",
            D::DIALECT.now,
            D::DIALECT.skip_locked
        );
        let rows = database.query(&sql, &[self.process.into()]).await?;
        let Some(row) = rows.first() else {
            return Ok(false);
        };
        let ended = EndedReservation::read(row)?;
        book(database, &ended, ended.amount).await?;
        let mut call: Call = row.json(2)?;
        call.cost = ended.amount;
        call.unsettled = true;
        insert_call(database, &call_values(&call, Some(&ended.accounts))?).await?;
        Ok(true)
    }
}

/// Renews the lease of a process, and forgets processes that are long gone.
pub struct RenewLease(pub Lease);

impl Operation for RenewLease {
    type Output = ();

    async fn run<D: Database>(&self, database: &mut D) -> Result<(), Failure> {
        renew(database, self.0).await?;
        let sql = format!(
            "DELETE FROM process_lease WHERE deadline < {} - 3600000",
            D::DIALECT.now
        );
        database.execute(&sql, &[]).await.map(|_| ())
    }
}

/// Gives up the lease of a process.
pub struct EndLease {
    pub process: i64,
}

impl Operation for EndLease {
    type Output = ();

    async fn run<D: Database>(&self, database: &mut D) -> Result<(), Failure> {
        let sql = "DELETE FROM process_lease WHERE id = $1";
        database
            .execute(sql, &[self.process.into()])
            .await
            .map(|_| ())
    }
}

/// What stands in accounts.
pub struct Balances {
    pub accounts: Vec<BudgetAccount>,
}

impl Operation for Balances {
    type Output = Vec<Balance>;

    async fn run<D: Database>(&self, database: &mut D) -> Result<Vec<Balance>, Failure> {
        read_balances(database, &self.accounts, "").await
    }
}

/// Gives back what a dead process's call was booked at.
pub struct ReleaseUnsettled {
    pub call: String,
}

impl Operation for ReleaseUnsettled {
    type Output = bool;

    async fn run<D: Database>(&self, database: &mut D) -> Result<bool, Failure> {
        let sql = format!(
            "SELECT n, cost, accounts FROM call_log WHERE id = $1 AND unsettled = 1 ORDER BY n {}",
            D::DIALECT.for_update
        );
        let rows = database.query(&sql, &[(&self.call).into()]).await?;
        for row in &rows {
            let (n, cost) = (row.integer(0)?, row.usd(1)?);
            let accounts: Vec<BudgetAccount> = row.json(2)?;
            let balances = lock_accounts(database, &accounts).await?;
            write_balances(database, &accounts, &balances, |balance| Balance {
                spent: balance.spent - cost,
                ..balance
            })
            .await?;
            let sql = "UPDATE call_log SET cost = 0, unsettled = 0, accounts = NULL WHERE n = $1";
            database.execute(sql, &[n.into()]).await?;
        }
        Ok(!rows.is_empty())
    }
}

/// A reservation that was just taken out of its table.
struct EndedReservation {
    amount: Usd,
    accounts: Vec<BudgetAccount>,
}

impl EndedReservation {
    fn read(row: &Row) -> Result<Self, Failure> {
        Ok(EndedReservation {
            amount: row.usd(0)?,
            accounts: row.json(1)?,
        })
    }
}

/// Takes a reservation out of its table; of several transactions that try, one succeeds.
async fn end_reservation<D: Database>(
    database: &mut D,
    id: i64,
) -> Result<Option<EndedReservation>, Failure> {
    let sql = "DELETE FROM reservation WHERE id = $1 RETURNING amount, accounts";
    let rows = database.query(sql, &[id.into()]).await?;
    rows.first().map(EndedReservation::read).transpose()
}

/// Books a cost in place of a reservation.
async fn book<D: Database>(
    database: &mut D,
    ended: &EndedReservation,
    cost: Usd,
) -> Result<(), Failure> {
    let balances = lock_accounts(database, &ended.accounts).await?;
    write_balances(database, &ended.accounts, &balances, |balance| Balance {
        spent: balance.spent + cost,
        reserved: balance.reserved - ended.amount,
    })
    .await
}

async fn renew<D: Database>(database: &mut D, lease: Lease) -> Result<(), Failure> {
    let sql = format!(
        "INSERT INTO process_lease (id, deadline) VALUES ($1, {} + $2)
        ON CONFLICT (id) DO UPDATE SET deadline = excluded.deadline",
        D::DIALECT.now
    );
    let values = [lease.process.into(), lease.milliseconds.into()];
    database.execute(&sql, &values).await.map(|_| ())
}

fn no_row() -> Failure {
    Failure::new("the gateway's database returned no row for one that it wrote")
}
