//! One line of the catalogue: a model, its price, and the hosts that serve it.

use rust_decimal::Decimal;
use serde::Deserialize;

/// One model, as the catalogue knows it.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Model {
    /// The name a request uses: `author/slug`, with `:free` for an offer without charge.
    pub id: String,
    /// The dated name behind `id`.
    pub canonical_slug: String,
    /// The name people read.
    pub name: String,
    /// Day of release, in unix seconds.
    pub created: u64,
    /// One sentence on what the model is.
    pub description: String,
    /// Other names that mean this model.
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
    /// What comes out.
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
    /// Who serves it; routers have no hosts.
    pub hosts: Vec<Host>,
}

impl Model {
    /// Whether the request field `parameter` has an effect.
    pub fn supports(&self, parameter: &str) -> bool {
        self.supported_parameters.iter().any(|p| p == parameter)
    }

    /// Whether the model can reason before it answers.
    pub fn reasons(&self) -> bool {
        self.supports("reasoning")
    }

    /// Whether the model reads images.
    pub fn sees(&self) -> bool {
        self.input_modalities.iter().any(|m| m == "image")
    }

    /// Whether the model can call tools.
    pub fn calls_tools(&self) -> bool {
        self.supports("tools")
    }

    /// Whether the model can be held to a JSON schema.
    pub fn obeys_schemas(&self) -> bool {
        self.supports("structured_outputs")
    }

    /// Whether this is one of `openrouter/auto` and its like, which pass the question on.
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

/// A company's machines that serve one model.
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

/// What one host offers for a model, as the platform says and measures it now. Made by
/// [`Client::hosts`](crate::Client::hosts).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HostQuote {
    /// The host's name.
    pub provider: String,
    /// What `provider.order` and its like call it.
    pub tag: String,
    /// How the weights are stored: `bf16`, `fp8`, …
    pub quantization: Option<String>,
    /// The longest conversation here, in tokens.
    pub context_length: Option<u64>,
    /// The longest answer here, in tokens.
    pub max_completion_tokens: Option<u64>,
    /// The price here.
    pub pricing: Pricing,
    /// Time to the first token, the median of the last 30 minutes.
    pub first_token: Option<std::time::Duration>,
    /// Speed of the answer, the median of the last 30 minutes.
    pub tokens_per_second: Option<f64>,
    /// How much of the last 30 minutes it was there, in percent.
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
    /// One after the other, in the platform's order.
    pub fn iter(&self) -> impl Iterator<Item = &HostQuote> {
        self.list.iter()
    }

    /// Who offers it for the least, as [`Pricing::blended`] counts it.
    pub fn cheapest(&self) -> Option<&HostQuote> {
        let priced = self.list.iter().filter(|offer| offer.pricing.is_known());
        priced.min_by_key(|offer| offer.pricing.blended())
    }

    /// Who begins to answer first, where that is measured.
    pub fn quickest(&self) -> Option<&HostQuote> {
        let measured = self.list.iter().filter(|offer| offer.first_token.is_some());
        measured.min_by_key(|offer| offer.first_token)
    }
}

/// A company that serves models.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct HostOperator {
    /// The name people read.
    pub name: String,
    /// The name a request uses in `provider.order` and its like.
    pub slug: String,
    /// Two-letter country code of its seat, when known.
    pub headquarters: Option<String>,
    /// Its web site.
    pub site: String,
}

/// What a model costs: US dollars for one token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Pricing {
    /// For a token of the question.
    pub prompt: Decimal,
    /// For a token of the answer.
    pub completion: Decimal,
    /// For a token of the question that the host still remembers.
    pub input_cache_read: Option<Decimal>,
    /// For a token of the question that the host is told to remember.
    #[serde(default)]
    pub input_cache_write: Option<Decimal>,
    /// Other prices for long questions; the last one that fits counts.
    #[serde(default)]
    pub overrides: Vec<PriceOverride>,
}

/// The price of questions longer than a threshold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PriceOverride {
    /// Counts for questions with more tokens than this.
    pub min_prompt_tokens: u64,
    /// For a token of the question.
    pub prompt: Decimal,
    /// For a token of the answer.
    pub completion: Decimal,
}

impl Pricing {
    /// The price of what has none: routers, whose price depends on whom they choose, and models of platforms that publish
    /// no prices. OpenRouter writes it as `-1`.
    pub(super) fn unknown() -> Self {
        Pricing {
            prompt: Decimal::NEGATIVE_ONE,
            completion: Decimal::NEGATIVE_ONE,
            input_cache_read: None,
            input_cache_write: None,
            overrides: Vec::new(),
        }
    }

    /// Whether there is a price: for a router there is none, nor where a platform publishes none.
    pub fn is_known(&self) -> bool {
        !self.prompt.is_sign_negative() && !self.completion.is_sign_negative()
    }

    /// What a call costs in US dollars; nothing where the price is not known.
    pub fn cost(&self, prompt_tokens: u64, completion_tokens: u64) -> Decimal {
        let (prompt, completion) = self.parts(prompt_tokens, completion_tokens);
        prompt + completion
    }

    /// The same, question and answer apart.
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

    /// One number to compare prices by: three tokens of question for one of answer, in US dollars a token.
    pub fn blended(&self) -> Decimal {
        (self.prompt * Decimal::from(3) + self.completion) / Decimal::from(4)
    }

    /// Whether nothing is charged.
    pub fn is_zero(&self) -> bool {
        self.prompt.is_zero() && self.completion.is_zero()
    }
}
