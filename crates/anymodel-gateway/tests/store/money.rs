//! Money: it is reserved for all accounts of a call or for none, settled once, and never spent twice.

use std::sync::Arc;
use std::time::Duration;

use anymodel_gateway::model::Window;
use anymodel_gateway::money::Usd;
use anymodel_gateway::store::{Balance, BudgetAccount, ReserveError, ReserveRequest, Store};
use tokio::sync::Barrier;

use crate::support::{
    Stores, account, all_calls, balance, call, exactly, micro, reserve, unfinished,
};

/// Reserves 64 times at once, in turn from each store, and returns how many passed.
async fn race(stores: &[Arc<dyn Store>], accounts: &[(BudgetAccount, Usd)], amount: Usd) -> usize {
    let barrier = Arc::new(Barrier::new(64));
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let store = Arc::clone(&stores[number % stores.len()]);
            let request = exactly(&format!("c{number}"), amount, accounts);
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                store.reserve(request).await
            })
        })
        .collect();
    let mut passed = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(reserved) => {
                assert_eq!(reserved.amount, amount);
                passed += 1;
            }
            Err(ReserveError::InsufficientFunds(_)) => {}
            Err(ReserveError::Store(error)) => panic!("{error}"),
        }
    }
    passed
}

pub async fn of_64_calls_at_a_barrier_with_money_for_three_three_pass(stores: &impl Stores) {
    let store = stores.open().await;
    let accounts = [
        (account("key:k1", Window::Day), micro(1000)),
        (account("group:g1", Window::Total), micro(350)),
    ];
    assert_eq!(race(&[Arc::clone(&store)], &accounts, micro(100)).await, 3);
    for (account, _) in &accounts {
        assert_eq!(balance(&store, account).await.reserved, micro(300));
    }
}

pub async fn of_64_calls_from_two_processes_with_money_for_three_three_pass(stores: &impl Stores) {
    let both = [stores.open().await, stores.open().await];
    let accounts = [
        (account("group:g1", Window::Day), micro(399)),
        (account("key:k1", Window::Day), micro(1000)),
        (account("key:k1", Window::Month), micro(400)),
    ];
    assert_eq!(race(&both, &accounts, micro(100)).await, 3);
    for store in &both {
        assert_eq!(balance(store, &accounts[0].0).await.reserved, micro(300));
    }
}

pub async fn a_call_reserves_in_all_its_accounts_or_in_none(stores: &impl Stores) {
    let store = stores.open().await;
    let rich = account("key:k1", Window::Day);
    let poor = account("group:g1", Window::Day);
    let accounts = [(rich.clone(), micro(1000)), (poor.clone(), micro(99))];
    let refused = store.reserve(exactly("c1", micro(100), &accounts)).await;
    assert!(matches!(refused, Err(ReserveError::InsufficientFunds(_))));
    assert_eq!(balance(&store, &rich).await, Balance::default());
    assert_eq!(balance(&store, &poor).await, Balance::default());
    assert!(all_calls(&store).await.is_empty());
}

