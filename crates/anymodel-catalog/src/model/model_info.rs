//! Model facts: a model, its price, and the hosts that serve it.

use rust_decimal::Decimal;
use serde::Deserialize;

/// One model of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Model {
    /// The name a request uses: `author/slug`, with `:free` for an offer without charge.
    pub id: String,
    /// The dated name that `id` stands for.
    pub canonical_slug: String,
    /// The display name.
    pub name: String,
    /// Day of release, in unix seconds.
    pub created: u64,
    /// One sentence on what the model is.
    pub description: String,
    /// Other names of this model.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The longest conversation, in tokens.
    pub context_length: Option<u64>,
    /// The longest answer, in tokens.
    pub max_completion_tokens: Option<u64>,
    /// Whether the maker's own host checks prompts before the model sees them.
    pub is_moderated: bool,
    /// What goes in: `text`, `image`, `file`, `audio`, `video`.
    pub input_modalities: Vec<String>,
    /// What comes out, in the same words.
    pub output_modalities: Vec<String>,
    /// The family of tokenizers the model belongs to.
    pub tokenizer: String,
    /// The chat template, for open weights.
    pub instruct_type: Option<String>,
    /// Last day of the training data (`YYYY-MM-DD`), where the maker published it.
    pub knowledge_cutoff: Option<String>,
    /// The day the maker retired the model (`YYYY-MM-DD`).
    pub expiration_date: Option<String>,
    /// The price at the first host.
    pub pricing: Pricing,
    /// Request fields the model understands.
    pub supported_parameters: Vec<String>,
    /// The hosts that serve it; a router has none.
    pub hosts: Vec<Host>,
}

impl Model {
    /// Whether the model supports the request field `parameter`.
    pub fn supports(&self, parameter: &str) -> bool {
        self.supported_parameters.iter().any(|p| p == parameter)
    }

    /// Whether the model can reason before it answers.
    pub fn supports_reasoning(&self) -> bool {
        self.supports("reasoning")
    }

    /// Whether the model accepts images.
    pub fn accepts_images(&self) -> bool {
        self.input_modalities.iter().any(|m| m == "image")
    }

    /// Whether the model can call tools.
    pub fn supports_tools(&self) -> bool {
        self.supports("tools")
    }

    /// Whether the model supports a JSON schema for its answer.
    pub fn supports_json_schema(&self) -> bool {
        self.supports("structured_outputs")
    }

    /// Whether this is a router, such as `openrouter/auto`: it passes the request on to a model.
    pub fn is_router(&self) -> bool {
        self.tokenizer == "Router"
    }

    /// Whether the model costs nothing.
    pub fn is_free(&self) -> bool {
        !self.is_router() && self.pricing.is_zero()
    }

    /// The part of the id before the slash.
    pub fn author(&self) -> &str {
        self.id.split_once('/').map_or("", |(author, _)| author)
    }

    /// The price at one of the model's hosts.
    pub fn price_at<'a>(&'a self, host: &'a Host) -> &'a Pricing {
        host.pricing.as_ref().unwrap_or(&self.pricing)
    }
}

/// A host of one model: the machines of one company that serve it.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Host {
    /// The provider's name, as in [`HostOperator::name`].
    pub provider: String,
    /// The provider's slug, with the quantization when it has one: `deepinfra/fp8`.
    pub tag: String,
    /// How the weights are stored: `bf16`, `fp8`, …, `unknown`.
    pub quantization: String,
    /// The price here, when it is not the model's own.
    pub pricing: Option<Pricing>,
    /// Invented for the sandbox: time to the first token, in milliseconds.
    pub ttft_ms: u64,
    /// Invented for the sandbox: speed of the answer.
    pub tokens_per_second: u64,
}

impl Host {
    /// The provider's slug: the tag without its quantization.
    pub fn slug(&self) -> &str {
        self.tag.split('/').next().unwrap_or(&self.tag)
    }
}

/// The quote of one host for a model: price, limits and measurements of the platform. Made by
/// `Client::hosts`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HostQuote {
    /// The host's name.
    pub provider: String,
    /// The host's name in `provider.order` and similar fields.
    pub tag: String,
    /// How the weights are stored: `bf16`, `fp8`, …
    pub quantization: Option<String>,
    /// The longest conversation on this host, in tokens.
    pub context_length: Option<u64>,
    /// The longest answer on this host, in tokens.
    pub max_completion_tokens: Option<u64>,
    /// The price on this host.
    pub pricing: Pricing,
    /// Time to the first token, the median of the last 30 minutes.
    pub first_token: Option<std::time::Duration>,
    /// Speed of the answer, the median of the last 30 minutes.
    pub tokens_per_second: Option<f64>,
    /// The uptime in the last 30 minutes, in percent.
    pub uptime: Option<f64>,
}

