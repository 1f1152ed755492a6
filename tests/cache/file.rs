//! Answers in a file: for the next run, for other processes, and after whatever happened to it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anymodel::prelude::*;

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
    assert!(ask(&one, 0).await.cached.is_none());
    assert_eq!(ones.statistics().entries, 1);
    assert_eq!(client(&folder.file()).1.statistics().entries, 1);
}

#[test]
fn a_file_of_another_version_is_left_as_it_is() {
    let folder = Folder::new("version");
    let bytes = b"anymodel answers 2\n12345678 and other records";
    std::fs::write(folder.file(), bytes).unwrap();
    let error = Client::builder()
        .platform("sandbox")
        .cache(Cache::exact().at(folder.file()))
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("another version"), "{error}");
    assert_eq!(std::fs::read(folder.file()).unwrap(), bytes);
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_told_and_what_can_be_read_goes_on() {
    let folder = Folder::new("damaged");
    let (first, _) = client(&folder.file());
    for number in 0..5 {
        ask(&first, number).await;
    }
    let mut bytes = std::fs::read(folder.file()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    std::fs::write(folder.file(), &bytes).unwrap();

    let (later, cache) = client(&folder.file());
    let statistics = cache.statistics();
    assert_eq!(statistics.entries, 4);
    let trouble = statistics.trouble.unwrap();
    assert!(trouble.contains("damaged; 4 of its answers"), "{trouble}");
    let aside = folder.0.join("answers.cache.damaged");
    assert_eq!(std::fs::read(aside).unwrap(), bytes);
    let mut asked_again = 0;
    for number in 0..5 {
        asked_again += u32::from(ask(&later, number).await.cached.is_none());
    }
    assert_eq!(asked_again, 1);
    assert_eq!(client(&folder.file()).1.statistics().entries, 5);
}

#[tokio::test]
async fn a_half_record_at_the_end_is_cut_off_without_a_word() {
    let folder = Folder::new("cut");
    let (first, _) = client(&folder.file());
    for number in 0..3 {
        ask(&first, number).await;
    }
    let bytes = std::fs::read(folder.file()).unwrap();
    for cut in [1, 7, 20] {
        std::fs::write(folder.file(), &bytes[..bytes.len() - cut]).unwrap();
        let (later, cache) = client(&folder.file());
        assert_eq!(
            (cache.statistics().entries, cache.statistics().trouble),
            (2, None)
        );
        assert!(ask(&later, 2).await.cached.is_none());
        assert_eq!(client(&folder.file()).1.statistics().entries, 3);
    }
    // Bytes that a killed process left behind while others have the file open.
    let (open, _) = client(&folder.file());
    let whole = std::fs::read(folder.file()).unwrap();
    std::fs::write(folder.file(), [&whole[..], &whole[27..60]].concat()).unwrap();
    ask(&open, 9).await;
    assert_eq!(client(&folder.file()).1.statistics().entries, 4);
}

#[test]
fn something_else_is_not_taken_for_a_file_of_answers_and_stays_as_it_is() {
    let folder = Folder::new("foreign");
    std::fs::write(folder.file(), "# My notes\n").unwrap();
    let builder = Client::builder().platform("sandbox");
    let error = builder
        .clone()
        .cache(Cache::exact().at(folder.file()))
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("it is no file of answers"),
        "{error}"
    );
    assert_eq!(
        std::fs::read_to_string(folder.file()).unwrap(),
        "# My notes\n"
    );
    let nowhere = folder.0.join("no such folder").join("answers.cache");
    let error = builder
        .cache(Cache::exact().at(nowhere))
        .build()
        .unwrap_err();
    assert!(
        error.hint().unwrap().contains("a folder that exists"),
        "{error:?}"
    );
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
async fn the_file_is_written_anew_before_it_grows_without_bound() {
    let folder = Folder::new("bound");
    let cache = Cache::exact().megabytes(1).at(folder.file());
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
    let later = Cache::exact().megabytes(1).at(folder.file());
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
    assert!(!folder.0.join("answers.cache.damaged").exists());
}
