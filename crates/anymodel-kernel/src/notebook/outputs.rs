//! Outputs of a cell, in the form that notebooks store (nbformat).

use jupyter_protocol::{JupyterMessageContent, Media, Stdio};
use serde_json::{Map, Value, json};

/// One output of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Printed text.
    Stream {
        /// `stdout` or `stderr`.
        name: &'static str,
        /// The text, with its line breaks.
        text: String,
    },
    /// A value: the cell's last expression (`execute_result`), or one that was shown earlier
    /// (`display_data`).
    Data {
        /// Whether it is the cell's last expression.
        is_result: bool,
        /// MIME type to content.
        data: Map<String, Value>,
        /// The kernel's metadata about the content.
        metadata: Map<String, Value>,
        /// The display id, by which the output can be changed later.
        id: Option<String>,
    },
    /// An error that the kernel reports.
    Error {
        /// The kind of error; the Rust kernel always says `Error`.
        name: String,
        /// The message, one line.
        value: String,
        /// The full report, with terminal colours.
        traceback: Vec<String>,
    },
}

/// All outputs of one cell, in order, each in its last state.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    shown: Vec<Output>,
    /// Whether the next output replaces all others.
    is_cleared_by_next: bool,
    /// Updates of displays that earlier cells showed.
    changes: Vec<Change>,
}

/// An update of every output with one display id.
#[derive(Debug, Clone)]
pub struct Change {
    id: String,
    data: Map<String, Value>,
    metadata: Map<String, Value>,
}

impl Outputs {
    /// Adds the output in a message from the kernel; other messages are ignored.
    pub fn take(&mut self, content: JupyterMessageContent) {
        match content {
            JupyterMessageContent::StreamContent(stream) => {
                let name = match stream.name {
                    Stdio::Stdout => "stdout",
                    Stdio::Stderr => "stderr",
                };
                self.print(name, &stream.text);
            }
            JupyterMessageContent::ExecuteResult(result) => {
                self.add(data(true, &result.data, result.metadata, None));
            }
            JupyterMessageContent::DisplayData(shown) => {
                let id = shown.transient.and_then(|transient| transient.display_id);
                self.add(data(false, &shown.data, shown.metadata, id));
            }
            JupyterMessageContent::UpdateDisplayData(update) => {
                let Some(id) = update.transient.display_id else {
                    return;
                };
                let change = Change {
                    id,
                    data: by_type(&update.data),
                    metadata: update.metadata,
                };
                if !self.change(&change) {
                    self.changes.push(change);
                }
            }
            JupyterMessageContent::ClearOutput(clear) => {
                if clear.wait {
                    self.is_cleared_by_next = true
                } else {
                    self.shown.clear()
                }
            }
            JupyterMessageContent::ErrorOutput(error) => self.add(Output::Error {
                name: error.ename,
                value: error.evalue,
                traceback: error.traceback,
            }),
            _ => {}
        }
    }

    fn add(&mut self, output: Output) {
        if std::mem::take(&mut self.is_cleared_by_next) {
            self.shown.clear();
        }
        self.shown.push(output);
    }

    /// Changes this cell's output with the display id; returns whether there was one.
    pub fn change(&mut self, change: &Change) -> bool {
        let mut found = false;
        for output in &mut self.shown {
            if let Output::Data {
                data, metadata, id, ..
            } = output
                && id.as_deref() == Some(&change.id)
            {
                (*data, *metadata) = (change.data.clone(), change.metadata.clone());
                found = true;
            }
        }
        found
    }

    /// The updates of outputs that earlier cells showed.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Adds text; consecutive pieces of one stream are one output.
    fn print(&mut self, to: &'static str, more: &str) {
        if !self.is_cleared_by_next
            && let Some(Output::Stream { name, text }) = self.shown.last_mut()
            && *name == to
        {
            text.push_str(more);
        } else {
            self.add(Output::Stream {
                name: to,
                text: more.to_owned(),
            });
        }
    }

