//! What is written, and what is not.

use std::time::Duration;

use anymodel::{Budget, ErrorKind, LedgerFile, SpendBy};
use futures_util::future::join_all;
use rust_decimal::Decimal;

use super::support::{Play, Server};
use super::{Folder, MINI, builder, client, limited, usd};

#[tokio::test]
async fn every_attempt_is_written_before_its_answer_is_given() {
    let folder = Folder::new();
    let client = client(&folder.ledger()).with_label("lesson 3");
    let reply = client
        .ask(["sandbox/down", MINI], "What is recursion?")
        .await
        .unwrap();

    // The client is still there and has closed nothing.
    let ledger = LedgerFile::open(folder.ledger()).unwrap();
    let models = ledger.sums(SpendBy::Model, None).unwrap();
    let row = |name: &str| models.iter().find(|row| row.name == name).unwrap();
    let answered = row("sandbox:openai/gpt-4o-mini");
    assert_eq!((answered.attempts, answered.answered), (1, 1));
    assert_eq!(Some(answered.cost()), reply.cost);
    assert_eq!(
        Some(answered.prompt_tokens),
        reply.usage.map(|usage| usage.prompt_tokens)
    );
    assert!(answered.simulated);
    assert_eq!(row("sandbox:sandbox/down").failed(), 1);
    let labels = ledger.sums(SpendBy::Label, None).unwrap();
    assert_eq!(
        (labels.len(), labels[0].name.as_str(), labels[0].attempts),
        (1, "lesson 3", 2)
    );
    let days = ledger.sums(SpendBy::Day, None).unwrap();
    assert_eq!(
        (days.len(), days[0].name.len(), days[0].attempts),
        (1, 10, 2)
    );
    assert_eq!(ledger.sums(SpendBy::Day, Some("2999-01-01")).unwrap(), []);
    assert_eq!(
        ledger.sums(SpendBy::Day, Some(&days[0].name)).unwrap(),
        days
    );
    for day in ["yesterday", "2026-02-31", "2026-1-1", ""] {
        assert_eq!(
            ledger.sums(SpendBy::Day, Some(day)).unwrap_err().kind(),
            ErrorKind::Config,
            "{day}"
        );
    }
}

