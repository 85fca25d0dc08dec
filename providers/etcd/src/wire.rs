//! gRPC, as far as calls with one message each way need it.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body_util::BodyExt;
use reqwest::{Body, Response};

use crate::{error::Refusal, message::Request};

/// A request as it is sent.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) only_reads: bool,
    pub(crate) body: Bytes,
}

/// A message lies behind a byte that says that it is not compressed, and its length.
const PREFIX: usize = 5;

impl Call {
    pub(crate) fn of<R: Request>(request: &R) -> Self {
        let message = request.encode_to_vec();
        let mut body = BytesMut::with_capacity(PREFIX + message.len());
        body.put_u8(0);
        // Longer ones than this are refused long before.
        body.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
        body.put_slice(&message);
        Self {
            path: R::CALL,
            only_reads: R::ONLY_READS,
            body: body.freeze(),
        }
    }
}

/// The message of an answer, or what is said in its place.
pub(crate) async fn message(answer: Response) -> Result<Result<Bytes, Refusal>, reqwest::Error> {
    if !answer.status().is_success() {
        return Ok(Err(Refusal::of_status(answer.status())));
    }
    // A refusal may stand before the message, where there is none, and stands behind it otherwise.
    let early = Refusal::told(answer.headers());
    let answer = Body::from(answer).collect().await?;
    match early.or_else(|| Refusal::told(answer.trailers()?)) {
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
    fn a_message_is_framed() {
        let call = Call::of(&Range::of("key".into()));
        assert_eq!(call.body, &b"\0\0\0\0\x05\x0a\x03key"[..]);
        assert_eq!(unwrapped(call.body), Some("\x0a\x03key".into()));
    }

    #[test]
    fn what_is_no_whole_message_is_none() {
        for body in [&b""[..], b"\0\0\0", b"\0\0\0\0\x02a", b"\x01\0\0\0\x01a"] {
            assert_eq!(unwrapped(Bytes::copy_from_slice(body)), None, "{body:?}");
        }
    }
}
