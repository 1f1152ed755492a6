//! Request builder: one question, built step by step and then sent.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rust_decimal::Decimal;

use super::Client;
use super::cache_lookup::CacheLookup;
use super::stream::ReplyStream;
use super::tool_loop::ToolLoop;
use super::tools::{MAX_ROUNDS, RegisteredTool};
use crate::call::{Endpoint, EventSink, Limits};
use crate::target::Target;
use anymodel_providers::{Preview, RawRequest, output_adaptation};
use anymodel_types::{
    ChatRequest, Error, ErrorKind, Image, Message, Reasoning, Reply, ResponseFormat, Result, Role,
    ToolChoice, ToolSpec, words,
};

/// Request builder for one question. Made by [`Client::chat`].
#[derive(Clone, Debug)]
#[must_use = "a question is asked only by .send()"]
pub struct Chat {
    pub(super) client: Client,
    pub(super) target: Target,
    pub(super) request: ChatRequest,
    pub(super) limits: Limits,
    restart: bool,
    /// Whether the request is sent even when the cache has its answer.
    pub(super) no_cache: bool,
    /// Whether this question sets its own timeout and number of retries. Then those of the configuration file for a model
    /// do not count.
    pub(super) own_timeout: bool,
    pub(super) own_retries: bool,
    pub(super) functions: Vec<RegisteredTool>,
    pub(super) max_rounds: u32,
    /// The caller's own JSON.
    pub(super) raw: Option<Arc<RawRequest>>,
}

impl Chat {
    pub(super) fn new(client: Client, target: Target) -> Self {
        Chat {
            request: client.inner.defaults.clone(),
            limits: client.inner.limits,
            target,
            client,
            restart: false,
            no_cache: false,
            own_timeout: false,
            own_retries: false,
            functions: Vec::new(),
            max_rounds: MAX_ROUNDS,
            raw: None,
        }
    }

    /// Adds a system prompt.
    pub fn system(self, orders: impl Into<String>) -> Self {
        self.message(Message::system(orders))
    }

    /// Adds a message of the user.
    pub fn user(self, prompt: impl Into<String>) -> Self {
        self.message(Message::user(prompt))
    }

    /// Adds a picture to the last message of the user.
    pub fn image(mut self, image: Image) -> Self {
        match self.request.messages.last_mut() {
            Some(last) if last.role == Role::User => last.images.push(image),
            _ => self.request.messages.push(Message::user("").image(image)),
        }
        self
    }

    /// Adds one message.
    pub fn message(mut self, message: Message) -> Self {
        // Most questions have one message, and a vector begins with room for four.
        if self.request.messages.is_empty() {
            self.request.messages.reserve_exact(1);
        }
        self.request.messages.push(message);
        self
    }

    /// Adds the messages of an earlier conversation, oldest first.
    pub fn history(mut self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.request.messages.extend(messages);
        self
    }

