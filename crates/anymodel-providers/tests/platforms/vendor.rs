//! What is checked of every platform: where a request goes and with which headers, what an answer, a stream and a call of a
//! function come to, and what class each refusal has. Each platform's file holds its shapes and what is its alone.

use anymodel::{
    ClientBuilder, Error, Event, FinishReason, Message, Reply, Settings, ToolSpec, Usage,
    prelude::*,
};
use serde_json::{Value, json};

use crate::support::{Play, Server, events, json as respond_json, respond};

/// No platform's key looks like this; it must be seen in one header and nowhere else.
pub const KEY: &str = "key-0123456789abcdefghijklmnopqrstuvwxyz";
pub const QUESTION: &str = "What is 2+2?";

/// An error as the vendor sends it: status, headers and body, and the class that it is.
pub type Refusal = (u16, &'static str, &'static str, ErrorKind);

/// One platform: what it is called, where it is, and the shapes that it publishes.
pub struct Vendor {
    /// The name of its preset.
    pub name: &'static str,
    /// A model, as the platform names it.
    pub model: &'static str,
    /// What the environment has to say besides the key.
    pub variables: &'static [(&'static str, &'static str)],
    /// Where a request goes, at the vendor's own address.
    pub url: &'static str,
    /// The same for a stream.
    pub stream_url: &'static str,
    /// What follows the host in a base URL of one's own; what follows it in a request; the same for a stream.
    pub paths: [&'static str; 3],
    /// The header with the key, such as `authorization: Bearer `.
    pub key_header: &'static str,
    /// Answers "Four." whole.
    pub plain: &'static str,
    /// The same, event by event.
    pub streamed: &'static str,
    /// Calls `add` with 2 and 2, whole.
    pub tool_call: &'static str,
    /// The same, event by event.
    pub streamed_tool_call: &'static str,
    /// What is told of the tokens in `plain` and `streamed`.
    pub usage: Usage,
    /// Status, headers, body, and the class that it is.
    pub refusals: &'static [Refusal],
}

/// Tokens: of the question, of the answer, thereof thought and thereof from a cache.
pub const fn usage(
    prompt_tokens: u64,
    completion_tokens: u64,
    reasoning_tokens: Option<u64>,
    cached_tokens: Option<u64>,
) -> Usage {
    Usage {
        prompt_tokens,
        completion_tokens,
        total_tokens: prompt_tokens + completion_tokens,
        reasoning_tokens,
        cached_tokens,
        cache_write_tokens: None,
    }
}

/// The function that the models are offered.
pub fn add() -> ToolSpec {
    ToolSpec::new(
        "add",
        "Adds two numbers.",
        json!({
            "type": "object", "required": ["a", "b"],
            "properties": { "a": { "type": "number" }, "b": { "type": "number" } },
        }),
    )
}

impl Vendor {
    /// A client of the vendor itself; nothing is sent.
    pub fn client(&self) -> Client {
        ClientBuilder::from(self.settings(&[])).build().unwrap()
    }

    fn key_variables(&self) -> &'static [&'static str] {
        let preset = anymodel::platform_specs()
            .iter()
            .find(|preset| preset.name == self.name);
        preset.unwrap().key_variables
    }

    /// A client of a server that plays the vendor.
    pub fn played_by(&self, server: &Server) -> Client {
        self.at(&server.at(self.paths[0]))
    }

    fn at(&self, base_url: &str) -> Client {
        let builder = match self.name {
            // Its address ends in a query, so it is never given whole.
            "azure-legacy" => {
                ClientBuilder::from(self.settings(&[("AZURE_OPENAI_ENDPOINT", base_url)]))
            }
            name => Client::builder().platform(name).base_url(base_url).key(KEY),
        };
        builder.retries(0).build().unwrap()
    }

