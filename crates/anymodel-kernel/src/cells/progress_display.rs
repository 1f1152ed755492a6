//! Progress bar of a long step in the notebook: one display that is updated in place.

use serde_json::{Map, Value, json};

use super::{CellEvent, EventSender};
use crate::build::BuildProgress;
use anymodel_display::progress_html;

/// A progress bar with its own display id.
pub struct ProgressDisplay {
    title: String,
    id: String,
    events: EventSender,
}

impl ProgressDisplay {
    /// A bar that is hidden until the first report.
    pub fn new(title: &str, events: &EventSender) -> ProgressDisplay {
        ProgressDisplay {
            title: title.to_owned(),
            id: uuid::Uuid::new_v4().to_string(),
            events: events.clone(),
        }
    }

    /// A callback for reports. The first report shows the bar, so a step without reports shows nothing.
    pub fn progress(&self) -> Box<BuildProgress<'static>> {
        let (title, id, events) = (self.title.clone(), self.id.clone(), self.events.clone());
        let mut is_shown = false;
        Box::new(move |what, part| {
            let data = bar(&title, what, part);
            let id = id.clone();
            let event = if std::mem::replace(&mut is_shown, true) {
                CellEvent::Update { data, id }
            } else {
                CellEvent::Display { data, id: Some(id) }
            };
            // A report is dropped when the queue is full; another one follows.
            let _ = events.try_send(event);
        })
    }

    /// Replaces the bar by a text.
    pub async fn end(&self, words: &str) {
        let data = Map::from_iter([("text/plain".to_owned(), json!(words))]);
        let _ = self
            .events
            .send(CellEvent::Update {
                data,
                id: self.id.clone(),
            })
            .await;
    }
}

fn bar(title: &str, what: &str, part: Option<(usize, usize)>) -> Map<String, Value> {
    let text = match part {
        Some((done, all)) => format!("{title}: {done} of {all}, {what}"),
        None => format!("{title}: {what}"),
    };
    let done = part.map(|(done, all)| (done as u64, all as u64));
    let html = progress_html(title, done, what);
    Map::from_iter([
        ("text/plain".to_owned(), json!(text)),
        ("text/html".to_owned(), json!(html)),
    ])
}
