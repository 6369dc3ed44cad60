//! Private keys.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::str::FromStr;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::{Signer as _, SigningKey};

use super::{Algorithm, KeyError, VerifierKey, check_id, encoded, malformed, split_key};

/// A private key. Its `Debug` shows the public half only; the seed is wiped when dropped.
#[derive(Clone)]
pub struct SignerKey {
    public: VerifierKey,
    signing: SigningKey,
}

impl SignerKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    /// When the name is no key name or there is no randomness.
    pub fn generate(name: &str, algorithm: Algorithm) -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(KeyError::Randomness)?;
        Self::from_seed(name, algorithm, &seed)
    }

    /// The key that `seed` gives: for tests and for keys kept elsewhere.
    ///
    /// # Errors
    /// When the name is no key name.
    pub fn from_seed(name: &str, algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let signing = SigningKey::from_bytes(seed);
        let public = VerifierKey::new(name, algorithm, signing.verifying_key())?;
        Ok(Self { public, signing })
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.public
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.public.name
    }

    /// The Ed25519 signature over `message` (RFC 8032: the same every time).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing.sign(message).to_bytes()
    }

    /// The text form, which is secret.
    #[must_use]
    pub fn to_secret_text(&self) -> String {
        let bytes = BASE64_STANDARD.encode(encoded(self.public.algorithm, self.signing.as_bytes()));
        format!(
            "PRIVATE+KEY+{}+{:08x}+{bytes}",
            self.public.name, self.public.id
        )
    }

    /// Writes the key to a new file that its owner alone can read.
    ///
    /// # Errors
    /// When the file exists already or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(path)
            .and_then(|mut file| {
                writeln!(file, "{}", self.to_secret_text())?;
                file.sync_all()
            })
            .map_err(|source| KeyError::Io {
                doing: "writing",
                path: path.into(),
                source,
            })
    }

    /// Reads a key that [`Self::save`] or Go's `note.GenerateKey` wrote.
    ///
    /// # Errors
    /// When it cannot be read, is no key, or when others could read it too.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Io {
            doing: "reading",
            path: path.into(),
            source,
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(KeyError::Exposed {
                    path: path.into(),
                    mode,
                });
            }
        }
        fs::read_to_string(path).map_err(failed)?.trim_end().parse()
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        const WHAT: &str = "signer key";
        let key = text
            .strip_prefix("PRIVATE+KEY+")
            .ok_or_else(|| malformed(WHAT, "expected PRIVATE+KEY+ at the start"))?;
        let (name, id, algorithm, seed) = split_key(key, WHAT)?;
        let key = Self::from_seed(name, algorithm, &seed)?;
        check_id(&key.public, id, WHAT)?;
        Ok(key)
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.public)
    }
}
