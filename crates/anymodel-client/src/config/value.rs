//! Value validation: the rules for a single value, from any layer.

use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::SecretString;

use anymodel_types::{Error, ErrorKind, Result, words};

pub(super) fn wanted_temperature() -> &'static str {
    words::settings().number_from_0_to_2()
}

pub(super) fn wanted_tokens() -> &'static str {
    words::settings().whole_number()
}

pub(super) fn wanted_seconds() -> &'static str {
    words::settings().number_of_seconds()
}

pub(super) fn wanted_retries() -> &'static str {
    words::settings().whole_number_from_0_to_100()
}

pub(super) fn wanted_scale() -> &'static str {
    words::settings().number_from_0_to_100()
}

pub(super) fn wanted_flag() -> &'static str {
    words::settings().true_or_false()
}

pub(super) fn wanted_dollars() -> &'static str {
    words::settings().amount_of_us_dollars()
}

pub(super) fn temperature(number: f64) -> Option<f64> {
    (0.0..=2.0).contains(&number).then_some(number)
}

pub(super) fn tokens(number: f64) -> Option<u32> {
    whole(number).filter(|tokens| *tokens > 0)
}

pub(super) fn retries(number: f64) -> Option<u32> {
    whole(number).filter(|retries| *retries <= 100)
}

pub(super) fn seconds(number: f64) -> Option<Duration> {
    let fits = number > 0.0 && number <= 3600.0;
    fits.then(|| Duration::from_secs_f64(number))
}

pub(super) fn scale(number: f64) -> Option<f64> {
    (0.0..=100.0).contains(&number).then_some(number)
}

/// The shortest decimal that equals this number, as it was written.
pub(super) fn dollars(number: f64) -> Option<Decimal> {
    let amount: Decimal = number.to_string().parse().ok()?;
    (!amount.is_sign_negative()).then_some(amount)
}

fn whole(number: f64) -> Option<u32> {
    let fits = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    fits.then_some(number as u32)
}

pub(super) fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// One of the words of a list, with any separator; an error with the valid words otherwise.
pub(super) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let text = text.to_lowercase().replace(['-', ' '], "_");
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        words::settings().one_of(&all.join(", "))
    })
}

/// Whether this looks like a key: vendors begin their keys with known prefixes.
pub(super) fn looks_secret(text: &str) -> bool {
    const BEGINNINGS: [&str; 5] = ["sk-", "Bearer ", "AIza", "AKIA", "ya29."];
    let text = text.trim();
    text.len() >= 12 && BEGINNINGS.iter().any(|start| text.starts_with(start))
}

/// A value as messages may repeat it: a short one in full; one that is long enough to be a key only by its length.
pub(super) fn shown(text: &str) -> String {
    let length = text.chars().count();
    if length <= 24 && !looks_secret(text) {
        format!("{text:?}")
    } else {
        words::settings().text_of_characters(&length)
    }
}

/// Cleans a pasted key (spaces around it, quotes, a leading `Bearer`), and refuses a malformed one.
///
/// # Errors
/// [`ErrorKind::KeyMalformed`]; the message says what is wrong and where, and never contains the key.
pub(crate) fn clean_key(raw: &str, variable: &str) -> Result<SecretString> {
    let is_quote = |c: char| "\"'`“”‘’".contains(c);
    let around = |c: char| c.is_whitespace() || is_quote(c);
    let key = raw.trim_matches(around);
    let key = match key.split_once(char::is_whitespace) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim_matches(around),
        _ => key,
    };
    let wrong = if key.is_empty() {
        words::settings().is_empty_between_its_quotes().to_owned()
    } else if let Some(position) = key.chars().position(char::is_whitespace) {
        words::settings().has_white_space_or_a_line_break(&position, &key.chars().count())
    } else if let Some(position) = key
        .chars()
        .position(|c| !c.is_ascii_graphic() || is_quote(c))
    {
        words::settings().has_a_character_that_no_key_has(&position, &key.chars().count())
    } else if key.to_lowercase().contains("xxxxx") || key.to_uppercase().contains("YOUR_") {
        words::settings()
            .is_the_placeholder_of_an_example()
            .to_owned()
    } else {
        return Ok(SecretString::from(key));
    };
    Err(
        Error::new(ErrorKind::KeyMalformed, format!("{variable} {wrong}"))
            .with_hint(words::settings().copy_the_key_once_more()),
    )
}

/// Validates a base URL and removes the slash at its end, because paths are joined with one.
pub(crate) fn check_url(url: &str, name: &str) -> Result<String> {
    let Some(parsed) = reqwest::Url::parse(url)
        .ok()
        .filter(|parsed| matches!(parsed.scheme(), "http" | "https") && parsed.has_host())
    else {
        return Err(Error::new(
            ErrorKind::Config,
            words::settings().is_not_a_web_address(&name),
        )
        .with_hint(words::settings().write_it_whole()));
    };
    // These parts would be shown wherever the address is, and paths could not be joined to them.
    let has_more = parsed.password().is_some()
        || !parsed.username().is_empty()
        || parsed.query().is_some()
        || parsed.fragment().is_some();
    if has_more {
        return Err(Error::new(
            ErrorKind::Config,
            words::settings().holds_a_user_name(&name),
        )
        .with_hint(words::settings().write_the_address_alone()));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// Validates a base URL, and removes the path of the requests, which is often pasted with it.
pub(crate) fn base_url(url: &str, name: &str) -> Result<String> {
    let url = check_url(url, name)?;
    Ok(without_path(&url).trim_end_matches('/').to_owned())
}

/// The address without the request path of a known protocol.
fn without_path(url: &str) -> &str {
    const PATHS: [&str; 4] = [
        "/chat/completions",
        "/completions",
        "/responses",
        "/messages",
    ];
    if let Some(base) = PATHS.iter().find_map(|path| url.strip_suffix(path)) {
        return base;
    }
    // `…/models/gemini-2.5-flash:generateContent`, and `…/model/amazon.nova-lite-v1:0/converse`.
    let (list, is_request) = match url.rsplit_once("/models/") {
        Some((base, model)) => (
            base,
            model.ends_with(":generateContent") || model.ends_with(":streamGenerateContent"),
        ),
        None => match url.rsplit_once("/model/") {
            Some((base, model)) => (
                base,
                model.ends_with("/converse") || model.ends_with("/converse-stream"),
            ),
            None => (url, false),
        },
    };
    if is_request { list } else { url }
}
