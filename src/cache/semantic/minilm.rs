//! Sentence embeddings, offline: MiniLM with three layers, compiled in.
//!
//! The model knows English. For English text half of the vector is the model's and half is that of [`Letters`]; for Chinese
//! text, of which the model knows single characters at best, all of it is that of `Letters`.

use super::words::is_han;
use super::{Embedder, Guard, Letters, normalise};
use crate::{Error, ErrorKind};

