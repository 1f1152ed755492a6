//! Text of table cells: spans of time, and values that are not known.

use std::time::Duration;

/// What stands in a cell whose value is not known.
pub const UNKNOWN: &str = "–";

/// The value as text, or [`UNKNOWN`].
///
/// ```
/// use anymodel_display::or_unknown;
///
/// assert_eq!(or_unknown(Some(3)), "3");
/// assert_eq!(or_unknown(None::<u8>), "–");
/// ```
pub fn or_unknown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

/// Formats a span of time: `420 ms`, `1.2 s`.
///
/// ```
/// use std::time::Duration;
///
/// use anymodel_display::time;
///
/// assert_eq!(time(Duration::from_millis(420)), "420 ms");
/// assert_eq!(time(Duration::from_millis(1234)), "1.2 s");
/// ```
pub fn time(span: Duration) -> String {
    match span.as_secs_f64() {
        seconds if seconds < 0.9995 => format!("{:.0} ms", seconds * 1000.0),
        seconds => format!("{seconds:.1} s"),
    }
}
