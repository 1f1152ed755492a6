//! Functions with effects: a card is charged once, however the call goes on, and what was done is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anymodel::prelude::*;
use anymodel::{Chat, Message, NextAction, Role};
use serde_json::{Value, json};

use crate::support::{self, Play, Server};

#[derive(Deserialize, JsonSchema)]
struct Payment {
    cents: u32,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Receipt {
    number: u32,
}

/// How often the card was charged.
#[derive(Clone, Default)]
struct Card(Arc<AtomicU32>);

impl Card {
    fn charged(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }

    /// A question to these models, which may charge the card.
    fn ask(&self, server: &Server, models: &[&str]) -> Chat {
        let card = self.clone();
        let chat = server.client().chat(models).user("Pay 5 dollars.");
        chat.tool("charge", "Charges the card.", move |payment: Payment| {
            card.0.fetch_add(1, Ordering::SeqCst);
            async move { format!("charged {} cents", payment.cents) }
        })
    }
}

fn said(message: Value, finish: &str) -> Play {
    let body = json!({
        "id": "gen-1", "model": "acme/answering",
        "choices": [{ "index": 0, "finish_reason": finish, "message": message }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.001 },
    });
    support::json(200, &body.to_string())
}

fn text(text: &str) -> Play {
    said(json!({ "role": "assistant", "content": text }), "stop")
}

fn calls(calls: &[(&str, &str)]) -> Play {
    let numbered = calls.iter().enumerate();
    let calls: Vec<_> = numbered
        .map(|(at, (name, arguments))| {
            json!({ "id": format!("call_{at}"), "type": "function", "function": { "name": name, "arguments": arguments } })
        })
        .collect();
    let message = json!({ "role": "assistant", "content": null, "tool_calls": calls });
    said(message, "tool_calls")
}

fn charge() -> Play {
    calls(&[("charge", r#"{"cents":500}"#)])
}

fn refused(status: u16, words: &str) -> Play {
    support::json(
        status,
        &json!({ "error": { "message": words } }).to_string(),
    )
}

fn roles(messages: &[Message]) -> Vec<Role> {
    messages.iter().map(|message| message.role).collect()
}

/// The turns of a request that went out.
fn sent(server: &Server, number: usize) -> Vec<String> {
    let body = server.body(number);
    let turns = body["messages"].as_array().unwrap().iter();
    turns
        .map(|turn| turn["role"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_next_model_goes_on_from_what_was_done_when_a_typed_answer_does_not_fit() {
    let server = Server::play([
        charge(),
        text("It is done."),
        text("Done, I said."),
        text(r#"{"number":7}"#),
    ]);
    let card = Card::default();
    let chat = card.ask(&server, &["acme/one", "acme/two"]);
    let (receipt, reply) = chat.json_with_reply::<Receipt>().await.unwrap();
    assert_eq!((receipt, card.charged()), (Receipt { number: 7 }, 1));

    // The second model sees the result, and none of the words that did not fit.
    assert_eq!(server.body(3)["model"], "acme/two");
    assert_eq!(sent(&server, 3), ["user", "assistant", "tool"]);
    assert_eq!(
        server.body(3)["messages"][2]["content"],
        "charged 500 cents"
    );
    assert_eq!(reply.tool_runs().len(), 1);
    let history = reply.messages();
    let whole = [Role::User, Role::Assistant, Role::Tool, Role::Assistant];
    assert_eq!(roles(&history), whole);
    assert_eq!(history[3].content, r#"{"number":7}"#);
}

#[tokio::test]
async fn functions_that_are_called_during_a_repair_stay_in_the_conversation() {
    let server = Server::play([
        text("I shall pay."),
        charge(),
        text("Paid."),
        text(r#"{"number":7}"#),
    ]);
    let card = Card::default();
    let chat = card.ask(&server, &["acme/one", "acme/two"]);
    let (_, reply) = chat.json_with_reply::<Receipt>().await.unwrap();
    assert_eq!(card.charged(), 1);
    assert_eq!(sent(&server, 3), ["user", "assistant", "tool"]);
    let whole = [Role::User, Role::Assistant, Role::Tool, Role::Assistant];
    assert_eq!(roles(&reply.messages()), whole);
}

#[tokio::test]
async fn a_form_that_is_refused_after_a_function_ran_is_told_in_words_and_runs_nothing_again() {
    let server = Server::play([
        charge(),
        refused(400, "response_format json_schema is not supported"),
        text(r#"{"number":7}"#),
    ]);
    let card = Card::default();
    let chat = card.ask(&server, &["openai/gpt-4o-mini"]);
    let (_, reply) = chat.json_with_reply::<Receipt>().await.unwrap();
    assert_eq!(card.charged(), 1);
    assert!(server.body(1).get("response_format").is_some());
    assert!(server.body(2).get("response_format").is_none());
    assert_eq!(sent(&server, 2), ["system", "user", "assistant", "tool"]);
    // What this crate told the model of the form is no part of the conversation.
    assert_eq!(reply.messages()[0].role, Role::User);
}

#[tokio::test]
async fn a_chain_that_moves_on_between_two_rounds_runs_nothing_again() {
    let server = Server::play([charge(), refused(503, "down"), text("Paid.")]);
    let card = Card::default();
    let chat = card.ask(&server, &["acme/one", "acme/two"]);
    let reply = chat.send().await.unwrap();
    assert_eq!((card.charged(), reply.tool_runs().len()), (1, 1));
    assert_eq!(reply.trail.iter().nth(1).unwrap().next, NextAction::MovedOn);
}

#[tokio::test]
async fn an_error_says_what_was_done_and_the_next_call_goes_on_from_it() {
    let server = Server::play([
        charge(),
        refused(400, "the tokens of this request are wrong"),
        text("You have paid."),
    ]);
    let card = Card::default();
    let chat = card.ask(&server, &["acme/one"]);
    let error = chat.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let run = &error.tool_runs()[0];
    assert_eq!(
        run.to_string(),
        r#"charge({"cents":500}) -> charged 500 cents"#
    );
    assert_eq!(
        roles(&error.messages()),
        [Role::User, Role::Assistant, Role::Tool]
    );
    assert_eq!(error.trail().len(), 2);

    let again = server.client().chat("acme/two").history(error.messages());
    let reply = again.send().await.unwrap();
    assert_eq!((reply.text.as_str(), card.charged()), ("You have paid.", 1));
    assert_eq!(sent(&server, 2), ["user", "assistant", "tool"]);
}

#[tokio::test]
async fn a_call_that_charged_a_card_is_not_called_worth_repeating() {
    let server = Server::play([charge(), refused(503, "down"), refused(503, "down")]);
    let card = Card::default();
    let chat = card.ask(&server, &["acme/one"]);
    let error = chat.retries(0).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert!(error.kind().is_retryable() && !error.is_retryable());
    // The same failure before any function ran.
    let chat = card.ask(&server, &["acme/one"]);
    assert!(chat.retries(0).send().await.unwrap_err().is_retryable());
    assert_eq!(card.charged(), 1);
}

#[tokio::test]
async fn an_answer_that_never_fits_says_what_was_done() {
    let server = Server::play([charge(), text("Done."), text("Done!")]);
    let card = Card::default();
    let chat = card.ask(&server, &["acme/one"]);
    let error = chat.json::<Receipt>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    assert_eq!((error.tool_runs().len(), card.charged()), (1, 1));
    assert_eq!(
        roles(&error.messages()),
        [Role::User, Role::Assistant, Role::Tool]
    );
    assert_eq!(error.partial(), Some("Done!"));
}

#[tokio::test]
async fn a_panic_is_told_to_the_model_and_stops_no_other_function() {
    let server = Server::play([
        calls(&[
            ("charge", r#"{"cents":500}"#),
            ("fall", "{}"),
            ("tumble", "{}"),
        ]),
        text("Paid, and fallen."),
    ]);
    let card = Card::default();
    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}
    let chat = card.ask(&server, &["acme/one"]);
    let chat = chat.tool("fall", "", |_: Nothing| async {
        tokio::task::yield_now().await;
        let steps: Vec<u8> = Vec::new();
        steps[3].to_string()
    });
    // Before its future is made, too.
    let chat = chat.tool("tumble", "", |_: Nothing| -> std::future::Ready<String> {
        panic!("no step {}", 4)
    });
    let reply = chat.send().await.unwrap();
    assert_eq!(card.charged(), 1);
    let told = server.body(1)["messages"].clone();
    assert_eq!(told[2]["content"], "charged 500 cents");
    let words = told[3]["content"].as_str().unwrap();
    assert!(
        words.starts_with("error: it panicked: index out of bounds"),
        "{words}"
    );
    assert_eq!(told[4]["content"], "error: it panicked: no step 4");
    let failed: Vec<_> = reply.tool_runs.iter().map(|run| run.failed).collect();
    assert_eq!(failed, [false, true, true]);
}

#[tokio::test]
async fn a_function_that_the_deadline_cut_off_is_on_the_record_beside_those_that_were_done() {
    let server = Server::play([calls(&[("charge", r#"{"cents":500}"#), ("ship", "{}")])]);
    let card = Card::default();
    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}
    let chat = card.ask(&server, &["acme/one"]);
    let chat = chat.tool("ship", "", |_: Nothing| async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        "shipped"
    });
    let error = chat.deadline(Duration::from_millis(500)).send().await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let runs = error.tool_runs();
    assert_eq!((runs[0].failed, runs[1].failed), (false, true));
    assert!(runs[1].result.contains("may have had its effect"));
    assert!(
        error.to_string().contains("charge once, ship once"),
        "{error}"
    );
    // Each call has its result, so the conversation can be gone on with.
    let history = [Role::User, Role::Assistant, Role::Tool, Role::Tool];
    assert_eq!(roles(&error.messages()), history);
}

#[tokio::test]
async fn rounds_are_counted_over_repairs_and_models() {
    let server = Server::play([charge(), text("Done."), charge(), charge(), text("never")]);
    let card = Card::default();
    let chat = card.ask(&server, &["acme/one"]).max_rounds(2);
    let error = chat.json::<Receipt>().await.unwrap_err();
    assert_eq!((error.kind(), card.charged()), (ErrorKind::ToolLoop, 2));
    let rounds: Vec<_> = error.tool_runs().iter().map(|run| run.round).collect();
    assert_eq!(rounds, [1, 2]);
}

#[tokio::test]
async fn no_round_of_calls_is_an_error_that_names_the_call() {
    let server = Server::play([charge()]);
    let card = Card::default();
    let chat = card.ask(&server, &["acme/one"]).max_rounds(0);
    let error = chat.send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "acme/one: it wants to call charge, and no round of tool calls is allowed"
    );
    assert_eq!((error.tool_runs().len(), card.charged()), (0, 0));
    assert_eq!(roles(&error.messages()), [Role::User]);
}

#[tokio::test]
async fn every_reply_and_every_error_has_the_conversation_for_the_next_question() {
    let event = r#"{"choices":[{"delta":{"content":"Two."},"finish_reason":"stop"}]}"#;
    let streamed = support::events(&format!("data: {event}\n\ndata: [DONE]\n\n"));
    let server = Server::play([text("One."), streamed, refused(400, "no")]);
    let client = server.client();
    let first = client.ask("acme/one", "Count.").await.unwrap();
    let chat = client.chat("acme/one").history(first.messages());
    let second = chat.user("On.").stream().final_reply().await.unwrap();
    let words: Vec<_> = second
        .messages()
        .into_iter()
        .map(|turn| turn.content)
        .collect();
    assert_eq!(words, ["Count.", "One.", "On.", "Two."]);
    let chat = client.chat("acme/one").history(second.messages());
    let error = chat.user("On.").send().await.unwrap_err();
    assert_eq!(error.messages().len(), 5);
    // What was never sent can still be sent elsewhere.
    let error = client
        .chat("acme/one")
        .user("Hi")
        .max_tokens(0)
        .send()
        .await;
    assert_eq!(error.unwrap_err().messages()[0].content, "Hi");
}
