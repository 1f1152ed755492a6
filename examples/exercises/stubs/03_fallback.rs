use std::time::Duration;

use anymodel::prelude::*;

// TODO: from the end of the first model's failure to the start of the next model's try.
fn switch_time(trail: &Trail) -> Option<Duration> {
    todo!()
}
