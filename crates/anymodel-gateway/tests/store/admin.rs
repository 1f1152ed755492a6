//! Administration: keys, groups, versions of the configuration and the audit log.

use std::sync::Arc;

use anymodel_gateway::model::Key;
use anymodel_gateway::money::Usd;
use anymodel_gateway::store::{AdminChange, ApplyError, Store};

use crate::support::{Stores, all_calls, at, audit, call, group, key};

async fn put(store: &Arc<dyn Store>, keys: &[Key]) -> i64 {
    let change = AdminChange::PutKeys(keys.to_vec());
    store
        .apply(change, audit("key.create", "k1"), None)
        .await
        .unwrap()
}

async fn put_group(store: &Arc<dyn Store>, id: &str) -> i64 {
    let change = AdminChange::PutGroup(group(id));
    store
        .apply(change, audit("group.create", id), None)
        .await
        .unwrap()
}

fn config(document: &str, expected: Option<i64>) -> AdminChange {
    AdminChange::PutConfig {
        document: document.to_owned(),
        note: format!("now {document}"),
        expected,
    }
}

pub async fn a_snapshot_has_what_was_put(stores: &impl Stores) {
    let (writer, reader) = (stores.open().await, stores.open().await);
    assert_eq!(reader.revision().await.unwrap(), 0);
    assert!(reader.snapshot().await.unwrap().config.is_none());
    put_group(&writer, "g1").await;
    put(&writer, &[key("k1", Some("g1")), key("k2", None)]).await;
    let revision = writer
        .apply(config("a: 1", None), audit("config.put", "1"), None)
        .await
        .unwrap();

    assert_eq!(revision, 3);
    assert_eq!(reader.revision().await.unwrap(), 3);
    let snapshot = reader.snapshot().await.unwrap();
    assert_eq!(snapshot.revision, 3);
    assert_eq!(snapshot.groups, [group("g1")]);
    assert_eq!(snapshot.keys, [key("k1", Some("g1")), key("k2", None)]);
    assert_eq!(snapshot.config, Some((1, "a: 1".to_owned())));

    let changed = Key {
        blocked: true,
        previous: None,
        group: None,
        ..key("k1", None)
    };
    put(&writer, std::slice::from_ref(&changed)).await;
    let delete = AdminChange::DeleteKey("k2".to_owned());
    writer
        .apply(delete, audit("key.delete", "k2"), None)
        .await
        .unwrap();
    assert_eq!(reader.snapshot().await.unwrap().keys, [changed]);
}

pub async fn a_change_and_its_audit_row_stand_together_or_not_at_all(stores: &impl Stores) {
    let store = stores.open().await;
    put(&store, &[key("k1", None)]).await;
    let rows = store.audit(None, 0).await.unwrap().rows;
    assert_eq!(rows, [audit("key.create", "k1")]);
    let change = AdminChange::PutKeys(vec![key("k2", None), key("k3", Some("no group"))]);
    let refused = store.apply(change, audit("key.create", "k2"), None).await;
    assert!(matches!(refused, Err(ApplyError::Stale)));
    assert_eq!(store.audit(None, 0).await.unwrap().rows, rows);
    let snapshot = store.snapshot().await.unwrap();
    assert_eq!((snapshot.revision, snapshot.keys.len()), (1, 1));
}

pub async fn a_change_of_an_old_snapshot_is_stale(stores: &impl Stores) {
    let (first, second) = (stores.open().await, stores.open().await);
    put(&first, &[key("k1", None)]).await;
    let seen = second.revision().await.unwrap();
    let blocked = Key {
        blocked: true,
        ..key("k1", None)
    };
    put(&first, std::slice::from_ref(&blocked)).await;
    // The second administrator raises a limit of the key as it was before: that would unblock it.
    let change = AdminChange::PutKeys(vec![key("k1", None)]);
    let refused = second
        .apply(change, audit("key.patch", "k1"), Some(seen))
        .await;
    assert!(matches!(refused, Err(ApplyError::Stale)));
    assert_eq!(second.snapshot().await.unwrap().keys, [blocked]);
}

pub async fn of_many_changes_of_one_snapshot_one_is_made(stores: &impl Stores) {
    let both = [stores.open().await, stores.open().await];
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let store = Arc::clone(&both[number % 2]);
            let change = AdminChange::PutKeys(vec![key(&format!("k{number}"), None)]);
            tokio::spawn(
                async move { store.apply(change, audit("key.create", "k"), Some(0)).await },
            )
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(revision) => {
                assert_eq!(revision, 1);
                made += 1;
            }
            Err(ApplyError::Stale) => {}
            Err(ApplyError::Store(error)) => panic!("{error}"),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(both[0].snapshot().await.unwrap().keys.len(), 1);
}

