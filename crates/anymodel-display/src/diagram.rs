//! Diagram of the N × M integration problem, as text and as SVG.

use std::fmt;

use super::Show;
use crate::output::{escape, sanitize};

/// A diagram of programs on the left, vendors on the right, and every connection to be written and maintained.
///
/// ```
/// let direct = anymodel::Diagram::direct(3, &["OpenAI", "Anthropic", "Google", "DeepSeek"]);
/// assert_eq!(direct.connections(), 12);
/// let gateway = anymodel::Diagram::gateway(3, &["OpenAI", "Anthropic", "Google", "DeepSeek"]);
/// assert_eq!(gateway.connections(), 7);
/// ```
#[derive(Clone, Debug)]
pub struct Diagram {
    programs: usize,
    vendors: Vec<String>,
    has_gateway: bool,
}

const WIDTH: usize = 560;
const BOX: usize = 130;
const LINE: usize = 44;
const TITLE: usize = 40;

impl Diagram {
    /// Every program speaks to every vendor, in that vendor's own protocol.
    pub fn direct(programs: usize, vendors: &[&str]) -> Self {
        Diagram::new(programs, vendors, false)
    }

    /// Every program speaks to one gateway, and the gateway to every vendor.
    pub fn gateway(programs: usize, vendors: &[&str]) -> Self {
        Diagram::new(programs, vendors, true)
    }

    fn new(programs: usize, vendors: &[&str], has_gateway: bool) -> Self {
        Diagram {
            programs,
            vendors: vendors.iter().map(|&name| name.to_owned()).collect(),
            has_gateway,
        }
    }

    /// The number of connections to write and maintain.
    pub fn connections(&self) -> usize {
        if self.has_gateway {
            self.programs + self.vendors.len()
        } else {
            self.programs * self.vendors.len()
        }
    }

    fn title(&self) -> String {
        let (programs, vendors) = (self.programs, self.vendors.len());
        if self.has_gateway {
            format!(
                "With a gateway: {programs} + {vendors} = {} connections",
                self.connections()
            )
        } else {
            format!(
                "Without: {programs} × {vendors} = {} connections",
                self.connections()
            )
        }
    }

    /// The diagram as SVG. It inherits the text colour, so it is readable on light and on dark.
    pub fn to_svg(&self) -> String {
        let rows = self.programs.max(self.vendors.len());
        let height = TITLE + LINE * rows;
        let middle =
            |place: usize, of: usize| TITLE + (rows * LINE * (2 * place + 1)) / (2 * of.max(1));
        let left: Vec<usize> = (0..self.programs)
            .map(|place| middle(place, self.programs))
            .collect();
        let right: Vec<usize> = (0..self.vendors.len())
            .map(|place| middle(place, self.vendors.len()))
            .collect();
        let title = escape(&self.title());
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"-1 0 {} {height}\" \
             style=\"max-width:{WIDTH}px;width:100%\" font-family=\"sans-serif\" font-size=\"13\" fill=\"currentColor\">\
             <title>{title}</title>\
             <text x=\"0\" y=\"18\" font-size=\"15\" font-weight=\"bold\">{title}</text>",
            WIDTH + 2
        );
        let line = |from: (usize, usize), to: (usize, usize)| {
            format!(
                "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"currentColor\" stroke-opacity=\"0.6\"/>",
                from.0, from.1, to.0, to.1
            )
        };
        let node = |left: usize, middle: usize, name: &str| {
            format!(
                "<rect x=\"{left}\" y=\"{}\" width=\"{BOX}\" height=\"30\" rx=\"5\" fill=\"none\" stroke=\"currentColor\"/>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                middle - 15,
                left + BOX / 2,
                middle + 5,
                escape(name)
            )
        };
        let centre = TITLE + rows * LINE / 2;
        let gateway = (WIDTH - BOX) / 2;
        for &from in &left {
            if self.has_gateway {
                svg += &line((BOX, from), (gateway, centre));
            } else {
                for &to in &right {
                    svg += &line((BOX, from), (WIDTH - BOX, to));
                }
            }
        }
        if self.has_gateway {
            for &to in &right {
                svg += &line((gateway + BOX, centre), (WIDTH - BOX, to));
            }
            svg += &node(gateway, centre, "gateway");
        }
        for (place, &y) in left.iter().enumerate() {
            svg += &node(0, y, &format!("program {}", place + 1));
        }
        for (name, &y) in self.vendors.iter().zip(&right) {
            svg += &node(WIDTH - BOX, y, name);
        }
        svg + "</svg>"
    }
}

impl Show for Diagram {
    fn to_html(&self) -> String {
        self.to_svg()
    }
}

impl fmt::Display for Diagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.title())?;
        let vendors = self.vendors.join(", ");
        let vendors = sanitize(&vendors);
        for program in 1..=self.programs {
            if self.has_gateway {
                write!(f, "\n  program {program} ── gateway")?
            } else {
                write!(f, "\n  program {program} ── {vendors}")?
            }
        }
        if self.has_gateway {
            write!(f, "\n  gateway ── {vendors}")
        } else {
            Ok(())
        }
    }
}
