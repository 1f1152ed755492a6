//! Everything that can go wrong, by name: asking for the model `sandbox/<name>` makes it happen.
//!
//! One table drives the list that people read and the behaviour that clients meet.
//!
//! - [`refusals`]: errors with a status, in every form the wire has shown
//! - [`oddities`], [`streamed`]: answers under status 200 that are broken, or merely unusual; [`turns`]: those that say
//!   it in odd places
//! - [`meet`]: what happens to this request, given what this key asked before

mod oddities;
mod refusals;
mod streamed;
mod table;
mod turns;

use std::time::{Duration, Instant};

use super::failure::Failure;
pub(super) use oddities::{Plain, empty_error, halved, quirk_plain};
use refusals::Refusal;
pub(super) use streamed::quirk_events;
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
    pub(super) act: Act,
}

/// What a fault does.
#[derive(Debug)]
pub(super) enum Act {
    /// Says the question back, at once.
    Echo,
    /// Answers like any model, the whole of it after so long.
    Steady(Duration),
    /// Refuses every request.
    Always(Refusal),
    /// Refuses a key's first request, serves the second, refuses the third, and so on.
    Once(Refusal),
    /// Refuses for so long after a key's first request, and at least that one; then is well for good.
    Outage(Duration, Refusal),
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
    NoPrefill(Refusal),
    /// An answer under status 200 with something unusual.
    Quirk(Quirk),
}

/// What is unusual about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quirk {
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
pub(super) struct History {
    pub asked: u64,
    pub since: Option<Instant>,
}

/// What a request meets.
pub(super) enum Meeting {
    Refused(Failure),
    Reset,
    Silence(Duration),
    Answer {
        before_headers: Duration,
        before_text: Duration,
        quirk: Option<Quirk>,
    },
}

/// What happens to a request for `fault`, after what `history` tells. `prefilled`: the conversation ends with the
/// assistant's words.
pub(super) fn meet(fault: &Fault, history: &mut History, prefilled: bool, scale: f64) -> Meeting {
    let first = history.since.is_none();
    let since = *history.since.get_or_insert_with(Instant::now);
    let rearmed = history.asked.is_multiple_of(2);
    history.asked += 1;
    let answer = |before_headers, before_text, quirk| Meeting::Answer {
        before_headers,
        before_text,
        quirk,
    };
    let well = || answer(Duration::ZERO, Duration::ZERO, None);
    match &fault.act {
        Act::Always(refusal) => Meeting::Refused(refusal.failure(scale)),
        Act::Once(refusal) if rearmed => Meeting::Refused(refusal.failure(scale)),
        Act::Outage(long, refusal) if first || since.elapsed() < long.mul_f64(scale) => {
            Meeting::Refused(refusal.failure(scale))
        }
        Act::NoPrefill(refusal) if prefilled => Meeting::Refused(refusal.failure(scale)),
        Act::Reset { once } if !once || rearmed => Meeting::Reset,
        Act::Silence(long) => Meeting::Silence(*long),
        Act::SlowHeaders(long) => answer(*long, Duration::ZERO, None),
        Act::SlowFirstToken(long) => answer(Duration::ZERO, *long, None),
        Act::Quirk(quirk) => answer(Duration::ZERO, Duration::ZERO, Some(*quirk)),
        Act::Echo
        | Act::Steady(_)
        | Act::Once(_)
        | Act::Misfit { .. }
        | Act::Outage(..)
        | Act::NoPrefill(_)
        | Act::Reset { .. } => well(),
    }
}
