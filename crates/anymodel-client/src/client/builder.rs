//! Client builder: sets everything about a client explicitly.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::free_only_policy::FreeOnlyPolicy;
use super::model_aliases::ModelAliases;
use super::platform_registry::{self, DefaultPlatform, PlatformRegistry};
use super::{Client, Inner};
use crate::call::{AdmissionControl, EndpointHealth, Limits};
use crate::config::{PlatformCredentials, SANDBOX, Settings, check_url, clean_key};
#[cfg(feature = "ledger")]
use crate::spend::LedgerStore;
use crate::spend::{
    Budget, BudgetBackend, BudgetCounter, BudgetGuard, BudgetQueue, DuplicateLog, UsageMetrics,
};
use anymodel_cache::Cache;
use anymodel_providers::{Adapter, Platform};
use anymodel_types::Result;
use anymodel_types::{ChatRequest, Reasoning, words};

/// Builder of a [`Client`]: sets everything explicitly.
///
/// ```
/// let client = anymodel::Client::builder()
///     .platform("zenmux")
///     .key("sk-demo-0123456789abcdef")
///     .build()?;
/// assert_eq!(client.base_url(), "https://zenmux.ai/api/v1");
/// # Ok::<(), anymodel::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    settings: Settings,
    raw_key: Option<SecretString>,
    limits: Option<Limits>,
    no_breaker: bool,
    custom: Vec<Custom>,
    budget: Budget,
    counts_repeats: bool,
    keeps_questions: bool,
    cache: Option<Cache>,
    /// Whether key and address come from the environment, where each platform has its own.
    from_env: bool,
    /// Whether the sandbox answers where no key is set.
    or_sandbox: bool,
}

/// Begins with the settings of the environment or of a file.
///
/// ```
/// use anymodel::{ClientBuilder, Settings};
///
/// let settings = Settings::from_variables(|name| match name {
///     "LLM" => Some("openai".to_owned()),
///     "OPENAI_API_KEY" => Some("sk-demo-0123456789abcdef".to_owned()),
///     _ => None,
/// })?;
/// let client = ClientBuilder::from(settings).build()?;
/// assert_eq!(client.platform(), "openai");
/// # Ok::<(), anymodel::Error>(())
/// ```
impl From<Settings> for ClientBuilder {
    fn from(settings: Settings) -> Self {
        ClientBuilder::from_settings(settings)
    }
}

/// A platform that the caller defines.
#[derive(Clone, Debug)]
struct Custom {
    name: String,
    base_url: String,
    key: Option<SecretString>,
    adapter: Arc<dyn Adapter>,
}

impl ClientBuilder {
    pub(super) fn from_settings(mut settings: Settings) -> Self {
        settings.apply_precedence();
        let usual = Limits::default();
        let limits = Limits {
            attempt: settings.timeout,
            deadline: settings.deadline,
            retries: settings.max_retries.unwrap_or(usual.retries),
            ..usual
        };
        ClientBuilder {
            settings,
            limits: Some(limits),
            from_env: true,
            ..Default::default()
        }
    }

    /// Starts from the environment and the nearest `.env` file, as [`Client::from_env`] does. Settings that are made
    /// afterwards override it.
    ///
    /// # Errors
    /// As [`Client::from_env`].
    pub fn from_env() -> Result<Self> {
        Settings::from_env().map(ClientBuilder::from_settings)
    }

    /// As [`from_env`](Self::from_env); without a key the built-in sandbox answers, as in
    /// [`Client::from_env_or_sandbox`].
    ///
    /// # Errors
    /// As [`Client::from_env_or_sandbox`].
    pub fn from_env_or_sandbox() -> Result<Self> {
        Self::from_env().map(Self::or_sandbox)
    }

    /// Without a key, a platform and an address the built-in sandbox answers: simulated, free, nothing leaves this machine.
    ///
    /// For lessons and trials. A service must not use it: with a forgotten key it would answer with invented text.
    pub fn or_sandbox(mut self) -> Self {
        self.or_sandbox = true;
        self
    }

