//! Health: whether the process is alive, and whether it takes calls. Without a key, and without details.

use axum::extract::State;
use axum::http::StatusCode;

use crate::state::Gateway;

/// The process is alive.
pub(crate) async fn alive() -> &'static str {
    "ok"
}

/// The gateway takes calls: its store answers, and it is not about to stop.
pub(crate) async fn ready(State(gateway): State<Gateway>) -> (StatusCode, &'static str) {
    match gateway.is_draining() || gateway.store.revision().await.is_err() {
        true => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
        false => (StatusCode::OK, "ready"),
    }
}
