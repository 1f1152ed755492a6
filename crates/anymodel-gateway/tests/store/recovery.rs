//! Recovery: what a process that died had reserved is booked once, at its dearest.

use std::sync::Arc;
use std::time::Duration;

use anymodel_gateway::model::{Call, Window};
use anymodel_gateway::money::Usd;
use anymodel_gateway::store::Balance;

use crate::support::{Stores, account, all_calls, balance, call, micro, reserve, unfinished};

fn booked(id: &str, cost: Usd) -> Call {
    Call {
        cost,
        unsettled: true,
        ..unfinished(id)
    }
}

pub async fn what_a_closed_process_had_reserved_is_booked_at_its_dearest_and_marked(
    stores: &impl Stores,
) {
    let (dead, living) = (stores.open().await, stores.open().await);
    let accounts = [
        (account("key:k1", Window::Day), micro(100)),
        (account("group:g1", Window::Total), micro(100)),
    ];
    reserve(&dead, "c1", micro(40), &accounts).await;
    dead.close().await.unwrap();
    drop(dead);

    assert_eq!(living.recover().await.unwrap(), 1);
    assert_eq!(living.recover().await.unwrap(), 0);
    let expected = Balance {
        spent: micro(40),
        reserved: Usd::ZERO,
    };
    for (account, _) in &accounts {
        assert_eq!(balance(&living, account).await, expected);
    }
    assert_eq!(all_calls(&living).await, [booked("c1", micro(40))]);
}

pub async fn what_a_living_process_has_reserved_is_left_alone(stores: &impl Stores) {
    let (first, second) = (stores.open().await, stores.open().await);
    let accounts = [(account("key:k1", Window::Day), micro(100))];
    let reserved = reserve(&first, "c1", micro(40), &accounts).await;
    assert_eq!(second.recover().await.unwrap(), 0);
    assert_eq!(first.recover().await.unwrap(), 0);
    assert!(
        first
            .settle(Some(reserved.id), call("c1", micro(1)))
            .await
            .unwrap()
    );
}

pub async fn a_process_without_a_sign_of_life_counts_as_dead_when_its_lease_has_ended(
    stores: &impl Stores,
) {
    let lease = Duration::from_millis(300);
    let (silent, living) = (stores.open_with_lease(lease).await, stores.open().await);
    let accounts = [(account("key:k1", Window::Day), micro(100))];
    let reserved = reserve(&silent, "c1", micro(40), &accounts).await;
    tokio::time::sleep(lease * 2).await;
    assert_eq!(living.recover().await.unwrap(), 1);
    // It only slept. Its call is over, but the money was booked meanwhile.
    assert!(
        !silent
            .settle(Some(reserved.id), call("c1", micro(1)))
            .await
            .unwrap()
    );
    assert_eq!(balance(&living, &accounts[0].0).await.spent, micro(40));
}

pub async fn a_call_that_reserves_renews_the_lease(stores: &impl Stores) {
    let lease = Duration::from_secs(2);
    let (slow, other) = (stores.open_with_lease(lease).await, stores.open().await);
    let accounts = [(account("key:k1", Window::Day), micro(1000))];
    for round in 0..4 {
        reserve(&slow, &format!("c{round}"), micro(40), &accounts).await;
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(other.recover().await.unwrap(), 0, "round {round}");
    }
}

pub async fn a_recovered_call_cannot_be_settled(stores: &impl Stores) {
    let (dead, living) = (stores.open().await, stores.open().await);
    let accounts = [(account("key:k1", Window::Day), micro(100))];
    let reserved = reserve(&dead, "c1", micro(40), &accounts).await;
    dead.close().await.unwrap();
    assert_eq!(living.recover().await.unwrap(), 1);
    let before = balance(&living, &accounts[0].0).await;
    assert!(
        !dead
            .settle(Some(reserved.id), call("c1", micro(3)))
            .await
            .unwrap()
    );
    assert_eq!(balance(&living, &accounts[0].0).await, before);
    assert_eq!(all_calls(&living).await, [booked("c1", micro(40))]);
}

pub async fn two_processes_that_recover_at_once_book_each_reservation_once(stores: &impl Stores) {
    let dead = stores.open().await;
    let accounts = [(account("group:g1", Window::Total), micro(1_000_000))];
    for number in 0..40 {
        reserve(&dead, &format!("c{number}"), micro(10), &accounts).await;
    }
    dead.close().await.unwrap();
    let both = [stores.open().await, stores.open().await];
    let tasks = both
        .clone()
        .map(|store| tokio::spawn(async move { store.recover().await }));
    let mut recovered = 0;
    for task in tasks {
        recovered += task.await.unwrap().unwrap();
    }
    // One that another process works on at that moment is passed over by this one.
    assert_eq!(recovered, 40);
    let expected = Balance {
        spent: micro(400),
        reserved: Usd::ZERO,
    };
    assert_eq!(balance(&both[0], &accounts[0].0).await, expected);
    assert_eq!(all_calls(&both[0]).await.len(), 40);
}

pub async fn a_released_call_gives_its_money_back_once(stores: &impl Stores) {
    let (dead, living) = (stores.open().await, stores.open().await);
    let accounts = [(account("key:k1", Window::Day), micro(100))];
    let paid = reserve(&dead, "c0", micro(5), &accounts).await;
    dead.settle(Some(paid.id), call("c0", micro(5)))
        .await
        .unwrap();
    reserve(&dead, "c1", micro(40), &accounts).await;
    dead.close().await.unwrap();
    assert_eq!(living.recover().await.unwrap(), 1);

    let tasks = [0; 4].map(|_| {
        let store = Arc::clone(&living);
        tokio::spawn(async move { store.release_unsettled("c1".to_owned()).await.unwrap() })
    });
    let mut released = 0;
    for task in tasks {
        released += usize::from(task.await.unwrap());
    }
    assert_eq!(released, 1);
    assert!(!living.release_unsettled("c0".to_owned()).await.unwrap());
    assert_eq!(balance(&living, &accounts[0].0).await.spent, micro(5));
    let rows = all_calls(&living).await;
    assert_eq!(rows, [unfinished("c1"), call("c0", micro(5))]);
}
