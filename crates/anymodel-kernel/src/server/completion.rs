//! Completion and inspection requests: what the kernel asks its completion assistant, and how the answer is
//! mapped back to the learner's text.
//!
//! The assistant sees one source file: the session so far with the cell inside
//! ([`Outline::around`]). Jupyter counts Unicode code points in the cell, the assistant counts bytes in
//! the file. The cell is one contiguous piece of the file, so positions differ by a constant.

use jupyter_protocol::{
    CompleteReply, CompleteRequest, InspectReply, InspectRequest, Media, MediaType,
};
use serde_json::{Map, Value, json};

use crate::cells::Outline;
use crate::completion::{Assistant, Detail};

/// Answers a `complete_request`.
pub(super) async fn complete(
    assistant: &Assistant,
    outline: &Outline,
    request: &CompleteRequest,
) -> CompleteReply {
    let cursor = byte_at(&request.code, request.cursor_pos);
    let (source, place) = outline.around(&request.code, cursor);
    let found = assistant.complete(&source, place).await;
    let in_cell = |byte: usize| (byte + cursor).checked_sub(place);
    let ends = in_cell(found.start).zip(in_cell(found.end));
    let Some((start, end)) = ends.filter(|(start, end)| start <= end && *end <= request.code.len())
    else {
        return nothing(request.cursor_pos);
    };
    let (start, end) = (
        code_points_before(&request.code, start),
        code_points_before(&request.code, end),
    );
    if found.matches.is_empty() {
        return nothing(request.cursor_pos);
    }
    let details: Vec<Value> = found
        .matches
        .iter()
        .map(|item| {
            json!({
                "start": start, "end": end, "text": item.text,
                "type": item.kind.word(), "signature": item.signature,
            })
        })
        .collect();
    let mut metadata = Map::new();
    metadata.insert("_jupyter_types_experimental".to_owned(), details.into());
    CompleteReply {
        matches: found.matches.into_iter().map(|item| item.text).collect(),
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

/// Answers an `inspect_request`.
pub(super) async fn inspect(
    assistant: &Assistant,
    outline: &Outline,
    request: &InspectRequest,
) -> InspectReply {
    let cursor = byte_at(&request.code, request.cursor_pos);
    let (source, place) = outline.around(&request.code, cursor);
    let detail = match request.detail_level {
        Some(1..) => Detail::Full,
        _ => Detail::Brief,
    };
    let Some(hover) = assistant.inspect(&source, place, detail).await else {
        return InspectReply::default();
    };
    InspectReply {
        found: true,
        data: Media::new(vec![
            MediaType::Plain(hover.plain),
            MediaType::Markdown(hover.markdown),
        ]),
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