    /// As [`from_env`](Self::from_env), with this configuration file and no other.
    ///
    /// # Errors
    /// As [`Client::from_config`].
    #[cfg(feature = "config")]
    pub fn from_config(path: impl AsRef<std::path::Path>) -> Result<Self> {
        Settings::from_config(path).map(ClientBuilder::from_settings)
    }

    /// Chooses a platform by name: one of [`platform_specs`](anymodel_catalog::platform_spec::platform_specs), or `sandbox`. The default is `openrouter`.
    pub fn platform(mut self, name: &str) -> Self {
        self.settings.platform = Some(name.to_lowercase());
        self.settings.platform_follows = false;
        if self.from_env {
            // They were those of the platform that the environment names.
            self.settings.key = None;
            self.settings.base_url = None;
        }
        self
    }

    /// Takes the key that the environment holds for this platform, if there is one, for use at another address.
    ///
    /// # Errors
    /// [`ErrorKind::KeyMalformed`](anymodel_types::ErrorKind::KeyMalformed) when it cannot be a key.
    pub fn key_of(mut self, platform: &str) -> Result<Self> {
        let found = self.settings.credentials.get(platform);
        if let Some(key) = found.map(PlatformCredentials::key).transpose()?.flatten() {
            self.settings.key = Some(key);
        }
        Ok(self)
    }

