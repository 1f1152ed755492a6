//! Connection control: a TCP listener whose connections a fault can reset.
//!
//! axum hides the socket behind responses, and a response always closes cleanly. A [`FaultyListener`] accepts connections
//! that a handler can break: it calls its [`ConnectionHandle`], and then the socket refuses every further byte and closes
//! with a TCP reset.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A listener for connections that can be reset.
pub(super) struct FaultyListener(pub TcpListener);

impl Listener for FaultyListener {
    type Io = FaultyStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (FaultyStream, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((stream, address)) => {
                    // Without this the last small part of a stream waits for the acknowledgement of the one before. A socket
                    // that refuses the option still works, only slower.
                    stream.set_nodelay(true).ok();
                    let line = ConnectionHandle::default();
                    return (FaultyStream { stream, line }, address);
                }
                // Too many open files, or a client that left: later connections may succeed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A handle on the connection of one request.
#[derive(Clone, Default)]
pub(super) struct ConnectionHandle(Arc<ConnectionState>);

#[derive(Default)]
struct ConnectionState {
    broken: AtomicBool,
    reader: AtomicWaker,
}

impl ConnectionHandle {
    /// Resets the connection: nothing more is sent, and the client's socket reports a reset.
    pub fn reset(&self) {
        self.0.broken.store(true, Ordering::Release);
        self.0.reader.wake();
    }
}

impl Connected<IncomingStream<'_, FaultyListener>> for ConnectionHandle {
    fn connect_info(stream: IncomingStream<'_, FaultyListener>) -> Self {
        stream.io().line.clone()
    }
}

/// One TCP connection that can be reset.
pub(super) struct FaultyStream {
    stream: TcpStream,
    line: ConnectionHandle,
}

impl FaultyStream {
    fn check(&self) -> io::Result<()> {
        if self.line.0.broken.load(Ordering::Acquire) {
            // With a linger time of zero, closing sends a reset.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for FaultyStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.line.0.reader.register(context.waker());
        self.check()?;
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
