//! Fault injection: a request for the model `sandbox/<name>` triggers the fault of that name.
//!
//! One table is both the list for people and the behaviour of the server.
//!
//! - [`status_faults`]: errors with a status, in every format seen in real responses
//! - [`protocol_quirks`], [`stream_faults`]: answers under status 200 that are broken or unusual; [`message_faults`]:
//!   content in unusual fields
//! - [`trigger`]: the effect on a request, given the earlier requests of its key

mod message_faults;
mod protocol_quirks;
mod status_faults;
mod stream_faults;
mod table;

use std::time::{Duration, Instant};

use super::error_response::ErrorResponse;
pub(super) use protocol_quirks::{Plain, empty_error, quirk_plain, truncated};
use status_faults::StatusFault;
pub(super) use stream_faults::quirk_events;
pub(super) use table::TABLE;

/// A fault that a client can request by name.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fault {
    /// The name; the model is `sandbox/` and this name.
    pub name: &'static str,
    /// The HTTP status of the first answer; `None` when no answer comes.
    pub status: Option<u16>,
    /// Its effect, in one line.
    pub summary: &'static str,
    pub(super) act: FaultKind,
}

/// The kind of a fault.
#[derive(Debug)]
pub(super) enum FaultKind {
    /// Repeats the question, without delay.
    Echo,
    /// Answers like any model; the whole answer takes this long.
    Steady(Duration),
    /// Refuses every request.
    Always(StatusFault),
    /// Refuses a key's first request, serves the second, refuses the third, and so on.
    Once(StatusFault),
    /// Refuses for this long after a key's first request, and at least that one; then always answers.
    Outage(Duration, StatusFault),
    /// Waits this long, then answers.
    SlowHeaders(Duration),
    /// Sends the headers, waits this long, then answers.
    SlowFirstToken(Duration),
    /// Waits this long, then closes the connection.
    Silence(Duration),
    /// Resets the connection before the first byte.
    Reset { once: bool },
    /// Answers like any model, but not in the requested format; `once`: until the client reports the error.
    Misfit { once: bool },
    /// Refuses a conversation that ends with a message of the assistant.
    NoPrefill(StatusFault),
    /// An unusual answer under status 200.
    Quirk(ResponseFault),
}

/// A fault of an answer under status 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseFault {
    StreamCut,
    StreamReset,
    Stall,
    MalformedChunk,
    NoDone,
    CutAfterFinish,
    ErrorMidStream,
    ErrorMidStreamNoChoices,
    ErrorMidStreamTextCode,
    ErrorInChoice,
    ErrorBody,
    EmptyCompletion,
    Comments,
    LeadingSpace,
    Crlf,
    NoSpace,
    SeveralLines,
    Split,
    FinishNull,
    FinishBlank,
    FinishUnknown,
    FinishError,
    ContentFilter,
    UsageMissing,
    UsageNull,
    UsageOldForm,
    UsageOnFinish,
    UsageTwice,
    CostMissing,
    Html,
    EmptyBody,
    BrokenJson,
    ChoicesEmpty,
    ChoicesMissing,
    OtherModel,
    ForeignId,
    FieldsMissing,
    Floats,
    TierUnknown,
    ContentAfterFinish,
    ContentParts,
    Annotations,
    EmptyData,
    OneLineEnd,
    NoBlankLine,
    ByteOrderMark,
    LoneSurrogates,
    EventsAsJson,
    JsonAsEvents,
    ErrorAsEvents,
    ErrorField,
    LargePicture,
    ThoughtParts,
    CallsInSecondChoice,
    CallsUnderOneIndex,
    ErrorFlat,
    ErrorBaseResp,
    ErrorEmpty,
    FinishModelLength,
    FinishNullText,
}

/// All faults, in the order of the list.
pub fn faults() -> &'static [Fault] {
    TABLE
}

/// The fault of this name, without `sandbox/`.
pub(super) fn find(name: &str) -> Option<&'static Fault> {
    TABLE.iter().find(|fault| fault.name == name)
}

/// The number and the time of a key's requests for a fault.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct FaultHistory {
    pub asked: u64,
    pub since: Option<Instant>,
}

/// The effect of a fault on one request.
pub(super) enum FaultOutcome {
    Refused(ErrorResponse),
    Reset,
    Silence(Duration),
    Answer {
        before_headers: Duration,
        before_text: Duration,
        quirk: Option<ResponseFault>,
    },
}

/// The effect of `fault` on a request, given `history`. `prefilled`: the conversation ends with a message of the
/// assistant.
pub(super) fn trigger(
    fault: &Fault,
    history: &mut FaultHistory,
    prefilled: bool,
    scale: f64,
) -> FaultOutcome {
    let first = history.since.is_none();
    let since = *history.since.get_or_insert_with(Instant::now);
    let rearmed = history.asked.is_multiple_of(2);
    history.asked += 1;
    let answer = |before_headers, before_text, quirk| FaultOutcome::Answer {
        before_headers,
        before_text,
        quirk,
    };
    let well = || answer(Duration::ZERO, Duration::ZERO, None);
    match &fault.act {
        FaultKind::Always(refusal) => FaultOutcome::Refused(refusal.failure(scale)),
        FaultKind::Once(refusal) if rearmed => FaultOutcome::Refused(refusal.failure(scale)),
        FaultKind::Outage(long, refusal) if first || since.elapsed() < long.mul_f64(scale) => {
            FaultOutcome::Refused(refusal.failure(scale))
        }
        FaultKind::NoPrefill(refusal) if prefilled => FaultOutcome::Refused(refusal.failure(scale)),
        FaultKind::Reset { once } if !once || rearmed => FaultOutcome::Reset,
        FaultKind::Silence(long) => FaultOutcome::Silence(*long),
        FaultKind::SlowHeaders(long) => answer(*long, Duration::ZERO, None),
        FaultKind::SlowFirstToken(long) => answer(Duration::ZERO, *long, None),
        FaultKind::Quirk(quirk) => answer(Duration::ZERO, Duration::ZERO, Some(*quirk)),
        FaultKind::Echo
        | FaultKind::Steady(_)
        | FaultKind::Once(_)
        | FaultKind::Misfit { .. }
        | FaultKind::Outage(..)
        | FaultKind::NoPrefill(_)
        | FaultKind::Reset { .. } => well(),
    }
}
