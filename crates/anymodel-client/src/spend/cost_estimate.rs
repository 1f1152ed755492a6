//! Cost estimate: the most that a request may cost, known before it is sent.

use rust_decimal::Decimal;

use super::price::{is_local, priced};
use crate::config::OwnPrices;
use anymodel_catalog::model::{Model, Pricing, catalogue, tokens};
use anymodel_types::{
    Candidate, ChatRequest, Message, Reasoning, ResponseFormat, ToolSpec, is_simulated,
};

/// The longest answer, in tokens, of a call that sets none.
pub(crate) const LONGEST: u32 = 4096;
/// The shortest useful answer, in tokens.
const LEAST: u32 = 256;
/// Tokens of a picture. Vendors count from 258 to some thousands.
const PICTURE: u64 = 2_000;
/// Tokens around a message, and before the answer.
const PER_MESSAGE: u64 = 5;
const PER_ANSWER: u64 = 3;
/// Tokens of a schema or a function beside its own words.
const PER_FORM: u64 = 20;
/// The sandbox charges the price of this model for models that exist in the sandbox alone.
const SANDBOX_LIKE: &str = "openai/gpt-4o-mini";

/// Cost estimate: the most that a request may cost.
#[derive(Clone, Debug)]
pub(crate) struct CostEstimate {
    /// Tokens of the question, with a margin.
    pub prompt: u64,
    /// The longest answer.
    pub answer: u32,
    /// Whether the caller set it.
    named: bool,
    /// The shortest useful answer.
    least: u32,
    /// Every price that may be charged; none when no price is known.
    prices: Vec<Pricing>,
}

impl CostEstimate {
    /// For this request to this candidate.
    pub fn new(
        own: &OwnPrices,
        platform: &str,
        candidate: &Candidate,
        request: &ChatRequest,
    ) -> Self {
        let thoughts = match request.reasoning {
            None | Some(Reasoning::Off) => 0,
            Some(Reasoning::Low) => 6_400,
            Some(Reasoning::Medium) => 16_000,
            Some(Reasoning::High) => 25_600,
            Some(Reasoning::Tokens(most)) => most,
        };
        let possible = priced(platform, &candidate.model)
            .and_then(|model| u32::try_from(model.max_completion_tokens?).ok())
            .unwrap_or(u32::MAX);
        let usual = LONGEST.saturating_add(thoughts).min(possible);
        CostEstimate {
            prompt: question(request),
            answer: request.max_tokens.unwrap_or(usual),
            named: request.max_tokens.is_some(),
            least: LEAST.saturating_add(thoughts).min(usual),
            prices: prices(own, platform, candidate).unwrap_or_default(),
        }
    }

    /// Whether a price is known.
    pub fn is_known(&self) -> bool {
        !self.prices.is_empty()
    }

    /// US dollars at most.
    pub fn cost(&self) -> Decimal {
        self.charge(u64::from(self.answer))
    }

    /// US dollars at most for the question and so many tokens of answer.
    pub fn charge(&self, answer: u64) -> Decimal {
        let costs = self
            .prices
            .iter()
            .map(|price| price.cost(self.prompt, answer));
        costs.max().unwrap_or_default()
    }

    /// How many tokens of answer so much money pays for, at most those of the longest answer; `None` when it does not even
    /// pay for a short one.
    pub fn affordable(&self, usd: Decimal) -> Option<u32> {
        let tokens = self.tokens_for(usd, u64::from(self.answer));
        let tokens = u32::try_from(tokens).unwrap_or(self.answer);
        (tokens >= self.least.min(self.answer)).then_some(tokens)
    }

    /// How many tokens of answer so much money pays for, at most `longest`; 0 when it does not even pay for the question.
    pub fn tokens_for(&self, usd: Decimal, longest: u64) -> u64 {
        let fits = |tokens: u64| self.charge(tokens) <= usd;
        if fits(longest) {
            return longest;
        }
        // The cost grows with the tokens, so a binary search finds the last one that fits.
        let (mut low, mut high) = (0, longest);
        while low < high {
            let middle = high - (high - low) / 2;
            match fits(middle) {
                true => low = middle,
                false => high = middle - 1,
            }
        }
        low
    }

    /// Shortens an answer without a length from the caller to what so much money pays for.
    pub fn shorten(&mut self, usd: Decimal) {
        if !self.named
            && let Some(tokens) = self.affordable(usd)
        {
            self.answer = tokens;
        }
    }
}

/// Tokens of a question: never fewer than the vendor counts, as far as can be known.
fn question(request: &ChatRequest) -> u64 {
    let messages: u64 = request.messages.iter().map(message).sum();
    let tools: u64 = request.tools.iter().map(tool).sum();
    let form = match &request.response_format {
        ResponseFormat::JsonSchema { name, schema } => {
            // A platform without schemas gets it in words.
            PER_FORM * 4 + careful(name) + careful(&schema.to_string())
        }
        ResponseFormat::JsonObject => PER_FORM,
        ResponseFormat::Text => 0,
    };
    messages + tools + form + PER_ANSWER
}

fn message(message: &Message) -> u64 {
    let calls = message.tool_calls.iter();
    let calls = calls.map(|call| careful(&call.name) + careful(&call.arguments) + PER_FORM);
    careful(&message.content)
        + calls.sum::<u64>()
        + PICTURE * message.images.len() as u64
        + PER_MESSAGE
}

fn tool(tool: &ToolSpec) -> u64 {
    careful(&tool.name)
        + careful(&tool.description)
        + careful(&tool.parameters.to_string())
        + PER_FORM
}

/// The estimate is a fifth to a third more than vendors count for English and Chinese. Scripts that vocabularies know less
/// well are cut smaller, down to single bytes, so each byte beyond ASCII counts a half more.
fn careful(text: &str) -> u64 {
    let foreign = text.bytes().filter(|byte| !byte.is_ascii()).count() as u64;
    tokens::estimate(text) + foreign.div_ceil(2)
}

/// Every price that this candidate may be charged at; `None` when one of them is not known.
fn prices(own: &OwnPrices, platform: &str, candidate: &Candidate) -> Option<Vec<Pricing>> {
    let among = candidate.choice.as_ref().map(|choice| &choice.among);
    match among {
        Some(models) if models.is_empty() => None,
        Some(models) => {
            let each = models.iter().map(|model| of_model(own, platform, model));
            Some(each.collect::<Option<Vec<_>>>()?.concat())
        }
        None => of_model(own, platform, &candidate.model),
    }
}

fn of_model(own: &OwnPrices, platform: &str, model: &str) -> Option<Vec<Pricing>> {
    if let Some(price) = own.get(platform, model) {
        return Some(vec![price.clone()]);
    }
    if is_local(platform) {
        return Some(vec![Pricing::free()]);
    }
    let found = priced(platform, model);
    let like = || {
        catalogue()
            .get(SANDBOX_LIKE)
            .filter(|_| is_simulated(platform))
    };
    // A search is charged separately, and its price is not known beforehand.
    found
        .filter(|_| !model.ends_with(":online"))
        .or_else(like)
        .map(anywhere)
}

/// The price at each of a model's hosts: the platform chooses among them.
fn anywhere(model: &Model) -> Vec<Pricing> {
    let hosts = model.hosts.iter().map(|host| model.price_at(host));
    hosts.chain([&model.pricing]).cloned().collect()
}
