//! One question in the making.

use std::time::Duration;

use super::{Client, Inner};
use crate::call::{Call, Limits};
use crate::chat::{ChatRequest, Message, Reply};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::platform::{Preview, encode};
use crate::route::plan;
use crate::target::Target;

/// One question in the making. Made by [`Client::chat`].
#[derive(Clone, Debug)]
#[must_use = "a question is asked only by .send()"]
pub struct Chat {
    client: Client,
    target: Target,
    request: ChatRequest,
    limits: Limits,
}

impl Chat {
    pub(super) fn new(client: Client, target: Target) -> Self {
        Chat {
            request: client.inner.defaults.clone(),
            limits: client.inner.limits,
            target,
            client,
        }
    }

    /// Adds standing orders for the model.
    pub fn system(self, orders: impl Into<String>) -> Self {
        self.message(Message::system(orders))
    }

    /// Adds what the person says.
    pub fn user(self, prompt: impl Into<String>) -> Self {
        self.message(Message::user(prompt))
    }

    /// Adds one turn.
    pub fn message(mut self, message: Message) -> Self {
        self.request.messages.push(message);
        self
    }

    /// Adds the turns of an earlier conversation, oldest first.
    pub fn history(mut self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.request.messages.extend(messages);
        self
    }

    /// How freely the model chooses its words, 0 to 2.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.request.temperature = Some(temperature);
        self
    }

    /// The longest answer, in tokens.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.request.max_tokens = Some(tokens);
        self
    }

    /// The time for one HTTP request.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.attempt = limit;
        self
    }

    /// The time for the whole call, waits and fallbacks included.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.call = limit;
        self
    }

    /// How often the call may ask a model again that has failed; 0 means never.
    pub fn retries(mut self, retries: u32) -> Self {
        self.limits.retries = retries;
        self
    }

    /// The request that would go out first, for people to read. Nothing is sent.
    ///
    /// # Errors
    /// As [`send`](Self::send), for everything that can be known before sending.
    pub fn preview(&self) -> Result<Preview> {
        check(&self.request)?;
        let Inner {
            platform, model, ..
        } = &*self.client.inner;
        let candidates = plan(self.target.clone(), model.as_deref())?;
        let Some(first) = candidates.first() else {
            return Err(Error::new(ErrorKind::InvalidRequest, "nobody is asked"));
        };
        let body = encode(&self.request, first, platform.dialect)?;
        let body = serde_json::to_value(body).map_err(|error| {
            Error::new(
                ErrorKind::InvalidRequest,
                format!("the request cannot be written: {error}"),
            )
        })?;
        Ok(Preview::new(platform, body))
    }

    /// Asks, and waits for the whole answer.
    ///
    /// Dropping the future cancels the request.
    ///
    /// # Errors
    /// When nobody answers. The error carries the trail of what was tried.
    pub async fn send(self) -> Result<Reply> {
        check(&self.request)?;
        let inner = &*self.client.inner;
        let candidates = plan(self.target, inner.model.as_deref())?;
        let call = Call {
            http: &inner.http,
            platform: &inner.platform,
            request: &self.request,
            limits: self.limits,
            ledger: &inner.ledger,
        };
        call.run(&candidates).await
    }
}

/// Refuses what every platform would refuse, before it costs a round trip.
fn check(request: &ChatRequest) -> Result<()> {
    if !request
        .messages
        .iter()
        .any(|message| !message.content.trim().is_empty())
    {
        return Err(Error::new(ErrorKind::InvalidRequest, "the prompt is empty")
            .with_hint("write a question: client.ask(model, \"What is recursion?\")"));
    }
    if let Some(temperature) = request.temperature
        && !(0.0..=2.0).contains(&temperature)
    {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            format!("the temperature is {temperature}, and it goes from 0 to 2"),
        )
        .with_hint("0 gives the most predictable answer, 1 is the usual default"));
    }
    if request.max_tokens == Some(0) {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            "an answer of at most 0 tokens was asked for",
        )
        .with_hint("leave .max_tokens(…) out, or allow at least 16"));
    }
    Ok(())
}