pub async fn a_configuration_made_from_an_older_version_is_stale(stores: &impl Stores) {
    let store = stores.open().await;
    let apply = |document, expected| {
        store.apply(
            config(document, expected),
            audit("config.put", document),
            None,
        )
    };
    apply("one", None).await.unwrap();
    assert!(matches!(apply("lost", None).await, Err(ApplyError::Stale)));
    apply("two", Some(1)).await.unwrap();
    assert!(matches!(
        apply("lost", Some(1)).await,
        Err(ApplyError::Stale)
    ));
    let versions = store.config_versions().await.unwrap();
    let shown: Vec<_> = versions
        .iter()
        .map(|version| (version.n, version.document.as_str(), version.note.as_str()))
        .collect();
    assert_eq!(shown, [(2, "two", "now two"), (1, "one", "now one")]);
    assert_eq!(versions[0].who, "admin");
    assert_eq!(versions[0].at, at("2026-12-01T09:00:00Z"));
}

pub async fn a_deleted_group_takes_its_keys_with_it_and_leaves_its_calls(stores: &impl Stores) {
    let store = stores.open().await;
    put_group(&store, "g1").await;
    put(&store, &[key("k1", Some("g1")), key("k2", None)]).await;
    store.settle(None, call("c1", Usd::ZERO)).await.unwrap();
    let change = AdminChange::DeleteGroup("g1".to_owned());
    store
        .apply(change, audit("group.delete", "g1"), None)
        .await
        .unwrap();
    let snapshot = store.snapshot().await.unwrap();
    assert_eq!(snapshot.keys, [key("k2", None)]);
    assert!(snapshot.groups.is_empty());
    assert_eq!(all_calls(&store).await.len(), 1);
}

pub async fn no_key_is_made_in_a_group_that_is_not_there(stores: &impl Stores) {
    let store = stores.open().await;
    put_group(&store, "g1").await;
    let change = AdminChange::DeleteGroup("g1".to_owned());
    store
        .apply(change, audit("group.delete", "g1"), None)
        .await
        .unwrap();
    let change = AdminChange::PutKeys(vec![key("k1", Some("g1"))]);
    let refused = store.apply(change, audit("key.create", "k1"), None).await;
    assert!(matches!(refused, Err(ApplyError::Stale)));
}

pub async fn what_keys_asked_last_is_no_change_and_never_goes_back(stores: &impl Stores) {
    let store = stores.open().await;
    let revision = put(&store, &[key("k1", None), key("k2", None)]).await;
    let (early, late) = (at("2026-12-01T08:00:00Z"), at("2026-12-01T08:00:05Z"));
    let used = vec![
        ("k2".to_owned(), late),
        ("k1".to_owned(), late),
        ("gone".to_owned(), late),
    ];
    store.used(used).await.unwrap();
    store.used(vec![("k1".to_owned(), early)]).await.unwrap();
    // An administrator whose snapshot is older changes the key.
    put(&store, &[key("k1", None)]).await;
    let snapshot = store.snapshot().await.unwrap();
    assert_eq!(snapshot.revision, revision + 1);
    let last: Vec<_> = snapshot.keys.iter().map(|key| key.last_used).collect();
    assert_eq!(last, [Some(late), Some(late)]);
}

pub async fn the_audit_log_is_read_in_pages(stores: &impl Stores) {
    let store = stores.open().await;
    for number in 0..5 {
        let change = AdminChange::PutKeys(vec![key(&format!("k{number}"), None)]);
        let row = audit("key.create", &format!("k{number}"));
        store.apply(change, row, None).await.unwrap();
    }
    let mut after = None;
    let mut pages = Vec::new();
    loop {
        let page = store.audit(after, 2).await.unwrap();
        pages.push(
            page.rows
                .iter()
                .map(|row| row.object.clone())
                .collect::<Vec<_>>(),
        );
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [vec!["k4", "k3"], vec!["k2", "k1"], vec!["k0"]]);
}

pub async fn of_the_admin_tokens_that_processes_offer_a_new_database_one_stays(
    stores: &impl Stores,
) {
    let both = [stores.open().await, stores.open().await];
    let tasks: Vec<_> = (0..16u8)
        .map(|number| {
            let store = Arc::clone(&both[usize::from(number) % 2]);
            tokio::spawn(async move { (number, store.admin_token([number; 32]).await.unwrap()) })
        })
        .collect();
    let mut winners = Vec::new();
    let mut hashes = Vec::new();
    for task in tasks {
        let (number, (hash, is_new)) = task.await.unwrap();
        winners.extend(is_new.then_some([number; 32]));
        hashes.push(hash);
    }
    assert_eq!(winners.len(), 1);
    assert!(hashes.iter().all(|hash| *hash == winners[0]), "{hashes:?}");
    let later = stores.open().await.admin_token([99; 32]).await.unwrap();
    assert_eq!(later, (winners[0], false));
}
