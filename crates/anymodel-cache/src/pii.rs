//! Personal data (PII), recognised by its form: e-mail, telephone, bank card, account, identity card.

/// Whether a text holds personal data.
pub(super) fn is_pii(text: &str) -> bool {
    text.split_whitespace().any(is_email) || runs(text).iter().any(|run| is_number_of_somebody(run))
}

/// `name@host.tld`, with any characters around it.
fn is_email(word: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    word.match_indices('@').any(|(at, _)| {
        let before = word[..at].chars().next_back().is_some_and(fits);
        let host: String = word[at + 1..].chars().take_while(|c| fits(*c)).collect();
        let host = host.trim_end_matches('.');
        let ending = host.rsplit_once('.').map_or("", |(_, ending)| ending);
        before && ending.len() >= 2 && ending.chars().all(char::is_alphabetic)
    })
}

/// Digits with what people write between them, such as `+49 30 1234-5678`, `6222 0212 …`, `11010519491231002X`.
fn runs(text: &str) -> Vec<String> {
    let mut runs = Vec::new();
    let mut run = String::new();
    for character in text.chars().chain(['\n']) {
        let goes_on = match character {
            '0'..='9' | '+' => true,
            ' ' | '-' | '(' | ')' => !run.is_empty(),
            'X' | 'x' => run.len() == 17,
            _ => false,
        };
        if goes_on {
            run.push(character);
        } else if !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
    }
    runs
}

fn is_number_of_somebody(run: &str) -> bool {
    let digits: Vec<u32> = run.chars().filter_map(|c| c.to_digit(10)).collect();
    let plain = run.trim().chars().all(|c| c.is_ascii_alphanumeric());
    let international = run.trim_start().starts_with('+') && (9..=15).contains(&digits.len());
    let card = (13..=19).contains(&digits.len()) && passes_luhn(&digits);
    let chinese_mobile = digits.len() == 11 && digits[0] == 1 && digits[1] >= 3;
    international
        || card
        || (chinese_mobile && !run.contains('+'))
        || (plain && is_chinese_identity(run.trim()))
}

/// The check digit of bank cards. Source: ISO/IEC 7812-1, annex B.
fn passes_luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match at % 2 {
            0 => *digit,
            _ if *digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

/// Eighteen characters of which the last is a check character. Source: GB 11643-1999.
fn is_chinese_identity(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8] = b"10X98765432";
    let bytes = number.as_bytes();
    let Some((last, first)) = bytes.split_last().filter(|_| bytes.len() == 18) else {
        return false;
    };
    if !first.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let digits = first.iter().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    CHECK.get(sum as usize % 11) == Some(&last.to_ascii_uppercase())
}
