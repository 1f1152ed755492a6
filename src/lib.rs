//! One Rust code base that asks any large language model.
#![forbid(unsafe_code)]

pub mod model;
#[cfg(feature = "sandbox")]
pub mod sandbox;
