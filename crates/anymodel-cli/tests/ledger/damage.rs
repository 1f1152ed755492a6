//! Files that cannot be used.

use anymodel::{Budget, Client, ErrorKind, LedgerFile, SpendBy};

use super::{Folder, MINI, builder, checked, client, limited};

/// What begins as a database and is none.
fn noise() -> Vec<u8> {
    let mut bytes = b"SQLite format 3\0".to_vec();
    bytes.extend(b"no ledger at all".repeat(1000));
    bytes
}

#[tokio::test]
async fn a_damaged_ledger_is_set_aside_and_a_new_one_begins() {
    let folder = Folder::new();
    let path = folder.ledger();
    for number in 0..40 {
        client(&path)
            .ask(MINI, format!("Question {number}"))
            .await
            .unwrap();
    }
    let whole = std::fs::read(&path).unwrap();
    let half = whole[..whole.len() / 2].to_vec();
    let mut scratched = whole.clone();
    scratched[4096..8192].fill(0xa5);
    let mut noise = b"this was a ledger once".repeat(500);
    noise[..100].copy_from_slice(&whole[..100]);
    for (number, bytes) in [half, scratched, noise].into_iter().enumerate() {
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(
            LedgerFile::open(&path)
                .and_then(|ledger| ledger.sums(SpendBy::Day, None))
                .unwrap_err()
                .kind(),
            ErrorKind::Config
        );
        client(&path).ask(MINI, "Hello").await.unwrap();
        let kept = folder
            .0
            .join(format!("spend.sqlite.damaged-{}", number + 1));
        assert_eq!(std::fs::read(kept).unwrap(), bytes, "nothing of it is lost");
        let rows = LedgerFile::open(&path)
            .unwrap()
            .sums(SpendBy::Day, None)
            .unwrap();
        assert_eq!(rows[0].attempts, 1);
        assert_eq!(checked(&path), "ok");
    }
}

#[tokio::test]
async fn many_who_find_the_damage_together_set_it_aside_once() {
    let folder = Folder::new();
    let path = folder.ledger();
    std::fs::write(&path, noise()).unwrap();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || client(&path))
        })
        .collect();
    let clients: Vec<Client> = threads.into_iter().map(|one| one.join().unwrap()).collect();
    for client in &clients {
        client.ask(MINI, "Hello").await.unwrap();
    }
    let rows = LedgerFile::open(&path)
        .unwrap()
        .sums(SpendBy::Day, None)
        .unwrap();
    assert_eq!(rows[0].attempts, 8);
    drop(clients);
    assert_eq!(folder.files(), ["spend.sqlite", "spend.sqlite.damaged-1"]);
}

#[tokio::test]
async fn a_new_ledger_does_not_wait_for_those_who_still_hold_places_in_the_damaged_one() {
    let folder = Folder::new();
    let path = folder.ledger();
    let budget = || Budget::new().total(1);
    let earlier = limited(&path, budget());
    earlier.ask(MINI, "Hello").await.unwrap();
    let log = folder.0.join("spend.sqlite-wal");
    let _ = std::fs::remove_file(log);
    std::fs::write(&path, noise()).unwrap();
    let later = limited(&path, budget());
    later.ask(MINI, "Hello").await.unwrap();
    assert!(later.stats().total.unwrap().spent > rust_decimal::Decimal::ZERO);
    drop(earlier);
}

#[test]
fn what_is_no_ledger_is_refused_and_left_alone() {
    let folder = Folder::new();
    let refused = |path: &std::path::Path| builder(path).build().unwrap_err();
    let foreign = folder.0.join("photos.sqlite");
    let connection = rusqlite::Connection::open(&foreign).unwrap();
    connection
        .execute_batch("CREATE TABLE photo (name TEXT)")
        .unwrap();
    drop(connection);
    let bytes = std::fs::read(&foreign).unwrap();
    let error = refused(&foreign);
    assert!(
        error.kind() == ErrorKind::Config && error.to_string().contains("no ledger"),
        "{error:?}"
    );
    assert_eq!(std::fs::read(&foreign).unwrap(), bytes);

    for words in ["Milk, eggs", "Dear diary, today I was asked again."] {
        let notes = folder.0.join("notes.txt");
        std::fs::write(&notes, words).unwrap();
        let error = refused(&notes);
        assert!(error.to_string().contains("no database"), "{error:?}");
        assert_eq!(std::fs::read_to_string(&notes).unwrap(), words);
        assert!(!folder.files().iter().any(|name| name.contains("damaged")));
    }

    drop(client(&folder.ledger()));
    let connection = rusqlite::Connection::open(folder.ledger()).unwrap();
    connection.pragma_update(None, "user_version", 7).unwrap();
    drop(connection);
    let error = refused(&folder.ledger());
    assert!(error.to_string().contains("form 7"), "{error:?}");

    let error = refused(&folder.0.join("nowhere/spend.sqlite"));
    assert!(error.hint().unwrap().contains("folder"), "{error:?}");
    assert!(LedgerFile::open(folder.0.join("nothing.sqlite")).is_err());
}

#[tokio::test]
async fn a_ledger_that_breaks_later_costs_no_answer_but_keeps_the_budget() {
    let folder = Folder::new();
    let path = folder.ledger();
    let free = client(&path);
    let limited = limited(&path, Budget::new().total(1));
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch("DROP TABLE attempt; DROP TABLE reservation;")
        .unwrap();
    free.ask(MINI, "Hello").await.unwrap();
    // Where a budget cannot be kept, nothing is spent.
    let error = limited.ask(MINI, "Hello").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error
            .to_string()
            .contains("the ledger that keeps the budget cannot be used"),
        "{error:?}"
    );
    assert!(limited.stats().total.is_none());
}
