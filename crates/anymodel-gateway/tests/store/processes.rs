//! Real processes on one database, some of them killed.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anymodel_gateway::model::Window;
use anymodel_gateway::money::Usd;
use anymodel_gateway::store::{BudgetAccount, SqliteStore, Store};

use crate::support::{Stores, account, all_calls, balance, call, exactly, micro, reserve};

/// The lease of these processes: a killed one is dead after this.
const LEASE: Duration = Duration::from_secs(1);
const ADDRESS: &str = "STORE_TEST_ADDRESS";
const TASK: &str = "STORE_TEST_TASK";

fn pot() -> BudgetAccount {
    account("group:g1", Window::Total)
}

/// This program as another process. It is killed at the end.
pub struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub fn start(address: &str, task: &str, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "processes::a_process_of_another_test",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(ADDRESS, address)
            .env(TASK, task)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Process {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
        }
    }

    /// The rest of the next line that says this.
    pub fn wait_for(&mut self, word: &str) -> String {
        let found = self.output.by_ref().find_map(|line| {
            let line = line.unwrap();
            line.split_once(word)
                .map(|(_, rest)| rest.trim().to_owned())
        });
        found.unwrap_or_else(|| panic!("the process has ended without a word of {word:?}"))
    }

    fn go(&mut self) {
        writeln!(self.input, "go").unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn open(address: &str) -> Arc<dyn Store> {
    #[cfg(feature = "postgres")]
    if address.starts_with("postgres://") {
        use anymodel_gateway::store::PostgresStore;
        let store = PostgresStore::open_with_lease(address, LEASE).await;
        return Arc::new(store.unwrap());
    }
    Arc::new(SqliteStore::open_with_lease(Path::new(address), LEASE).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "started by the other tests of this module, as a process of its own"]
async fn a_process_of_another_test() {
    let store = open(&std::env::var(ADDRESS).unwrap()).await;
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    match std::env::var(TASK).unwrap().as_str() {
        "race" => race(&store).await,
        _ => calls(&store).await,
    }
}

async fn race(store: &Arc<dyn Store>) {
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let accounts = [(pot(), micro(350))];
            let request = exactly(&format!("c{number}"), micro(100), &accounts);
            let store = Arc::clone(store);
            tokio::spawn(async move { store.reserve(request).await.is_ok() })
        })
        .collect();
    let mut passed = 0;
    for task in tasks {
        passed += usize::from(task.await.unwrap());
    }
    println!("passed {passed}");
    // It lives on until it is killed.
    std::future::pending().await
}

/// Eight callers that ask without end, and say which of their calls were settled.
async fn calls(store: &Arc<dyn Store>) {
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                for number in 0.. {
                    let id = format!("c{caller}-{number}");
                    let accounts = [(pot(), micro(1_000_000_000))];
                    let reserved = reserve(&store, &id, micro(10), &accounts).await;
                    let settled = store.settle(Some(reserved.id), call(&id, micro(7))).await;
                    assert!(settled.unwrap());
                    println!("settled {id}");
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
}

pub async fn two_real_processes_share_money_for_three_calls(stores: &impl Stores) {
    let address = stores.address();
    let mut both = [
        Process::start(&address, "race", &[]),
        Process::start(&address, "race", &[]),
    ];
    both.iter_mut()
        .for_each(|process| drop(process.wait_for("ready")));
    both.iter_mut().for_each(Process::go);
    let passed = both.each_mut().map(|process| process.wait_for("passed "));
    let passed: usize = passed
        .iter()
        .map(|count| count.parse::<usize>().unwrap())
        .sum();
    assert_eq!(passed, 3);

    // Killed, both leave their reservations to a third one.
    drop(both);
    let store = stores.open().await;
    assert_eq!(balance(&store, &pot()).await.reserved, micro(300));
    tokio::time::sleep(LEASE * 2).await;
    assert_eq!(store.recover().await.unwrap(), 3);
    assert_eq!(balance(&store, &pot()).await.spent, micro(300));
}

pub async fn of_a_process_that_is_killed_every_answered_call_has_its_row(stores: &impl Stores) {
    let store = stores.open().await;
    let mut settled = Vec::new();
    for round in 1..=3 {
        let mut process = Process::start(&stores.address(), "calls", &[]);
        process.wait_for("ready");
        process.go();
        settled.extend((0..50 * round).map(|_| process.wait_for("settled ")));
    }
    tokio::time::sleep(LEASE * 2).await;
    store.recover().await.unwrap();

    let rows = all_calls(&store).await;
    for id in &settled {
        let of_it = rows.iter().filter(|row| row.id == *id && !row.unsettled);
        // The processes name their calls alike.
        let answered = settled.iter().filter(|other| *other == id).count();
        assert!(of_it.count() >= answered, "{id}");
    }
    let pot = balance(&store, &pot()).await;
    assert_eq!(pot.reserved, Usd::ZERO);
    assert_eq!(pot.spent, rows.iter().map(|row| row.cost).sum::<Usd>());
}
