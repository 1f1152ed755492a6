//! Any sequence of calls and deaths keeps the accounts equal to the open reservations and to the rows of the call log.

use std::future::Future;
use std::sync::Arc;

use anymodel_gateway::model::{Call, Window};
use anymodel_gateway::money::Usd;
use anymodel_gateway::store::{Balance, BudgetAccount, ReserveError, ReserveRequest, Store};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{SqliteFile, Stores, account, all_calls, call, micro, unfinished};

const PROCESSES: usize = 3;
const KEYS: usize = 2;
const KEY_LIMIT: i64 = 1000;
const GROUP_LIMIT: i64 = 1500;

#[derive(Clone, Debug)]
enum Step {
    Reserve {
        process: usize,
        key: usize,
        least: i64,
        more: i64,
    },
    /// Settles one of the reservations so far, open or not.
    Settle {
        which: usize,
        cost: i64,
    },
    Recover {
        process: usize,
    },
    /// The process dies, and another takes its place.
    Kill {
        process: usize,
    },
    Release {
        which: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0..PROCESSES, 0..KEYS, 0i64..300, 0i64..300).prop_map(|(process, key, least, more)| {
            Step::Reserve { process, key, least, more }
        }),
        4 => (0usize..100, 0i64..700).prop_map(|(which, cost)| Step::Settle { which, cost }),
        2 => (0..PROCESSES).prop_map(|process| Step::Recover { process }),
        1 => (0..PROCESSES).prop_map(|process| Step::Kill { process }),
        1 => (0usize..100).prop_map(|which| Step::Release { which }),
    ];
    vec(step, 1..40)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Open,
    /// Its process is dead.
    Orphan,
    /// Booked by another process.
    Recovered,
    Over,
}

/// What the store should know of a reservation.
#[derive(Debug)]
struct Expected {
    process: usize,
    key: usize,
    id: i64,
    amount: Usd,
    state: State,
}

fn accounts(key: usize) -> Vec<(BudgetAccount, Usd)> {
    vec![
        (
            account(&format!("key:k{key}"), Window::Day),
            micro(KEY_LIMIT),
        ),
        (account("group:g1", Window::Total), micro(GROUP_LIMIT)),
    ]
}

fn named(mut call: Call, key: usize) -> Call {
    call.key = format!("k{key}");
    call
}

struct Model<'a, S> {
    stores: &'a S,
    processes: Vec<Arc<dyn Store>>,
    reservations: Vec<Expected>,
}

impl<S: Stores> Model<'_, S> {
    /// What is in the key's account and in the group's, by the open reservations and the rows of the call log.
    async fn expected(&self, key: usize) -> [Balance; 2] {
        let rows = all_calls(&self.processes[0]).await;
        let of_key = format!("k{key}");
        let open = |expected: &&Expected| matches!(expected.state, State::Open | State::Orphan);
        let reserved = |all: bool| {
            let open = self.reservations.iter().filter(open);
            open.filter(|expected| all || expected.key == key)
                .map(|expected| expected.amount)
                .sum()
        };
        let spent = |all: bool| {
            let rows = rows.iter().filter(|row| all || row.key == of_key);
            rows.map(|row| row.cost).sum()
        };
        [false, true].map(|all| Balance {
            spent: spent(all),
            reserved: reserved(all),
        })
    }

    async fn check(&self) {
        for key in 0..KEYS {
            let names = accounts(key).into_iter().map(|(account, _)| account);
            let found = self.processes[0].balances(names.collect()).await.unwrap();
            assert_eq!(found, self.expected(key).await);
        }
    }

    async fn run(&mut self, step: Step) {
        match step {
            Step::Reserve {
                process,
                key,
                least,
                more,
            } => {
                self.reserve(process, key, micro(least), micro(least + more))
                    .await
            }
            Step::Settle { which, cost } => self.settle(which, micro(cost)).await,
            Step::Recover { process } => self.recover(process).await,
            Step::Kill { process } => {
                self.processes[process].close().await.unwrap();
                self.processes[process] = self.stores.open().await;
                for expected in &mut self.reservations {
                    if expected.process == process && expected.state == State::Open {
                        expected.state = State::Orphan;
                    }
                }
            }
            Step::Release { which } => self.release(which).await,
        }
    }

    async fn reserve(&mut self, process: usize, key: usize, least: Usd, most: Usd) {
        let [own, group] = self.expected(key).await;
        let left = (micro(KEY_LIMIT) - own.spent - own.reserved)
            .min(micro(GROUP_LIMIT) - group.spent - group.reserved)
            .max(Usd::ZERO);
        let request = ReserveRequest {
            call: named(unfinished(&format!("r{}", self.reservations.len())), key),
            accounts: accounts(key),
            least,
            most,
        };
        match self.processes[process].reserve(request).await {
            Ok(reserved) => {
                assert!(left >= least);
                assert_eq!(reserved.amount, left.min(most));
                self.reservations.push(Expected {
                    process,
                    key,
                    id: reserved.id,
                    amount: reserved.amount,
                    state: State::Open,
                });
            }
            Err(ReserveError::InsufficientFunds(_)) => assert!(left < least),
            Err(ReserveError::Store(error)) => panic!("{error}"),
        }
    }

    async fn settle(&mut self, which: usize, cost: Usd) {
        if self.reservations.is_empty() {
            return;
        }
        let which = which % self.reservations.len();
        let expected = &mut self.reservations[which];
        let row = named(call(&format!("r{which}"), cost), expected.key);
        let settled = self.processes[expected.process]
            .settle(Some(expected.id), row)
            .await;
        let was_open = matches!(expected.state, State::Open | State::Orphan);
        assert_eq!(settled.unwrap(), was_open);
        if was_open {
            expected.state = State::Over;
        }
    }

    async fn recover(&mut self, process: usize) {
        let mut orphans = 0;
        for expected in &mut self.reservations {
            if expected.state == State::Orphan {
                expected.state = State::Recovered;
                orphans += 1;
            }
        }
        assert_eq!(self.processes[process].recover().await.unwrap(), orphans);
    }

    async fn release(&mut self, which: usize) {
        if self.reservations.is_empty() {
            return;
        }
        let which = which % self.reservations.len();
        let expected = &mut self.reservations[which];
        let released = self.processes[0]
            .release_unsettled(format!("r{which}"))
            .await;
        assert_eq!(released.unwrap(), expected.state == State::Recovered);
        if expected.state == State::Recovered {
            expected.state = State::Over;
        }
    }
}

async fn hold(stores: &impl Stores, steps: Vec<Step>) {
    let mut processes = Vec::new();
    for _ in 0..PROCESSES {
        processes.push(stores.open().await);
        // It is alive before it reserves.
        processes.last().unwrap().recover().await.unwrap();
    }
    let mut model = Model {
        stores,
        processes,
        reservations: Vec::new(),
    };
    for step in steps {
        model.run(step).await;
        model.check().await;
    }
}

fn any_sequence<F: Future<Output = ()>>(cases: u32, check: impl Fn(Vec<Step>) -> F) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&steps(), |steps| {
            runtime.block_on(check(steps));
            Ok(())
        })
        .unwrap();
}

#[test]
fn any_sequence_of_calls_and_deaths_keeps_the_accounts_in_sqlite() {
    any_sequence(
        48,
        |steps| async move { hold(&SqliteFile::new(), steps).await },
    );
}

#[cfg(feature = "postgres")]
#[test]
fn any_sequence_of_calls_and_deaths_keeps_the_accounts_in_postgresql() {
    use crate::postgres_server::Schema;
    any_sequence(12, |steps| async move {
        hold(&Schema::new().await, steps).await
    });
}
