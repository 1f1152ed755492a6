//! Table with a caption, for terminal and notebook.

use std::fmt;

use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Modify, Style};

use super::Show;
use super::wrap::{columns, wrap};
use crate::output::{escape, sanitize, width};

/// The minimum width of a column that is wrapped. On a narrower page the table is too wide rather than unreadable.
const NARROWEST: usize = 20;

/// A table: rows under headers.
///
/// ```
/// use anymodel::prelude::*;
/// use anymodel::Table;
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

    /// Aligns columns of numbers to the right, counted from 0.
    #[must_use]
    pub fn right_align(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    /// Removes a column, such as an empty one, counted from 0.
    #[must_use]
    pub fn without(mut self, column: usize) -> Self {
        if column < self.headers.len() {
            self.headers.remove(column);
            for row in &mut self.rows {
                row.remove(column);
            }
            self.right.retain(|right| *right != column);
            for right in self.right.iter_mut().filter(|right| **right > column) {
                *right -= 1;
            }
        }
        self
    }

    /// The CSS of a column: a number and its unit stay on one line.
    fn style(&self, column: usize) -> &'static str {
        if self.right.contains(&column) {
            "text-align:right;white-space:nowrap"
        } else {
            "text-align:left"
        }
    }

    /// The column to wrap when the table is too wide for the page, and its new width.
    fn widest_column(&self) -> Option<(usize, usize)> {
        let widths: Vec<usize> = (0..self.headers.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                let cells = cells.map(|cell| columns(cell));
                cells
                    .chain([columns(&self.headers[column])])
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        // Each column needs a border and two spaces, and the last one another border.
        let page = width().saturating_sub(3 * widths.len() + 1);
        let (widest, taken) = widths
            .iter()
            .copied()
            .enumerate()
            .max_by_key(|&(_, width)| width)?;
        let room = page.saturating_sub(widths.iter().sum::<usize>() - taken);
        (taken > room).then_some((widest, room.max(NARROWEST)))
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
        for (column, header) in self.headers.iter().enumerate() {
            let style = self.style(column);
            html += &format!(
                "<th scope=\"col\" style=\"{style}\">{}</th>",
                escape(header)
            );
        }
        html += "</tr></thead><tbody>";
        for row in &self.rows {
            html += "<tr>";
            for (column, cell) in row.iter().enumerate() {
                let style = self.style(column);
                html += &format!("<td style=\"{style}\">{}</td>", escape(cell));
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
        let widest = self.widest_column();
        for row in &self.rows {
            builder.push_record(row.iter().enumerate().map(|(column, cell)| {
                let cell = sanitize(cell);
                match widest {
                    Some((widest, room)) if column == widest => wrap(&cell, room),
                    _ => cell.into_owned(),
                }
            }));
        }
        let mut table = builder.build();
        table.with(Style::rounded());
        for column in &self.right {
            table.with(Modify::new(Columns::one(*column)).with(Alignment::right()));
        }
        write!(f, "{}\n{table}", sanitize(&self.caption))
    }
}
