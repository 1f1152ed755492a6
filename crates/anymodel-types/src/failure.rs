//! Failure classes: a closed list of what can go wrong with a call.
//!
//! Each class is one that a caller would handle differently. Everything that decides (retry, next model, stop) and
//! everything that explains (message, hint) starts from the class, so the list is short and stands alone.

use std::fmt;

use crate::language::Language;

/// Failure class: what went wrong with a call.
///
/// ```
/// use anymodel::ErrorKind;
///
/// assert_eq!(ErrorKind::RateLimited.to_string(), "rate limited");
/// assert!(ErrorKind::RateLimited.is_retryable());
/// assert!(!ErrorKind::KeyRefused.is_retryable());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The call needs a key and none is set.
    KeyMissing,
    /// A key is set, but it cannot be a key (white space inside, a placeholder, …).
    KeyMalformed,
    /// The platform does not accept the key (HTTP 401).
    KeyRefused,
    /// The account has no credit left (HTTP 402).
    PaymentRequired,
    /// The key is valid, but not for this (HTTP 403).
    Forbidden,
    /// No such model, or no host serves it as asked (HTTP 404, or 400 with "not a valid model").
    ModelNotFound,
    /// The request itself is wrong (HTTP 400, 422): sending it again cannot help.
    InvalidRequest,
    /// Prompt and answer together are longer than the model can read.
    ContextTooLong,
    /// The model or its host declined to answer this content.
    ContentRefused,
    /// Too many requests (HTTP 429).
    RateLimited,
    /// The platform or the model's host is out of capacity (HTTP 503, 529).
    Overloaded,
    /// The platform or the model's host failed (other HTTP 5xx).
    Server,
    /// No answer within the time allowed.
    Timeout,
    /// The server could not be reached, or the connection broke.
    Network,
    /// The response is not an answer: no JSON, no text.
    BadReply,
    /// The answer began to come and did not end: the connection broke, or the finish reason never came.
    BrokenStream,
    /// The answer is complete, but does not fit the type that was asked for.
    SchemaMismatch,
    /// The model kept calling functions and gave no answer.
    ToolLoop,
    /// The request may cost more than the budget has left, so it was not sent.
    BudgetExceeded,
    /// The settings cannot be used: an unreadable `.env`, an invalid number, an unknown platform.
    Config,
}

impl ErrorKind {
    /// Whether the same request may succeed later, unchanged.
    pub fn is_retryable(self) -> bool {
        use ErrorKind::*;
        matches!(
            self,
            RateLimited
                | Overloaded
                | Server
                | Timeout
                | Network
                | BadReply
                | BrokenStream
                | SchemaMismatch
        )
    }

    /// The name for programs, such as `rate limited`: always in English, for logs, metrics and files.
    pub fn as_str(self) -> &'static str {
        self.name_in(Language::English)
    }

    /// The name for people, in their language. An `ErrorKind` displays as the one in the language of the process.
    pub fn name_in(self, language: Language) -> &'static str {
        use ErrorKind::*;
        let names = &language.words().failures;
        match self {
            KeyMissing => names.key_missing(),
            KeyMalformed => names.key_malformed(),
            KeyRefused => names.key_refused(),
            PaymentRequired => names.payment_required(),
            Forbidden => names.forbidden(),
            ModelNotFound => names.model_not_found(),
            InvalidRequest => names.invalid_request(),
            ContextTooLong => names.context_too_long(),
            ContentRefused => names.content_refused(),
            RateLimited => names.rate_limited(),
            Overloaded => names.overloaded(),
            Server => names.server(),
            Timeout => names.timeout(),
            Network => names.network(),
            BadReply => names.bad_reply(),
            BrokenStream => names.broken_stream(),
            SchemaMismatch => names.schema_mismatch(),
            ToolLoop => names.tool_loop(),
            BudgetExceeded => names.budget_exceeded(),
            Config => names.config(),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name_in(Language::current()))
    }
}
