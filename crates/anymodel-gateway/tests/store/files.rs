//! SQLite files: private, recognised, brought to the present version, and never replaced.

use std::os::unix::fs::PermissionsExt;

use anymodel_gateway::store::{SqliteStore, Store};

use crate::support::{Folder, SqliteFile, call, micro};

#[tokio::test]
async fn only_its_user_may_read_the_file() {
    let file = SqliteFile::new();
    let store = SqliteStore::open(&file.path()).unwrap();
    store.settle(None, call("c1", micro(1))).await.unwrap();
    for end in ["", "-wal", "-shm"] {
        let path = format!("{}{end}", file.path().display());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}

#[tokio::test]
async fn a_damaged_file_stays_where_it_is_and_the_error_says_what_to_do() {
    let file = SqliteFile::new();
    let store = SqliteStore::open(&file.path()).unwrap();
    for number in 0..200 {
        store
            .settle(None, call(&format!("c{number}"), micro(1)))
            .await
            .unwrap();
    }
    drop(store);
    let mut bytes = std::fs::read(file.path()).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5a);
    std::fs::write(file.path(), &bytes).unwrap();

    let error = SqliteStore::open(&file.path()).expect_err("it is damaged");
    let (message, hint) = (error.to_string(), error.hint().unwrap().to_owned());
    assert!(message.contains("is damaged"), "{message}");
    assert!(message.contains("gateway.db"), "{message}");
    assert!(hint.contains("backup"), "{hint}");
    assert_eq!(std::fs::read(file.path()).unwrap(), bytes);
    let folder = file.path().parent().unwrap().to_owned();
    let files = std::fs::read_dir(folder).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    let aside = names
        .iter()
        .filter(|name| name.to_string_lossy().contains("damaged"));
    assert_eq!(aside.count(), 0, "{names:?}");
}

#[tokio::test]
async fn a_file_of_another_kind_is_refused_and_left_alone() {
    let folder = Folder::new();
    let notes = folder.path().join("notes.txt");
    std::fs::write(
        &notes,
        "shopping: milk, bread and a long list of other things",
    )
    .unwrap();
    let error = SqliteStore::open(&notes).expect_err("it is no database");
    assert!(error.to_string().contains("no database at all"), "{error}");

    let other = folder.path().join("other.db");
    let connection = rusqlite::Connection::open(&other).unwrap();
    connection
        .execute_batch("CREATE TABLE milk (n INTEGER)")
        .unwrap();
    let error = SqliteStore::open(&other).expect_err("it is another program's");
    assert!(
        error.to_string().contains("is a database, and no"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_of_a_later_version_is_refused_and_left_alone() {
    let file = SqliteFile::new();
    drop(SqliteStore::open(&file.path()).unwrap());
    let connection = rusqlite::Connection::open(file.path()).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = SqliteStore::open(&file.path()).expect_err("it is later");
    assert!(error.to_string().contains("form 99"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_deleted_or_replaced_fails_each_operation_and_says_what_to_do() {
    let file = SqliteFile::new();
    let store = SqliteStore::open(&file.path()).unwrap();
    store.settle(None, call("c1", micro(1))).await.unwrap();
    let elsewhere = file.path().with_extension("moved");
    std::fs::rename(file.path(), &elsewhere).unwrap();
    for replacement in [None, Some("another file")] {
        if let Some(text) = replacement {
            std::fs::write(file.path(), text).unwrap();
        }
        let errors = [
            store.settle(None, call("c2", micro(1))).await.map(|_| ()),
            store.revision().await.map(|_| ()),
        ];
        for error in errors {
            let error = error.expect_err("the file is gone").to_string();
            assert!(error.contains("put the file back"), "{error}");
        }
    }
    std::fs::rename(&elsewhere, file.path()).unwrap();
    store.settle(None, call("c3", micro(1))).await.unwrap();
    let rows = store.calls(Default::default()).await.unwrap().rows;
    let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["c3", "c1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_program_keeps_locked_fails_a_write_and_no_read() {
    let file = SqliteFile::new();
    let store = SqliteStore::open(&file.path()).unwrap();
    let other = rusqlite::Connection::open(file.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (first, second) = tokio::join!(
        store.settle(None, call("c1", micro(1))),
        store.settle(None, call("c2", micro(1))),
    );
    for error in [first, second] {
        let error = error.expect_err("it is locked").to_string();
        assert!(error.contains("locked"), "{error}");
    }
    assert_eq!(store.revision().await.unwrap(), 0);
    other.execute_batch("ROLLBACK").unwrap();
    assert!(store.settle(None, call("c1", micro(1))).await.unwrap());
}

/// A file of each earlier version, as that version made it, with a row in each table.
const VERSIONS: [&str; 1] = [include_str!("versions/1.sql")];

/// The statements that made the file's tables, without spaces.
fn tables(path: &std::path::Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name";
    let mut select = connection.prepare(sql).unwrap();
    let rows = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(|sql| sql.unwrap().replace([' ', '\n'], ""))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_each_earlier_version_is_opened_with_all_that_it_holds() {
    let fresh = SqliteFile::new();
    drop(SqliteStore::open(&fresh.path()).unwrap());
    for version in VERSIONS {
        let file = SqliteFile::new();
        let connection = rusqlite::Connection::open(file.path()).unwrap();
        connection.execute_batch(version).unwrap();
        drop(connection);
        let store = SqliteStore::open(&file.path()).unwrap();

        let snapshot = store.snapshot().await.unwrap();
        assert_eq!(
            (
                snapshot.revision,
                snapshot.keys.len(),
                snapshot.groups.len()
            ),
            (7, 1, 1)
        );
        assert_eq!(snapshot.keys[0].secret, [7; 32]);
        assert_eq!(snapshot.config, Some((1, "gateway: {}".to_owned())));
        assert_eq!(store.admin_token([1; 32]).await.unwrap(), ([9; 32], false));
        assert_eq!(store.audit(None, 0).await.unwrap().rows.len(), 1);
        // A reservation of that version is settled by this one.
        let pot = crate::support::account("group:g1", anymodel_gateway::model::Window::Total);
        let before = store.balances(vec![pot.clone()]).await.unwrap()[0];
        assert_eq!((before.spent, before.reserved), (micro(5), micro(40)));
        assert!(store.settle(Some(1), call("c2", micro(30))).await.unwrap());
        let after = store.balances(vec![pot]).await.unwrap()[0];
        assert_eq!((after.spent, after.reserved), (micro(35), micro(0)));
        let rows = store.calls(Default::default()).await.unwrap().rows;
        assert_eq!(rows, [call("c2", micro(30)), call("c1", micro(5))]);
        drop(store);
        assert_eq!(tables(&file.path()), tables(&fresh.path()));
    }
    // A version of the tables without its file here is not tested.
    let connection = rusqlite::Connection::open(fresh.path()).unwrap();
    let sql = "PRAGMA user_version";
    let version: isize = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(version, VERSIONS.len() as isize);
}
