//! Structured output: an answer as a Rust value.

use std::mem;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::cache_lookup::CacheLookup;
use super::chat_builder::remember_conversation;
use super::schema::{OutputSchema, of_answer};
use super::tool_loop::ToolLoop;
use super::{Chat, json_extract};
use crate::call::Endpoint;
use anymodel_providers::{Preview, output_adaptation::schema_in_words};
use anymodel_types::{
    Attempt, Error, ErrorKind, FinishReason, Message, NextAction, Reply, Result, words,
};

/// The most characters of a misfit that the error's message shows; all of it is in [`Error::partial`].
const SHOWN: usize = 200;

impl Chat {
    /// Sends the request and reads the answer as a value of a type that derives `Deserialize` and `JsonSchema`.
    ///
    /// The model is held to the type as strictly as it and its platform allow: by a JSON schema, by a tool whose arguments
    /// are the answer, or by words alone. Doc comments (`///`) on the type and its fields are sent to the model. An answer
    /// that does not fit is sent back once with the error; then the next model of a chain is asked. It goes on from the
    /// results of the [functions](Self::tool) that were run: none of their calls is run a second time.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// #[derive(Deserialize, JsonSchema)]
    /// struct City {
    ///     name: String,
    ///     /// Without suburbs.
    ///     inhabitants: u64,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::builder().platform("sandbox").sandbox_time_scale(0.0).build()?;
    /// let city: City = client.chat("openai/gpt-4o-mini").user("Tell me about Oslo.").json().await?;
    /// println!("{}: {}", city.name, city.inhabitants);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`send`](Self::send), and [`ErrorKind::SchemaMismatch`] when no model gives an answer that fits:
    /// [`partial`](Error::partial) then holds the last answer.
    pub async fn json<T: DeserializeOwned + JsonSchema>(self) -> Result<T> {
        let (value, _) = self.json_with_reply().await?;
        Ok(value)
    }

    /// The request that [`json`](Self::json) would send first, for people to read: with the type in it, in the form that the
    /// model and its platform accept. Nothing is sent.
    ///
    /// # Errors
    /// As [`preview`](Self::preview).
    pub fn preview_json<T: JsonSchema>(&self) -> Result<Preview> {
        let mut chat = self.clone();
        chat.request.response_format = of_answer::<T>().asked();
        chat.preview()
    }

    /// As [`json`](Self::json), and with the reply: its text, its model, and the trail, tokens and cost of everything that
    /// led to it.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub async fn json_with_reply<T: DeserializeOwned + JsonSchema>(mut self) -> Result<(T, Reply)> {
        let mut result = self.typed().await;
        let outcome = result.as_mut().map(|(_, reply)| reply);
        remember_conversation(self.request.messages, outcome);
        result
    }

    /// The call itself. The conversation grows with each round.
    async fn typed<T: DeserializeOwned + JsonSchema>(&mut self) -> Result<(T, Reply)> {
        if self.request.tools.len() > self.functions.len() {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                words::typed_answers().tool_without_a_function_stands_in_the_way(),
            )
            .with_hint(words::typed_answers().give_the_function_along_with_tool_instead()));
        }
        let endpoints = self.resolve_target()?;
        let form = of_answer::<T>();
        self.request.response_format = form.asked();
        let miss = match self.look_up(&self.request, &endpoints).await? {
            CacheLookup::Hit(reply) => match json_extract::read_last(&reply.text, form.wrapped) {
                Ok(value) => return Ok((value, *reply)),
                // It fitted another type of the same schema.
                Err(_) => self.refresh(&self.request, &endpoints)?,
            },
            CacheLookup::Miss(miss) => miss,
        };
        let limits = miss.limits(self.limits);
        let request = mem::take(&mut self.request);
        let mut asking = StructuredCall {
            talk: self.talk(limits, request),
            form,
        };
        let mut result = asking.ask(&endpoints).await;
        let outcome = result.as_mut().map(|(_, reply)| reply);
        self.request.messages = asking.talk.close(outcome);
        miss.complete(result.as_mut().map(|(_, reply)| reply)).await;
        result
    }
}

/// A question with a schema for its answer.
struct StructuredCall<'a> {
    form: OutputSchema,
    talk: ToolLoop<'a>,
}

/// The error, and how many endpoints were asked.
type SchemaMismatch = (Error, usize);

