//! Failure classes: a closed list of what can go wrong with a call.
//!
//! Each class is one that a caller would handle differently. Everything that decides (retry, next model, stop) and
//! everything that explains (message, hint) starts from the class, so the list is short and stands alone.

use std::fmt;

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

    /// The name for people and for tables, such as `rate limited`.
    pub fn as_str(self) -> &'static str {
        use ErrorKind::*;
        match self {
            KeyMissing => "key missing",
            KeyMalformed => "key malformed",
            KeyRefused => "key refused",
            PaymentRequired => "no credit",
            Forbidden => "forbidden",
            ModelNotFound => "model not found",
            InvalidRequest => "invalid request",
            ContextTooLong => "context too long",
            ContentRefused => "content refused",
            RateLimited => "rate limited",
            Overloaded => "overloaded",
            Server => "server error",
            Timeout => "timeout",
            Network => "no connection",
            BadReply => "unreadable answer",
            BrokenStream => "answer cut off",
            SchemaMismatch => "answer does not fit",
            ToolLoop => "no end of tool calls",
            BudgetExceeded => "over budget",
            Config => "bad settings",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
