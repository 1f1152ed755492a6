// TODO: the phrases by which the cache knows questions about the menu and the queue.
fn changing() -> Vec<&'static str> {
    todo!()
}
