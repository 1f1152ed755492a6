//! A table with a caption, for terminal and notebook.

use std::fmt;

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::width::Width;
use tabled::settings::{Alignment, Modify, Style};

use super::Show;
use crate::output::{escape, harmless, width};

/// Rows under headers.
///
/// ```
/// use anymodel::prelude::*;
///
/// let mut table = Table::new("Prices", ["model", "per million"]).right_align(&[1]);
/// table.push(["openai/gpt-4o-mini".to_owned(), "$0.15".to_owned()]);
/// assert!(table.to_string().contains("$0.15"));
/// assert!(table.to_html().contains("<caption>Prices</caption>"));
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    caption: String,
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
}

impl Table {
    /// A table without rows.
    pub fn new<const N: usize>(caption: impl Into<String>, headers: [&str; N]) -> Self {
        Table {
            caption: caption.into(),
            headers: headers.map(str::to_owned).to_vec(),
            rows: Vec::new(),
            right: Vec::new(),
        }
    }

    /// Columns of numbers, counted from 0.
    #[must_use]
    pub fn right_align(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    /// Adds a row below the others.
    pub fn push<const N: usize>(&mut self, row: [String; N]) {
        self.rows.push(row.to_vec());
    }
}

impl Show for Table {
    fn to_html(&self) -> String {
        let mut html = format!(
            "<table><caption>{}</caption><thead><tr>",
            escape(&self.caption)
        );
        for header in &self.headers {
            html += &format!("<th scope=\"col\">{}</th>", escape(header));
        }
        html += "</tr></thead><tbody>";
        for row in &self.rows {
            html += "<tr>";
            for (column, cell) in row.iter().enumerate() {
                let align = if self.right.contains(&column) {
                    "right"
                } else {
                    "left"
                };
                html += &format!("<td style=\"text-align:{align}\">{}</td>", escape(cell));
            }
            html += "</tr>";
        }
        html + "</tbody></table>"
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut builder = Builder::default();
        builder.push_record(&self.headers);
        for row in &self.rows {
            builder.push_record(row.iter().map(|cell| harmless(cell).into_owned()));
        }
        let mut table = builder.build();
        table.with(Style::rounded());
        for column in &self.right {
            table.with(Modify::new(Columns::one(*column)).with(Alignment::right()));
        }
        table.with(
            Width::wrap(width())
                .keep_words(true)
                .priority(tabled::settings::peaker::Priority::max(true)),
        );
        write!(f, "{}\n{table}", harmless(&self.caption))
    }
}
