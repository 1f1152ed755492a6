//! English stemmer for the normal form: takes the ending off a verb, where a rule for a construction asks for it.

/// An English word without its ending: `changing`, `changes` and `changed` are one word.
pub(super) fn stem(word: &str) -> &str {
    if !word.is_ascii() || word.len() < 4 {
        return word;
    }
    const ENDINGS: [(&str, usize); 16] = [
        ("ations", 4),
        ("ation", 4),
        ("ingly", 4),
        ("ments", 4),
        ("ment", 4),
        ("ions", 4),
        ("ion", 4),
        ("ings", 3),
        ("ing", 3),
        ("ies", 3),
        ("ied", 3),
        ("ed", 3),
        ("es", 3),
        ("s", 3),
        ("ly", 4),
        ("al", 5),
    ];
    let mut cut = word;
    for (end, at_least) in ENDINGS {
        let Some(base) = word.strip_suffix(end) else {
            continue;
        };
        let spoken = base.contains(['a', 'e', 'i', 'o', 'u', 'y']);
        if base.len() >= at_least && spoken && !(end == "s" && base.ends_with('s')) {
            cut = base;
            break;
        }
    }
    let bytes = cut.as_bytes();
    let n = bytes.len();
    // `stopp` from `stopped`, `chang` and `change` alike.
    if cut.len() < word.len()
        && n > 3
        && bytes[n - 1] == bytes[n - 2]
        && !b"lsz".contains(&bytes[n - 1])
    {
        return &cut[..n - 1];
    }
    if n > 3 && (cut.ends_with('e') || cut.ends_with('y') || cut.ends_with('i')) {
        &cut[..n - 1]
    } else {
        cut
    }
}