    /// The outputs in order.
    pub fn iter(&self) -> impl Iterator<Item = &Output> {
        self.shown.iter()
    }

    /// The printed text of one stream.
    pub fn printed(&self, stream: &str) -> String {
        let texts = self.shown.iter().filter_map(|output| match output {
            Output::Stream { name, text } if *name == stream => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// The text of the cell's value, if it has one.
    pub fn value_text(&self) -> Option<&str> {
        self.shown.iter().find_map(|output| match output {
            Output::Data { data, .. } => data.get("text/plain").and_then(Value::as_str),
            _ => None,
        })
    }

    /// The reports of the errors.
    pub fn errors(&self) -> Vec<String> {
        let reports = self.shown.iter().filter_map(|output| match output {
            Output::Error {
                name,
                value,
                traceback,
            } if traceback.is_empty() => Some(format!("{name}: {value}")),
            Output::Error { traceback, .. } => Some(traceback.join("\n")),
            _ => None,
        });
        reports.collect()
    }

    /// Whether there is an error of this name.
    pub fn has_error(&self, wanted: &str) -> bool {
        self.shown
            .iter()
            .any(|output| matches!(output, Output::Error { name, .. } if name == wanted))
    }

    /// Whether a reader of the notebook sees any output; standard error does not count.
    pub fn shows_something(&self) -> bool {
        self.shown.iter().any(|output| match output {
            Output::Stream { name, text } => *name == "stdout" && !text.trim().is_empty(),
            Output::Data { .. } => true,
            Output::Error { .. } => false,
        })
    }

    /// Adds stream output that arrived late, during the kernel's next answer.
    pub fn append_streams(&mut self, late: Outputs) {
        for output in late.shown {
            if let Output::Stream { name, text } = output {
                self.print(name, &text);
            }
        }
    }

    /// The outputs in nbformat, for the `count`th cell that ran.
    ///
    /// Standard error is left out: the kernel sometimes loses it, and a panic's backtrace holds
    /// paths of this machine. Printed text comes before values: the Rust kernel sends a value
    /// last, but its streams travel on another thread and may arrive after it.
    pub fn to_notebook(&self, count: usize) -> Vec<Value> {
        let mut printed = String::new();
        let mut shown = Vec::new();
        for output in &self.shown {
            match output {
                Output::Stream { name, text } if *name == "stdout" => printed.push_str(text),
                Output::Stream { .. } => {}
                Output::Data {
                    is_result,
                    data,
                    metadata,
                    ..
                } => {
                    let data: Map<String, Value> = data
                        .iter()
                        .map(|(mime, content)| (mime.clone(), stored(mime, content)))
                        .collect();
                    shown.push(if *is_result {
                        json!({"output_type": "execute_result", "execution_count": count,
                               "data": data, "metadata": metadata})
                    } else {
                        json!({"output_type": "display_data", "data": data, "metadata": metadata})
                    });
                }
                Output::Error {
                    name,
                    value,
                    traceback,
                } => shown.push(json!({
                    "output_type": "error", "ename": name, "evalue": value, "traceback": traceback,
                })),
            }
        }
        if !printed.is_empty() {
            shown.insert(
                0,
                json!({"output_type": "stream", "name": "stdout", "text": lines(&printed)}),
            );
        }
        shown
    }
}

fn data(
    is_result: bool,
    media: &Media,
    metadata: Map<String, Value>,
    id: Option<String>,
) -> Output {
    Output::Data {
        is_result,
        data: by_type(media),
        metadata,
        id,
    }
}

/// Content by MIME type.
fn by_type(media: &Media) -> Map<String, Value> {
    match serde_json::to_value(media) {
        Ok(Value::Object(data)) => data,
        _ => Map::new(),
    }
}

/// Notebooks store text as a list of lines, and JSON as it is.
fn stored(mime: &str, content: &Value) -> Value {
    match content {
        Value::String(text) if mime != "application/json" => json!(lines(text)),
        other => other.clone(),
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}
