use std::time::Duration;

use anymodel::course::prelude::*;

fn switch_time(trail: &Trail) -> Option<Duration> {
    let first = trail.iter().next()?;
    let mut failed_at = first.offset + first.duration;
    for attempt in trail {
        if attempt.model_asked != first.model_asked {
            return Some(attempt.offset.saturating_sub(failed_at));
        }
        failed_at = attempt.offset + attempt.duration;
    }
    None
}
