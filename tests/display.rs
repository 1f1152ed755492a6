//! What people see, in the three places where the crate shows something: the course's kernel, evcxr's own kernel, and a
//! terminal or a file. Each act runs in a process of its own, as a cell or a program does.
#![cfg(feature = "sandbox")]

#[path = "display/acts.rs"]
mod acts;
#[path = "display/course.rs"]
mod course;
#[path = "display/frames.rs"]
mod frames;
#[path = "display/key.rs"]
mod key;
#[path = "support/keyless.rs"]
mod keyless;
#[path = "display/stage.rs"]
mod stage;
#[path = "display/stock.rs"]
mod stock;
#[path = "support/mod.rs"]
mod support;
#[cfg(unix)]
#[path = "display/terminal.rs"]
mod terminal;

/// Not a test: what the tests run in processes of their own.
#[test]
#[ignore = "the other tests run it, each in its own way"]
fn act() {
    stage::perform();
}
