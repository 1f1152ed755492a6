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