    /// The key. It is cleaned of what a paste may bring along, and checked by [`build`](Self::build).
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.raw_key = Some(SecretString::from(key.into()));
        self
    }

    /// Another server that speaks the same protocol, such as a gateway. It needs no key unless the server asks for one.
    ///
    /// With [`platform`](Self::platform) as well, the server keeps that platform's name, prices and capabilities: in trails,
    /// totals and spans, and for budgets. Without it, the server is named by its address.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_url = Some(url.into());
        self
    }

    /// Adds a platform that this crate does not know: its name, its address, its key if it needs one, and its adapter. A
    /// target then names it, as in `"acme::their-model"`; `.platform("acme")` makes it the client's own.
    pub fn adapter(
        mut self,
        name: &str,
        base_url: impl Into<String>,
        key: Option<&str>,
        adapter: impl Adapter,
    ) -> Self {
        self.custom.push(Custom {
            name: name.to_lowercase(),
            base_url: base_url.into(),
            key: key.map(SecretString::from),
            adapter: Arc::new(adapter),
        });
        self
    }

    /// The model asked by [`Target::Default`](crate::Target::Default): before all others, whatever the file's
    /// `routing_strategy` is.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.settings.model = Some(model.into());
        self.settings.routing_strategy = None;
        self
    }

    /// The temperature, 0 to 2, where a call sets none: how freely models choose their words.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.settings.temperature = Some(temperature);
        self
    }

    /// The longest answer in tokens, where a call sets none.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.settings.max_tokens = Some(tokens);
        self
    }

    /// The timeout of one attempt: how long it may be silent until its answer, or for a streamed one until the first word
    /// and between two words.
    ///
    /// The default is 10 s. An answer that is not streamed is silent until it is complete. It may take 60 s where no other
    /// model is left to ask, and in any case a second more for each 50 tokens of
    /// [`max_tokens`](crate::Chat::max_tokens).
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.get_or_insert_default().attempt = Some(limit);
        self
    }

    /// Until the first word of a streamed answer, where it differs from the [`timeout`](Self::timeout).
    pub fn first_token_timeout(mut self, limit: Duration) -> Self {
        self.limits.get_or_insert_default().first_token = Some(limit);
        self
    }

    /// Between two words of a streamed answer, where it differs from the [`timeout`](Self::timeout).
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.limits.get_or_insert_default().idle = Some(limit);
        self
    }

    /// The deadline of a whole call, waits and fallbacks included, to the end of the answer. While other models are left to
    /// ask, an attempt gets at most two thirds of it.
    ///
    /// Without one, a call begins nothing new after 30 s, or three times the [`timeout`](Self::timeout) if that is longer.
    /// An attempt that is in flight by then is not ended: the last one may take what the [`timeout`](Self::timeout) allows,
    /// and a streamed answer may go on for as long as it comes.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.get_or_insert_default().deadline = Some(limit);
        self
    }

    /// The most retries in one call. The default is 3 in all; 0 means never.
    ///
    /// All calls together retry a model about once in five calls, and ten times more, so that an outage is not multiplied.
    pub fn retries(mut self, retries: u32) -> Self {
        self.limits.get_or_insert_default().retries = retries;
        self.settings.cap_retries(retries);
        self
    }

    /// Switches the circuit breaker on, which is the default, or off: a model that fails many times is left alone for a
    /// while.
    ///
    /// After five failures in 30 s that are at least half of all requests, a chain skips the model for 5 s; then one request
    /// probes it. A probe that fails doubles the time, up to 10 s; an answer ends it. A model that is the last to ask is
    /// asked nevertheless. [`Client::health`] shows the state, [`Trail::skipped`](anymodel_types::Trail::skipped) the skipped models.
    pub fn circuit_breaker(mut self, on: bool) -> Self {
        self.no_breaker = !on;
        self
    }

    /// Allows free models only. A request to any other model is refused before it is sent.
    pub fn free_models_only(mut self, only: bool) -> Self {
        self.settings.free_models_only = only;
        self
    }

    /// The budget: what may be spent. A limit per call overrides `cost_limit_per_call` of the configuration file.
    ///
    /// A model that may cost more than is left is skipped, and a cheaper one of the chain is asked. When none is left the
    /// call ends with [`ErrorKind::BudgetExceeded`](anymodel_types::ErrorKind::BudgetExceeded). Without a ledger on disk the budget
    /// is that of this client and its clones.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Writes every attempt into a ledger on disk, a SQLite file that many processes may share: model, time, tokens, cost,
    /// outcome. `ANYMODEL_LEDGER` and the configuration file name one too. [`LedgerFile`] and `anymodel spend` read it.
    ///
    /// It holds no question, only its [`Fingerprint`](crate::Fingerprint). A process may be killed at any moment: an attempt
    /// is in the ledger before its answer is returned. When the machine loses its power, the last moments may be missing.
    ///
    /// [`LedgerFile`]: crate::LedgerFile
    #[cfg(feature = "ledger")]
    pub fn ledger(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.settings.ledger = Some(path.into());
        self
    }

    /// Also keeps the text of questions: in the ledger on disk, and in [`Client::duplicates`].
    pub fn keep_questions(mut self, on: bool) -> Self {
        self.keeps_questions = on;
        self
    }

    /// Counts in memory the questions that are paid for more than once, for [`Client::duplicates`]: the last 10,000 of them.
    pub fn count_duplicates(mut self) -> Self {
        self.counts_repeats = true;
        self
    }

    /// What the calls are for, as in [`Client::with_label`].
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.settings.label = Some(label.into());
        self
    }

    /// Sets the response cache: an answer is kept and returned again for the same request. See [`Cache`]. Clients may share
    /// it.
    pub fn cache(mut self, cache: impl Into<Cache>) -> Self {
        self.cache = Some(cache.into());
        self
    }

    /// The speed of the sandbox's clock: 1 looks real, 0 never waits. Without effect elsewhere.
    pub fn sandbox_time_scale(mut self, scale: f64) -> Self {
        self.settings.sandbox_time_scale = Some(scale);
        self
    }

    /// Why the sandbox answers, if it does.
    pub(super) fn why_sandbox(&self) -> &'static str {
        match self.settings.platform.as_deref() {
            Some(SANDBOX) => words::platforms().llm_is_sandbox(),
            _ => words::platforms().no_key_is_set(),
        }
    }

    /// Builds the client. It connects to nothing yet: the first call does.
    ///
    /// # Errors
    /// [`ErrorKind::KeyMissing`](anymodel_types::ErrorKind::KeyMissing), [`ErrorKind::KeyMalformed`](anymodel_types::ErrorKind::KeyMalformed) or
    /// [`ErrorKind::Config`](anymodel_types::ErrorKind::Config), each with what to do about it.
    pub fn build(self) -> Result<Client> {
        let ClientBuilder {
            mut settings,
            raw_key,
            limits,
            no_breaker,
            custom,
            budget,
            counts_repeats,
            keeps_questions,
            cache,
            from_env: _,
            or_sandbox,
        } = self;
        if let Some(key) = raw_key {
            settings.key = Some(clean_key(
                key.expose_secret(),
                words::platforms().the_key(),
            )?);
        }
        let defaults = ChatRequest {
            temperature: settings.temperature,
            max_tokens: settings.max_tokens,
            reasoning: settings.disable_thinking.then_some(Reasoning::Off),
            ..ChatRequest::default()
        };
        let model = settings.model.clone();
        let is_placed = settings.says_where();
        let prices = Arc::new(settings.own_prices());
        let budget = budget
            .with_settings(settings.cost_limit_per_call)
            .checked()?;
        let label = settings.label.as_deref().map(Arc::from);
        let disk = on_disk(&settings)?;
        let is_wanted = budget.has_limits() || counts_repeats || disk.is_some();
        let budget_guard = is_wanted.then(|| BudgetGuard {
            budget,
            kept: disk.unwrap_or_else(|| BudgetBackend::Memory(BudgetCounter::default())),
            journal: counts_repeats.then(DuplicateLog::default),
            keeps_questions,
            line: BudgetQueue::default(),
        });
        let mut custom = custom
            .into_iter()
            .map(Custom::connect)
            .collect::<Result<Vec<_>>>()?;
        if !settings.resolves_to_sandbox() {
            custom.extend(platform_registry::in_file(&settings)?);
        }
        let home = DefaultPlatform::from_settings(&settings, &custom, or_sandbox)?;
        let names = ModelAliases::new(&settings, home.is_sandbox());
        if let Some(cache) = &cache {
            cache.open()?;
        }
        Ok(Client {
            inner: Arc::new(Inner {
                router: names.router(&settings),
                names,
                free: settings
                    .free_models_only
                    .then(|| FreeOnlyPolicy::new(&settings, Arc::clone(&prices))),
                platforms: PlatformRegistry::new(home, custom, settings.credentials, is_placed),
                limits: limits.unwrap_or_default(),
                admission: AdmissionControl {
                    prices,
                    health: EndpointHealth::new(!no_breaker),
                    metrics: UsageMetrics::default(),
                    budget: budget_guard,
                },
                defaults,
                model,
                shelf: super::models::ModelListCache::default(),
                calls: AtomicU64::new(0),
            }),
            label,
            cache,
        })
    }
}

/// The ledger on disk, when one is named.
#[cfg(feature = "ledger")]
fn on_disk(settings: &Settings) -> Result<Option<BudgetBackend>> {
    let store = settings
        .ledger
        .as_deref()
        .map(LedgerStore::open)
        .transpose()?;
    Ok(store.map(BudgetBackend::Disk))
}

/// Without the feature no ledger can be written.
#[cfg(not(feature = "ledger"))]
fn on_disk(_: &Settings) -> Result<Option<BudgetBackend>> {
    Ok(None)
}

impl Custom {
    fn connect(self) -> Result<Arc<Platform>> {
        let url = check_url(&self.base_url, &words::platforms().address_of(&self.name))?;
        let key = match &self.key {
            Some(raw) => Some(clean_key(
                raw.expose_secret(),
                &words::platforms().key_of(&self.name),
            )?),
            None => None,
        };
        Platform::custom(self.name, url, key, self.adapter).map(Arc::new)
    }
}
