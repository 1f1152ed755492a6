//! JSON extent: finds the end of a JSON object or list while its bytes arrive. It does not check that the JSON is valid.

/// How much of a JSON object or list has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Only white space.
    Nothing,
    /// Something other than an object or a list.
    Other,
    /// It is incomplete.
    Begun,
    /// It is complete, and nothing follows.
    Whole,
    /// It is complete, and something follows.
    More,
}

/// Counts brackets. Each byte is read once.
#[derive(Debug, Default)]
pub(super) struct JsonBalance {
    fed: usize,
    depth: usize,
    in_text: bool,
    /// The last byte was a backslash.
    escaped: bool,
    extent: Option<Extent>,
}

impl JsonBalance {
    /// The extent of `all`: the bytes of earlier calls, and more.
    pub fn feed(&mut self, all: &[u8]) -> Extent {
        while let Some(byte) = all.get(self.fed) {
            if self.in_text {
                self.pass_over_text(all);
                continue;
            }
            self.fed += 1;
            let extent = self.extent.unwrap_or(Extent::Nothing);
            if byte.is_ascii_whitespace() {
                continue;
            }
            self.extent = Some(match (extent, byte) {
                (Extent::Nothing | Extent::Begun, b'{' | b'[') => {
                    self.depth += 1;
                    Extent::Begun
                }
                (Extent::Begun, b'}' | b']') => {
                    self.depth -= 1;
                    match self.depth {
                        0 => Extent::Whole,
                        _ => Extent::Begun,
                    }
                }
                (Extent::Begun, b'"') => {
                    self.in_text = true;
                    Extent::Begun
                }
                (Extent::Begun, _) => Extent::Begun,
                (Extent::Nothing | Extent::Other, _) => Extent::Other,
                (Extent::Whole | Extent::More, _) => Extent::More,
            });
            if let Some(Extent::Other | Extent::More) = self.extent {
                self.fed = all.len();
            }
        }
        self.extent.unwrap_or(Extent::Nothing)
    }

    /// Skips to the byte after the string's closing quotation mark, or to the end of the bytes.
    fn pass_over_text(&mut self, all: &[u8]) {
        if self.escaped {
            self.escaped = false;
            self.fed += 1;
            return;
        }
        let rest = all.get(self.fed..).unwrap_or_default();
        let Some(at) = memchr::memchr2(b'"', b'\\', rest) else {
            self.fed = all.len();
            return;
        };
        self.in_text = rest[at] == b'\\';
        self.escaped = self.in_text;
        self.fed += at + 1;
    }
}

/// The end of the first of several values; `None` when there is at most one.
pub(super) fn end_of_first(all: &[u8]) -> Option<usize> {
    let mut balance = JsonBalance::default();
    let closing = |at: &usize| matches!(all.get(*at), Some(b'}' | b']'));
    let mut ends = (0..all.len()).filter(closing).map(|at| at + 1);
    let end =
        ends.find(|end| balance.feed(all.get(..*end).unwrap_or_default()) == Extent::Whole)?;
    let rest = all.get(end..).unwrap_or_default();
    (!rest.trim_ascii().is_empty()).then_some(end)
}
