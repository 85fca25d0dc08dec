//! Faults of stores that take for one what only has the same mark.

use std::hash::{DefaultHasher, Hash, Hasher};

use tck::{Bytes, kv_store, namespaces};

use crate::{
    Mutant,
    clay::{Locate, exactly, locked},
};

pub(super) fn mutants() -> Vec<Mutant> {
    [keys(), names(), values()].concat()
}

fn keys() -> Vec<Mutant> {
    let faults: [(&str, &str, Locate); 5] = [
        (
            "key_hash_of_java",
            "keys are known by the hash of Java alone",
            |n, k| exactly(n, &polynomial(k, 31).to_string()),
        ),
        (
            "key_hash_of_bernstein",
            "keys are known by the hash djb2 alone",
            |n, k| exactly(n, &polynomial(k, 33).to_string()),
        ),
        (
            "key_hash_fnv1a",
            "keys are known by the hash FNV-1a alone",
            |n, k| exactly(n, &fnv1a(k).to_string()),
        ),
        ("key_crc", "keys are known by their CRC-32 alone", |n, k| {
            exactly(n, &crc32(k.as_bytes()).to_string())
        }),
        (
            "key_sum",
            "keys are known by the sum of their bytes alone",
            |n, k| exactly(n, &k.bytes().map(u32::from).sum::<u32>().to_string()),
        ),
    ];
    let weak = faults.into_iter().map(|(name, fault, locate)| {
        Mutant::new(name, fault, &[kv_store::keys_are_told_apart_exactly]).locate(locate)
    });
    let few_slots = Mutant::new(
        "key_hashed_to_16_bits",
        "keys with the same hash of 16 bits share a slot",
        &[kv_store::many_keys_are_all_kept],
    )
    .locate(|n, k| {
        let mut hasher = DefaultHasher::new();
        k.hash(&mut hasher);
        exactly(n, &format!("{:04x}", hasher.finish() as u16))
    });
    weak.chain([few_slots]).collect()
}

fn names() -> Vec<Mutant> {
    let faults: [(&str, &str, Locate); 2] = [
        (
            "namespace_hash_of_java",
            "namespaces are known by the hash of Java alone",
            |n, k| format!("{}:{k}", polynomial(n, 31)),
        ),
        (
            "namespace_crc",
            "namespaces are known by their CRC-32 alone",
            |n, k| format!("{}:{k}", crc32(n.as_bytes())),
        ),
    ];
    let weak = faults.into_iter().map(|(name, fault, locate)| {
        Mutant::new(name, fault, &[namespaces::near_twin_names_are_told_apart]).locate(locate)
    });
    weak.collect()
}

fn values() -> Vec<Mutant> {
    vec![
        Mutant::new(
            "value_known_by_its_crc",
            "a write is skipped whose value has the same CRC-32 as the one that is there",
            &[kv_store::set_overwrites_existing_value],
        )
        .write(|hand, key, value, ttl| match hand.get(key)? {
            Some(old) if crc32(&old) == crc32(&value) => Ok(()),
            _ => hand.write(key, value, ttl),
        }),
        Mutant::new(
            "value_known_by_its_size",
            "a value that was read is answered until its key has one of another size",
            &[
                kv_store::set_overwrites_existing_value,
                kv_store::every_read_path_agrees_after_every_change,
            ],
        )
        .get(|hand, key| {
            let Some(value) = hand.get(key)? else {
                locked(&hand.server.memo).remove(&hand.at(key));
                return Ok(None);
            };
            let mut memo = locked(&hand.server.memo);
            let known = memo.entry(hand.at(key)).or_insert_with(|| value.clone());
            if known.len() != value.len() {
                *known = value;
            }
            Ok(Some(known.clone()))
        }),
        Mutant::new(
            "value_known_by_its_place",
            "a value from a buffer that was used before is taken for the one before",
            &[kv_store::values_are_copied_in_and_out],
        )
        .write(|hand, key, value, ttl| {
            let place = format!("{:p} {}", value.as_ptr(), value.len());
            let copy = || Bytes::copy_from_slice(&value);
            let known = locked(&hand.server.memo)
                .entry(place)
                .or_insert_with(copy)
                .clone();
            hand.write(key, known, ttl)
        }),
    ]
}

/// A hash that multiplies and adds byte by byte.
fn fnv1a(text: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    text.bytes().fold(0x811c_9dc5, step)
}

fn polynomial(text: &str, by: u32) -> u32 {
    text.bytes().fold(0, |hash: u32, byte| {
        hash.wrapping_mul(by).wrapping_add(u32::from(byte))
    })
}

fn crc32(bytes: &[u8]) -> u32 {
    let rest = bytes.iter().fold(!0, |rest, byte| {
        (0..8).fold(rest ^ u32::from(*byte), |rest, _| {
            rest >> 1 ^ if rest & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    !rest
}
