//! What a cell showed, in the form notebooks store.

use jupyter_protocol::{JupyterMessageContent, Media, Stdio};
use serde_json::{Map, Value, json};

/// One thing a cell showed.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Printed text.
    Stream {
        /// `stdout` or `stderr`.
        name: &'static str,
        /// The text, with its line breaks.
        text: String,
    },
    /// A value: the cell's last expression (`execute_result`) or something shown on the way
    /// (`display_data`).
    Data {
        /// Whether it is the cell's last expression.
        is_result: bool,
        /// MIME type to content.
        data: Map<String, Value>,
        /// What the kernel says about the content.
        metadata: Map<String, Value>,
    },
    /// An error that the kernel admits.
    Error {
        /// The kind of error; the Rust kernel always says `Error`.
        name: String,
        /// One line.
        value: String,
        /// The whole report, with terminal colours.
        traceback: Vec<String>,
    },
}

/// Everything one cell showed, in order.
#[derive(Debug, Clone, Default)]
pub struct Outputs(Vec<Output>);

impl Outputs {
    /// Adds what a message from the kernel shows; other messages are ignored.
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
                self.0.push(data(true, &result.data, result.metadata));
            }
            JupyterMessageContent::DisplayData(shown) => {
                self.0.push(data(false, &shown.data, shown.metadata));
            }
            JupyterMessageContent::ErrorOutput(error) => self.0.push(Output::Error {
                name: error.ename,
                value: error.evalue,
                traceback: error.traceback,
            }),
            _ => {}
        }
    }

    /// Consecutive pieces of one stream are one output.
    fn print(&mut self, to: &'static str, more: &str) {
        if let Some(Output::Stream { name, text }) = self.0.last_mut()
            && *name == to
        {
            text.push_str(more);
        } else {
            self.0.push(Output::Stream {
                name: to,
                text: more.to_owned(),
            });
        }
    }

    /// The outputs in order.
    pub fn iter(&self) -> impl Iterator<Item = &Output> {
        self.0.iter()
    }

    /// The printed text of one stream.
    pub fn printed(&self, stream: &str) -> String {
        let texts = self.0.iter().filter_map(|output| match output {
            Output::Stream { name, text } if *name == stream => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// The text of the cell's value, when it has one.
    pub fn value_text(&self) -> Option<&str> {
        self.0.iter().find_map(|output| match output {
            Output::Data { data, .. } => data.get("text/plain").and_then(Value::as_str),
            _ => None,
        })
    }

    /// The reports of the errors that the kernel admits.
    pub fn errors(&self) -> Vec<String> {
        let reports = self.0.iter().filter_map(|output| match output {
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

    /// Whether a reader of the notebook sees anything: standard error does not count.
    pub fn shows_something(&self) -> bool {
        self.0.iter().any(|output| match output {
            Output::Stream { name, text } => *name == "stdout" && !text.trim().is_empty(),
            Output::Data { .. } => true,
            Output::Error { .. } => false,
        })
    }

    /// Adds streams that arrived late, while the kernel already answered something else.
    pub fn append_streams(&mut self, late: Outputs) {
        for output in late.0 {
            if let Output::Stream { name, text } = output {
                self.print(name, &text);
            }
        }
    }

    /// The outputs as the notebook stores them, for the `count`th cell that ran.
    ///
    /// Standard error is left out: the kernel sometimes loses it, and a panic's backtrace holds
    /// the paths of the machine. Printed text comes before values: the Rust kernel sends a value
    /// last, but its streams travel on another thread and may arrive after it.
    pub fn to_notebook(&self, count: usize) -> Vec<Value> {
        let mut printed = String::new();
        let mut shown = Vec::new();
        for output in &self.0 {
            match output {
                Output::Stream { name, text } if *name == "stdout" => printed.push_str(text),
                Output::Stream { .. } => {}
                Output::Data {
                    is_result,
                    data,
                    metadata,
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

fn data(is_result: bool, media: &Media, metadata: Map<String, Value>) -> Output {
    let data = match serde_json::to_value(media) {
        Ok(Value::Object(data)) => data,
        _ => Map::new(),
    };
    Output::Data {
        is_result,
        data,
        metadata,
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
