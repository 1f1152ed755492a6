//! Tells where a JSON object or list ends, while its bytes come. Whether it is well-formed is not told: its reader does.

/// How far a JSON object or list has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Nothing but white space.
    Nothing,
    /// Something else than an object or a list.
    Other,
    /// Its end has not come.
    Begun,
    /// It is whole, and nothing follows it.
    Whole,
    /// It is whole, and something follows it.
    More,
}

/// Counts brackets. Bytes are looked at once.
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
    /// How far it has come, when `all` is what came so far: what was fed before, and more.
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

    /// Goes on behind the quotation mark that ends a text, or as far as bytes are there.
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

/// Where the first value of several ends; `None` when there is one at most.
pub(super) fn end_of_first(all: &[u8]) -> Option<usize> {
    let mut balance = JsonBalance::default();
    let closing = |at: &usize| matches!(all.get(*at), Some(b'}' | b']'));
    let mut ends = (0..all.len()).filter(closing).map(|at| at + 1);
    let end =
        ends.find(|end| balance.feed(all.get(..*end).unwrap_or_default()) == Extent::Whole)?;
    let rest = all.get(end..).unwrap_or_default();
    (!rest.trim_ascii().is_empty()).then_some(end)
}
