//! Everything that can go wrong, by name: asking for the model `sandbox/<name>` makes it happen.
//!
//! One table drives the list that people read and the behaviour that clients meet.
//!
//! - [`status_faults`]: errors with a status, in every form the wire has shown
//! - [`protocol_quirks`], [`stream_faults`]: answers under status 200 that are broken, or merely unusual; [`message_faults`]: those that say
//!   it in odd places
//! - [`trigger`]: what happens to this request, given what this key asked before

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

/// A way to fail that can be asked for by name.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fault {
    /// The model to ask for is `sandbox/` and this.
    pub name: &'static str,
    /// The HTTP status of the first answer; none when no answer comes.
    pub status: Option<u16>,
    /// What happens, in one line.
    pub summary: &'static str,
    pub(super) act: FaultKind,
}

/// What a fault does.
#[derive(Debug)]
pub(super) enum FaultKind {
    /// Says the question back, at once.
    Echo,
    /// Answers like any model, the whole of it after so long.
    Steady(Duration),
    /// Refuses every request.
    Always(StatusFault),
    /// Refuses a key's first request, serves the second, refuses the third, and so on.
    Once(StatusFault),
    /// Refuses for so long after a key's first request, and at least that one; then is well for good.
    Outage(Duration, StatusFault),
    /// Says nothing for so long, then answers.
    SlowHeaders(Duration),
    /// Sends the headers, says nothing for so long, then answers.
    SlowFirstToken(Duration),
    /// Says nothing for so long, then closes.
    Silence(Duration),
    /// Resets the connection before the first byte.
    Reset { once: bool },
    /// Answers like any model, but not in the form that was asked for; `once`: until it is told so.
    Misfit { once: bool },
    /// Refuses a conversation that ends with the assistant's words.
    NoPrefill(StatusFault),
    /// An answer under status 200 with something unusual.
    Quirk(ResponseFault),
}

/// What is unusual about an answer.
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

/// All faults, in the order in which people read them.
pub fn faults() -> &'static [Fault] {
    TABLE
}

/// The fault of this name, without `sandbox/`.
pub(super) fn find(name: &str) -> Option<&'static Fault> {
    TABLE.iter().find(|fault| fault.name == name)
}

/// How often, and since when, a key has asked for a fault.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct FaultHistory {
    pub asked: u64,
    pub since: Option<Instant>,
}

/// What a request meets.
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

/// What happens to a request for `fault`, after what `history` tells. `prefilled`: the conversation ends with the
/// assistant's words.
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
