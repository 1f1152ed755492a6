//! Secrets: `am-<id>-<secret>` for a key, `adm-<secret>` for the administrator. Only their SHA-256 is kept.

use std::fmt::Write;

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use crate::model::SecretHash;

/// Bytes of a secret: 256 bits.
const SECRET: usize = 32;
/// Bytes of a key's public id.
const ID: usize = 6;

/// A new key: its public id, and the text that its holder gets once.
pub struct NewKey {
    /// The public id.
    pub id: String,
    /// `am-<id>-<secret>`.
    pub text: String,
    /// The hash that is kept.
    pub hash: SecretHash,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Makes a key with a new id, or with the id of a key that is rotated.
///
/// # Errors
/// When the system has no random numbers.
pub fn new_key(id: Option<&str>) -> Result<NewKey, ring::error::Unspecified> {
    let id = match id {
        Some(id) => id.to_owned(),
        None => random_hex(ID)?,
    };
    let text = format!("am-{id}-{}", random_hex(SECRET)?);
    Ok(NewKey {
        hash: hash(&text),
        id,
        text,
    })
}

/// A new token of the administrator.
///
/// # Errors
/// When the system has no random numbers.
pub fn new_admin_token() -> Result<String, ring::error::Unspecified> {
    Ok(format!("adm-{}", random_hex(SECRET)?))
}

/// SHA-256 of a secret. The secrets are 256 random bits, so no slow hash would make guessing any harder.
pub fn hash(text: &str) -> SecretHash {
    let mut hash = SecretHash::default();
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}

/// Whether two hashes are the same, in a time that does not tell how much of them is.
pub fn same(one: &SecretHash, other: &SecretHash) -> bool {
    let differing = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    differing == 0
}

/// The public id within a key's text; `None` when it has not the form of a key.
pub fn id_of(text: &str) -> Option<&str> {
    let (id, secret) = text.strip_prefix("am-")?.split_once('-')?;
    (!id.is_empty() && !secret.is_empty()).then_some(id)
}

/// A random text of hexadecimal digits, two a byte.
///
/// # Errors
/// When the system has no random numbers.
pub fn random_hex(bytes: usize) -> Result<String, ring::error::Unspecified> {
    let mut random = vec![0; bytes];
    SystemRandom::new().fill(&mut random)?;
    let mut text = String::with_capacity(2 * bytes);
    for byte in random {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
