//! Live display: a shown value that is replaced in place.

use std::fmt;

use super::Show;
use crate::output::{LiveRegion, Stream};

/// Shows a value as [`show`](super::show) does, and returns a handle that changes it in place.
///
/// ```
/// use anymodel::prelude::*;
/// use anymodel::Diagram;
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

/// A handle of a live display, made by [`live`].
///
/// On the course's kernel the display changes where it was first shown, even from a later cell. In a terminal its lines
/// are redrawn, so nothing else should be printed before [`finish`](Self::finish). On evcxr's own kernel a cell shows
/// the last state once, when it has ended. A file gets it once, when the handle is finished or dropped.
pub struct LiveDisplay {
    surface: LiveRegion,
}

impl LiveDisplay {
    /// Replaces the shown value.
    pub fn update(&mut self, value: &impl Show) {
        let text = if self.surface.is_notebook() {
            value.to_twin()
        } else {
            value.to_string()
        };
        self.surface.set(&value.to_html(), &text);
    }

    /// Keeps the last state. Dropping the handle does the same.
    pub fn finish(self) {}

    /// The notebook kernel calls this for the last value of a cell. It does nothing, because the value is already shown.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

impl fmt::Debug for LiveDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveDisplay").finish_non_exhaustive()
    }
}

impl Drop for LiveDisplay {
    fn drop(&mut self) {
        self.surface.end();
    }
}
