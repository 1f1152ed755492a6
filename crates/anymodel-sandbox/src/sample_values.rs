//! Sample values for generated JSON: the words and numbers of the question.

/// The texts that values are taken from.
pub(super) struct SampleValues<'a> {
    /// The question of the user.
    pub question: &'a str,
    /// The text answer to the question.
    pub answer: &'a str,
}

/// The numbers in a text.
pub(super) fn numbers(text: &str) -> Vec<f64> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .filter_map(|word| word.trim_end_matches('.').parse().ok())
        .collect()
}

/// The words of a text that look like names: a capital inside a sentence, or a text in quotation marks.
pub(super) fn names(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = text
        .split(['"', '“', '”', '「', '」'])
        .skip(1)
        .step_by(2)
        .filter(|quoted| !quoted.trim().is_empty())
        .collect();
    let mut starts = true;
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if !starts && bare.chars().next().is_some_and(char::is_uppercase) && bare != "I" {
            found.push(bare);
        }
        starts = word.ends_with(['.', '!', '?', ':']);
    }
    found
}
