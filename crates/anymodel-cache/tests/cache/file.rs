//! Answers in a file: for the next run, for other processes, and after whatever happened to it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anymodel::prelude::*;
use anymodel::{Cache, Error};

use super::support::{Server, answer, json};
use super::{QUESTION, asked, with};

/// A folder of its own that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("anymodel-cache-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("answers.cache")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A client of the sandbox with the answers of this file.
fn client(file: &Path) -> (Client, Cache) {
    let cache = Cache::exact().at(file);
    let builder = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0);
    (builder.cache(&cache).build().unwrap(), cache)
}

async fn ask(client: &Client, number: usize) -> Reply {
    client
        .ask("sandbox/echo", format!("Word number {number}?"))
        .await
        .unwrap()
}

#[tokio::test]
async fn the_next_run_knows_what_this_one_asked() {
    let folder = Folder::new("next");
    let cache = Cache::exact().at(folder.file());
    let (server, first) = asked(&cache, &["One."]);
    let asked = first.ask("acme/one", QUESTION).await.unwrap();
    let later = Cache::exact().at(folder.file());
    let again = with(&server, &later)
        .ask("acme/one", QUESTION)
        .await
        .unwrap();
    assert_eq!(again.cached, Some(Cached::Exact));
    assert_eq!(
        (again.text, again.usage, again.model),
        (asked.text, asked.usage, asked.model)
    );
    assert_eq!(later.statistics().saved, asked.cost.unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.file())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "questions are private");
    }
}

#[tokio::test]
async fn two_that_are_open_at_once_hear_of_each_other() {
    let folder = Folder::new("both");
    let (one, _) = client(&folder.file());
    let (other, kept) = client(&folder.file());
    ask(&one, 1).await;
    assert!(ask(&other, 1).await.cached.is_some());
    ask(&other, 2).await;
    assert!(ask(&one, 2).await.cached.is_some());
    kept.clear().unwrap();
    let (third, _) = client(&folder.file());
    assert!(ask(&third, 1).await.cached.is_none());
}

#[tokio::test]
async fn what_one_process_forgets_the_others_forget_too() {
    let folder = Folder::new("forgotten");
    let (one, ones) = client(&folder.file());
    let (_other, others) = client(&folder.file());
    for number in 0..3 {
        ask(&one, number).await;
    }
    others.clear().unwrap();
    let left = |name: &str| std::fs::read(folder.0.join(name)).unwrap_or_default();
    for name in ["answers.cache", "answers.cache-wal"] {
        let bytes = left(name);
        let words = bytes.windows(11).filter(|part| *part == b"Word number");
        assert_eq!(words.count(), 0, "{name} still says what was forgotten");
    }
    assert!(ask(&one, 0).await.cached.is_none());
    assert_eq!(ones.statistics().entries, 1);
    assert_eq!(client(&folder.file()).1.statistics().entries, 1);
}

#[test]
fn a_file_of_a_later_version_is_left_as_it_is() {
    let folder = Folder::new("version");
    drop(client(&folder.file()));
    rusqlite::Connection::open(folder.file())
        .and_then(|connection| connection.pragma_update(None, "user_version", 7))
        .unwrap();
    let bytes = std::fs::read(folder.file()).unwrap();
    let error = refused(&folder.file());
    assert!(error.to_string().contains("form 7"), "{error}");
    assert_eq!(std::fs::read(folder.file()).unwrap(), bytes);
}

#[tokio::test]
async fn a_file_in_the_format_of_earlier_versions_is_set_aside_and_told() {
    let folder = Folder::new("old");
    for name in ["answers.cache.old", "answers.cache.old-2"] {
        let bytes = format!("anymodel answers 1\n12345678 and its records, before {name}");
        std::fs::write(folder.file(), &bytes).unwrap();
        let (first, cache) = client(&folder.file());
        let trouble = cache.statistics().trouble.unwrap();
        assert!(trouble.contains("earlier version"), "{trouble}");
        assert!(trouble.contains(name), "{trouble}");
        assert_eq!(
            std::fs::read(folder.0.join(name)).unwrap(),
            bytes.as_bytes()
        );
        ask(&first, 1).await;
        let (later, cache) = client(&folder.file());
        assert_eq!(cache.statistics().trouble, None);
        assert!(ask(&later, 1).await.cached.is_some());
    }
}