pub async fn each_window_has_an_account_of_its_own(stores: &impl Stores) {
    let store = stores.open().await;
    let today = account("key:k1", Window::Day);
    let tomorrow = BudgetAccount {
        began: crate::support::at("2026-12-02T00:00:00Z"),
        ..today.clone()
    };
    let month = account("key:k1", Window::Month);
    let limits = |day: &BudgetAccount| [(day.clone(), micro(100)), (month.clone(), micro(150))];

    let first = reserve(&store, "c1", micro(100), &limits(&today)).await;
    let settled = store.settle(Some(first.id), call("c1", micro(90))).await;
    assert!(settled.unwrap());
    // The day has 10 left, the next day 100, the month 60.
    let refused = store
        .reserve(exactly("c2", micro(11), &limits(&today)))
        .await;
    assert!(matches!(refused, Err(ReserveError::InsufficientFunds(_))));
    reserve(&store, "c3", micro(60), &limits(&tomorrow)).await;
    let refused = store
        .reserve(exactly("c4", micro(1), &limits(&tomorrow)))
        .await;
    let Err(ReserveError::InsufficientFunds(refused)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(refused.account, month);
}

pub async fn as_much_is_reserved_as_all_accounts_have_between_the_least_and_the_most(
    stores: &impl Stores,
) {
    let store = stores.open().await;
    let accounts = [
        (account("key:k1", Window::Day), micro(100)),
        (account("group:g1", Window::Day), micro(70)),
    ];
    let request = |least: i64, most: i64| ReserveRequest {
        call: unfinished("c1"),
        accounts: accounts.to_vec(),
        least: micro(least),
        most: micro(most),
    };
    let amounts = [(10, 40, Some(40)), (10, 40, Some(30)), (1, 40, None)];
    for (least, most, expected) in amounts {
        let reserved = store.reserve(request(least, most)).await.ok();
        assert_eq!(reserved.map(|it| it.amount), expected.map(micro));
    }
}

pub async fn a_refusal_names_the_account_with_the_least_left(stores: &impl Stores) {
    let store = stores.open().await;
    let key = account("key:k1", Window::Day);
    let pot = account("group:g1", Window::Total);
    let accounts = [(key.clone(), micro(90)), (pot.clone(), micro(100))];
    let first = reserve(&store, "c1", micro(20), &accounts[1..]).await;
    store
        .settle(Some(first.id), call("c1", micro(15)))
        .await
        .unwrap();
    reserve(&store, "c2", micro(10), &accounts[1..]).await;

    let refused = store.reserve(exactly("c3", micro(80), &accounts)).await;
    let Err(ReserveError::InsufficientFunds(refused)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(refused.account, pot);
    assert_eq!(refused.limit, micro(100));
    let expected = Balance {
        spent: micro(15),
        reserved: micro(10),
    };
    assert_eq!(refused.balance, expected);
    // What is said of an account in the refusal is what is said of it elsewhere.
    assert_eq!(balance(&store, &pot).await, expected);
}

pub async fn a_call_that_costs_nothing_passes_when_the_money_is_used_up(stores: &impl Stores) {
    let store = stores.open().await;
    let accounts = [(account("key:k1", Window::Day), micro(100))];
    let first = reserve(&store, "c1", micro(100), &accounts).await;
    store
        .settle(Some(first.id), call("c1", micro(250)))
        .await
        .unwrap();
    assert_eq!(
        reserve(&store, "free", Usd::ZERO, &accounts).await.amount,
        Usd::ZERO
    );
    let refused = store
        .reserve(exactly("dear", Usd::from_units(1), &accounts))
        .await;
    assert!(matches!(refused, Err(ReserveError::InsufficientFunds(_))));
}

pub async fn a_call_above_its_reservation_is_booked_whole(stores: &impl Stores) {
    let store = stores.open().await;
    let accounts = [(account("key:k1", Window::Day), micro(100))];
    let reserved = reserve(&store, "c1", micro(40), &accounts).await;
    assert!(
        store
            .settle(Some(reserved.id), call("c1", micro(140)))
            .await
            .unwrap()
    );
    let expected = Balance {
        spent: micro(140),
        reserved: Usd::ZERO,
    };
    assert_eq!(balance(&store, &accounts[0].0).await, expected);
    assert_eq!(all_calls(&store).await, [call("c1", micro(140))]);
}

pub async fn a_reservation_is_settled_once(stores: &impl Stores) {
    let store = stores.open().await;
    let accounts = [(account("key:k1", Window::Day), micro(100))];
    let reserved = reserve(&store, "c1", micro(40), &accounts).await;
    let other = reserve(&store, "c2", micro(40), &accounts).await;
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.settle(Some(reserved.id), call("c1", micro(5))).await })
        })
        .collect();
    let mut settled = 0;
    for task in tasks {
        settled += usize::from(task.await.unwrap().unwrap());
    }
    assert_eq!(settled, 1);
    let expected = Balance {
        spent: micro(5),
        reserved: other.amount,
    };
    assert_eq!(balance(&store, &accounts[0].0).await, expected);
    assert_eq!(all_calls(&store).await.len(), 1);
}