impl StructuredCall<'_> {
    /// Asks until an answer fits. The next endpoint goes on from the conversation as it is: functions are not run again.
    async fn ask<T: DeserializeOwned>(&mut self, endpoints: &[Endpoint]) -> Result<(T, Reply)> {
        let mut rest = endpoints;
        loop {
            match self.ask_one_that_answers(rest).await {
                Ok(found) => return Ok(found),
                Err((error, after)) => match rest.get(after..) {
                    Some(others) if !others.is_empty() => rest = others,
                    _ => return Err(error),
                },
            }
            self.note(NextAction::MovedOn, None);
        }
    }

    /// Asks the endpoints until one answers, and that one once more when its answer does not fit.
    async fn ask_one_that_answers<T: DeserializeOwned>(
        &mut self,
        endpoints: &[Endpoint],
    ) -> std::result::Result<(T, Reply), SchemaMismatch> {
        let all = endpoints.len();
        self.talk.in_words = None;
        let mut answer = self.talk.answer(endpoints).await;
        if answer.is_err() && self.refused_the_form() {
            // The catalogue or the preset promised too much: the model may follow a schema that is written in words.
            let at = self.last_of(endpoints);
            self.talk.in_words = Some(self.form.schema.clone());
            answer = self.talk.answer(&endpoints[at..=at]).await;
        }
        let reply = answer.map_err(|error| (error, all))?;
        let at = self.last_of(endpoints);
        let misfit = match json_extract::read(&reply.text, self.form.wrapped) {
            Ok(value) => return Ok((value, reply)),
            Err(misfit) => misfit,
        };
        if reply.finish_reason == Some(FinishReason::Length) {
            self.note(NextAction::GaveUp, Some(&misfit));
            return Err((self.cut(&reply), at + 1));
        }
        self.note(NextAction::Retried(Duration::ZERO), Some(&misfit));
        let again = self.repaired(&reply, &misfit, &endpoints[at..=at]).await;
        let again = again.map_err(|error| (error.with_partial(Some(reply.text)), at + 1))?;
        match json_extract::read_last(&again.text, self.form.wrapped) {
            Ok(value) => Ok((value, again)),
            Err(_) if again.finish_reason == Some(FinishReason::Length) => {
                self.note(NextAction::GaveUp, Some(&misfit));
                Err((self.cut(&again), at + 1))
            }
            Err(misfit) => {
                self.note(NextAction::GaveUp, Some(&misfit));
                Err((self.unfit(&again, &misfit), at + 1))
            }
        }
    }

    /// Asks once more, with the error. Neither the answer that does not fit nor the error stays in the conversation;
    /// functions that were run meanwhile do.
    async fn repaired(
        &mut self,
        reply: &Reply,
        misfit: &str,
        endpoint: &[Endpoint],
    ) -> Result<Reply> {
        let words = schema_in_words(&self.form.schema);
        let messages = &mut self.talk.request.messages;
        let before = messages.len();
        if !reply.text.is_empty() {
            messages.push(reply.to_message());
        }
        messages.push(Message::user(format!(
            "Your answer does not fit: {misfit}.\n{words}"
        )));
        let after = messages.len();
        let again = self.talk.answer(endpoint).await;
        self.talk.request.messages.drain(before..after);
        again
    }

    /// The endpoint of the last request, by its index.
    fn last_of(&self, endpoints: &[Endpoint]) -> usize {
        let Some(last) = self.talk.trail.last() else {
            return 0;
        };
        let made = |endpoint: &Endpoint| {
            endpoint.candidate.model == last.model_asked && endpoint.platform.name == last.platform
        };
        endpoints.iter().position(made).unwrap_or(0)
    }

    /// Records the outcome of the last attempt.
    fn note(&mut self, next: NextAction, misfit: Option<&str>) {
        if let Some(attempt) = self.talk.trail.last_mut() {
            attempt.next = next;
            if let Some(misfit) = misfit {
                attempt.failure = Some(ErrorKind::SchemaMismatch);
                attempt.message = Some(misfit.to_owned());
            }
        }
    }

    fn unfit(&self, reply: &Reply, misfit: &str) -> Error {
        let mut shown: String = reply.text.chars().take(SHOWN).collect();
        if shown.len() < reply.text.len() {
            shown.push('…');
        }
        let message = words::typed_answers().answer_does_not_fit(
            &reply.model,
            &self.form.name,
            &misfit,
            &shown,
        );
        self.error(message, reply)
            .with_hint(words::typed_answers().say_in_the_prompt_what_belongs_into())
    }

    fn cut(&self, reply: &Reply) -> Error {
        let limit = match self.talk.request.max_tokens {
            Some(most) => words::typed_answers().after_the_tokens_allowed(&most),
            None => words::typed_answers()
                .at_the_limit_of_tokens_of_the_model()
                .to_owned(),
        };
        let message = words::typed_answers().answer_was_cut(&reply.model, &limit);
        self.error(message, reply)
            .with_hint(words::typed_answers().allow_a_longer_answer_with_max_tokens())
    }

    fn error(&self, message: String, reply: &Reply) -> Error {
        Error::new(ErrorKind::SchemaMismatch, message).with_partial(Some(reply.text.clone()))
    }

    /// Whether the last platform refused the schema, or the tool in its place.
    fn refused_the_form(&self) -> bool {
        self.talk.trail.last().is_some_and(refused_the_form)
    }
}

fn refused_the_form(last: &Attempt) -> bool {
    const WORDS: [&str; 8] = [
        "response_format",
        "response format",
        "response mime",
        "response_schema",
        "json_schema",
        "schema",
        "structured output",
        "tool",
    ];
    let message = last.message.as_deref().unwrap_or_default().to_lowercase();
    matches!(
        last.failure,
        Some(ErrorKind::InvalidRequest | ErrorKind::ModelNotFound)
    ) && WORDS.iter().any(|word| message.contains(word))
}
