//! gRPC, as far as calls with one message each way need it.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tck_api::{Error, Result};

use crate::{error::Refusal, message::Request};

/// A request as it is sent.
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) only_reads: bool,
    pub(crate) body: Bytes,
}

/// A message lies behind a byte that says that it is not compressed, and its length.
const PREFIX: usize = 5;

impl Call {
    pub(crate) fn of<R: Request>(request: &R) -> Result<Self> {
        let length = request.encoded_len();
        let mut body = BytesMut::with_capacity(PREFIX + length);
        body.put_u8(0);
        body.put_u32(u32::try_from(length).map_err(Error::backend)?);
        request.encode(&mut body).map_err(Error::backend)?;
        Ok(Self {
            path: R::CALL,
            only_reads: R::ONLY_READS,
            body: body.freeze(),
        })
    }
}

/// The message of an answer, or what is said in its place.
pub(crate) async fn message(answer: Response<Incoming>) -> hyper::Result<Result<Bytes, Refusal>> {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let is_grpc = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    if !answer.status().is_success() || !is_grpc {
        return Ok(Err(Refusal::of_status(answer.status())));
    }
    // Where there is no message, the head says how the call has ended; otherwise the trailers do.
    if let Some(Err(refusal)) = Refusal::in_headers(answer.headers()) {
        return Ok(Err(refusal));
    }
    let answer = answer.into_body().collect().await?;
    match answer.trailers().and_then(Refusal::in_headers) {
        None => Ok(Err(Refusal::broken())),
        Some(Err(refusal)) => Ok(Err(refusal)),
        Some(Ok(())) => Ok(unwrapped(answer.to_bytes()).ok_or_else(Refusal::broken)),
    }
}

fn unwrapped(mut body: Bytes) -> Option<Bytes> {
    let is_compressed = body.try_get_u8().ok()? != 0;
    let length = body.try_get_u32().ok()?;
    let is_whole = usize::try_from(length) == Ok(body.len());
    (is_whole && !is_compressed).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Range;

    #[test]
    fn a_message_is_framed() -> Result<()> {
        let call = Call::of(&Range::of("key".into()))?;
        assert_eq!(call.body, &b"\0\0\0\0\x05\x0a\x03key"[..]);
        assert_eq!(unwrapped(call.body), Some("\x0a\x03key".into()));
        Ok(())
    }

    #[test]
    fn what_is_no_whole_message_is_none() {
        for body in [&b""[..], b"\0\0\0", b"\0\0\0\0\x02a", b"\x01\0\0\0\x01a"] {
            assert_eq!(unwrapped(Bytes::copy_from_slice(body)), None, "{body:?}");
        }
    }
}
