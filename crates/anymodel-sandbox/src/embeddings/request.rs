//! Embeddings request: the texts, the length and the format of the vectors.

use serde_json::{Map, Value};

use super::vector::{self, Feature};
use crate::error_response::ErrorResponse;
use crate::request_fields::{count, string};
use anymodel_catalog::model::tokens;

/// The most texts of one request.
const MOST_INPUTS: usize = 2048;

/// A parsed embeddings request.
#[derive(Debug)]
pub(super) struct EmbeddingsRequest {
    pub model: String,
    pub inputs: Vec<EmbeddingInput>,
    /// Whether vectors are sent in Base64.
    pub base64: bool,
    dimensions: Option<u64>,
}

/// One text, or its tokens.
#[derive(Debug)]
pub(super) enum EmbeddingInput {
    Text(String),
    Tokens(Vec<u64>),
}

/// An error that names the field.
fn wrong(field: &str, why: impl std::fmt::Display) -> ErrorResponse {
    let mut failure = ErrorResponse::invalid(format!("{field} {why}"));
    failure.extra.insert("param".into(), field.into());
    failure
}

impl EmbeddingsRequest {
    pub fn read(body: &[u8]) -> Result<Self, ErrorResponse> {
        let raw: Map<String, Value> = serde_json::from_slice(body).map_err(|error| {
            ErrorResponse::invalid(format!("The request body is no JSON object: {error}"))
        })?;
        let model = string(&raw, "model")?.ok_or_else(|| wrong("model", "is missing"))?;
        let base64 = match string(&raw, "encoding_format")?.as_deref() {
            None | Some("float") => false,
            Some("base64") => true,
            Some(_) => return Err(wrong("encoding_format", "must be float or base64")),
        };
        Ok(Self {
            model,
            inputs: inputs(&raw)?,
            base64,
            dimensions: count(&raw, "dimensions")?,
        })
    }

    /// The length of a vector, at most the model's.
    pub fn vector_length(&self, most: usize) -> Result<usize, ErrorResponse> {
        let Some(asked) = self.dimensions else {
            return Ok(most);
        };
        let length = usize::try_from(asked).ok().filter(|asked| *asked <= most);
        length.ok_or_else(|| {
            wrong(
                "dimensions",
                format_args!("must be at most {most}, not {asked}"),
            )
        })
    }

    /// The tokens of all texts. Each must fit the model.
    pub fn tokens(&self, context: u64) -> Result<u64, ErrorResponse> {
        let mut sum = 0;
        for input in &self.inputs {
            let tokens = input.tokens();
            if tokens > context {
                return Err(ErrorResponse::new(
                    400,
                    "context_length_exceeded",
                    format!(
                        "This model's maximum context length is {context} tokens. However, you requested about {tokens} tokens."
                    ),
                ));
            }
            sum += tokens;
        }
        Ok(sum)
    }
}

/// The inputs: a text, tokens, or a list of either.
fn inputs(raw: &Map<String, Value>) -> Result<Vec<EmbeddingInput>, ErrorResponse> {
    const WANTED: &str = "must be a text, a list of texts, or tokens, and not empty";
    let input = match raw.get("input") {
        None | Some(Value::Null) => return Err(wrong("input", "is missing")),
        Some(input) => input,
    };
    let inputs: Option<Vec<EmbeddingInput>> = match input {
        Value::Array(items) if items.first().is_some_and(Value::is_number) => {
            EmbeddingInput::read(input).map(|one| vec![one])
        }
        Value::Array(items) => items.iter().map(EmbeddingInput::read).collect(),
        one => EmbeddingInput::read(one).map(|one| vec![one]),
    };
    match inputs {
        Some(inputs) if inputs.len() > MOST_INPUTS => Err(wrong(
            "input",
            format_args!(
                "must have at most {MOST_INPUTS} items, not {}",
                inputs.len()
            ),
        )),
        Some(inputs) if !inputs.is_empty() => Ok(inputs),
        _ => Err(wrong("input", WANTED)),
    }
}

impl EmbeddingInput {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) if !text.is_empty() => Some(Self::Text(text.clone())),
            Value::Array(items) if !items.is_empty() => {
                let tokens: Option<Vec<u64>> = items.iter().map(Value::as_u64).collect();
                tokens.map(Self::Tokens)
            }
            _ => None,
        }
    }

    fn tokens(&self) -> u64 {
        match self {
            Self::Text(text) => tokens::estimate(text),
            Self::Tokens(tokens) => tokens.len() as u64,
        }
    }

    pub fn features(&self) -> Vec<Feature> {
        match self {
            Self::Text(text) => vector::features(text),
            Self::Tokens(tokens) => tokens
                .iter()
                .map(|token| Feature::whole(&token.to_le_bytes()))
                .collect(),
        }
    }
}
