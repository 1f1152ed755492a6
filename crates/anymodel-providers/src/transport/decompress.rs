//! Decompression of response bodies. No request asks for compression, but some proxies compress anyway.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use futures_util::stream::{self, StreamExt};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use super::event_reader::Bytes;
use super::http::root_cause;
use crate::{PlatformError, PlatformResult};
use anymodel_types::{ErrorKind, words};

/// The first byte of gzip. Neither JSON nor events nor AWS's frames begin with it.
const GZIP: u8 = 0x1f;

/// The decompressed body, as it arrives.
///
/// # Errors
/// When its compression is not supported.
pub(super) fn body(response: reqwest::Response) -> PlatformResult<Bytes> {
    let mut unpacker = Decompressor::of(response.headers())?;
    let bytes = response.bytes_stream().map(|bytes| match bytes {
        Ok(bytes) => Ok(Some(Vec::from(bytes))),
        Err(error) => Err(broke(&error)),
    });
    let end = stream::once(async { Ok(None) });
    let unpacked = bytes
        .chain(end)
        .map(move |bytes: Result<_, String>| match bytes? {
            Some(bytes) => unpacker.take(bytes),
            None => unpacker.end(),
        });
    Ok(unpacked.boxed())
}

/// Reads a whole body, without the memory of a stream.
///
/// # Errors
/// As [`body`], and when the connection breaks.
pub(super) async fn whole(
    response: &mut reqwest::Response,
    mut read: impl FnMut(Vec<u8>),
) -> PlatformResult<()> {
    let network = |why: String| Box::new(PlatformError::new(ErrorKind::Network, why));
    let mut unpacker = Decompressor::of(response.headers())?;
    while let Some(bytes) = (response.chunk().await).map_err(|error| network(broke(&error)))? {
        read(unpacker.take(Vec::from(bytes)).map_err(network)?);
    }
    read(unpacker.end().map_err(network)?);
    Ok(())
}

fn broke(error: &reqwest::Error) -> String {
    words::connections().connection_broke(&root_cause(error))
}

/// The decompressor. `deflate` names two formats, and the header `gzip` may be wrong, so the first bytes decide. Boxed,
/// because compressed bodies are rare, and every body would hold the memory.
enum Decompressor {
    Perhaps,
    /// Not compressed.
    Plain,
    Unknown,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
    Deflate(Box<DeflateDecoder<Vec<u8>>>),
}

impl Decompressor {
    /// The decompressor for these headers.
    fn of(headers: &HeaderMap) -> PlatformResult<Self> {
        let Some(packed) = headers.get(CONTENT_ENCODING) else {
            return Ok(Decompressor::Perhaps);
        };
        let packed = String::from_utf8_lossy(packed.as_bytes());
        let packed = packed.trim().to_ascii_lowercase();
        match packed.as_str() {
            "" | "identity" | "gzip" | "x-gzip" => Ok(Decompressor::Perhaps),
            "deflate" => Ok(Decompressor::Unknown),
            other => Err(Box::new(PlatformError::bad_reply(
                words::connections().server_packed_its_answer(&format_args!("{other:?}")),
            ))),
        }
    }

    /// Decompresses these bytes, after those before.
    fn take(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        if let (Decompressor::Perhaps | Decompressor::Unknown, Some(first)) =
            (&*self, bytes.first())
        {
            *self = match (&*self, *first) {
                (Decompressor::Unknown, first) if first & 0x0f == 8 => {
                    Decompressor::Zlib(Box::new(ZlibDecoder::new(Vec::new())))
                }
                (Decompressor::Unknown, _) => {
                    Decompressor::Deflate(Box::new(DeflateDecoder::new(Vec::new())))
                }
                (_, GZIP) => Decompressor::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
                _ => Decompressor::Plain,
            };
        }
        let unpacked = match self {
            Decompressor::Perhaps | Decompressor::Plain | Decompressor::Unknown => {
                return Ok(bytes);
            }
            Decompressor::Gzip(unpacker) => {
                let written = unpacker.write_all(&bytes).and_then(|()| unpacker.flush());
                written.map(|()| std::mem::take(unpacker.get_mut()))
            }
            Decompressor::Zlib(unpacker) => {
                let written = unpacker.write_all(&bytes).and_then(|()| unpacker.flush());
                written.map(|()| std::mem::take(unpacker.get_mut()))
            }
            Decompressor::Deflate(unpacker) => {
                let written = unpacker.write_all(&bytes).and_then(|()| unpacker.flush());
                written.map(|()| std::mem::take(unpacker.get_mut()))
            }
        };
        unpacked.map_err(|error| cannot(&error))
    }

    /// The rest of the output when all bytes came.
    fn end(&mut self) -> Result<Vec<u8>, String> {
        let unpacked = match self {
            Decompressor::Perhaps | Decompressor::Plain | Decompressor::Unknown => {
                return Ok(Vec::new());
            }
            Decompressor::Gzip(unpacker) => {
                let ended = unpacker.try_finish();
                ended.map(|()| std::mem::take(unpacker.get_mut()))
            }
            Decompressor::Zlib(unpacker) => {
                let ended = unpacker.try_finish();
                ended.map(|()| std::mem::take(unpacker.get_mut()))
            }
            Decompressor::Deflate(unpacker) => {
                let ended = unpacker.try_finish();
                ended.map(|()| std::mem::take(unpacker.get_mut()))
            }
        };
        unpacked.map_err(|error| cannot(&error))
    }
}

fn cannot(error: &io::Error) -> String {
    words::connections().what_came_cannot_be_unpacked(&error)
}
