//! Bar chart of a few values, as text and as SVG.

use std::fmt;

use super::Show;
use crate::output::{escape, sanitize};

/// A horizontal bar chart with the values beside the bars.
///
/// ```
/// let chart = anymodel::BarChart::new("Time").bar("a", 1.0, "1 s").bar("b", 0.5, "500 ms");
/// assert!(chart.to_string().contains("500 ms"));
/// assert!(chart.to_svg().starts_with("<svg"));
/// ```
#[derive(Clone, Debug)]
pub struct BarChart {
    title: String,
    bars: Vec<Bar>,
}

#[derive(Clone, Debug)]
struct Bar {
    label: String,
    value: f64,
    shown: String,
}

/// Width of the longest bar in text, in columns.
const TEXT_WIDTH: f64 = 32.0;
/// Width of the SVG, in pixels at full size.
const WIDTH: f64 = 640.0;
const LABELS: f64 = 290.0;
const VALUES: f64 = 90.0;
const ROW: f64 = 26.0;
const TITLE: f64 = 34.0;

impl BarChart {
    /// A chart without bars.
    pub fn new(title: impl Into<String>) -> Self {
        BarChart {
            title: title.into(),
            bars: Vec::new(),
        }
    }

    /// Adds a bar below the others: its length and the text beside it. A negative or non-finite length counts as 0.
    #[must_use]
    pub fn bar(mut self, label: impl Into<String>, value: f64, shown: impl Into<String>) -> Self {
        let value = if value.is_finite() {
            value.max(0.0)
        } else {
            0.0
        };
        self.bars.push(Bar {
            label: label.into(),
            value,
            shown: shown.into(),
        });
        self
    }

    /// Each bar's length as a share of the longest, 0 to 1.
    fn shares(&self) -> impl Iterator<Item = (&Bar, f64)> {
        let longest = self.bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
        self.bars.iter().map(move |bar| {
            (
                bar,
                if longest > 0.0 {
                    bar.value / longest
                } else {
                    0.0
                },
            )
        })
    }

    /// The chart as SVG. It inherits the text colour, so it is readable on light and on dark.
    pub fn to_svg(&self) -> String {
        let height = TITLE + ROW * self.bars.len() as f64 + 8.0;
        let title = escape(&self.title);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" \
             style=\"max-width:{WIDTH}px;width:100%\" font-family=\"sans-serif\" font-size=\"13\" fill=\"currentColor\">\
             <title>{title}</title><desc>{}</desc>\
             <text x=\"0\" y=\"18\" font-size=\"15\" font-weight=\"bold\">{title}</text>",
            escape(&self.described())
        );
        let room = WIDTH - LABELS - VALUES;
        for (row, (bar, share)) in self.shares().enumerate() {
            let top = TITLE + ROW * row as f64;
            let length = (room * share).max(2.0);
            svg += &format!(
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
                 <rect x=\"{LABELS}\" y=\"{}\" width=\"{length:.1}\" height=\"{}\" fill-opacity=\"0.55\" stroke=\"currentColor\"/>\
                 <text x=\"{:.1}\" y=\"{}\">{}</text>",
                LABELS - 8.0,
                top + 15.0,
                escape(&bar.label),
                top + 2.0,
                ROW - 8.0,
                LABELS + length + 6.0,
                top + 15.0,
                escape(&bar.shown),
            );
        }
        svg + "</svg>"
    }

    /// The chart as a sentence, for screen readers.
    fn described(&self) -> String {
        let parts: Vec<String> = self
            .bars
            .iter()
            .map(|bar| format!("{}: {}", bar.label, bar.shown))
            .collect();
        parts.join("; ")
    }
}

impl Show for BarChart {
    fn to_html(&self) -> String {
        self.to_svg()
    }
}

impl fmt::Display for BarChart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", sanitize(&self.title))?;
        let labels = self
            .bars
            .iter()
            .map(|bar| bar.label.chars().count())
            .max()
            .unwrap_or(0);
        for (bar, share) in self.shares() {
            let length = (share * TEXT_WIDTH).round().max(1.0) as usize;
            write!(
                f,
                "\n  {:>labels$}  {} {}",
                sanitize(&bar.label),
                "█".repeat(length),
                sanitize(&bar.shown)
            )?;
        }
        Ok(())
    }
}
