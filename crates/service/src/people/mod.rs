//! Who works at the centre and what they may do: read from the record, so that both sides see the same.

mod rights;

use truceline_agreement::document::Procedures;
use truceline_domain::TheatreId;
use truceline_record::people::{People, Person, PersonBody};

pub(crate) use rights::{ADMINISTRATOR, DEFAULTS, HOST_OFFICIAL};
pub use rights::{Right, Rights, rights_of};

/// Persons and procedures as requests are held against them; made anew whenever either changes.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// The log's origin.
    pub origin: String,
    /// The theatre that this centre watches.
    pub theatre: Option<TheatreId>,
    /// The persons.
    pub people: People,
    /// The procedures that rule now, when any ever did.
    pub procedures: Option<Procedures>,
}

impl Directory {
    /// The states whose officers sign.
    pub fn sending_states(&self) -> impl Iterator<Item = &str> {
        let states = self.procedures.iter().flat_map(|p| &p.sending_states);
        states.map(|state| state.id.as_str())
    }

    /// A person who counts.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.person(id).filter(|person| !person.revoked)
    }

    /// What a person may do here: nothing when they do not work on this theatre.
    #[must_use]
    pub fn rights(&self, person: &PersonBody) -> Rights {
        if !self
            .theatre
            .as_ref()
            .is_some_and(|theatre| person.theatres.contains(theatre))
        {
            return Rights::default();
        }
        let ruled = self.procedures.as_ref().map_or(&[][..], |p| &p.roles);
        let mut rights = Rights::default();
        for role in &person.roles {
            rights = rights.and(rights_of(role, ruled));
        }
        // The host and third states have no key in the procedures' quorum.
        if !self.sending_states().any(|state| state == person.state) {
            rights = rights.without(Right::Sign);
        }
        rights
    }
}
