//! An answer that arrives in pieces.

use std::fmt;
use std::time::Duration;

use super::paragraph;
use super::throttled_redraw::{REST, Redraw, ThrottledRedraw};
use crate::output::{LiveRegion, OutputTarget, Stream, print_piece, sanitize};

/// A text that grows in place as its pieces arrive.
///
/// A notebook on the course's kernel draws it again at most 20 times a second, whatever the number of pieces, and always
/// comes to the last one. A terminal prints the pieces. evcxr's own kernel gets the whole text, once, at the end. No
/// piece can act: not as HTML, not as a control sequence.
///
/// A notebook's text is drawn by a thread of its own, so nobody may hold the lock of standard output meanwhile.
///
/// ```
/// use anymodel::prelude::*;
///
/// let mut answer = display::StreamingText::new();
/// for piece in ["Recursion is ", "recursion", "."] {
///     answer.push(piece);
/// }
/// answer.finish();
/// ```
pub struct StreamingText(TextTarget);

enum TextTarget {
    /// A notebook shows the whole text, again and again.
    Whole(ThrottledRedraw<Text>),
    /// A program prints each piece.
    Pieces {
        /// Whether something was printed that has not ended its line.
        is_amid_line: bool,
    },
}

impl StreamingText {
    /// A text without a word. Nothing is shown before the first piece.
    #[expect(
        clippy::new_without_default,
        reason = "something that shows itself is made on purpose"
    )]
    pub fn new() -> Self {
        StreamingText(if OutputTarget::here().is_notebook() {
            let surface = LiveRegion::for_words(Stream::Out);
            let is_live = surface.is_live();
            let text = String::new();
            TextTarget::Whole(ThrottledRedraw::new(Text { surface, text }, is_live))
        } else {
            TextTarget::Pieces {
                is_amid_line: false,
            }
        })
    }

    /// Adds a piece at the end.
    pub fn push(&mut self, piece: &str) {
        if piece.is_empty() {
            return;
        }
        match &mut self.0 {
            TextTarget::Whole(painter) => painter.change(|whole| whole.text.push_str(piece)),
            TextTarget::Pieces { is_amid_line } => {
                print_piece(piece);
                *is_amid_line = !piece.ends_with('\n');
            }
        }
    }

    /// Takes back what came so far: another text begins in its place. In a terminal what was printed stays, so there `note`
    /// says on a line of its own that it is void.
    pub fn restart(&mut self, note: &str) {
        match &mut self.0 {
            TextTarget::Whole(painter) => painter.change(|whole| whole.text.clear()),
            TextTarget::Pieces { is_amid_line } => {
                let end = if *is_amid_line { "\n" } else { "" };
                print_piece(&format!("{end}{note}\n"));
                *is_amid_line = false;
            }
        }
    }

    /// Leaves the whole text standing, and ends its line. Dropping it does the same.
    pub fn finish(self) {}

    /// Called by the notebook kernel for the last value of a cell: this one has shown itself.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

impl fmt::Debug for StreamingText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Growing").finish_non_exhaustive()
    }
}

impl Drop for StreamingText {
    fn drop(&mut self) {
        if let TextTarget::Pieces { is_amid_line: true } = self.0 {
            print_piece("\n");
        }
    }
}

struct Text {
    surface: LiveRegion,
    text: String,
}

impl Redraw for Text {
    fn paint(&mut self) -> Duration {
        self.surface
            .set(&paragraph(&self.text), &sanitize(&self.text));
        // Each time the whole text is sent and drawn, so a long one comes at a slower pace: 0.1 s more for 100 KB.
        REST + Duration::from_micros(self.text.len() as u64)
    }

    fn end(&mut self) {
        self.surface.end();
    }
}
