//! FNV-1a: a hash that gives the same number on every machine and in every version, so that it may be stored.
//!
//! The standard library's hashers promise neither. It detects changes and spreads choices; it does not stop a forger.

/// FNV-1a in 32 bits.
pub fn fnv32(bytes: &[u8]) -> u32 {
    fnv32_after(0x811c_9dc5, bytes)
}

/// FNV-1a in 32 bits, continued from `hash` with these bytes.
pub fn fnv32_after(hash: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// FNV-1a in 64 bits.
pub fn fnv64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    // The published values: http://www.isthe.com/chongo/src/fnv/test_fnv.c
    #[test]
    fn it_gives_the_published_numbers_of_32_bits() {
        use super::{fnv32, fnv32_after};

        assert_eq!(fnv32(b""), 0x811c_9dc5);
        assert_eq!(fnv32(b"foobar"), 0xbf9c_f968);
        assert_eq!(fnv32_after(fnv32(b"foo"), b"bar"), 0xbf9c_f968);
    }

    #[test]
    fn it_gives_the_published_numbers_of_64_bits() {
        use super::fnv64;

        assert_eq!(fnv64(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv64(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