    fn settings(&self, more: &[(&str, &str)]) -> Settings {
        let set = |variable: &str| {
            let mut all = more.iter().chain(self.variables);
            all.find(|(name, _)| *name == variable)
                .map(|(_, value)| (*value).to_owned())
        };
        let settings = Settings::from_variables(|variable| match variable {
            "LLM" => Some(self.name.to_owned()),
            _ if self.key_variables().contains(&variable) => Some(KEY.to_owned()),
            _ => set(variable),
        });
        settings.unwrap()
    }

    /// Asks a server that answers with `body`; gives the reply, and what was sent.
    pub async fn ask(&self, body: &str) -> (anymodel::Result<Reply>, Server) {
        self.ask_for(respond_json(200, body)).await
    }

    async fn ask_for(&self, play: Play) -> (anymodel::Result<Reply>, Server) {
        let server = Server::play([play]);
        let client = self.played_by(&server);
        let reply = client.chat(self.model).user(QUESTION).send().await;
        (reply, server)
    }

    /// Watches a server that streams `body`: the text that came, and the end.
    pub async fn watch(&self, body: &str) -> (String, anymodel::Result<Reply>, Server) {
        let server = Server::play([events(body)]);
        let (text, end) = watch(&self.played_by(&server), self.model).await;
        (text, end, server)
    }

    /// The error that a refusal comes to.
    pub async fn refused(&self, status: u16, headers: &str, body: &str) -> Error {
        let headers = format!("content-type: application/json\r\n{headers}");
        let (reply, _) = self.ask_for(respond(status, &headers, body)).await;
        reply.unwrap_err()
    }

    /// The JSON that a question in the making comes to.
    pub fn body(
        &self,
        chat: impl FnOnce(anymodel::Chat) -> anymodel::Chat,
    ) -> anymodel::Result<Value> {
        let chat = chat(self.client().chat(self.model).user(QUESTION));
        chat.preview().map(|preview| preview.body)
    }

    pub async fn requests_go_where_the_vendor_says(&self) {
        let preview = self.client().chat(self.model).user(QUESTION).preview();
        let preview = preview.unwrap();
        assert_eq!(preview.url, self.url);
        let header = preview.key_header.unwrap();
        assert_eq!(header, self.key_header.split(':').next().unwrap());
        for slash in ["", "/"] {
            let server = Server::play([respond_json(200, self.plain), events(self.streamed)]);
            let client = self.at(&server.at(&format!("{}{slash}", self.paths[0])));
            client.chat(self.model).user(QUESTION).send().await.unwrap();
            watch(&client, self.model).await.1.unwrap();
            let requests = server.requests();
            for (request, path) in requests.iter().zip(&self.paths[1..]) {
                let first = request.lines().next().unwrap();
                assert_eq!(first, format!("POST {path} HTTP/1.1"), "{slash:?}");
                let head = request.split_once("\r\n\r\n").unwrap().0.to_lowercase();
                let secret = format!("\r\n{}{KEY}", self.key_header);
                assert!(head.contains(&secret), "{head}");
                assert_eq!(request.matches(KEY).count(), 1, "{request}");
                assert!(
                    head.contains("\r\ncontent-type: application/json"),
                    "{head}"
                );
            }
            // The vendor's own address and the player's differ in nothing but the host.
            assert!(self.url.ends_with(self.paths[1]), "{}", self.url);
            assert!(self.stream_url.ends_with(self.paths[2]));
        }
    }

    pub async fn an_answer_is_read_with_its_tokens(&self) {
        let (reply, _) = self.ask(self.plain).await;
        self.check(&reply.unwrap());
    }

    pub async fn a_stream_gives_the_same_as_an_answer(&self) {
        let (text, reply, _) = self.watch(self.streamed).await;
        let reply = reply.unwrap();
        assert_eq!(text, reply.text);
        self.check(&reply);
    }

    fn check(&self, reply: &Reply) {
        assert_eq!(reply.text, "Four.");
        assert_eq!(reply.finish_reason, Some(FinishReason::Stop));
        assert_eq!(reply.usage, Some(self.usage));
        assert!(reply.id.is_some(), "{reply:?}");
        let attempt = reply.trail.last().unwrap();
        assert_eq!(attempt.status, Some(200));
    }

