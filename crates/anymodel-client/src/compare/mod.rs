//! Model comparison: many models, one question.

mod table;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};

use crate::client::Client;
use anymodel_types::{Error, Reply, Result};

impl Client {
    /// Asks several models the same question, all at once, and returns every result; a failure is a value among them.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::sandbox()?;
    /// let comparison = client.compare(["openai/gpt-4o-mini", "sandbox/down"], "Hello").await;
    /// assert_eq!(comparison.replies().count(), 1);
    /// assert_eq!(comparison.errors().count(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn compare<S: Into<String>>(
        &self,
        models: impl IntoIterator<Item = S>,
        prompt: impl Into<String>,
    ) -> Compare {
        let models = models.into_iter().map(Into::into).collect();
        Compare::new(self.clone(), models, prompt.into())
    }
}

/// Builder of a comparison; awaiting it asks. Made by [`Client::compare`].
#[derive(Clone, Debug)]
#[must_use = "models are asked only by .await"]
pub struct Compare {
    client: Client,
    models: Vec<String>,
    prompt: String,
    sequential: bool,
    timeout: Option<Duration>,
}

impl Compare {
    pub(crate) fn new(client: Client, models: Vec<String>, prompt: String) -> Self {
        Compare {
            client,
            models,
            prompt,
            sequential: false,
            timeout: None,
        }
    }

    /// Asks one model after the other instead of all at once.
    pub fn sequential(mut self) -> Self {
        self.sequential = true;
        self
    }

    /// The deadline of each model, retries included. The default is the time of a call to it alone.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Asks as `.await` does, and calls `seen` for each model as soon as it has answered or failed, with its index
    /// among the models as they were named, counted from 0.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::sandbox()?;
    /// let models = ["openai/gpt-4o-mini", "sandbox/down"];
    /// let comparison = client
    ///     .compare(models, "Hello")
    ///     .watch(|place, contestant| println!("{place}: {}", contestant.model))
    ///     .await;
    /// assert_eq!(comparison.contestants.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch(self, mut seen: impl FnMut(usize, &ModelOutcome)) -> Comparison {
        let start = Instant::now();
        let ask = |(place, model): (usize, &String)| {
            let chat = self.client.chat(model).user(self.prompt.clone());
            let chat = match self.timeout {
                Some(limit) => chat.timeout(limit).deadline(limit),
                None => chat,
            };
            let model = model.clone();
            async move {
                let start = Instant::now();
                let result = chat.send().await;
                let contestant = ModelOutcome {
                    model,
                    latency: start.elapsed(),
                    result,
                };
                (place, contestant)
            }
        };
        let questions: Vec<_> = self.models.iter().enumerate().map(ask).collect();
        let at_once = match self.sequential {
            true => 1,
            false => questions.len().max(1),
        };
        let mut answers = stream::iter(questions).buffer_unordered(at_once);
        let mut arrived = Vec::with_capacity(self.models.len());
        while let Some((place, contestant)) = answers.next().await {
            seen(place, &contestant);
            arrived.push((place, contestant));
        }
        arrived.sort_by_key(|(place, _)| *place);
        Comparison {
            contestants: arrived.into_iter().map(|(_, one)| one).collect(),
            elapsed: start.elapsed(),
            prompt: self.prompt,
        }
    }

    pub(crate) fn models(&self) -> &[String] {
        &self.models
    }

    pub(crate) fn prompt(&self) -> &str {
        &self.prompt
    }

    pub(crate) fn is_simulated(&self) -> bool {
        self.client.is_sandbox()
    }
}

impl IntoFuture for Compare {
    type Output = Comparison;
    type IntoFuture = Pin<Box<dyn Future<Output = Comparison> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.watch(|_, _| ()))
    }
}

/// Comparison: the outcome of every model, in the order in which they were named.
///
/// It displays as a table.
#[derive(Debug)]
#[non_exhaustive]
pub struct Comparison {
    /// The question.
    pub prompt: String,
    /// One entry for each model.
    pub contestants: Vec<ModelOutcome>,
    /// The time of the whole comparison: about that of the slowest when asked at once, the sum when sequential.
    pub elapsed: Duration,
}

/// Outcome of one model in a comparison.
#[derive(Debug)]
#[non_exhaustive]
pub struct ModelOutcome {
    /// The model that was asked.
    pub model: String,
    /// From the question to the answer, or to the failure.
    pub latency: Duration,
    /// The reply or the error.
    pub result: Result<Reply>,
}

impl Comparison {
    /// The models that answered.
    pub fn replies(&self) -> impl Iterator<Item = &Reply> {
        self.contestants
            .iter()
            .filter_map(|contestant| contestant.result.as_ref().ok())
    }

    /// The models that did not answer, with the error.
    pub fn errors(&self) -> impl Iterator<Item = (&str, &Error)> {
        self.contestants.iter().filter_map(|contestant| {
            let error = contestant.result.as_ref().err()?;
            Some((contestant.model.as_str(), error))
        })
    }

    /// The first reply to arrive.
    pub fn fastest(&self) -> Option<&Reply> {
        self.replies().min_by_key(|reply| reply.latency)
    }

    /// The answer that cost least, among those whose cost is known.
    pub fn cheapest(&self) -> Option<&Reply> {
        self.replies()
            .filter(|reply| reply.cost.is_some())
            .min_by_key(|reply| reply.cost)
    }
}

impl<'a> IntoIterator for &'a Comparison {
    type Item = &'a ModelOutcome;
    type IntoIter = std::slice::Iter<'a, ModelOutcome>;

    fn into_iter(self) -> Self::IntoIter {
        self.contestants.iter()
    }
}
