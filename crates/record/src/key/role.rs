//! What a key is for.

/// What a key is for, as its name says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Role {
    /// Signs the log's checkpoints.
    Log,
    /// Cosigns them for a state.
    Witness {
        /// The state, as the centre's documents name it.
        state: String,
    },
    /// Signs findings for a sending state.
    Officer {
        /// The state, as the centre's documents name it.
        state: String,
        /// The person.
        person: String,
    },
    /// None of these, such as a public witness that the centre does not run.
    Other,
}

impl Role {
    /// The role of the key called `name` in the log called `origin`.
    #[must_use]
    pub fn of(name: &str, origin: &str) -> Self {
        if name == origin {
            return Self::Log;
        }
        let parts: Option<Vec<&str>> = name
            .strip_prefix(origin)
            .and_then(|rest| rest.strip_prefix('/'))
            .map(|rest| rest.split('/').collect());
        match parts.as_deref() {
            Some(["witness", state]) if !state.is_empty() => Self::Witness {
                state: (*state).to_owned(),
            },
            Some(["officer", state, person]) if !state.is_empty() && !person.is_empty() => {
                Self::Officer {
                    state: (*state).to_owned(),
                    person: (*person).to_owned(),
                }
            }
            _ => Self::Other,
        }
    }

    /// The state that stands behind the key.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        match self {
            Self::Witness { state } | Self::Officer { state, .. } => Some(state),
            Self::Log | Self::Other => None,
        }
    }
}
