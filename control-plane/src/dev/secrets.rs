//! Secrets that `slipway dev` makes up at the first start and keeps in `secrets/`, readable by us alone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::TryRngCore;
use secrecy::SecretString;

use super::error::DevError;
use super::folder::DataFolder;
use crate::regions::local::files::write_private;

/// All of them.
#[derive(Clone, Debug)]
pub struct DevSecrets {
    /// The key-encryption key: 32 bytes in base64.
    pub kek: SecretString,
    pub postgres_password: SecretString,
    pub mongo_password: SecretString,
}

/// Name of the file mongod reads its key from.
pub const MONGO_KEYFILE: &str = "mongo-keyfile";

impl DevSecrets {
    /// Reads them; what is missing is generated.
    pub fn load(folder: &DataFolder) -> Result<Self, DevError> {
        // mongod allows 6 to 1024 base64 characters in a key file.
        keep(folder, MONGO_KEYFILE, || Ok(STANDARD.encode(random::<96>()?)))?;
        Ok(Self {
            kek: keep(folder, "kek", || Ok(STANDARD.encode(random::<32>()?)))?,
            postgres_password: keep(folder, "postgres-password", || Ok(hex::encode(random::<24>()?)))?,
            mongo_password: keep(folder, "mongo-password", || Ok(hex::encode(random::<24>()?)))?,
        })
    }
}

fn keep(
    folder: &DataFolder,
    name: &str,
    generate: impl FnOnce() -> std::io::Result<String>,
) -> Result<SecretString, DevError> {
    let path = folder.secret(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => return Ok(text.trim().into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(DevError::folder(&path)(error)),
    }
    let text = generate().map_err(DevError::io("generating a secret"))?;
    write_private(&path, text.as_bytes()).map_err(DevError::folder(&path))?;
    Ok(text.into())
}

fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(std::io::Error::other)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn secrets_are_made_once_and_differ() {
        let folder = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(folder.path()).unwrap();
        let first = DevSecrets::load(&folder).unwrap();
        let second = DevSecrets::load(&folder).unwrap();
        assert_eq!(first.kek.expose_secret(), second.kek.expose_secret());
        assert_eq!(STANDARD.decode(first.kek.expose_secret()).unwrap().len(), 32);
        assert_ne!(
            first.postgres_password.expose_secret(),
            first.mongo_password.expose_secret()
        );
    }
}
