//! The client: configured once, then asked with `ask`.
//!
//! - this file: [`Client`]
//! - [`builder`]: the client builder
//! - [`models`]: the list of models that the platform offers
//! - [`model_aliases`]: the names that a configuration file gives to models
//! - [`free_only_policy`]: which models may be asked when nothing may be spent
//! - [`platform_registry`]: the client's own platform, and those that a target names
//! - [`chat_builder`]: the request builder for one question; [`cost_bounds`]: the most that it may cost
//! - [`raw`]: a caller's own JSON in place of the chat's encoding
//! - [`resolve_target`]: a target → the endpoints to ask
//! - [`cache_lookup`]: the client's cache around a call
//! - [`validate`]: refuses a request that is known to fail before it is sent
//! - [`stream`](mod@stream): a streamed answer; [`show_stream`]: shown while it arrives
//! - [`structured_output`]: an answer as a Rust value; [`schema`] makes the JSON schema, [`json_extract`] and
//!   [`lenient_json`] read the answer
//! - [`tools`]: functions that a model may call
//! - [`tool_loop`]: several requests that are one conversation: a repair, rounds of tool calls

mod builder;
mod cache_lookup;
mod chat_builder;
mod cost_bounds;
mod free_only_policy;
mod json_extract;
mod lenient_json;
mod model_aliases;
mod models;
mod platform_registry;
mod raw;
mod resolve_target;
mod schema;
mod show_stream;
mod stream;
mod structured_output;
mod tool_loop;
mod tools;
mod validate;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rust_decimal::Decimal;

pub use builder::ClientBuilder;
pub use chat_builder::Chat;
pub use cost_bounds::CostBound;
pub use models::ListModels;
pub use show_stream::stream;
pub use stream::ReplyStream;
pub use tools::ToolResult;

use crate::call::{AdmissionControl, Call, Circuit, EventSink, Limits, generation};
use crate::config::{SANDBOX, Settings, clean_key};
use crate::route::Router;
use crate::spend::{BudgetGuard, Duplicates, Generation, Stats, Totals};
use crate::target::Target;
use anymodel_cache::Cache;
use anymodel_display::output;
use anymodel_types::is_simulated;
use anymodel_types::{ChatRequest, Reply, words};
use anymodel_types::{Error, ErrorKind, Result};
use free_only_policy::FreeOnlyPolicy;
use model_aliases::ModelAliases;
use platform_registry::PlatformRegistry;

/// Client: asks models. Cheap to clone; clones share one connection pool.
///
/// ```
/// use anymodel::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// let client = Client::sandbox()?; // or Client::from_env(), with a key
/// let reply = client.ask("openai/gpt-4o-mini", "Introduce Rust in one sentence.").await?;
/// println!("{reply}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// What its calls are for.
    label: Option<Arc<str>>,
    cache: Option<Cache>,
}

struct Inner {
    platforms: PlatformRegistry,
    limits: Limits,
    /// Circuit breakers, rate limiters, metrics and the budget.
    admission: AdmissionControl,
    /// The settings that every question starts with.
    defaults: ChatRequest,
    model: Option<String>,
    names: ModelAliases,
    /// The router for [`Target::Default`], if the settings ask for one.
    router: Option<Router>,
    /// Refuses models that cost money, if the settings ask for that.
    free: Option<FreeOnlyPolicy>,
    /// The platform's list of models, as far as it is known.
    shelf: models::ModelListCache,
    /// Calls that were begun.
    calls: AtomicU64,
}

impl Client {
    /// Connects by the environment and the nearest `.env` file: see [`Settings`] for the names.
    ///
    /// With a key the client asks OpenRouter, or to the platform that `LLM` names. One line says which: on stderr, or in a
    /// notebook under the cell.
    ///
    /// # Errors
    /// [`ErrorKind::KeyMissing`] without a key: a service whose key was forgotten must not answer with invented text.
    /// [`ErrorKind::Config`] and [`ErrorKind::KeyMalformed`], when a setting cannot be used.
    pub fn from_env() -> Result<Self> {
        connect(ClientBuilder::from_env()?)
    }

    /// As [`from_env`](Self::from_env); without a key the built-in sandbox answers, and the line says so.
    ///
    /// For lessons and trials: answers of the sandbox are simulated and free, and nothing leaves this machine.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] and [`ErrorKind::KeyMalformed`], when a setting cannot be used.
    pub fn from_env_or_sandbox() -> Result<Self> {
        connect(ClientBuilder::from_env_or_sandbox()?)
    }

