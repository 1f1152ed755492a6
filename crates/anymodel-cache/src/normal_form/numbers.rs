//! Number parser: numbers in figures and in words, English and Chinese.
//!
//! Two questions with different numbers are two questions; `15 %`, `fifteen percent` and `百分之十五` are one.

/// The number that an English word names: `fifteen` is 15, `third` is 3. `one` and `first` are left out: they rarely count.
pub(super) fn english(word: &str) -> Option<f64> {
    const SMALL: [(&str, &str); 19] = [
        ("two", "2nd"),
        ("three", "third"),
        ("four", "fourth"),
        ("five", "fifth"),
        ("six", "sixth"),
        ("seven", "seventh"),
        ("eight", "eighth"),
        ("nine", "ninth"),
        ("ten", "tenth"),
        ("eleven", "eleventh"),
        ("twelve", "twelfth"),
        ("thirteen", "thirteenth"),
        ("fourteen", "fourteenth"),
        ("fifteen", "fifteenth"),
        ("sixteen", "sixteenth"),
        ("seventeen", "seventeenth"),
        ("eighteen", "eighteenth"),
        ("nineteen", "nineteenth"),
        ("twenty", "twentieth"),
    ];
    const LARGE: [(&str, f64); 12] = [
        ("thirty", 30.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("sixty", 60.0),
        ("seventy", 70.0),
        ("eighty", 80.0),
        ("ninety", 90.0),
        ("hundred", 100.0),
        ("thousand", 1e3),
        ("million", 1e6),
        ("billion", 1e9),
        ("dozen", 12.0),
    ];
    let small = SMALL
        .iter()
        .position(|(cardinal, ordinal)| word == *cardinal || word == *ordinal);
    match small {
        Some(at) => Some((at + 2) as f64),
        None => LARGE
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, value)| *value),
    }
}

/// Whether a Chinese character may stand in a number.
pub(super) fn is_numeral(c: char) -> bool {
    "零〇一二三四五六七八九十百千万亿两".contains(c)
}

/// The number that Chinese numerals name: `三十八` is 38, `一万` is 10,000. `None` for what is no number, as `万` alone.
pub(super) fn chinese(numerals: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut section = 0.0;
    let mut digit = None;
    let mut digits_in_a_row = 0;
    for c in numerals.chars() {
        let scale = match c {
            '十' => 10.0,
            '百' => 100.0,
            '千' => 1e3,
            '万' => 1e4,
            '亿' => 1e8,
            _ => {
                let value = f64::from(
                    "零一二三四五六七八九"
                        .chars()
                        .position(|d| d == c)
                        .map_or(if c == '两' { 2 } else { 0 }, |at| at as i32),
                );
                // `二〇二四`: digits in a row are read as figures.
                digits_in_a_row += 1;
                digit = Some(if digits_in_a_row > 1 {
                    digit.unwrap_or(0.0) * 10.0 + value
                } else {
                    value
                });
                continue;
            }
        };
        digits_in_a_row = 0;
        if scale >= 1e4 {
            let all = section + digit.take().unwrap_or(0.0);
            if all == 0.0 {
                return None;
            }
            total += all * scale;
            section = 0.0;
        } else {
            match digit.take() {
                None if scale > 10.0 => return None,
                known => section += known.unwrap_or(1.0) * scale,
            }
        }
    }
    Some(total + section + digit.unwrap_or(0.0))
}
