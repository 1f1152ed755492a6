// TODO: course::PROGRAMMER, course::WRITER, course::MATHEMATICIAN, or course::MODEL.
fn pick_model(question: &str) -> &'static str {
    todo!()
}
