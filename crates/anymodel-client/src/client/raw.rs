//! A caller's own JSON in place of the chat's encoding.

use std::sync::Arc;

use super::Chat;
use super::validate::validate;
use crate::call::RawCall;
use anymodel_providers::{RawApi, RawRequest};
use anymodel_types::{Error, ErrorKind, words};

impl Chat {
    /// Passes this JSON through, unchanged, to a model whose platform speaks its API: the way of a gateway.
    ///
    /// Such a model gets the body with few top-level fields changed: `model`, in a chat stream
    /// `stream_options.include_usage`, and the output limit where it is above what the budget or
    /// [`max_tokens`](Self::max_tokens) allows. [`send`](Self::send) brings the answer's bytes in [`Reply::raw`](anymodel_types::Reply::raw), and
    /// [`stream`](Self::stream) in [`Event::Raw`](crate::Event::Raw); where these are missing, the answer came in another
    /// form, and its decoded form is all there is. Of a raw stream the reply keeps the first 64 KiB of text, because its
    /// caller has the bytes.
    ///
    /// The rest of the chat is the same request in this crate's own types. Costs are estimated by it, and a model on a
    /// platform with another API gets its translation. The cache is not asked, and functions are not run. `stream` and
    /// `send` follow the body: [`RawRequest::is_stream`].
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// use anymodel::{RawApi, RawRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::sandbox()?;
    /// let body = r#"{"model":"mini","messages":[{"role":"user","content":"Hello"}],"x_new":[1.0]}"#;
    /// let chat = client.chat("openai/gpt-4o-mini").user("Hello");
    /// let reply = chat.raw(RawRequest::new(RawApi::ChatCompletions, body)?).send().await?;
    /// let answer = String::from_utf8_lossy(reply.raw.as_deref().unwrap_or_default());
    /// assert!(answer.contains("chat.completion"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(mut self, raw: RawRequest) -> Self {
        self.raw = Some(Arc::new(raw));
        self.no_cache = true;
        self
    }

    /// Whether the request is the caller's own JSON, which its platform validates.
    pub(super) fn is_raw(&self) -> bool {
        self.raw.is_some()
    }

    /// The output limit of a raw request is that of each of its answers, and all of them cost. Some APIs have no
    /// output.
    pub(super) fn count_answers(&mut self) {
        let answers = self.raw.as_ref().map_or(1, |raw| raw.answers());
        let limit = match self.raw.as_ref().map(|raw| raw.api()) {
            Some(api) if api.has_no_output() => Some(0),
            _ => self.request.max_tokens,
        };
        self.request.max_tokens = limit.map(|limit| limit.saturating_mul(answers));
    }

    /// The caller's own JSON for the call. Boxed, because other calls have none.
    pub(super) fn raw_call(&self) -> Option<Box<RawCall>> {
        let request = Arc::clone(self.raw.as_ref()?);
        let untranslatable = match request.answers() {
            _ if !request.is_translated() => Some(not_there(request.api())),
            1 => validate(&self.request).err(),
            _ => Some(several_answers()),
        };
        Some(Box::new(RawCall {
            request,
            untranslatable,
        }))
    }
}

fn not_there(api: RawApi) -> Error {
    let message = words::requests().api_is_asked_only_where_it_is(&api.name());
    let hint = words::requests().name_a_model_of_a_platform_that_has_it(&api.platforms());
    Error::new(ErrorKind::InvalidRequest, message).with_hint(hint)
}

fn several_answers() -> Error {
    let message = words::requests().request_for_several_answers_is_not_translated();
    Error::new(ErrorKind::InvalidRequest, message).with_hint(words::requests().ask_for_one_answer())
}
