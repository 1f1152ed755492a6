//! A ledger that others have locked, replaced, or made unwritable for a moment.

use std::time::{Duration, Instant};

use anymodel::{Budget, ErrorKind, LedgerFile, SpendBy};
use rusqlite::Connection;
use rust_decimal::Decimal;

use super::{Folder, MINI, client, limited};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_begun_anew_while_an_owner_of_the_old_one_lives_keeps_nobody_waiting() {
    let folder = Folder::new();
    let path = folder.ledger();
    let budget = || Budget::new().total(1);
    let old = limited(&path, budget());
    old.ask(MINI, "Hello").await.unwrap();
    for name in ["spend.sqlite", "spend.sqlite-wal", "spend.sqlite-shm"] {
        let _ = std::fs::remove_file(folder.0.join(name));
    }
    let new = limited(&path, budget());
    let asked = tokio::time::timeout(Duration::from_secs(8), new.ask(MINI, "Hello"));
    asked.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_attempt_that_cannot_be_written_is_written_with_the_next() {
    let folder = Folder::new();
    let path = folder.ledger();
    let asks = limited(&path, Budget::new().total(1));
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
        )
        .unwrap();
    let first = asks.ask(MINI, "Hello").await.unwrap();
    let held = asks.stats().total.unwrap();
    assert!(held.spent.is_zero() && !held.reserved.is_zero(), "{held:?}");
    other.execute_batch("DROP TRIGGER full").unwrap();
    let second = asks.ask(MINI, "And now?").await.unwrap();

    let status = asks.stats().total.unwrap();
    let both = first.cost.unwrap() + second.cost.unwrap();
    assert_eq!((status.spent, status.reserved), (both, Decimal::ZERO));
    let rows = LedgerFile::open(&path).unwrap();
    assert_eq!(rows.sums(SpendBy::Day, None).unwrap()[0].answered, 2);
}

#[tokio::test]
async fn money_set_aside_stays_its_owners_when_a_later_write_fails() {
    use super::support::{Play, Server};
    let folder = Folder::new();
    let server = Server::play([Play::Silence(Duration::from_secs(20))]);
    let live = anymodel::Client::builder()
        .base_url(server.url())
        .ledger(folder.ledger())
        .budget(Budget::new().total(1))
        .build()
        .unwrap();
    let slow = live.clone();
    let call = tokio::spawn(async move { slow.ask(MINI, "Hello").await });
    while live.stats().total.unwrap().reserved.is_zero() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let other = Connection::open(folder.ledger()).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON reservation BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
        )
        .unwrap();
    let error = live.ask(MINI, "Hello").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    // Opening the ledger releases what ended processes had reserved. This process is alive.
    drop(client(&folder.ledger()));
    assert!(!live.stats().total.unwrap().reserved.is_zero());
    call.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_ledger_takes_no_more_time_than_the_call_has_and_is_written_later() {
    let folder = Folder::new();
    let path = folder.ledger();
    let (free, careful) = (client(&path), limited(&path, Budget::new().total(1)));
    // Both have looked for the dead by now.
    free.ask(MINI, "Hello").await.unwrap();
    careful.ask(MINI, "Hello").await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    let second = Duration::from_secs(1);
    let chat = free.chat(MINI).user("Hello").deadline(second);
    chat.send().await.unwrap();
    let chat = careful.chat([MINI, MINI]).user("Hello").deadline(second);
    let error = chat.send().await.unwrap_err();
    assert!(error.to_string().contains("locked"), "{error:?}");
    assert!(careful.stats().total.is_none());
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );

    other.execute_batch("ROLLBACK").unwrap();
    drop((free, careful));
    let rows = LedgerFile::open(&path).unwrap();
    assert_eq!(rows.sums(SpendBy::Day, None).unwrap()[0].answered, 3);
}
