//! One thing that is shown, and then another in its place.

use std::fmt;

use super::Show;
use crate::output::{LiveRegion, Stream};

/// Shows a value as [`show`](super::show) does, and gives the handle that changes it in place.
///
/// ```
/// use anymodel::prelude::*;
///
/// let mut gateway = display::live(&Diagram::direct(3, &["OpenAI", "Google"]));
/// gateway.update(&Diagram::gateway(3, &["OpenAI", "Google"]));
/// gateway.finish();
/// ```
pub fn live(value: &impl Show) -> LiveDisplay {
    let mut live = LiveDisplay {
        surface: LiveRegion::new(Stream::Out),
    };
    live.update(value);
    live
}

/// Something shown that can change in place. Made by [`live`].
///
/// On the course's kernel it changes where it was first shown, even from a later cell. In a terminal its lines are
/// written again, so nothing else should be printed before [`finish`](Self::finish). On evcxr's own kernel a cell shows
/// the last state, once, when it has ended; and so does a file, when the handle is finished or dropped.
pub struct LiveDisplay {
    surface: LiveRegion,
}

impl LiveDisplay {
    /// Shows this value instead of the one before.
    pub fn update(&mut self, value: &impl Show) {
        let text = if self.surface.is_notebook() {
            value.to_twin()
        } else {
            value.to_string()
        };
        self.surface.set(&value.to_html(), &text);
    }

    /// Leaves the last state standing. Dropping the handle does the same.
    pub fn finish(self) {}

    /// Called by the notebook kernel for the last value of a cell: this one has shown itself.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

impl fmt::Debug for LiveDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

impl Drop for LiveDisplay {
    fn drop(&mut self) {
        self.surface.end();
    }
}
