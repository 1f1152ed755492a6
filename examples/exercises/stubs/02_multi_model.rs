// TODO: six models or more, from four authors or more, at least one of them free.
fn more_models() -> Vec<&'static str> {
    todo!()
}