pub async fn a_call_without_a_reservation_leaves_its_row(stores: &impl Stores) {
    let store = stores.open().await;
    assert!(store.settle(None, call("c1", Usd::ZERO)).await.unwrap());
    assert_eq!(all_calls(&store).await, [call("c1", Usd::ZERO)]);
}

pub async fn an_account_that_is_named_twice_counts_once_with_its_lower_limit(stores: &impl Stores) {
    let store = stores.open().await;
    let key = account("key:k1", Window::Day);
    let accounts = [(key.clone(), micro(100)), (key.clone(), micro(50))];
    let refused = store.reserve(exactly("c1", micro(60), &accounts)).await;
    assert!(matches!(refused, Err(ReserveError::InsufficientFunds(_))));
    reserve(&store, "c2", micro(40), &accounts).await;
    assert_eq!(balance(&store, &key).await.reserved, micro(40));
}

pub async fn the_largest_amounts_overflow_nothing(stores: &impl Stores) {
    let store = stores.open().await;
    let most = Usd::from_units(i64::MAX);
    let accounts = [(account("key:k1", Window::Day), most)];
    for id in ["c1", "c2"] {
        let reserved = reserve(&store, id, Usd::ZERO, &accounts).await;
        assert!(
            store
                .settle(Some(reserved.id), call(id, most))
                .await
                .unwrap()
        );
    }
    assert_eq!(balance(&store, &accounts[0].0).await.spent, most);
    let by = anymodel_gateway::store::UsageBy::Key;
    let sums = store.spend(by, None, None, "UTC".to_owned()).await.unwrap();
    assert_eq!((sums[0].calls, sums[0].cost), (2, most));
}

pub async fn two_hundred_writers_at_once_meet_no_error(stores: &impl Stores) {
    let both = [stores.open().await, stores.open().await];
    let barrier = Arc::new(Barrier::new(200));
    let pot = account("group:g1", Window::Total);
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let store = Arc::clone(&both[number % 2]);
            let (barrier, pot) = (Arc::clone(&barrier), pot.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                let own = account(&format!("key:k{}", number % 30), Window::Day);
                let accounts = [(pot, micro(1_000_000)), (own, micro(1_000_000))];
                for round in 0..3 {
                    let id = format!("c{number}-{round}");
                    let reserved = reserve(&store, &id, micro(10), &accounts).await;
                    let settled = store.settle(Some(reserved.id), call(&id, micro(7))).await;
                    assert!(settled.unwrap());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let expected = Balance {
        spent: micro(200 * 3 * 7),
        reserved: Usd::ZERO,
    };
    assert_eq!(balance(&both[0], &pot).await, expected);
    assert_eq!(all_calls(&both[1]).await.len(), 600);
}

pub async fn a_caller_that_leaves_while_it_reserves_keeps_no_money(stores: &impl Stores) {
    let store = stores.open().await;
    let accounts = [(account("key:k1", Window::Day), micro(1000))];
    let begin = |id: usize| store.reserve(exactly(&format!("c{id}"), micro(10), &accounts));
    // Some leave before the first poll, some after it; those that were answered then have their money.
    let mut answered = 0;
    for mut future in (0..40)
        .map(begin)
        .collect::<Vec<_>>()
        .into_iter()
        .step_by(2)
    {
        answered += i64::from(futures_util::poll!(future.as_mut()).is_ready());
    }
    let expected = Balance {
        spent: Usd::ZERO,
        reserved: micro(10 * answered),
    };
    for _ in 0..200 {
        if balance(&store, &accounts[0].0).await == expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nothing comes late.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(balance(&store, &accounts[0].0).await, expected);
}

pub async fn a_caller_that_leaves_while_it_settles_leaves_its_row(stores: &impl Stores) {
    let store = stores.open().await;
    let accounts = [(account("key:k1", Window::Day), micro(1000))];
    let reserved = reserve(&store, "c1", micro(10), &accounts).await;
    drop(store.settle(Some(reserved.id), call("c1", micro(7))));
    for _ in 0..200 {
        if !all_calls(&store).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(all_calls(&store).await, [call("c1", micro(7))]);
}