    /// The temperature, 0 to 2: how freely the model chooses its words.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.request.temperature = Some(temperature);
        self
    }

    /// The longest answer, in tokens.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.request.max_tokens = Some(tokens);
        self
    }

    /// Nucleus sampling: chooses among the likeliest tokens that together have this probability, 0 to 1.
    pub fn top_p(mut self, top_p: f64) -> Self {
        self.request.top_p = Some(top_p);
        self
    }

    /// Adds a stop sequence: the answer ends before this text. May be called more than once.
    pub fn stop(mut self, text: impl Into<String>) -> Self {
        self.request.stop.push(text.into());
        self
    }

    /// The seed: the same answer to the same question, where a platform supports it.
    pub fn seed(mut self, seed: i64) -> Self {
        self.request.seed = Some(seed);
        self
    }

    /// Lowers the chance of words that are in the text already, -2 to 2.
    pub fn presence_penalty(mut self, penalty: f64) -> Self {
        self.request.presence_penalty = Some(penalty);
        self
    }

    /// Lowers the chance of words by how often they are in the text already, -2 to 2.
    pub fn frequency_penalty(mut self, penalty: f64) -> Self {
        self.request.frequency_penalty = Some(penalty);
        self
    }

    /// How long a reasoning model thinks before it answers.
    pub fn reasoning(mut self, reasoning: Reasoning) -> Self {
        self.request.reasoning = Some(reasoning);
        self
    }

    /// Offers a function that the model may call; the reply's `tool_calls` are the calls it asks for.
    pub fn tool_spec(mut self, tool: ToolSpec) -> Self {
        self.request.tools.push(tool);
        self
    }

    /// The form of the answer, for a schema that is not a Rust type; [`json`](Self::json) is for a Rust type.
    pub fn response_format(mut self, format: ResponseFormat) -> Self {
        self.request.response_format = format;
        self
    }

    /// Whether the model may, must or must not call functions. After the first round of calls it may.
    pub fn tool_choice(mut self, choice: ToolChoice) -> Self {
        self.request.tool_choice = choice;
        self
    }

    /// The only hosts that may serve the answer, by their names at the platform: `["azure", "openai"]`. OpenRouter passes a
    /// request on to one of many hosts. A model of another platform is skipped. Where none is left the call is refused
    /// before a request is sent.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # fn main() -> anymodel::Result<()> {
    /// # let client = Client::sandbox()?;
    /// let chat = client
    ///     .chat("openai/gpt-4o-mini")
    ///     .hosts(["azure", "openai"])
    ///     .max_price(1, 4) // US dollars a million tokens: of the question, and of the answer
    ///     .user("What is recursion?");
    /// let body = chat.preview()?.body;
    /// assert_eq!(body["provider"]["only"][0], "azure");
    /// assert_eq!(body["provider"]["max_price"]["completion"], 4.0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.request.hosts = hosts.into_iter().map(Into::into).collect();
        self
    }

    /// The most that a million tokens may cost, in US dollars: of the question, and of the answer. No dearer host serves it;
    /// when none is left, the call fails. Only OpenRouter supports it, as with [`hosts`](Self::hosts).
    pub fn max_price(
        mut self,
        prompt: impl TryInto<Decimal>,
        completion: impl TryInto<Decimal>,
    ) -> Self {
        // A value that is not a number is refused as a price below zero is.
        let prompt = prompt.try_into().unwrap_or(Decimal::NEGATIVE_ONE);
        let completion = completion.try_into().unwrap_or(Decimal::NEGATIVE_ONE);
        self.request.max_price = Some((prompt, completion));
        self
    }

    /// The timeout of one attempt: until its answer, or for a streamed one until the first word and between two words. For
    /// its default, see [`ClientBuilder::timeout`](crate::ClientBuilder::timeout).
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.attempt = Some(limit);
        self.own_timeout = true;
        self
    }

    /// Until the first word of a streamed answer, where it differs from the [`timeout`](Self::timeout).
    pub fn first_token_timeout(mut self, limit: Duration) -> Self {
        self.limits.first_token = Some(limit);
        self.own_timeout = true;
        self
    }

    /// Between two words of a streamed answer, where it differs from the [`timeout`](Self::timeout).
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.limits.idle = Some(limit);
        self.own_timeout = true;
        self
    }

    /// The deadline of the whole call, waits and fallbacks included, streamed or not.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.deadline = Some(limit);
        self
    }

    /// Lets a streamed answer that broke begin anew, perhaps with the next model:
    /// [`Event::Restarted`](crate::Event::Restarted) then says that what came so far is void. Without it, such a call ends
    /// in an error that holds the text so far.
    pub fn restart_on_break(mut self) -> Self {
        self.restart = true;
        self
    }

    /// The most retries in this call; 0 means never.
    pub fn retries(mut self, retries: u32) -> Self {
        self.limits.retries = retries;
        self.own_retries = true;
        self
    }

    /// Bypasses the cache: no kept answer is returned, and this answer is not kept.
    ///
    /// Without effect on a client that has no [cache](crate::ClientBuilder::cache).
    pub fn no_cache(mut self) -> Self {
        self.no_cache = true;
        self
    }

    /// The request that would be sent first, for people to read. Nothing is sent.
    ///
    /// # Errors
    /// As [`send`](Self::send), for everything that is known before sending.
    pub fn preview(&self) -> Result<Preview> {
        let endpoints = self.resolve(true)?;
        let preview = |endpoint: &Endpoint| {
            let request = output_adaptation::adapt_request(
                &self.request,
                &endpoint.platform,
                &endpoint.candidate.model,
            );
            endpoint.platform.preview(&endpoint.ask(&request, false))
        };
        // Endpoints that cannot do what is asked are skipped.
        let mut previews = endpoints.iter().map(preview);
        let first = previews.next().unwrap_or_else(|| {
            let message = words::requests().nobody_is_asked();
            Err(Error::new(ErrorKind::InvalidRequest, message))
        });
        first.or_else(|error| previews.find_map(Result::ok).ok_or(error))
    }

    /// Sends the request and waits for the whole answer.
    ///
    /// Dropping the future cancels the request.
    ///
    /// # Errors
    /// When no model answers. The error carries the trail of what was tried, the functions that were run by then, and the
    /// conversation with their results. With functions also [`ErrorKind::ToolLoop`], when the model does not stop calling
    /// them, or cannot call them.
    pub async fn send(mut self) -> Result<Reply> {
        // Boxed because a task is moved when it begins, and a thousand calls at once are a thousand tasks. As `dyn`, because
        // else each program, test and cell that asks would compile the life of a call again.
        let call: BoxFuture<'static, Result<Reply>> = Box::pin(async move {
            let mut result = self.whole().await;
            remember_conversation(self.request.messages, result.as_mut());
            result
        });
        call.await
    }

    /// The call itself. With functions, the conversation grows with each round.
    async fn whole(&mut self) -> Result<Reply> {
        self.count_answers();
        let endpoints = self.resolve_target()?;
        let miss = match self.look_up(&self.request, &endpoints).await? {
            CacheLookup::Hit(reply) => return Ok(*reply),
            CacheLookup::Miss(miss) => miss,
        };
        let raw = self.raw_call();
        if !self.functions.is_empty() && raw.is_none() {
            let request = mem::take(&mut self.request);
            let mut talk = self.talk(self.limits, request);
            let mut result = talk.answer(&endpoints).await;
            self.request.messages = talk.close(result.as_mut());
            return result;
        }
        let limits = miss.limits(self.limits);
        let mut call = self.client.call(&self.request, limits, None);
        call.raw = raw.as_deref();
        let mut result = call.run(&endpoints).await;
        miss.complete(result.as_mut()).await;
        result
    }

    /// Sends the request and returns a stream of the answer.
    ///
    /// Nothing is sent before the first event is asked for; dropping the stream cancels the request. Until the first word the
    /// call may move from model to model as [`send`](Self::send) does.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// use anymodel::Event;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::builder().platform("sandbox").sandbox_time_scale(0.0).build()?;
    /// let mut stream = client.chat("openai/gpt-4o-mini").user("What is recursion?").stream();
    /// while let Some(event) = stream.next().await {
    ///     match event? {
    ///         Event::Text(text) => print!("{text}"),
    ///         Event::Finished(reply) => println!("\n{}", reply.model),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> ReplyStream {
        ReplyStream::new(self)
    }

    /// The call itself, streamed.
    pub(super) async fn run_live(mut self, live: EventSink) -> Result<Reply> {
        self.count_answers();
        let mut result = self.answer_live(live).await;
        remember_conversation(self.request.messages, result.as_mut());
        result
    }

    async fn answer_live(&self, mut live: EventSink) -> Result<Reply> {
        if !self.functions.is_empty() && !self.is_raw() {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                words::requests().stream_runs_no_functions(),
            )
            .with_hint(words::requests().wait_for_the_whole_with_send()));
        }
        let endpoints = self.resolve_target()?;
        let miss = match self.look_up(&self.request, &endpoints).await? {
            CacheLookup::Hit(reply) => {
                live.play(&reply).await;
                return Ok(*reply);
            }
            CacheLookup::Miss(miss) => miss,
        };
        let limits = miss.limits(self.limits);
        let raw = self.raw_call();
        let mut call = self.client.call(&self.request, limits, Some(live));
        call.raw = raw.as_deref();
        let mut result = call.run(&endpoints).await;
        miss.complete(result.as_mut()).await;
        result
    }

    /// The tool loop of this call: several requests that are one call.
    pub(super) fn talk(&self, limits: Limits, request: ChatRequest) -> ToolLoop<'_> {
        let functions = (self.functions.as_slice(), self.max_rounds);
        ToolLoop::new(&self.client, limits, functions, request)
    }

    pub(super) fn restarts(&self) -> bool {
        self.restart
    }
}

/// Keeps the conversation in the reply or the error, for the next question.
pub(super) fn remember_conversation(
    messages: Vec<Message>,
    outcome: std::result::Result<&mut Reply, &mut Error>,
) {
    match outcome {
        Ok(reply) => reply.earlier = messages,
        Err(error) => error.set_messages(messages),
    }
}
