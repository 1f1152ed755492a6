//! AWS error names → one [`ErrorKind`].
//!
//! The name stands in the header `x-amzn-errortype`. In a stream that fails in the middle it is the name of the event.
//! The status alone would mislead: 424 is a fault of the model, and 403 is a wrong key or a missing permission.

use reqwest::header::HeaderMap;

use crate::{PlatformError, error_response};
use anymodel_types::ErrorKind;

/// The header with the error name.
pub(crate) const ERROR_TYPE: &str = "x-amzn-errortype";

pub(super) fn read(status: u16, headers: &HeaderMap, body: &str) -> PlatformError {
    let mut failure = error_response::read(status, headers, body);
    let name = headers.get(ERROR_TYPE).and_then(|name| name.to_str().ok());
    // Older front ends append an address (`Name:http://…`), or put a namespace before it (`com.amazon#Name`).
    let name = name.map(|name| name.split(':').next().unwrap_or(name));
    let name = name.map(|name| name.rsplit('#').next().unwrap_or(name));
    if let Some(kind) = name.and_then(|name| kind(name, &failure.message)) {
        failure.kind = kind;
    }
    failure
}

fn kind(name: &str, message: &str) -> Option<ErrorKind> {
    let said = message.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| said.contains(word));
    // In a stream the same names begin with a small letter.
    Some(match name.to_ascii_lowercase().as_str() {
        "throttlingexception" | "servicequotaexceededexception" => ErrorKind::RateLimited,
        "accessdeniedexception" if any(&["api key", "authentication failed", "bearer token"]) => {
            ErrorKind::KeyRefused
        }
        "accessdeniedexception" => ErrorKind::Forbidden,
        "unrecognizedclientexception"
        | "invalidsignatureexception"
        | "incompletesignatureexception"
        | "incompletesignature"
        | "expiredtokenexception"
        | "expiredtoken"
        | "invalidclienttokenid"
        | "missingauthenticationtokenexception"
        | "missingauthenticationtoken" => ErrorKind::KeyRefused,
        "validationexception" if any(&["too long", "too many input tokens", "context window"]) => {
            ErrorKind::ContextTooLong
        }
        "validationexception"
            if any(&[
                "model identifier is invalid",
                "on-demand throughput",
                "model id",
            ]) =>
        {
            ErrorKind::ModelNotFound
        }
        "validationexception" => ErrorKind::InvalidRequest,
        "resourcenotfoundexception" => ErrorKind::ModelNotFound,
        "modeltimeoutexception" => ErrorKind::Timeout,
        "modelnotreadyexception" | "serviceunavailableexception" => ErrorKind::Overloaded,
        "modelerrorexception" | "modelstreamerrorexception" | "internalserverexception" => {
            ErrorKind::Server
        }
        _ => return None,
    })
}
