//! What a notebook stores of what a cell showed: the last state of each thing.

use anymodel_kernel::notebook::outputs::Outputs;
use jupyter_protocol::{
    ClearOutput, DisplayData, JupyterMessageContent, Media, MediaType, StreamContent, Transient,
    UpdateDisplayData,
};
use serde_json::Value;

fn text(words: &str) -> Media {
    Media::new(vec![MediaType::Plain(words.to_owned())])
}

fn display(words: &str, id: &str) -> JupyterMessageContent {
    let mut shown = DisplayData::new(text(words));
    shown.transient = Some(Transient {
        display_id: Some(id.to_owned()),
    });
    shown.into()
}

fn update(words: &str, id: &str) -> JupyterMessageContent {
    UpdateDisplayData::new(text(words), id).into()
}

fn cell(messages: impl IntoIterator<Item = JupyterMessageContent>) -> Outputs {
    let mut outputs = Outputs::default();
    for message in messages {
        outputs.take(message);
    }
    outputs
}

/// The texts that are stored, in order.
fn stored(outputs: &Outputs) -> Vec<String> {
    let words = |output: &Value| {
        let lines = match output["output_type"].as_str() {
            Some("stream") => &output["text"],
            _ => &output["data"]["text/plain"],
        };
        let lines = lines.as_array().unwrap().iter();
        lines.map(|line| line.as_str().unwrap()).collect()
    };
    outputs.to_notebook(1).iter().map(words).collect()
}

#[test]
fn what_changed_is_stored_as_it_is_in_the_end() {
    let outputs = cell([
        display("0 of 3", "bar"),
        display("beside", "other"),
        update("1 of 3", "bar"),
        update("3 of 3", "bar"),
    ]);
    assert_eq!(stored(&outputs), ["3 of 3", "beside"]);
    assert!(outputs.changes().is_empty());
}

#[test]
fn a_later_cell_changes_what_an_earlier_one_showed() {
    let mut first = cell([display("before", "kept")]);
    let second = cell([update("after", "kept")]);
    assert!(stored(&second).is_empty());
    let [change] = second.changes() else {
        panic!("{:?}", second.changes());
    };
    assert!(first.change(change));
    assert_eq!(stored(&first), ["after"]);
    assert!(!cell([display("else", "else")]).change(change));
}

#[test]
fn what_was_cleared_is_not_stored() {
    let clear = |wait| JupyterMessageContent::from(ClearOutput { wait });
    let gone = [display("gone", "a"), StreamContent::stdout("gone\n").into()];
    let at_once = cell(gone.clone().into_iter().chain([clear(false)]));
    assert!(stored(&at_once).is_empty());
    let waiting = gone.into_iter().chain([clear(true)]);
    assert_eq!(stored(&cell(waiting.clone())).len(), 2);
    let printed = StreamContent::stdout("new\n").into();
    assert_eq!(stored(&cell(waiting.clone().chain([printed]))), ["new\n"]);
    assert_eq!(stored(&cell(waiting.chain([display("new", "b")]))), ["new"]);
}
