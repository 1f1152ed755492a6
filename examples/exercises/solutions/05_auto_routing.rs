use anymodel::course;
use anymodel::task::{Kind, classify};

fn pick_model(question: &str) -> &'static str {
    let task = classify(question);
    match task.kind {
        _ if task.unsure => course::MODEL,
        Kind::Programming => course::PROGRAMMER,
        Kind::Writing => course::WRITER,
        Kind::Mathematics => course::MATHEMATICIAN,
        _ => course::MODEL,
    }
}
