//! The file `vkeys` of a record: who may sign what, one verifier key a line, the log's first.

use std::path::Path;

use crate::key::{KeyError, Role, VerifierKey};

/// The verifier keys of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vkeys {
    /// Never empty; the first is the log's.
    keys: Vec<VerifierKey>,
}

impl Vkeys {
    /// The keys of a record whose log signs with `log`.
    #[must_use]
    pub fn new(log: VerifierKey) -> Self {
        Self { keys: vec![log] }
    }

    /// Reads a `vkeys` file. Empty lines and lines that begin with `#` are passed over.
    ///
    /// # Errors
    /// When it cannot be read, holds no key, or a line holds no key or one that came before.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let text = std::fs::read_to_string(path).map_err(|source| KeyError::Io {
            doing: "reading",
            path: path.into(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a `vkeys` file; `path` is for errors.
    ///
    /// # Errors
    /// When it holds no key, or a line holds no key or one that came before.
    pub fn parse(text: &str, path: &Path) -> Result<Self, KeyError> {
        let refused = |line, reason: String| KeyError::Line {
            path: path.into(),
            line,
            reason,
        };
        let mut keys: Vec<VerifierKey> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let key: VerifierKey = line
                .parse()
                .map_err(|error: KeyError| refused(index + 1, error.to_string()))?;
            if keys
                .iter()
                .any(|k| k.name() == key.name() && k.id() == key.id())
            {
                return Err(refused(
                    index + 1,
                    format!("{} stands here a second time", key.name()),
                ));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(refused(
                1,
                "no verifier key, expected the log's on the first line".into(),
            ));
        }
        Ok(Self { keys })
    }

    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.keys.iter().map(|key| format!("{key}\n")).collect()
    }

    /// Adds a key; false when it was there.
    pub fn add(&mut self, key: VerifierKey) -> bool {
        let new = !self.keys.contains(&key);
        if new {
            self.keys.push(key);
        }
        new
    }

    /// The log's key.
    #[must_use]
    pub fn log(&self) -> &VerifierKey {
        // Never empty by construction, so the index cannot miss.
        &self.keys[0]
    }

    /// The log's origin, which is its key's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.log().name()
    }

    /// All keys with their roles, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &VerifierKey)> {
        self.keys
            .iter()
            .map(|key| (Role::of(key.name(), self.origin()), key))
    }

    /// The witnesses' keys with their states.
    pub fn witnesses(&self) -> impl Iterator<Item = (String, &VerifierKey)> {
        self.iter().filter_map(|(role, key)| match role {
            Role::Witness { state } => Some((state, key)),
            _ => None,
        })
    }

    /// The officers' keys with their states and persons.
    pub fn officers(&self) -> impl Iterator<Item = (String, String, &VerifierKey)> {
        self.iter().filter_map(|(role, key)| match role {
            Role::Officer { state, person } => Some((state, person, key)),
            _ => None,
        })
    }

    /// The key of a signature line.
    #[must_use]
    pub fn find(&self, name: &str, id: u32) -> Option<&VerifierKey> {
        self.keys
            .iter()
            .find(|key| key.name() == name && key.id() == id)
    }
}

impl signed_note::Verifiers for Vkeys {
    fn verifier(
        &self,
        name: &str,
        id: u32,
    ) -> Result<&dyn signed_note::Verifier, signed_note::VerificationError> {
        self.find(name, id)
            .map(|key| key as &dyn signed_note::Verifier)
            .ok_or_else(|| signed_note::VerificationError::UnknownKey {
                name: name.to_owned(),
                id,
            })
    }
}