    pub async fn a_call_of_a_function_is_read_and_its_result_goes_back(&self) {
        for play in [
            respond_json(200, self.tool_call),
            events(self.streamed_tool_call),
        ] {
            let streams = matches!(play, Play::Pieces { .. });
            let server = Server::play([play, respond_json(200, self.plain)]);
            let client = self.played_by(&server);
            let chat = client.chat(self.model).user(QUESTION).tool_spec(add());
            let reply = match streams {
                true => chat.stream().final_reply().await.unwrap(),
                false => chat.send().await.unwrap(),
            };
            let [call] = reply.tool_calls.as_slice() else {
                panic!("{:?}", reply.tool_calls)
            };
            assert_eq!(call.name, "add");
            let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
            assert_eq!(arguments, json!({ "a": 2, "b": 2 }));
            assert!(!call.id.is_empty());
            assert_eq!(reply.finish_reason, Some(FinishReason::ToolCalls));
            let second = client
                .chat(self.model)
                .history([
                    Message::user(QUESTION),
                    reply.to_message(),
                    Message::tool(&call.id, r#"{"sum":4}"#),
                ])
                .tool_spec(add());
            assert_eq!(second.send().await.unwrap().text, "Four.");
            let sent = server.body(1).to_string();
            assert!(sent.contains("sum"), "{sent}");
        }
    }

    pub async fn every_refusal_has_its_class(&self) {
        for page in [
            include_str!("../../../../README.md"),
            include_str!("../../../../README.zh.md"),
        ] {
            let name = format!("`{}`", self.name);
            let head = ["| platform | name", "| 平台 | 名称"];
            let mut rows = page
                .lines()
                .skip_while(|line| !head.iter().any(|head| line.starts_with(head)));
            let row = rows.find(|row| row.contains(&name)).unwrap();
            let count = format!(" | {} | ", self.refusals.len());
            assert!(
                row.contains(&count),
                "the README says something else: {row}"
            );
        }
        for (status, headers, body, kind) in self.refusals {
            let error = self.refused(*status, headers, body).await;
            assert_eq!(error.kind(), *kind, "{status} {body}: {error}");
            assert_eq!(error.status(), Some(*status), "{error}");
            let all = format!("{error} {error:?} {:?}", error.trail());
            assert!(!all.contains(KEY), "{all}");
        }
    }
}

/// Watches an answer come: the text, and the end.
pub async fn watch(client: &Client, model: &str) -> (String, anymodel::Result<Reply>) {
    let mut stream = client.chat(model).user(QUESTION).stream();
    let mut text = String::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(Event::Text(more)) => text.push_str(&more),
            Ok(Event::Finished(reply)) => return (text, Ok(*reply)),
            Ok(_) => {}
            Err(error) => return (text, Err(error)),
        }
    }
    panic!("a stream ends with the answer or an error");
}

/// The checks that every platform passes, as tests of its own module.
macro_rules! held_to_its_published_shapes {
    ($vendor:expr) => {
        #[tokio::test]
        async fn requests_go_where_the_vendor_says() {
            $vendor.requests_go_where_the_vendor_says().await;
        }

        #[tokio::test]
        async fn an_answer_is_read_with_its_tokens() {
            $vendor.an_answer_is_read_with_its_tokens().await;
        }

        #[tokio::test]
        async fn a_stream_gives_the_same_as_an_answer() {
            $vendor.a_stream_gives_the_same_as_an_answer().await;
        }

        #[tokio::test]
        async fn a_call_of_a_function_is_read_and_its_result_goes_back() {
            $vendor
                .a_call_of_a_function_is_read_and_its_result_goes_back()
                .await;
        }

        #[tokio::test]
        async fn every_refusal_has_its_class() {
            $vendor.every_refusal_has_its_class().await;
        }
    };
}
