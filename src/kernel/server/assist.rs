//! Completion and help at the cursor: what the kernel asks an analyser, and how the answer gets
//! back to the learner's own text.
//!
//! An analyser sees one source file: the session so far with the cell inside
//! ([`Outline::around`]). Jupyter counts Unicode code points in the cell, analysers count bytes in the
//! file; the cell stands in the file in one piece, so places differ by a constant.

use futures_util::future::BoxFuture;
use jupyter_protocol::{CompleteReply, CompleteRequest, InspectReply, InspectRequest};
use serde_json::{Map, Value, json};

use crate::kernel::cells::Outline;

/// Knows what can stand at a place in Rust code, and what stands there. Places are bytes.
pub trait Assist: Send + Sync {
    /// What can stand at the byte `offset` of `source`; `None` when nothing is known.
    fn complete(&self, source: String, offset: usize) -> BoxFuture<'_, Option<Suggestions>>;

    /// What stands at the byte `offset` of `source`, by MIME type; `None` when nothing is known.
    /// `detail` is 0 for a short answer and 1 for one with everything.
    fn inspect(
        &self,
        source: String,
        offset: usize,
        detail: usize,
    ) -> BoxFuture<'_, Option<Map<String, Value>>>;
}

/// What can stand at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The first byte of the source that a suggestion replaces.
    pub start: usize,
    /// The byte after the last that it replaces.
    pub end: usize,
    /// The suggestions, the likeliest first.
    pub items: Vec<Suggestion>,
}

/// One of the things that can stand at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestion {
    /// What to put there.
    pub text: String,
    /// What it is, in a word: `function`, `field`, `module` and so on; may be empty.
    pub kind: String,
    /// Its signature or type; may be empty.
    pub signature: String,
}

/// An analyser that knows nothing, for a kernel without one.
#[derive(Debug)]
pub struct Nothing;

impl Assist for Nothing {
    fn complete(&self, _: String, _: usize) -> BoxFuture<'_, Option<Suggestions>> {
        Box::pin(std::future::ready(None))
    }

    fn inspect(&self, _: String, _: usize, _: usize) -> BoxFuture<'_, Option<Map<String, Value>>> {
        Box::pin(std::future::ready(None))
    }
}

/// Answers a request for completion.
pub(super) async fn complete(
    assist: &dyn Assist,
    outline: &Outline,
    request: &CompleteRequest,
) -> CompleteReply {
    let cursor = byte_at(&request.code, request.cursor_pos);
    let (source, place) = outline.around(&request.code, cursor);
    let suggestions = assist.complete(source, place).await.unwrap_or_default();
    let in_cell = |byte: usize| (byte + cursor).checked_sub(place);
    let ends = in_cell(suggestions.start).zip(in_cell(suggestions.end));
    let Some((start, end)) = ends.filter(|(start, end)| start <= end && *end <= request.code.len())
    else {
        return nothing(request.cursor_pos);
    };
    let (start, end) = (
        code_points_before(&request.code, start),
        code_points_before(&request.code, end),
    );
    if suggestions.items.is_empty() {
        return nothing(request.cursor_pos);
    }
    let details: Vec<Value> = suggestions
        .items
        .iter()
        .map(|item| {
            json!({
                "start": start, "end": end, "text": item.text,
                "type": item.kind, "signature": item.signature,
            })
        })
        .collect();
    let mut metadata = Map::new();
    metadata.insert("_jupyter_types_experimental".to_owned(), details.into());
    CompleteReply {
        matches: suggestions
            .items
            .into_iter()
            .map(|item| item.text)
            .collect(),
        cursor_start: start,
        cursor_end: end,
        metadata,
        ..CompleteReply::default()
    }
}

fn nothing(cursor: usize) -> CompleteReply {
    CompleteReply {
        cursor_start: cursor,
        cursor_end: cursor,
        ..CompleteReply::default()
    }
}

/// Answers a request for help.
pub(super) async fn inspect(
    assist: &dyn Assist,
    outline: &Outline,
    request: &InspectRequest,
) -> InspectReply {
    let cursor = byte_at(&request.code, request.cursor_pos);
    let (source, place) = outline.around(&request.code, cursor);
    let detail = request.detail_level.unwrap_or(0);
    let found = assist.inspect(source, place, detail).await;
    let data = found.and_then(|data| serde_json::from_value(Value::Object(data)).ok());
    InspectReply {
        found: data.is_some(),
        data: data.unwrap_or_default(),
        ..InspectReply::default()
    }
}

/// The byte at which the code point with this number starts.
fn byte_at(code: &str, code_point: usize) -> usize {
    code.char_indices()
        .nth(code_point)
        .map_or(code.len(), |(byte, _)| byte)
}

/// How many code points start before this byte.
fn code_points_before(code: &str, byte: usize) -> usize {
    code.char_indices().take_while(|(at, _)| *at < byte).count()
}
