//! Processes that are killed at any moment, several at once.
//!
//! The test starts its own binary again as [`a_child_that_asks`]; that one says on standard output which calls were answered.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anymodel::{Budget, ErrorKind, LedgerFile, SpendBy};
use rust_decimal::Decimal;

use super::{Folder, MINI, checked, limited, usd};

// Each kill may take eight requests with it, which count as spent.
const LIMIT: &str = "0.05";
const VARIABLE: &str = "LEDGER_OF_THE_CHILD";

/// Not a test by itself: it asks until the money is gone or it is killed, eight calls at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a child of the test below"]
async fn a_child_that_asks() {
    let Some(path) = std::env::var_os(VARIABLE) else {
        return;
    };
    let client = limited(Path::new(&path), Budget::new().total(usd(LIMIT)).per_day(1));
    let calls = (0..8).map(|line| {
        let client = client.clone();
        tokio::spawn(async move {
            let mut refused = 0;
            for number in 0.. {
                let name = format!("{}-{line}-{number}", std::process::id());
                let client = client.with_label(&name);
                let chat =
                    |target: anymodel::Target| client.chat(target).user("Say yes.").max_tokens(260);
                let result = match number % 3 {
                    0 => chat(MINI.into()).send().await,
                    1 => chat(["sandbox/down", MINI].into()).send().await,
                    _ => chat(MINI.into()).stream().final_reply().await,
                };
                match result {
                    Ok(reply) => {
                        refused = 0;
                        let mut out = std::io::stdout().lock();
                        let cost = reply.cost.unwrap();
                        // One write, so that a kill leaves no half of a line but the last one's.
                        out.write_all(format!("\nanswered {name} {cost} \n").as_bytes())
                            .unwrap();
                        out.flush().unwrap();
                    }
                    // Others may hold what is left; if it is not free again soon, it is spent.
                    Err(error) if error.kind() == ErrorKind::BudgetExceeded && refused < 25 => {
                        refused += 1;
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    Err(error) if error.kind() == ErrorKind::BudgetExceeded => return,
                    Err(error) => panic!("{error:?}"),
                }
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
}

fn spawn(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::a_child_that_asks",
            "--ignored",
            "--nocapture",
        ])
        .env(VARIABLE, path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets a child live for so long after its first answer, kills it, and collects what it said.
fn live_and_die(path: &Path, span: Duration) -> Vec<(String, Decimal)> {
    let mut child = spawn(path);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    let mut note = |line: &str| {
        let mut words = line.split(' ');
        // The last word of a whole line is empty: a line that was cut off has fewer.
        if let (Some("answered"), Some(name), Some(cost), Some("")) =
            (words.next(), words.next(), words.next(), words.next())
        {
            said.push((name.to_owned(), cost.parse().unwrap()));
        }
    };
    let begun = Instant::now();
    while let Some(Ok(line)) = lines.next() {
        note(&line);
        if line.starts_with("answered") || begun.elapsed() > Duration::from_secs(20) {
            break;
        }
    }
    std::thread::sleep(span);
    child.kill().unwrap();
    child.wait().unwrap();
    lines.map_while(Result::ok).for_each(|line| note(&line));
    said
}

#[tokio::test]
async fn whatever_is_killed_whenever_the_file_is_whole_all_that_was_answered_is_in_it_and_the_budget_holds()
 {
    let folder = Folder::new();
    let path = folder.ledger();
    let lives = (0..4).map(|_| {
        let path = path.clone();
        std::thread::spawn(move || {
            let spans = (0..6).map(|_| fastrand::u64(..150));
            let lived = spans.map(|span| live_and_die(&path, Duration::from_millis(span)));
            lived.collect::<Vec<_>>().concat()
        })
    });
    let lives: Vec<_> = lives.collect();
    let said: Vec<_> = lives
        .into_iter()
        .map(|one| one.join().unwrap())
        .collect::<Vec<_>>()
        .concat();
    assert!(said.len() > 24, "{} answers", said.len());
    assert_eq!(checked(&path), "ok");

    let ledger = LedgerFile::open(&path).unwrap();
    let rows = ledger.sums(SpendBy::Label, None).unwrap();
    let written: HashMap<_, _> = rows.iter().map(|row| (row.name.as_str(), row)).collect();
    for (name, cost) in &said {
        let row = written
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!((row.answered, row.cost()), (1, *cost), "{name}");
    }
    let spent: Decimal = rows.iter().map(|row| row.cost()).sum();
    assert!(spent <= usd(LIMIT), "{spent}");

    // What the dead had set aside is found by whoever opens the ledger next, and counts; what is left can be spent.
    let before = limited(&path, Budget::new()).stats().total.unwrap();
    let rows = ledger.sums(SpendBy::Day, None).unwrap();
    let spent: Decimal = rows.iter().map(|row| row.cost()).sum();
    assert_eq!((before.spent, before.reserved), (spent, Decimal::ZERO));
    assert!(spent <= usd(LIMIT), "{spent}");
    let limit = spent + usd("0.001");
    let last = limited(&path, Budget::new().total(limit));
    let chat = || last.chat(MINI).user("Say yes.").max_tokens(260).send();
    let mut answers = 0;
    let error = loop {
        match chat().await {
            Ok(_) => answers += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error:?}");
    let after = last.stats().total.unwrap();
    assert!(
        after.reserved.is_zero() && after.spent <= limit,
        "{after:?}"
    );
    assert!(
        after.left().unwrap() < usd("0.0002"),
        "{after:?} after {answers} more"
    );
    let killed: u64 = ledger
        .sums(SpendBy::Day, None)
        .unwrap()
        .iter()
        .map(|row| row.killed)
        .sum();
    assert!(killed > 0, "somebody was killed with a request on its way");
    drop(last);
    let owners = folder
        .files()
        .iter()
        .filter(|name| name.contains("owner"))
        .count();
    assert_eq!(owners, 0);
}

#[tokio::test]
async fn what_a_living_process_has_set_aside_is_not_taken_from_it() {
    use super::support::{Play, Server};
    let folder = Folder::new();
    let server = Server::play([Play::Silence(Duration::from_secs(9))]);
    let live = || {
        anymodel::Client::builder()
            .base_url(server.url())
            .ledger(folder.ledger())
            .budget(Budget::new().total(0.001))
            .build()
            .unwrap()
    };
    let (slow, other) = (live(), live());
    let ask =
        |client: &anymodel::Client| client.chat(MINI).user("Hello").max_tokens(1_000).retries(0);
    let call = tokio::spawn(ask(&slow).send());
    let mut held = other.stats().total.unwrap();
    for _ in 0..100 {
        if !held.reserved.is_zero() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        held = other.stats().total.unwrap();
    }
    assert!(held.reserved > usd("0.0006"), "{held:?}");
    // It is waited for, and not for ever.
    let waiting = ask(&other).deadline(Duration::from_millis(500));
    let error = waiting.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error:?}");
    assert!(error.is_retryable());
    assert_eq!(other.stats().total.unwrap().reserved, held.reserved);
    assert!(server.requests().len() <= 1);
    call.abort();
}
