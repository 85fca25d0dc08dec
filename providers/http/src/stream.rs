//! The bytes of a connection.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_io_timeout::TimeoutStream;

/// How many bytes are copied together at the most.
const SMALL: usize = 4 << 10;

/// A connection that does not wait for ever for a client to take an answer, and sends the head
/// and the body of a small one in one piece: for the kernel that is less work than to gather
/// them.
#[derive(Debug)]
pub(crate) struct Stream {
    inner: Pin<Box<TimeoutStream<TcpStream>>>,
    piece: Vec<u8>,
}

impl Stream {
    pub(crate) fn new(stream: TcpStream, patience: Duration) -> Self {
        let mut inner = TimeoutStream::new(stream);
        // For reading there are the limits of the head and of the body.
        inner.set_write_timeout(Some(patience));
        Self {
            inner: Box::pin(inner),
            piece: Vec::new(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner.as_mut().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { inner, piece } = self.get_mut();
        if parts.iter().map(|part| part.len()).sum::<usize>() > SMALL {
            return inner.as_mut().poll_write_vectored(cx, parts);
        }
        piece.clear();
        for part in parts {
            piece.extend_from_slice(part);
        }
        inner.as_mut().poll_write(cx, piece)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.as_mut().poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, io::Read, net::TcpListener};

    use super::*;

    #[tokio::test]
    async fn parts_come_in_order() -> io::Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let stream = TcpStream::connect(listener.local_addr()?).await?;
        let mut stream = Stream::new(stream, Duration::from_secs(60));
        let (mut client, _) = listener.accept()?;
        for size in [0, 1, SMALL - 4, SMALL - 3, 2 * SMALL] {
            let body = vec![b'x'; size];
            let parts = [IoSlice::new(b"head"), IoSlice::new(&body)];
            let sent = poll_fn(|cx| Pin::new(&mut stream).poll_write_vectored(cx, &parts)).await?;
            assert_eq!(sent, 4 + size);
            let mut came = vec![0; sent];
            client.read_exact(&mut came)?;
            assert_eq!(came, [b"head", body.as_slice()].concat());
        }
        Ok(())
    }
}
