//! One Rust code base that asks any large language model.
#![forbid(unsafe_code)]

#[cfg(feature = "kernel")]
pub mod kernel;
pub mod model;
#[cfg(feature = "cli")]
pub mod notebook;
#[cfg(feature = "sandbox")]
pub mod sandbox;
