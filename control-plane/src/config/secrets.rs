//! The key-encryption key (KEK) that seals secrets at rest.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ConfigError, Problems, load::secret_from_file};
use crate::crypto::Sealer;

/// Section `secrets`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretsConfig {
    /// 32 bytes in base64.
    pub kek: SecretString,
    pub kek_file: Option<PathBuf>,
}

impl SecretsConfig {
    /// The sealer under this KEK; `None` when the KEK is not 32 bytes, which validation has ruled out.
    pub fn sealer(&self) -> Option<Sealer> {
        let bytes = STANDARD.decode(self.kek.expose_secret()).ok()?;
        Some(Sealer::new(&bytes.try_into().ok()?))
    }

    pub(super) fn read_files(&mut self) -> Result<(), ConfigError> {
        secret_from_file("secrets.kek", self.kek_file.as_deref(), &mut self.kek)
    }

    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.unless(
            self.sealer().is_some(),
            "secrets.kek",
            "must be 32 bytes in base64; make one with `openssl rand -base64 32` (or set secrets.kek_file)",
        );
    }
}
