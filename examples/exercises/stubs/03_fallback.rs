use std::time::Duration;

use anymodel::course::prelude::*;

// TODO: from the first model's last failure to another model's first try.
fn switch_time(trail: &Trail) -> Option<Duration> {
    todo!()
}