/// Writes answers to so many questions, and closes the file.
async fn filled(file: &Path, questions: usize) -> Vec<u8> {
    let (first, cache) = client(file);
    for number in 0..questions {
        ask(&first, number).await;
    }
    drop((first, cache));
    std::fs::read(file).unwrap()
}

/// Where a text stands in bytes.
fn find(bytes: &[u8], text: &str) -> usize {
    let text = text.as_bytes();
    bytes
        .windows(text.len())
        .position(|part| part == text)
        .unwrap()
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_told_and_what_can_be_read_goes_on() {
    let folder = Folder::new("damaged");
    let whole = filled(&folder.file(), 5).await;
    let answered = find(&whole, "Word number 2?");
    for (round, name) in ["question", "answer", "page"].into_iter().enumerate() {
        let mut bytes = whole.clone();
        match name {
            "question" => bytes[answered + 12] ^= 1,
            "answer" => bytes[answered + 40] ^= 1,
            // The first page of the index.
            _ => {
                let page = bytes.len() - 4096;
                bytes[page..].fill(0xa5);
            }
        }
        std::fs::write(folder.file(), &bytes).unwrap();
        let (later, cache) = client(&folder.file());
        let statistics = cache.statistics();
        let trouble = statistics.trouble.unwrap();
        let read = statistics.entries;
        assert!(
            trouble.contains(&format!("; {read} of its answers could be read")),
            "{trouble}"
        );
        assert!(read >= 4 || name == "page", "{name}: {read}");
        let aside = format!("answers.cache.damaged-{}", round + 1);
        assert_eq!(std::fs::read(folder.0.join(aside)).unwrap(), bytes);
        let mut asked_again = 0;
        for number in 0..5 {
            asked_again += usize::from(ask(&later, number).await.cached.is_none());
        }
        assert_eq!(asked_again, 5 - read);
        assert_eq!(client(&folder.file()).1.statistics().entries, 5);
        drop((later, cache));
        let _ = std::fs::remove_file(folder.0.join("answers.cache-wal"));
    }
}

#[tokio::test]
async fn what_a_killed_process_left_half_in_the_log_is_cut_off_without_a_word() {
    let folder = Folder::new("cut");
    let (first, _cache) = client(&folder.file());
    for number in 0..3 {
        ask(&first, number).await;
    }
    let log = std::fs::read(folder.0.join("answers.cache-wal")).unwrap();
    let file = std::fs::read(folder.file()).unwrap();
    for cut in [1, 7, 20, 5000] {
        let copy = folder.0.join(format!("copy-{cut}"));
        std::fs::write(&copy, &file).unwrap();
        let half = &log[..log.len() - cut];
        std::fs::write(folder.0.join(format!("copy-{cut}-wal")), half).unwrap();
        let (later, cache) = client(&copy);
        assert_eq!(
            (cache.statistics().entries, cache.statistics().trouble),
            (2, None)
        );
        assert!(ask(&later, 1).await.cached.is_some());
        assert!(ask(&later, 2).await.cached.is_none());
        assert_eq!(client(&copy).1.statistics().entries, 3);
    }
}

#[test]
fn something_else_is_not_taken_for_a_file_of_answers_and_stays_as_it_is() {
    let folder = Folder::new("foreign");
    std::fs::write(folder.file(), "# My notes\n").unwrap();
    let error = refused(&folder.file());
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("is no file of answers"),
        "{error}"
    );
    assert_eq!(
        std::fs::read_to_string(folder.file()).unwrap(),
        "# My notes\n"
    );
    let ledger = folder.0.join("spend.sqlite");
    let builder = Client::builder().platform("sandbox");
    drop(builder.ledger(&ledger).build().unwrap());
    let error = refused(&ledger);
    assert!(
        error
            .to_string()
            .contains("a database, and no file of answers"),
        "{error}"
    );
    let nowhere = folder.0.join("no such folder").join("answers.cache");
    let error = refused(&nowhere);
    assert!(
        error.hint().unwrap().contains("a folder that exists"),
        "{error:?}"
    );
}

