//! What several tests of field reports play: foreign lines of `.env`, the first bytes of pictures, an event.

#![allow(dead_code)] // each test program uses its own part

use std::path::{Path, PathBuf};

use serde_json::json;

pub const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF";
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
pub const GIF: &[u8] = b"GIF89a";
pub const WEBP: &[u8] = b"RIFF\x00\x00\x00\x00WEBPVP8 ";

/// What other programs write into a `.env`.
pub const FOREIGN: [&str; 14] = [
    // https://github.com/allan2/dotenvy/issues/164
    "ORG=Default Organization",
    "MOTD=It's me",
    "CONFIG={\"a\": 1}",
    "my-app.name=x",
    "DIR=C:\\Users\\me",
    "JUSTAWORD",
    "QUOTED=\"unclosed",
    "1ST=x",
    "[section]",
    "export",
    "= value",
    "SCRIPT=$(cat /etc/hosts | head)",
    "EMOJI=\u{fffd}",
    "PEM=\"-----BEGIN\nabc=def ghi\n-----END\"",
];

/// A folder of this test's own, with this `.env` in it.
pub fn folder(name: &str, dot_env: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("field-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(".env"), dot_env).unwrap();
    folder
}

/// One event of a chat completion.
pub fn chunk(text: &str, finish: Option<&str>) -> String {
    json!({ "id": "1", "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": finish }] }).to_string()
}
