//! The holder's own key: limits, what is spent and left, when windows begin anew, why nothing may be asked now.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::admin::{Answer, described};
use crate::request_head::key_of;
use crate::state::Gateway;

/// Shows the key of the request.
pub(crate) async fn show(State(gateway): State<Gateway>, headers: HeaderMap) -> Response {
    let shown = async {
        let holder = gateway.identify(key_of(&headers))?;
        Ok((
            axum::http::StatusCode::OK,
            described(&gateway, &holder.key, true).await?,
        ))
    };
    Answer(shown.await).response(&headers)
}
