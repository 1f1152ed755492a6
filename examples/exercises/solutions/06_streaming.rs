use anymodel::course::prelude::*;

fn page(events: &[Event]) -> String {
    let mut text = String::new();
    let mut is_whole = false;
    for event in events {
        match event {
            Event::Text(piece) => text.push_str(piece),
            Event::Restarted { .. } => text.clear(),
            Event::Finished(_) => is_whole = true,
            _ => {}
        }
    }
    if !is_whole {
        text.push('▌');
    }
    text
}
