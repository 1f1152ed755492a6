//! Each platform by itself: what goes out and what comes in, held against shapes that its vendor publishes.
//!
//! A local server plays the platform; the fixtures in `platforms/` name their sources.

#[path = "support/event_stream.rs"]
#[cfg(feature = "bedrock")]
mod event_stream;
#[cfg(feature = "bedrock")]
#[path = "support/python.rs"]
mod python;
mod support;

#[cfg(feature = "bedrock")]
#[path = "platforms/bedrock.rs"]
mod bedrock;
#[cfg(feature = "vertex")]
#[path = "platforms/vertex.rs"]
mod vertex;
