//! AWS's binary frames, written by hand from their description, so that the decoder is held against something else than
//! the crate it is made of. <https://smithy.io/2.0/aws/amazon-eventstream.html>

#![allow(dead_code)] // each test file uses its own part

use serde_json::Value;

/// The type of a header whose value is text.
const TEXT: u8 = 7;

/// A frame with these headers, all of them text.
pub fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    for (name, value) in headers {
        written.push(u8::try_from(name.len()).unwrap());
        written.extend_from_slice(name.as_bytes());
        written.push(TEXT);
        written.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        written.extend_from_slice(value.as_bytes());
    }
    raw_frame(&written, payload)
}

/// A frame whose headers are these bytes, whatever they are; lengths and checksums are right.
pub fn raw_frame(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = 12 + headers.len() + payload.len() + 4;
    let mut frame = Vec::with_capacity(length);
    frame.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
    frame.extend_from_slice(&u32::try_from(headers.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&crc32(&frame).to_be_bytes());
    frame.extend_from_slice(headers);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&crc32(&frame).to_be_bytes());
    frame
}

/// An event, as Bedrock sends it.
pub fn event(name: &str, data: &Value) -> Vec<u8> {
    let headers = [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame(&headers, data.to_string().as_bytes())
}

/// An error in the middle of a stream.
pub fn exception(name: &str, message: &str) -> Vec<u8> {
    let headers = [
        (":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    let data = serde_json::json!({ "message": message });
    frame(&headers, data.to_string().as_bytes())
}

/// The frames of a fixture: one JSON object a line, with the name of the event and its data.
pub fn fixture(lines: &str) -> Vec<Vec<u8>> {
    let line = |line: &str| {
        let event: Value = serde_json::from_str(line).unwrap();
        self::event(event["event"].as_str().unwrap(), &event["data"])
    };
    lines.lines().map(line).collect()
}

/// CRC-32 as in gzip.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