/// Why this file cannot be used.
fn refused(file: &Path) -> Error {
    let builder = Client::builder().platform("sandbox");
    builder.cache(Cache::exact().at(file)).build().unwrap_err()
}

#[tokio::test]
async fn a_file_that_was_taken_away_costs_nobody_an_answer() {
    let folder = Folder::new("gone");
    let (first, cache) = client(&folder.file());
    ask(&first, 1).await;
    std::fs::remove_dir_all(&folder.0).unwrap();
    ask(&first, 2).await;
    assert!(ask(&first, 2).await.cached.is_some());
    assert!(
        cache
            .statistics()
            .trouble
            .unwrap()
            .contains("in memory only")
    );
}

#[tokio::test]
async fn a_program_that_keeps_the_file_locked_costs_no_answer_and_hardly_any_time() {
    let folder = Folder::new("locked");
    let (first, cache) = client(&folder.file());
    let other = rusqlite::Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    ask(&first, 1).await;
    assert!(ask(&first, 1).await.cached.is_some());
    let took = started.elapsed();
    assert!(took < Duration::from_millis(900), "{took:?}");
    let deadline = Instant::now() + Duration::from_secs(30);
    while cache.statistics().trouble.is_none() {
        assert!(Instant::now() < deadline, "nothing was told");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let trouble = cache.statistics().trouble.unwrap();
    assert!(trouble.contains("in memory only"), "{trouble}");
    assert!(trouble.contains("locked"), "{trouble}");
    other.execute_batch("ROLLBACK").unwrap();
    ask(&first, 2).await;
    assert_eq!(client(&folder.file()).1.statistics().entries, 1);
}

#[tokio::test]
async fn what_is_no_longer_wanted_is_deleted_before_the_file_grows_without_bound() {
    let folder = Folder::new("bound");
    let cache = Cache::exact().max_megabytes(1).at(folder.file());
    let long = "z".repeat(100_000);
    let answers = vec![long.as_str(); 60];
    let (_server, client) = asked(&cache, &answers);
    for number in 0..60 {
        client
            .ask("acme/one", format!("Word number {number}?"))
            .await
            .unwrap();
        let length = std::fs::metadata(folder.file()).unwrap().len();
        assert!(length < 4 << 20, "{length} bytes after {number}");
    }
    let kept = cache.statistics().entries;
    let later = Cache::exact().max_megabytes(1).at(folder.file());
    let server = Server::play([json(200, &answer("new"))]);
    let _client = with(&server, &later);
    assert_eq!(later.statistics().entries, kept);
}

/// One of several processes that write the same file; it goes on until it is killed.
#[test]
#[ignore = "started by the test below"]
fn one_of_several_writers() {
    let Ok(file) = std::env::var("ANYMODEL_TEST_CACHE") else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (client, _) = client(Path::new(&file));
        for number in 0.. {
            let question = format!("Word {number} of process {}?", std::process::id());
            client.ask("sandbox/echo", question).await.unwrap();
        }
    });
}

#[test]
fn processes_that_are_killed_at_any_moment_leave_a_file_that_is_whole() {
    let folder = Folder::new("killed");
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "file::one_of_several_writers", "--ignored"])
            .env("ANYMODEL_TEST_CACHE", folder.file())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    for round in 0..4u64 {
        let mut writers: Vec<_> = (0..3).map(|_| start()).collect();
        std::thread::sleep(Duration::from_millis(700 + 37 * round));
        for writer in &mut writers {
            writer.kill().unwrap();
            writer.wait().unwrap();
        }
    }
    let (_client, cache) = client(&folder.file());
    let statistics = cache.statistics();
    assert_eq!(statistics.trouble, None);
    assert!(statistics.entries > 20, "{}", statistics.entries);
    assert!(!folder.0.join("answers.cache.damaged-1").exists());
}