    /// As [`from_env`](Self::from_env), with this configuration file and no other.
    ///
    /// ```no_run
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// use anymodel::{Client, Target};
    ///
    /// let client = Client::from_config("anymodel.yaml")?;
    /// client.ask(Target::Default, "What is recursion?").await?; // the default model, then the fallback chain
    /// client.ask("qwen", "What is recursion?").await?; // a model of the file, by its name there
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env); a file that is not there is an error too.
    #[cfg(feature = "config")]
    pub fn from_config(path: impl AsRef<std::path::Path>) -> Result<Self> {
        connect(ClientBuilder::from_config(path)?)
    }

    /// Connects by these settings, without a message about the platform.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`].
    pub fn from_settings(settings: Settings) -> Result<Self> {
        ClientBuilder::from_settings(settings).build()
    }

    /// As [`from_env`](Self::from_env), but asks the person for a key when none is set.
    ///
    /// What is typed is not shown, in a terminal and in a notebook. An empty answer, or no person to ask, means the sandbox.
    /// The key stays in this client and is written nowhere.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env), and [`ErrorKind::KeyMissing`] when the notebook's kernel is gone.
    pub fn from_env_or_prompt() -> Result<Self> {
        let mut settings = Settings::from_env()?;
        let named = settings.platform.as_deref();
        if settings.key.is_none() && settings.base_url.is_none() && named != Some(SANDBOX) {
            let typed = prompt_for_key(named.unwrap_or("openrouter"))?;
            match typed.trim() {
                // Pressing Enter means the sandbox, whatever LLM says.
                "" => settings.platform = None,
                key => settings.key = Some(clean_key(key, words::platforms().the_key())?),
            }
        }
        connect(ClientBuilder::from_settings(settings).or_sandbox())
    }

    /// A client with its own sandbox, whatever the environment says.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] when no port of this machine can be had.
    #[cfg(feature = "sandbox")]
    pub fn sandbox() -> Result<Self> {
        Client::builder().platform("sandbox").build()
    }

    /// A builder that sets everything explicitly; nothing is read from the environment.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Asks a question and waits for the whole answer.
    ///
    /// # Errors
    /// When no model answers. The error carries the trail of what was tried; [`ErrorKind`] lists the reasons.
    pub async fn ask(&self, target: impl Into<Target>, prompt: impl Into<String>) -> Result<Reply> {
        self.chat(target).user(prompt).send().await
    }

    /// The long form of [`ask`](Self::ask): system prompt, history, temperature, limits.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::sandbox()?;
    /// let reply = client
    ///     .chat("openai/gpt-4o-mini")
    ///     .system("Answer in one sentence.")
    ///     .user("What is recursion?")
    ///     .temperature(0.2)
    ///     .max_tokens(200)
    ///     .timeout(Duration::from_secs(10))
    ///     .send()
    ///     .await?;
    /// # assert!(!reply.text.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn chat(&self, target: impl Into<Target>) -> Chat {
        Chat::new(self.clone(), target.into())
    }

    /// The same client with this cache, which returns kept answers. It shares connections, totals and budget with the client
    /// without the cache.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// use anymodel::Cache;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// let client = Client::sandbox()?.with_cache(Cache::exact())?;
    /// client.ask("openai/gpt-4o-mini", "What is recursion?").await?;
    /// let again = client.ask("openai/gpt-4o-mini", "What is recursion?").await?;
    /// assert_eq!(again.cached, Some(Cached::Exact));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the cache's file cannot be used.
    pub fn with_cache(&self, cache: impl Into<Cache>) -> Result<Self> {
        let cache = cache.into();
        cache.open()?;
        Ok(Client {
            cache: Some(cache),
            ..self.clone()
        })
    }

    /// The platform: `openrouter`, `sandbox`, …
    pub fn platform(&self) -> &str {
        &self.inner.platforms.home().name
    }

    /// The address that requests go to.
    pub fn base_url(&self) -> &str {
        &self.inner.platforms.home().base_url
    }

    /// Whether answers are simulated.
    pub fn is_sandbox(&self) -> bool {
        self.platform() == SANDBOX
    }

    /// The models of the configuration file's fallback chain that are not asked because their key is not set, in words.
    pub fn skipped_models(&self) -> Option<String> {
        self.inner.names.skipped_models()
    }

    /// The router of [`Target::Default`]: over the models that the configuration file enables, by its `routing_strategy`.
    /// `None` when the file sets no strategy.
    pub fn router(&self) -> Option<&Router> {
        self.inner.router.as_ref()
    }

    /// The circuit breakers of the models that this client and its clones have asked: which is left alone for now, and why.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # use anymodel::CircuitState;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// let client = Client::sandbox()?;
    /// for _ in 0..6 {
    ///     client.ask(["sandbox/down", "sandbox/echo"], "Hello").await?;
    /// }
    /// for circuit in client.health() {
    ///     println!("{circuit}"); // sandbox:sandbox/down is left alone for 4.9 s; 5 of 5 requests failed, …
    /// }
    /// # assert!(matches!(client.health()[0].state, CircuitState::Open(_)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn health(&self) -> Vec<Circuit> {
        self.inner.admission.health.circuits()
    }

    /// What this client and its clones have spent so far: attempts, failures, tokens, cost and times of each model.
    pub fn totals(&self) -> Totals {
        self.inner.admission.metrics.totals()
    }

    /// What this client and its clones have spent, and what is left of their [`Budget`](crate::Budget).
    ///
    /// With a ledger on disk the sums of the day and in all are those of all processes that write to it. They are `None`
    /// when it cannot be read.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # use anymodel::Budget;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// let client = Client::builder()
    ///     .platform("sandbox")
    ///     .budget(Budget::new().total(0.01))
    ///     .build()?;
    /// client.ask("openai/gpt-4o-mini", "What is recursion?").await?;
    ///
    /// let stats = client.stats();
    /// assert_eq!((stats.calls, stats.answers), (1, 1));
    /// println!("{} spent, {:?} left", stats.cost, stats.total.and_then(|total| total.left()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn stats(&self) -> Stats {
        let totals = self.totals();
        let budget_guard = self.inner.admission.budget.as_ref();
        let simulated = is_simulated(self.platform());
        let status = budget_guard.and_then(|guard| guard.status(simulated).ok().flatten());
        Stats {
            calls: self.inner.calls.load(Ordering::Relaxed),
            attempts: totals.models.iter().map(|row| row.attempts).sum(),
            answers: totals.models.iter().map(|row| row.successes).sum(),
            cost: totals.cost(),
            simulated: totals.models.iter().any(|row| is_simulated(&row.platform)),
            per_call: budget_guard.and_then(|guard| guard.budget.per_call),
            today: status.map(|(today, _)| today),
            total: status.map(|(_, total)| total),
        }
    }

    /// The questions that this client and its clones have paid for more than once, as far as they were counted: see
    /// [`ClientBuilder::count_duplicates`]. `anymodel spend --repeated` finds them in a ledger on disk.
    pub fn duplicates(&self) -> Duplicates {
        let budget_guard = self.inner.admission.budget.as_ref();
        budget_guard
            .map(BudgetGuard::duplicates)
            .unwrap_or_default()
    }

    /// A clone whose attempts are labelled in the ledger on disk: with a lesson, a user, a task. `anymodel spend --by
    /// lesson` sums up by label. The environment variable `ANYMODEL_LABEL` labels the attempts of all clients.
    pub fn with_label(&self, label: &str) -> Self {
        Client {
            label: Some(Arc::from(label.trim())).filter(|label: &Arc<str>| !label.is_empty()),
            ..self.clone()
        }
    }

    /// OpenRouter's generation record of an answer, by the [`id`](Reply::id) of its reply: the final charge.
    ///
    /// It is written some time after the answer, so it is polled for until it is there, for as long as one attempt of this
    /// client may take ([`ClientBuilder::timeout`], 10 s unless set).
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::sandbox()?;
    /// let reply = client.ask("openai/gpt-4o-mini", "Hello").await?;
    /// let record = client.generation(reply.id.as_deref().unwrap_or_default()).await?;
    /// assert_eq!(record.cost, reply.cost);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] on a platform that keeps no such records, [`ErrorKind::ModelNotFound`] (HTTP 404) when
    /// none has appeared in time, and the failures of any other request.
    pub async fn generation(&self, id: &str) -> Result<Generation> {
        generation(
            self.inner.platforms.home(),
            id,
            self.inner.limits.attempt_timeout(),
        )
        .await
    }

    /// One call, with this client's limits, health, budget and metrics.
    fn call<'a>(
        &'a self,
        request: &'a ChatRequest,
        limits: Limits,
        live: Option<EventSink>,
    ) -> Call<'a> {
        self.inner.calls.fetch_add(1, Ordering::Relaxed);
        Call {
            request,
            limits,
            admission: &self.inner.admission,
            label: self.label.as_deref(),
            spent: Decimal::ZERO,
            live,
            raw: None,
        }
    }

    fn announce(&self, because: &str) {
        let line = if self.is_sandbox() {
            words::platforms().sandbox_answers(&because)
        } else {
            words::platforms().live(&self.platform(), &self.base_url())
        };
        output::notify(&line);
        if let Some(left_out) = self.skipped_models() {
            output::notify(&words::platforms().notice(&left_out));
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("platform", &self.platform())
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}

/// Connects by the settings, and tells the person which platform answers.
fn connect(builder: ClientBuilder) -> Result<Client> {
    let because = builder.why_sandbox();
    let client = builder.build()?;
    client.announce(because);
    Ok(client)
}

/// Asks for the key without showing it; an empty string when no person can be asked.
fn prompt_for_key(platform: &str) -> Result<String> {
    let prompt = words::platforms().ask_for_the_key(&platform);
    let typed = output::ask_hidden(&prompt).map_err(|error| {
        Error::new(
            ErrorKind::KeyMissing,
            words::platforms().kernel_of_this_notebook_cannot_be_asked(&error),
        )
        .with_hint(words::platforms().restart_the_kernel())
    })?;
    Ok(typed.unwrap_or_default())
}
