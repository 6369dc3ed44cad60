//! What roles may do. The procedures say it in their own words; of roles that they do not speak of,
//! the table here does. Some roles are bounded whatever the procedures say.

use serde::Serialize;
use truceline_agreement::document::Role;

/// One thing that a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See findings, picture, coverage, compliance, alerts, and the evidence.
    See,
    /// See feeds and their video.
    SeeFeeds,
    /// See reports and the documents in force.
    SeeReports,
    /// See who asked for what.
    SeeAudit,
    /// Ask what a judgement would be without an observation, and exclude one with a reason.
    Comment,
    /// Acknowledge alerts.
    Acknowledge,
    /// Sign findings for one's state, or dissent.
    Sign,
    /// Admit, invite and revoke persons. It gives no right over what they do.
    ManagePersons,
    /// Write down contacts with the parties, and enter what they announce.
    Liaise,
}

/// All rights.
const ALL: [Right; 9] = [
    Right::See,
    Right::SeeFeeds,
    Right::SeeReports,
    Right::SeeAudit,
    Right::Comment,
    Right::Acknowledge,
    Right::Sign,
    Right::ManagePersons,
    Right::Liaise,
];

/// A set of rights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rights(u16);

impl Rights {
    /// These.
    #[must_use]
    pub const fn of(rights: &[Right]) -> Self {
        let (mut bits, mut i) = (0, 0);
        while i < rights.len() {
            bits |= 1 << rights[i] as u16;
            i += 1;
        }
        Self(bits)
    }

    /// Whether a right is among them.
    #[must_use]
    pub fn has(self, right: Right) -> bool {
        self.0 & (1 << right as u16) != 0
    }

    /// These and those.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Those that both have.
    #[must_use]
    pub fn within(self, bound: Self) -> Self {
        Self(self.0 & bound.0)
    }

    /// These but one.
    #[must_use]
    pub fn without(self, right: Right) -> Self {
        Self(self.0 & !(1 << right as u16))
    }

    /// Each of them.
    pub fn each(self) -> impl Iterator<Item = Right> {
        ALL.into_iter().filter(move |right| self.has(*right))
    }
}

/// Whoever looks after machines, and nothing else.
pub(crate) const ADMINISTRATOR: &str = "machine administrator";
/// The role that decides for the host; it changes nothing but by its signature.
pub(crate) const HOST_OFFICIAL: &str = "host official";

/// Who speaks with a party, for the centre.
const LIAISON_OFFICER: &str = "liaison officer";

const READING: &[Right] = &[
    Right::See,
    Right::SeeFeeds,
    Right::SeeReports,
    Right::SeeAudit,
];

/// Roles of which the procedures need not speak, and what they then may do.
pub(crate) const DEFAULTS: [(&str, Rights); 8] = [
    ("duty officer", Rights(WATCH.0 | 1 << Right::Liaise as u16)),
    (
        LIAISON_OFFICER,
        Rights::of(&[Right::See, Right::SeeReports, Right::Liaise]),
    ),
    ("analyst", WATCH),
    (
        "signing officer",
        Rights::of(&[
            Right::See,
            Right::SeeFeeds,
            Right::SeeReports,
            Right::SeeAudit,
            Right::Comment,
            Right::Acknowledge,
            Right::Sign,
        ]),
    ),
    ("observer", Rights::of(READING)),
    (HOST_OFFICIAL, Rights::of(&[Right::SeeReports])),
    ("auditor", Rights::of(READING)),
    (
        ADMINISTRATOR,
        Rights::of(&[Right::SeeFeeds, Right::SeeAudit, Right::ManagePersons]),
    ),
];

const WATCH: Rights = Rights::of(&[
    Right::See,
    Right::SeeFeeds,
    Right::SeeReports,
    Right::SeeAudit,
    Right::Comment,
    Right::Acknowledge,
]);

/// What no procedures can give: an auditor changes nothing, the host decides by its own acts and not
/// in the centre's, and who looks after machines judges nothing.
fn bound(role: &str) -> Rights {
    match role {
        "auditor" | HOST_OFFICIAL => Rights::of(READING),
        ADMINISTRATOR => Rights::of(&[Right::SeeFeeds, Right::SeeAudit, Right::ManagePersons]),
        _ => Rights(u16::MAX).without(Right::ManagePersons),
    }
}

/// What a role may do, by the procedures' `roles` where they speak of it.
#[must_use]
pub fn rights_of(role: &str, ruled: &[Role]) -> Rights {
    let by_rule = ruled.iter().find(|known| known.id == role);
    let rights = match by_rule {
        Some(role) => role
            .may
            .iter()
            .fold(Rights::default(), |all, word| all.and(by_word(word))),
        None => {
            let default = DEFAULTS.iter().find(|(known, _)| *known == role);
            default.map(|(_, rights)| *rights).unwrap_or_default()
        }
    };
    rights.within(bound(role))
}

/// The procedures' words. A word that is none of these gives no right here.
fn by_word(word: &str) -> Rights {
    match word {
        "see" => Rights::of(READING),
        "see feeds" => Rights::of(&[Right::SeeFeeds]),
        "see reports" => Rights::of(&[Right::SeeReports]),
        "comment" => Rights::of(&[Right::Comment, Right::Acknowledge]),
        "put before officers" => Rights::of(&[Right::Acknowledge, Right::Liaise]),
        "liaise" => Rights::of(&[Right::Liaise]),
        "sign" | "dissent" => Rights::of(&[Right::Sign]),
        _ => Rights::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: &str, may: &[&str]) -> Role {
        let may = may.iter().map(|word| (*word).to_owned()).collect();
        Role {
            id: id.to_owned(),
            may,
        }
    }

    #[test]
    fn procedures_rule_where_they_speak_of_a_role() {
        let ruled = [
            role("analyst", &["see reports"]),
            role("technician", &["see feeds", "juggle"]),
        ];
        let rights = |name: &str| rights_of(name, &ruled).each().collect::<Vec<_>>();
        assert_eq!(rights("analyst"), [Right::SeeReports]);
        assert_eq!(rights("technician"), [Right::SeeFeeds]);
        assert!(rights("duty officer").contains(&Right::Acknowledge));
        assert_eq!(rights("nobody"), []);
    }

    #[test]
    fn no_procedures_make_an_administrator_or_an_auditor_judge() {
        let all = ["see", "comment", "put before officers", "sign", "dissent"];
        let ruled = ["auditor", HOST_OFFICIAL, ADMINISTRATOR].map(|id| role(id, &all));
        for Role { id, .. } in &ruled {
            let rights = rights_of(id, &ruled);
            for right in [
                Right::Comment,
                Right::Acknowledge,
                Right::Sign,
                Right::Liaise,
            ] {
                assert!(!rights.has(right), "{id} {right:?}");
            }
        }
        assert!(
            !rights_of("duty officer", &[role("duty officer", &all)]).has(Right::ManagePersons)
        );
        assert!(!rights_of(ADMINISTRATOR, &[]).has(Right::See));
    }
}
