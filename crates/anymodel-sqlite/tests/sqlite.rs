//! Files through the public API: migrations from version to version, and what is done with a damaged file.

use std::path::PathBuf;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};

use anymodel_sqlite::FileKind;

const FIRST: &str = "CREATE TABLE note (n INTEGER PRIMARY KEY, text TEXT NOT NULL);";
const SECOND: &str = "ALTER TABLE note ADD COLUMN stars INTEGER NOT NULL DEFAULT 3;";
const THIRD: &str = "CREATE TABLE tag (name TEXT NOT NULL);
    INSERT INTO tag SELECT 'of ' || text FROM note;";
/// Fails after it has done something.
const WRONG: &str = "CREATE TABLE half (n INTEGER); INSERT INTO missing VALUES (1);";

const fn kind(migrations: &'static [&'static str]) -> FileKind {
    FileKind {
        name: || "file of notes",
        application_id: 0x6e6f_7465,
        migrations,
        probe: "SELECT 1 FROM note LIMIT 0",
        old_format: None,
    }
}

const VERSION_1: FileKind = kind(&[FIRST]);
const VERSION_3: FileKind = kind(&[FIRST, SECOND, THIRD]);

/// A file in a folder of its own, which is removed at the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("anymodel-sqlite-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        Place(folder.join("notes.db"))
    }

    /// A file of the first version with one note.
    fn with_a_note() -> Self {
        let place = Place::new();
        let connection = VERSION_1.open_undamaged(&place.0).unwrap();
        let sql = "INSERT INTO note (text) VALUES ('milk')";
        connection.execute(sql, []).unwrap();
        place
    }

    fn version(&self) -> i64 {
        let connection = rusqlite::Connection::open(&self.0).unwrap();
        let sql = "PRAGMA user_version";
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

#[test]
fn a_file_of_an_earlier_version_is_brought_to_the_present_one_with_what_it_holds() {
    let place = Place::with_a_note();
    let connection = VERSION_3.open_undamaged(&place.0).unwrap();
    let sql = "SELECT text, stars, name FROM note, tag";
    let row: (String, i64, String) = connection
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    assert_eq!(row, ("milk".to_owned(), 3, "of milk".to_owned()));
    assert_eq!(place.version(), 3);
}

#[test]
fn a_reader_finds_the_present_tables_in_a_file_of_an_earlier_version() {
    let place = Place::with_a_note();
    let connection = VERSION_3.open_to_read(&place.0).unwrap();
    let sql = "SELECT count(*) FROM tag";
    let tags: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(tags, 1);
}

#[test]
fn of_many_that_open_an_earlier_version_at_once_one_migrates() {
    for _ in 0..5 {
        let place = Place::with_a_note();
        let barrier = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    let connection = VERSION_3.open_undamaged(&place.0).unwrap();
                    let sql = "SELECT count(*) FROM tag";
                    let tags: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
                    assert_eq!(tags, 1);
                });
            }
        });
    }
}

#[test]
fn a_migration_that_fails_leaves_the_file_as_it_was() {
    let place = Place::with_a_note();
    let error = kind(&[FIRST, SECOND, WRONG]).open_undamaged(&place.0);
    let error = error.expect_err("the migration fails").to_string();
    assert!(error.contains("missing"), "{error}");
    assert_eq!(place.version(), 1);
    let connection = VERSION_1.open_undamaged(&place.0).unwrap();
    let sql = "SELECT count(*) FROM sqlite_master";
    let tables: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn an_earlier_program_refuses_a_file_of_a_later_version() {
    let place = Place::with_a_note();
    drop(VERSION_3.open_undamaged(&place.0).unwrap());
    let error = VERSION_1
        .open(&place.0)
        .err()
        .map(|error| error.to_string());
    let error = error.expect("it is later");
    assert!(
        error.contains("form 3") && error.contains("form 1"),
        "{error}"
    );
    assert_eq!(place.version(), 3);
}

#[test]
fn a_damaged_file_is_replaced_only_where_its_owner_can_begin_anew() {
    let place = Place::with_a_note();
    let mut bytes = std::fs::read(&place.0).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5a);
    std::fs::write(&place.0, &bytes).unwrap();

    let error = VERSION_1.open_undamaged(&place.0);
    let error = error.expect_err("it is damaged").to_string();
    assert!(error.contains("is damaged"), "{error}");
    assert_eq!(std::fs::read(&place.0).unwrap(), bytes);
    let opened = VERSION_1.open(&place.0).unwrap();
    let kept = opened.aside.expect("it was set aside").kept;
    assert_eq!(std::fs::read(kept).unwrap(), bytes);
}

#[test]
fn all_who_open_a_new_file_at_once_open_it() {
    for _ in 0..20 {
        let place = Place::new();
        let barrier = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    VERSION_3.open_undamaged(&place.0).unwrap();
                });
            }
        });
    }
}
