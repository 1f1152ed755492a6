//! State of a key, as several pages show it: whether it may be used now, and how much money is left.

use std::sync::Arc;

use maud::{Markup, html};

use super::words::Words;
use crate::model::{Group, Key, Limits, Window};
use crate::money::Usd;
use crate::refusal::Refusal;
use crate::state::{Directory, Gateway};

/// The badge of a key: a word, and a colour beside it.
pub(super) fn badge(gateway: &Gateway, words: Words, key: &Arc<Key>) -> Markup {
    let holder = gateway.holder(key);
    let (class, text) = match gateway.may_ask_now(&holder) {
        _ if key.blocked => ("badge bad", words.blocked()),
        _ if holder.is_expired(gateway.now()) => ("badge bad", words.expired()),
        Ok(()) => ("badge good", words.active()),
        Err(Refusal::Paused) => ("badge warn", words.paused()),
        Err(_) => ("badge warn", words.closed()),
    };
    html! { span class=(class) { (text) } }
}

/// What is left in the window that has the least left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    pub window: Window,
    pub limit: Usd,
    pub left: Usd,
}

/// The least that is left for each of these owners; `None` for one without a budget.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn least_left(
    gateway: &Gateway,
    owners: &[(String, &Limits)],
) -> Result<Vec<Option<Left>>, Refusal> {
    let now = gateway.now();
    let accounts = owners.iter().flat_map(|(owner, limits)| {
        let windows = limits.budget.keys();
        windows.map(move |window| gateway.account(owner, *window, now))
    });
    let balances = gateway.store.balances(accounts.collect()).await;
    let mut balances = balances.map_err(|_| Refusal::StoreFailed)?.into_iter();
    let mut least = |limits: &Limits| {
        // The balances come in the order of the accounts, so each owner takes as many as it has windows.
        let left = limits.budget.iter().zip(balances.by_ref());
        let left = left.map(|((window, limit), balance)| Left {
            window: *window,
            limit: *limit,
            left: balance.left(*limit),
        });
        left.collect::<Vec<_>>()
            .into_iter()
            .min_by_key(|left| left.left)
    };
    Ok(owners.iter().map(|(_, limits)| least(limits)).collect())
}

/// A group and its keys, or the keys without a group.
pub(super) type Members = (Option<Arc<Group>>, Vec<Arc<Key>>);

/// Groups by name, and their keys by name; the keys without a group come last.
pub(super) fn by_group(directory: &Directory) -> Vec<Members> {
    let mut groups: Vec<_> = directory.groups.values().cloned().map(Some).collect();
    groups.sort_by_key(|group| {
        group
            .as_ref()
            .map(|group| (group.name.clone(), group.id.clone()))
    });
    groups.push(None);
    let keys_of = |group: &Option<Arc<Group>>| {
        let id = group.as_ref().map(|group| &group.id);
        let keys = directory.keys.values();
        let mut keys: Vec<_> = keys
            .filter(|key| key.group.as_ref() == id)
            .cloned()
            .collect();
        keys.sort_by_key(|key| (key.name.clone(), key.id.clone()));
        keys
    };
    let all = groups.into_iter().map(|group| {
        let keys = keys_of(&group);
        (group, keys)
    });
    all.filter(|(group, keys)| group.is_some() || !keys.is_empty())
        .collect()
}