/// The hosts of one model.
#[derive(Debug, Clone)]
pub struct Hosts {
    pub(crate) model: String,
    pub(crate) list: Vec<HostQuote>,
    pub(crate) is_simulated: bool,
}

impl Hosts {
    /// The hosts of `model`, in the platform's order.
    pub fn new(model: impl Into<String>, list: Vec<HostQuote>, is_simulated: bool) -> Self {
        Hosts {
            model: model.into(),
            list,
            is_simulated,
        }
    }

    /// All quotes, in the platform's order.
    pub fn iter(&self) -> impl Iterator<Item = &HostQuote> {
        self.list.iter()
    }

    /// The host with the lowest price, as [`Pricing::blended`] counts it.
    pub fn cheapest(&self) -> Option<&HostQuote> {
        let priced = self.list.iter().filter(|offer| offer.pricing.is_known());
        priced.min_by_key(|offer| offer.pricing.blended())
    }

    /// The host with the shortest time to first token, among the measured ones.
    pub fn lowest_latency(&self) -> Option<&HostQuote> {
        let measured = self.list.iter().filter(|offer| offer.first_token.is_some());
        measured.min_by_key(|offer| offer.first_token)
    }
}

/// A company that hosts models.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct HostOperator {
    /// The display name.
    pub name: String,
    /// The name in `provider.order` and similar request fields.
    pub slug: String,
    /// Two-letter country code of its headquarters, when known.
    pub headquarters: Option<String>,
    /// Its web site.
    pub site: String,
}

/// The price of a model: US dollars for one token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Pricing {
    /// For a prompt token.
    pub prompt: Decimal,
    /// For a token of the answer.
    pub completion: Decimal,
    /// For a prompt token that is read from the host's cache.
    pub input_cache_read: Option<Decimal>,
    /// For a prompt token that is written to the host's cache.
    #[serde(default)]
    pub input_cache_write: Option<Decimal>,
    /// Other prices for long prompts; the last matching one counts.
    #[serde(default)]
    pub overrides: Vec<PriceOverride>,
}

impl Pricing {
    /// A price of nothing.
    pub fn free() -> Self {
        Pricing::new(Decimal::ZERO, Decimal::ZERO)
    }

    /// US dollars for a prompt token and for a token of the answer, however long the prompt.
    pub fn new(prompt: Decimal, completion: Decimal) -> Self {
        Pricing {
            prompt,
            completion,
            input_cache_read: None,
            input_cache_write: None,
            overrides: Vec::new(),
        }
    }
}

/// The price of prompts longer than a threshold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PriceOverride {
    /// Counts for prompts with more tokens than this.
    pub min_prompt_tokens: u64,
    /// For a prompt token.
    pub prompt: Decimal,
    /// For a token of the answer.
    pub completion: Decimal,
}

impl Pricing {
    /// An unknown price: for routers, whose price depends on the chosen model, and for platforms that publish no prices.
    /// OpenRouter writes it as `-1`.
    pub(super) fn unknown() -> Self {
        Pricing {
            prompt: Decimal::NEGATIVE_ONE,
            completion: Decimal::NEGATIVE_ONE,
            input_cache_read: None,
            input_cache_write: None,
            overrides: Vec::new(),
        }
    }

    /// Whether the price is known. It is not for a router, nor when a platform publishes none.
    pub fn is_known(&self) -> bool {
        !self.prompt.is_sign_negative() && !self.completion.is_sign_negative()
    }

    /// The cost of a call in US dollars; zero when the price is not known.
    pub fn cost(&self, prompt_tokens: u64, completion_tokens: u64) -> Decimal {
        let (prompt, completion) = self.parts(prompt_tokens, completion_tokens);
        prompt + completion
    }

    /// The same, split into prompt and answer.
    pub fn parts(&self, prompt_tokens: u64, completion_tokens: u64) -> (Decimal, Decimal) {
        let (prompt, completion) = self
            .overrides
            .iter()
            .rev()
            .find(|o| prompt_tokens > o.min_prompt_tokens)
            .map_or((self.prompt, self.completion), |o| (o.prompt, o.completion));
        let times = |price: Decimal, tokens: u64| {
            (price.max(Decimal::ZERO) * Decimal::from(tokens)).normalize()
        };
        (
            times(prompt, prompt_tokens),
            times(completion, completion_tokens),
        )
    }

    /// One number to compare prices by: three prompt tokens for one token of answer, in US dollars a token.
    pub fn blended(&self) -> Decimal {
        (self.prompt * Decimal::from(3) + self.completion) / Decimal::from(4)
    }

    /// Whether nothing is charged.
    pub fn is_zero(&self) -> bool {
        self.prompt.is_zero() && self.completion.is_zero()
    }
}
