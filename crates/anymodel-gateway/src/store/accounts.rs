//! Budget accounts: read, locked in one order, and written.

use super::database::{Database, Failure, Row, Value};
use super::{Balance, BudgetAccount};
use crate::money::Usd;

/// Each account once, in the order in which all transactions lock them, with its lowest limit.
pub fn in_order(accounts: &[(BudgetAccount, Usd)]) -> (Vec<BudgetAccount>, Vec<Usd>) {
    let mut sorted = accounts.to_vec();
    sorted.sort();
    sorted.dedup_by(|later, first| later.0 == first.0);
    sorted.into_iter().unzip()
}

/// Locks accounts, which are in order, and reads them.
pub async fn lock_accounts<D: Database>(
    database: &mut D,
    accounts: &[BudgetAccount],
) -> Result<Vec<Balance>, Failure> {
    if D::DIALECT.many_writers {
        // A row that is not there cannot be locked.
        let sql = "INSERT INTO budget_account (owner, budget_window, began, spent, reserved)
            VALUES ($1, $2, $3, 0, 0) ON CONFLICT (owner, budget_window, began) DO NOTHING";
        let sets: Vec<_> = accounts.iter().map(account_values).collect();
        database.query_each(sql, &sets).await?;
    }
    read_balances(database, accounts, D::DIALECT.for_update).await
}

/// Reads accounts; zero where nothing was booked.
pub async fn read_balances<D: Database>(
    database: &mut D,
    accounts: &[BudgetAccount],
    lock: &str,
) -> Result<Vec<Balance>, Failure> {
    let sql = format!(
        "SELECT spent, reserved FROM budget_account WHERE owner = $1 AND budget_window = $2 AND began = $3 {lock}"
    );
    let sets: Vec<_> = accounts.iter().map(account_values).collect();
    let found = database.query_each(&sql, &sets).await?;
    let balance = |rows: &Vec<Row>| match rows.first() {
        Some(row) => Ok(Balance {
            spent: row.usd(0)?,
            reserved: row.usd(1)?,
        }),
        None => Ok(Balance::default()),
    };
    found.iter().map(balance).collect()
}

/// Writes accounts that were read before, each of them changed.
pub async fn write_balances<D: Database>(
    database: &mut D,
    accounts: &[BudgetAccount],
    balances: &[Balance],
    change: impl Fn(Balance) -> Balance,
) -> Result<(), Failure> {
    let sql = "INSERT INTO budget_account (owner, budget_window, began, spent, reserved)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (owner, budget_window, began)
        DO UPDATE SET spent = excluded.spent, reserved = excluded.reserved";
    let sets = accounts.iter().zip(balances).map(|(account, balance)| {
        let balance = change(*balance);
        let mut values = account_values(account);
        values.extend([balance.spent.into(), balance.reserved.into()]);
        values
    });
    let sets: Vec<_> = sets.collect();
    database.query_each(sql, &sets).await.map(|_| ())
}

fn account_values(account: &BudgetAccount) -> Vec<Value> {
    vec![
        (&account.owner).into(),
        account.window.as_str().into(),
        account.began.into(),
    ]
}
