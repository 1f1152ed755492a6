//! What people see, in the three places where the crate shows something: the course's kernel, evcxr's own kernel, and a
//! terminal or a file. Each act runs in a process of its own, as a cell or a program does.

mod acts;
mod course;
mod frames;
mod key;
#[path = "../../../../tests/support/keyless.rs"]
mod keyless;
mod stage;
mod stock;
#[path = "../../../../tests/support/mod.rs"]
mod support;
#[cfg(unix)]
mod terminal;

/// Not a test: what the tests run in processes of their own.
#[test]
#[ignore = "the other tests run it, each in its own way"]
fn act() {
    stage::perform();
}
