//! Streaming text: an answer that arrives in pieces.

use std::fmt;
use std::time::Duration;

use super::paragraph;
use super::throttled_redraw::{REST, Redraw, ThrottledRedraw};
use crate::output::{LiveRegion, OutputTarget, Stream, print_piece, sanitize};

/// A streaming text that grows in place as its pieces arrive.
///
/// A notebook on the course's kernel redraws it at most 20 times a second, whatever the number of pieces, and always
/// shows the last one. A terminal prints the pieces. evcxr's own kernel gets the whole text once, at the end. Every
/// piece is sanitized: neither HTML nor control sequences take effect.
///
/// In a notebook a separate thread draws the text, so the program must not hold the lock of standard output meanwhile.
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
    /// A notebook shows the whole text at each redraw.
    Whole(ThrottledRedraw<Text>),
    /// A program prints each piece.
    Pieces {
        /// Whether the last printed line is unfinished.
        is_amid_line: bool,
    },
}

impl StreamingText {
    /// An empty text. Nothing is shown before the first piece.
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

    /// Discards the text so far; another text begins in its place. In a terminal the printed text stays, so there `note`
    /// says on its own line that it is void.
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

    /// Keeps the whole text, and ends its line. Dropping it does the same.
    pub fn finish(self) {}

    /// The notebook kernel calls this for the last value of a cell. It does nothing, because the value is already shown.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

impl fmt::Debug for StreamingText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingText").finish_non_exhaustive()
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
        // Each redraw sends the whole text, so a long text is redrawn less often: 0.1 s more for 100 KB.
        REST + Duration::from_micros(self.text.len() as u64)
    }

    fn end(&mut self) {
        self.surface.end();
    }
}
