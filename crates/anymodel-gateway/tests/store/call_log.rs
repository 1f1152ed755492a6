//! Call log: rows, pages, filters and sums.

use anymodel_gateway::model::{Call, Outcome};
use anymodel_gateway::money::Usd;
use anymodel_gateway::store::{CallFilter, UsageBy, UsageRow};

use crate::support::{Stores, all_calls, at, call, micro};

pub async fn a_call_is_read_as_it_was_written(stores: &impl Stores) {
    let store = stores.open().await;
    let refused = Call {
        group: None,
        model: "模型/β'; DROP TABLE call_log; --".to_owned(),
        tried: Vec::new(),
        outcome: Outcome::Refused,
        status: 429,
        code: Some("insufficient_quota".to_owned()),
        first_token_seconds: None,
        ..call("c2", Usd::ZERO)
    };
    for row in [call("c1", micro(12)), refused.clone()] {
        assert!(store.settle(None, row).await.unwrap());
    }
    assert_eq!(all_calls(&store).await, [refused, call("c1", micro(12))]);
}

pub async fn calls_are_read_in_pages_the_newest_first(stores: &impl Stores) {
    let store = stores.open().await;
    for number in 0..250 {
        store
            .settle(None, call(&format!("c{number}"), micro(1)))
            .await
            .unwrap();
    }
    let mut filter = CallFilter::default();
    let mut pages = Vec::new();
    loop {
        let page = store.calls(filter.clone()).await.unwrap();
        pages.push((page.rows.len(), page.rows[0].id.clone()));
        // What comes in between moves no row to another page.
        store.settle(None, call("later", micro(1))).await.unwrap();
        filter.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    let expected = [(100, "c249"), (100, "c149"), (50, "c49")];
    assert_eq!(pages, expected.map(|(count, id)| (count, id.to_owned())));
    // A last page that is full says that it is the last.
    let only = CallFilter {
        limit: 253,
        ..CallFilter::default()
    };
    assert_eq!(store.calls(only).await.unwrap().next, None);
}

pub async fn calls_are_filtered_by_key_model_and_status(stores: &impl Stores) {
    let store = stores.open().await;
    for number in 0..12 {
        let row = Call {
            key: format!("k{}", number % 2),
            model: format!("m{}", number % 3),
            status: if number % 4 == 0 { 429 } else { 200 },
            ..call(&format!("c{number}"), micro(1))
        };
        store.settle(None, row).await.unwrap();
    }
    let of = |key: Option<&str>, model: Option<&str>, status| CallFilter {
        key: key.map(str::to_owned),
        model: model.map(str::to_owned),
        status,
        ..CallFilter::default()
    };
    let cases = [
        (
            of(Some("k1"), None, None),
            vec!["c11", "c9", "c7", "c5", "c3", "c1"],
        ),
        (of(None, Some("m2"), None), vec!["c11", "c8", "c5", "c2"]),
        (of(None, None, Some(429)), vec!["c8", "c4", "c0"]),
        (of(Some("k0"), Some("m2"), Some(429)), vec!["c8"]),
        (of(Some("k1"), None, Some(429)), vec![]),
    ];
    for (filter, expected) in cases {
        let rows = store.calls(filter).await.unwrap().rows;
        let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, expected);
    }
}

fn sums(name: &str, calls: u64, cost: Usd) -> UsageRow {
    UsageRow {
        name: name.to_owned(),
        calls,
        prompt_tokens: 11 * calls,
        completion_tokens: 7 * calls,
        cost,
    }
}

pub async fn sums_are_grouped_by_key_group_and_model(stores: &impl Stores) {
    let store = stores.open().await;
    for number in 0..10 {
        let row = Call {
            key: format!("k{}", number % 2),
            group: (number % 2 == 0).then(|| "g1".to_owned()),
            model: format!("m{}", number / 5),
            // The last places of an amount are not lost.
            ..call(&format!("c{number}"), Usd::from_units(1_000_000_000_001))
        };
        store.settle(None, row).await.unwrap();
    }
    let five = Usd::from_units(5_000_000_000_005);
    let cases = [
        (UsageBy::Key, ["k0", "k1"]),
        (UsageBy::Group, ["", "g1"]),
        (UsageBy::Model, ["m0", "m1"]),
    ];
    for (by, names) in cases {
        let rows = store.spend(by, None, None, "UTC".to_owned()).await.unwrap();
        assert_eq!(rows, names.map(|name| sums(name, 5, five)), "{by:?}");
    }
}

pub async fn days_are_those_of_the_zone_also_when_clocks_change(stores: &impl Stores) {
    let store = stores.open().await;
    // In Berlin the 29th of March 2026 has 23 hours, the 25th of October 25. Kathmandu is 5:45 ahead.
    let moments = [
        "2026-03-28T22:59:59.999999Z",
        "2026-03-28T23:00:00Z",
        "2026-03-29T21:59:59.999999Z",
        "2026-03-29T22:00:00Z",
        "2026-10-24T22:00:00Z",
        "2026-10-25T22:59:59.999999Z",
        "2026-10-25T23:00:00Z",
    ];
    for moment in moments {
        let row = Call {
            at: at(moment),
            ..call(moment, micro(1))
        };
        store.settle(None, row).await.unwrap();
    }
    let days = async |zone: &str, from: Option<&str>, to: Option<&str>| {
        let (from, to) = (from.map(at), to.map(at));
        let rows = store.spend(UsageBy::Day, from, to, zone.to_owned()).await;
        let rows = rows.unwrap().into_iter().map(|row| (row.name, row.calls));
        rows.collect::<Vec<_>>()
    };
    let named = |days: &[(&str, u64)]| -> Vec<(String, u64)> {
        days.iter()
            .map(|(day, calls)| ((*day).to_owned(), *calls))
            .collect()
    };
    let berlin = [
        ("2026-03-28", 1),
        ("2026-03-29", 2),
        ("2026-03-30", 1),
        ("2026-10-25", 2),
        ("2026-10-26", 1),
    ];
    assert_eq!(days("Europe/Berlin", None, None).await, named(&berlin));
    let kathmandu = [
        ("2026-03-29", 2),
        ("2026-03-30", 2),
        ("2026-10-25", 1),
        ("2026-10-26", 2),
    ];
    assert_eq!(days("Asia/Kathmandu", None, None).await, named(&kathmandu));
    // From the first moment on, until before the last.
    let range = days(
        "Europe/Berlin",
        Some("2026-03-28T23:00:00Z"),
        Some("2026-03-29T22:00:00Z"),
    );
    assert_eq!(range.await, named(&[("2026-03-29", 2)]));
}

pub async fn an_unknown_zone_is_an_error(stores: &impl Stores) {
    let store = stores.open().await;
    let zone = "Europe/Atlantis".to_owned();
    let error = store
        .spend(UsageBy::Day, None, None, zone)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("Atlantis"), "{error}");
}
