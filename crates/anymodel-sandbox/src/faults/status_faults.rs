//! Status faults: a row of the table → an error response with its retry hint.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::error_response::{Code, ErrorDetails, ErrorResponse};

/// An error, as a row of the table.
#[derive(Debug)]
pub(crate) struct StatusFault {
    pub status: u16,
    pub message: &'static str,
    pub error_type: &'static str,
    pub code: Code,
    pub hint: RetryHint,
    /// A JSON object whose members go into `error.metadata`.
    pub metadata: &'static str,
    /// A JSON object that becomes `error.availability`.
    pub availability: &'static str,
    /// The whole body as JSON, in another server's format.
    pub body: &'static str,
}

/// The place of the retry hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryHint {
    None,
    /// `Retry-After` in seconds.
    Header(u64),
    /// `Retry-After` as a date.
    Date(u64),
    /// `error.availability.retry_after`
    Availability(u64),
    /// `error.metadata.retry_after_seconds`
    Metadata(u64),
    /// `error.metadata.headers["Retry-After"]`
    MetadataHeader(u64),
    /// `X-RateLimit-Reset`
    ResetHeader(u64),
    /// `error.metadata.headers["X-RateLimit-Reset"]`
    MetadataReset(u64),
}

impl StatusFault {
    pub const fn new(status: u16, error_type: &'static str, message: &'static str) -> Self {
        Self {
            status,
            message,
            error_type,
            code: Code::Number,
            hint: RetryHint::None,
            metadata: "{}",
            availability: "{}",
            body: "",
        }
    }

    pub const fn code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    pub const fn hint(mut self, hint: RetryHint) -> Self {
        self.hint = hint;
        self
    }

    pub const fn metadata(mut self, json: &'static str) -> Self {
        self.metadata = json;
        self
    }

    pub const fn availability(mut self, json: &'static str) -> Self {
        self.availability = json;
        self
    }

    pub const fn body(mut self, json: &'static str) -> Self {
        self.body = json;
        self
    }

    /// The error response; retry hints are scaled like all time in the sandbox.
    pub fn failure(&self, scale: f64) -> ErrorResponse {
        let mut failure = ErrorResponse::new(self.status, self.error_type, self.message);
        failure.code = self.code;
        failure.body = serde_json::from_str(self.body).ok();
        if let Ok(Value::Object(metadata)) = serde_json::from_str(self.metadata) {
            failure.metadata.extend(metadata);
        }
        if let Ok(Value::Object(availability)) = serde_json::from_str(self.availability)
            && !availability.is_empty()
        {
            failure
                .extra
                .insert("availability".into(), availability.into());
        }
        self.hint.put_into(&mut failure, scale);
        failure.wait = self.hint.wait().map(|wait| wait.mul_f64(scale));
        failure
    }
}

impl RetryHint {
    /// The wait before a retry.
    fn wait(self) -> Option<Duration> {
        match self {
            Self::None => None,
            Self::Header(s)
            | Self::Date(s)
            | Self::Availability(s)
            | Self::Metadata(s)
            | Self::MetadataHeader(s)
            | Self::ResetHeader(s)
            | Self::MetadataReset(s) => Some(Duration::from_secs(s)),
        }
    }

    fn put_into(self, failure: &mut ErrorDetails, scale: f64) {
        let whole = |seconds: u64| (seconds as f64 * scale).ceil() as u64;
        let later = |seconds: u64| SystemTime::now() + Duration::from_secs(seconds).mul_f64(scale);
        let millis = |seconds: u64| {
            let since = later(seconds)
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            since.as_millis().to_string()
        };
        let metadata = &mut failure.metadata;
        match self {
            Self::None => {}
            Self::Header(s) => failure.headers.push(("retry-after", whole(s).to_string())),
            Self::Date(s) => failure.headers.push(("retry-after", http_date(later(s)))),
            Self::Availability(s) => {
                let availability = failure
                    .extra
                    .entry("availability")
                    .or_insert_with(|| json!({}));
                availability["retry_after"] = json!(s as f64 * scale);
            }
            Self::Metadata(s) => {
                metadata.insert("retry_after_seconds".into(), whole(s).into());
                metadata.insert("retry_after_seconds_raw".into(), json!(s as f64 * scale));
            }
            Self::MetadataHeader(s) => {
                let headers = json!({ "Retry-After": whole(s).to_string() });
                metadata.insert("headers".into(), headers);
            }
            Self::ResetHeader(s) => {
                failure.headers.push(("x-ratelimit-limit", "20".into()));
                failure.headers.push(("x-ratelimit-remaining", "0".into()));
                failure.headers.push(("x-ratelimit-reset", millis(s)));
            }
            Self::MetadataReset(s) => {
                let headers = json!({
                    "X-RateLimit-Limit": "20",
                    "X-RateLimit-Remaining": "0",
                    "X-RateLimit-Reset": millis(s),
                });
                metadata.insert("headers".into(), headers);
            }
        }
    }
}

/// The date format of HTTP headers (RFC 9110), rounded up to a whole second.
fn http_date(time: SystemTime) -> String {
    httpdate::fmt_http_date(time + Duration::from_nanos(999_999_999))
}
