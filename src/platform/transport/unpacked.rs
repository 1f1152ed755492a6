//! The bytes of a body, unpacked if they came packed: nothing here asks for that, and some proxies do it all the same.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use futures_util::stream::{self, Stream, StreamExt};
use reqwest::header::CONTENT_ENCODING;

use super::frames::Bytes;
use super::http::root_cause;
use crate::platform::{Failure, Outcome};

/// The first byte of what gzip packed, with which neither JSON nor events nor AWS's frames begin.
const GZIP: u8 = 0x1f;

/// The body of a response.
///
/// # Errors
/// When it is packed in a way that is not read here.
pub(super) fn body(response: reqwest::Response) -> Outcome<Bytes> {
    let packed = response.headers().get(CONTENT_ENCODING);
    let packed = packed.map(|name| {
        String::from_utf8_lossy(name.as_bytes())
            .trim()
            .to_ascii_lowercase()
    });
    let bytes = response.bytes_stream().map(|bytes| match bytes {
        Ok(bytes) => Ok(Vec::from(bytes)),
        Err(error) => Err(format!("the connection broke: {}", root_cause(&error))),
    });
    match packed.as_deref() {
        None | Some("" | "identity" | "gzip" | "x-gzip") => Ok(unpack(Unpacker::Perhaps, bytes)),
        Some("deflate") => Ok(unpack(Unpacker::Unknown, bytes)),
        Some(other) => Err(Box::new(Failure::bad_reply(format!(
            "the server packed its answer ({other:?}) though it was not asked to: switch compression off there, or in the \
             proxy on the way"
        )))),
    }
}

fn unpack(
    unpacker: Unpacker,
    bytes: impl Stream<Item = Result<Vec<u8>, String>> + Send + 'static,
) -> Bytes {
    let bytes = bytes.map(|bytes| bytes.map(Some));
    let mut unpacker = unpacker;
    bytes
        .chain(stream::once(async { Ok(None) }))
        .map(move |bytes| {
            let unpacked = match bytes? {
                Some(bytes) => unpacker.take(bytes),
                None => unpacker.end(),
            };
            unpacked.map_err(|error| format!("what came cannot be unpacked: {error}"))
        })
        .boxed()
}

/// `deflate` is said of two forms, and gzip where nothing was packed; the first bytes tell.
enum Unpacker {
    Perhaps,
    /// Not packed.
    Plain,
    Unknown,
    Gzip(MultiGzDecoder<Vec<u8>>),
    Zlib(ZlibDecoder<Vec<u8>>),
    Deflate(DeflateDecoder<Vec<u8>>),
}

impl Unpacker {
    fn take(&mut self, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Unpacker::Plain => Ok(bytes),
            Unpacker::Perhaps if bytes.is_empty() => Ok(bytes),
            Unpacker::Perhaps => {
                *self = match bytes.first() == Some(&GZIP) {
                    true => Unpacker::Gzip(MultiGzDecoder::new(Vec::new())),
                    false => Unpacker::Plain,
                };
                self.take(bytes)
            }
            Unpacker::Unknown => match bytes.first() {
                None => Ok(Vec::new()),
                Some(first) => {
                    *self = match first & 0x0f {
                        8 => Unpacker::Zlib(ZlibDecoder::new(Vec::new())),
                        _ => Unpacker::Deflate(DeflateDecoder::new(Vec::new())),
                    };
                    self.take(bytes)
                }
            },
            Unpacker::Gzip(unpacker) => {
                unpacker.write_all(&bytes)?;
                unpacker.flush()?;
                Ok(std::mem::take(unpacker.get_mut()))
            }
            Unpacker::Zlib(unpacker) => {
                unpacker.write_all(&bytes)?;
                unpacker.flush()?;
                Ok(std::mem::take(unpacker.get_mut()))
            }
            Unpacker::Deflate(unpacker) => {
                unpacker.write_all(&bytes)?;
                unpacker.flush()?;
                Ok(std::mem::take(unpacker.get_mut()))
            }
        }
    }

    fn end(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Unpacker::Perhaps | Unpacker::Plain | Unpacker::Unknown => Ok(Vec::new()),
            Unpacker::Gzip(unpacker) => {
                unpacker.try_finish()?;
                Ok(std::mem::take(unpacker.get_mut()))
            }
            Unpacker::Zlib(unpacker) => {
                unpacker.try_finish()?;
                Ok(std::mem::take(unpacker.get_mut()))
            }
            Unpacker::Deflate(unpacker) => {
                unpacker.try_finish()?;
                Ok(std::mem::take(unpacker.get_mut()))
            }
        }
    }
}