#[tokio::test]
async fn times_tokens_and_the_first_token_of_a_stream_stand_there() {
    let folder = Folder::new();
    let client = client(&folder.ledger());
    let chat = client.chat(MINI).user("What is recursion?");
    let reply = chat.stream().final_reply().await.unwrap();
    let connection = rusqlite::Connection::open(folder.ledger()).unwrap();
    let (duration, first, tokens, answered): (i64, i64, i64, String) = connection
        .query_row(
            "SELECT duration, first_token, completion_tokens, answered FROM attempt",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    let attempt = reply.trail.last().unwrap();
    assert_eq!(duration as u128, attempt.duration.as_micros());
    assert_eq!(
        first as u128,
        attempt.time_to_first_token.unwrap().as_micros()
    );
    assert_eq!(tokens as u64, attempt.usage.unwrap().completion_tokens);
    assert_eq!(answered, MINI);
}

#[tokio::test]
async fn the_words_of_a_question_are_written_only_where_somebody_wants_them() {
    let folder = Folder::new();
    let secret = "Is the zebra on the roof again?";
    let asks = |client: anymodel::Client| async move { client.ask(MINI, secret).await.unwrap() };
    asks(client(&folder.ledger())).await;
    let is_in = || {
        let files = folder.files();
        let read = |name: &String| std::fs::read(folder.0.join(name)).unwrap();
        let has = |bytes: Vec<u8>| bytes.windows(5).any(|five| five == b"zebra");
        files.iter().map(read).any(has)
    };
    assert!(!is_in());
    asks(
        builder(&folder.ledger())
            .keep_questions(true)
            .build()
            .unwrap(),
    )
    .await;
    assert!(is_in());
    let repeats = LedgerFile::open(folder.ledger())
        .unwrap()
        .duplicates(None)
        .unwrap();
    assert_eq!(
        (repeats.questions.len(), repeats.questions[0].times),
        (1, 2)
    );
}

#[tokio::test]
async fn a_budget_is_that_of_the_ledger_and_outlives_the_client() {
    let folder = Folder::new();
    let budget = || Budget::new().total(1).per_day(0.5);
    let first = limited(&folder.ledger(), budget());
    let reply = first.ask(MINI, "What is recursion?").await.unwrap();
    let second = limited(&folder.ledger(), budget());
    drop(first);
    let stats = second.stats();
    assert_eq!(stats.calls, 0);
    assert_eq!(stats.today.unwrap().spent, reply.cost.unwrap());
    assert_eq!(
        stats.total.unwrap().left(),
        Some(Decimal::ONE - reply.cost.unwrap())
    );
    drop(second);
    // Nobody is left, and neither is what they held.
    assert_eq!(folder.files(), ["spend.sqlite"]);
}

#[tokio::test]
async fn the_sandboxs_money_is_not_counted_against_real_money() {
    let folder = Folder::new();
    client(&folder.ledger())
        .ask(MINI, "What is recursion?")
        .await
        .unwrap();
    let server = Server::play([super::support::json(200, &super::support::answer("Hi"))]);
    let live = anymodel::Client::builder()
        .base_url(server.url())
        .ledger(folder.ledger())
        .budget(Budget::new().total(1))
        .build()
        .unwrap();
    assert_eq!(live.stats().total.unwrap().spent, Decimal::ZERO);
    live.ask(MINI, "Hello").await.unwrap();
    assert_eq!(live.stats().total.unwrap().spent, usd("0.0000171"));
    let ledger = LedgerFile::open(folder.ledger()).unwrap();
    let days = ledger.sums(SpendBy::Day, None).unwrap();
    assert_eq!(
        days.iter().map(|day| day.simulated).collect::<Vec<_>>(),
        [false, true]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_calls_of_four_clients_keep_one_budget() {
    let folder = Folder::new();
    let budget = || Budget::new().total(0.001);
    let clients: Vec<_> = (0..4)
        .map(|_| limited(&folder.ledger(), budget()))
        .collect();
    let mut answered = 1;
    let mut rounds = 0;
    while answered > 0 {
        answered = 0;
        rounds += 1;
        let calls = (0..64).map(|number: usize| {
            let client = clients[number % 4].clone();
            tokio::spawn(async move {
                let chat = client
                    .chat(MINI)
                    .user(format!("Say {number} in a sentence."));
                chat.max_tokens(256).send().await
            })
        });
        for call in join_all(calls).await {
            match call.unwrap() {
                Ok(_) => answered += 1,
                Err(error) => assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error:?}"),
            }
        }
        let status = clients[0].stats().total.unwrap();
        assert!(
            status.spent <= usd("0.001") && status.reserved.is_zero(),
            "{status:?}"
        );
    }
    // What the others had set aside was waited for, so nothing but what no call fits into is left for later.
    assert!(rounds <= 3, "{rounds}");
    let status = clients[0].stats().total.unwrap();
    assert!(status.left().unwrap() < usd("0.0002"), "{status:?}");
}

#[tokio::test]
async fn a_call_that_is_cancelled_is_written_and_holds_no_money() {
    let folder = Folder::new();
    let server = Server::play([Play::Silence(Duration::from_secs(5))]);
    let client = anymodel::Client::builder()
        .base_url(server.url())
        .ledger(folder.ledger())
        .budget(Budget::new().total(1))
        .build()
        .unwrap();
    let call = client.ask(MINI, "Hello");
    tokio::time::timeout(Duration::from_millis(300), call)
        .await
        .unwrap_err();
    assert_eq!(client.stats().total.unwrap().reserved, Decimal::ZERO);
    drop(client);
    let ledger = LedgerFile::open(folder.ledger()).unwrap();
    let rows = ledger.sums(SpendBy::Day, None).unwrap();
    assert_eq!(
        (rows[0].attempts, rows[0].cancelled, rows[0].failed()),
        (1, 1, 0)
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_ledger_is_its_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let client = client(&folder.ledger());
    client.ask(MINI, "Hello").await.unwrap();
    for name in folder.files() {
        let rights = std::fs::metadata(folder.0.join(&name))
            .unwrap()
            .permissions();
        assert_eq!(rights.mode() & 0o077, 0, "{name}");
    }
}
