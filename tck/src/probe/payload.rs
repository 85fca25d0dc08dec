//! Values that show when a piece of them is lost.

use std::sync::LazyLock;

use bytes::Bytes;

use crate::subject::Subject;

/// A value that a store may keep elsewhere than small ones.
pub(crate) fn large_value(store: &Subject) -> Bytes {
    let limit = store.profile().largest_value.unwrap_or(usize::MAX);
    pattern(limit.min(70_000))
}

/// Bytes without any order, the same ones each time.
pub(crate) fn scattered(size: usize) -> Bytes {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(size);
    for _ in 0..size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.push((state >> 32) as u8);
    }
    Bytes::from(bytes)
}

/// How much of the pattern is made once for all: most checks want no more.
const SHARED: usize = (1 << 20) + 1;

/// Bytes in which no two blocks are alike, so that a lost or swapped piece shows. Short ones are
/// the beginning of long ones.
pub(crate) fn pattern(size: usize) -> Bytes {
    static PATTERN: LazyLock<Bytes> = LazyLock::new(|| new_pattern(SHARED));
    if size <= SHARED {
        PATTERN.slice(..size)
    } else {
        new_pattern(size)
    }
}

fn new_pattern(size: usize) -> Bytes {
    const BLOCK: usize = 256;
    let mut block: Vec<u8> = (0..BLOCK).map(|byte| byte as u8).collect();
    let mut bytes = Vec::with_capacity(size + BLOCK);
    for number in 0..=size / BLOCK {
        if let Some(head) = block.first_chunk_mut() {
            *head = (number as u64).to_be_bytes();
        }
        bytes.extend_from_slice(&block);
    }
    bytes.truncate(size);
    Bytes::from(bytes)
}
