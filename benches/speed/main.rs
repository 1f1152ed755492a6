//! What the crate adds to a bare `reqwest` call in time and memory: one call, a stream, 1,000 calls at once.
//!
//! - `cargo bench --bench speed`: measures, and prints a table
//! - `… -- serve`: only the server, until standard input closes; its address is the first line on standard output
//! - `… -- measure URL [NAME]…`: measures against a running server, all or some figures, and prints JSON; `calls.py` uses
//!   both
//!
//! The server is a process of its own, so that neither its memory nor its work is taken for the caller's. Both sides of a
//! pair take turns, and what is compared is the difference within pairs: a noisy machine slows both.

mod measure;
mod server;

use std::alloc::System;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Counts the bytes that are allocated.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    // `cargo bench` adds a flag of its own.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => server::serve(),
        ["measure", url, ref only @ ..] => println!("{}", measure::all(url, only)),
        _ => {
            let (mut server, url) = start();
            let figures = measure::all(&url, &[]);
            server.kill().ok();
            server.wait().ok();
            measure::print(&figures);
        }
    }
}

/// The server in a process of its own, and its address.
fn start() -> (Child, String) {
    let mut server = Command::new(std::env::current_exe().unwrap())
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (server, line.trim().to_owned())
}
