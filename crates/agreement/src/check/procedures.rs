//! Procedures: two keys, the host's approval of these bytes, areas, recipients; memoranda of the
//! same states.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checker, names};
use crate::document::{AgreementKind, Procedures};
use crate::when::Validity;

impl Checker<'_> {
    pub(super) fn procedures(&mut self) {
        let documents = self.documents;
        self.procedure_versions();
        for procedures in &documents.procedures {
            self.states(procedures);
            self.signatures(procedures);
            self.approval(procedures);
            self.lists(procedures);
            let needed = Some(Validity {
                from: Some(procedures.from),
                until: procedures.until,
            });
            let place = &procedures.place;
            self.area(
                place,
                "area_of_interest",
                &procedures.area_of_interest,
                needed,
            );
            self.area(place, "premises", &procedures.premises, needed);
            for sector in &procedures.sectors {
                self.area(place, "sectors", &sector.area, needed);
            }
            for corridor in &procedures.drone_corridors {
                self.area(place, "drone_corridors", corridor, needed);
            }
        }
    }

    fn procedure_versions(&mut self) {
        let documents = self.documents;
        let mut sorted: Vec<_> = documents.procedures.iter().collect();
        sorted.sort_by_key(|p| p.version);
        for pair in sorted.windows(2) {
            let [old, new] = pair else { continue };
            let was = format!("{}:{}", old.place.file, old.place.line);
            if old.version == new.version {
                let what = format!("a second version {} of the procedures", new.version);
                let expected = format!("another version than that of {was}");
                self.error(&new.place, "version", what, expected);
            } else if new.from <= old.from && new.approval.is_some() && old.approval.is_some() {
                let what = format!("version {} from {}", new.version, new.from);
                let expected = format!("after version {} ({was}), {}", old.version, old.from);
                self.error(&new.place, "from", what, expected);
            }
        }
    }

    fn states(&mut self, procedures: &Procedures) {
        let place = &procedures.place;
        let states = Self::known(&procedures.sending_states);
        if states.len() < procedures.sending_states.len() {
            self.error(place, "sending_states", "one state twice", "two states");
        }
        if states.contains(&procedures.host.id) {
            let what = format!("host {}, who is a sending state", procedures.host.id);
            self.error(place, "host", what, "a third state");
        }
        let quorum: BTreeSet<_> = procedures.quorum.signatures.iter().collect();
        if quorum != states {
            let what = format!("signatures of {:?}", names(quorum));
            let expected = format!("each sending state once: {}", names(states.iter().copied()));
            self.error(place, "quorum", what, expected);
        }
        let documents = self.documents;
        for memorandum in &documents.agreements {
            let signed = Self::known(&memorandum.parties);
            if memorandum.kind == AgreementKind::Memorandum && signed != states {
                let what = format!("sending states {}", names(states.iter().copied()));
                let expected = format!(
                    "{}, who signed {}:{}",
                    names(signed),
                    memorandum.place.file,
                    memorandum.place.line_of("parties")
                );
                self.error(place, "sending_states", what, expected);
            }
        }
    }

    fn signatures(&mut self, procedures: &Procedures) {
        let place = &procedures.place;
        let states = Self::known(&procedures.sending_states);
        let mut signed = BTreeMap::new();
        for (state, date) in &procedures.signed_by {
            if !states.contains(state) {
                let what = format!("signed by {}", state.as_str());
                let expected = format!("only {}", names(states.iter().copied()));
                self.error(place, "signed_by", what, expected);
            }
            if signed.insert(state, *date).is_some() {
                let what = format!("{} signs twice", state.as_str());
                self.error(place, "signed_by", what, "each sending state once");
            }
            if *date < procedures.drafted {
                let what = format!("signed {date}");
                let expected = format!("not before the draft of {}", procedures.drafted);
                self.error(place, "signed_by", what, expected);
            }
        }
        for state in states {
            if !signed.contains_key(state) {
                let what = format!("not signed by {}", state.as_str());
                // Approval of what only one has signed would hand the host the other's key.
                if procedures.approval.is_some() {
                    self.error(place, "signed_by", what, "both signatures before approval");
                } else {
                    self.note(
                        place,
                        "signed_by",
                        what,
                        "the signature of each sending state",
                    );
                }
            }
        }
    }

    fn approval(&mut self, procedures: &Procedures) {
        let Some(approval) = &procedures.approval else {
            let what = format!(
                "version {} is not approved: not in force",
                procedures.version
            );
            let expected = format!(
                "an `approval` block of {} with text_sha256 = \"{}\"",
                procedures.host.id, procedures.text_sha256
            );
            return self.note(&procedures.place, "version", what, expected);
        };
        let place = &approval.place;
        if approval.host != procedures.host.id {
            let what = format!("approved by {}", approval.host);
            let expected = format!("the host, {}", procedures.host.id);
            self.error(place, "host", what, expected);
        }
        if approval.version != procedures.version {
            let what = format!("approval of version {}", approval.version);
            let expected = format!("version {}, as in the header", procedures.version);
            self.error(place, "version", what, expected);
        }
        if approval.text_sha256 != procedures.text_sha256 {
            let what = format!("approval of another text, {}", approval.text_sha256);
            let expected = format!("{} (all before this block)", procedures.text_sha256);
            self.error(place, "text_sha256", what, expected);
        }
        if let Some((state, date)) = procedures.signed_by.iter().max_by_key(|(_, date)| *date)
            && approval.date < *date
        {
            let what = format!("approved {}", approval.date);
            let expected = format!("not before {} signed, {date}", state.as_str());
            self.error(place, "date", what, expected);
        }
    }

    fn lists(&mut self, procedures: &Procedures) {
        let place = &procedures.place;
        let recipients = procedures.recipients.iter().map(|r| r.id.as_str());
        self.once(place, "recipients", recipients.clone());
        self.once(
            place,
            "roles",
            procedures.roles.iter().map(|r| r.id.as_str()),
        );
        let media = procedures.retention.iter().map(|r| r.media.as_str());
        self.once(place, "retention", media);
        self.once(
            place,
            "reports",
            procedures.reports.iter().map(|r| r.id.as_str()),
        );
        let recipients: BTreeSet<_> = recipients.collect();
        for report in &procedures.reports {
            for recipient in &report.recipients {
                if !recipients.contains(recipient.as_str()) {
                    let what = format!("recipient {recipient:?} of report {:?}", report.id);
                    let all: Vec<_> = recipients.iter().copied().collect();
                    self.error(place, "reports", what, format!("one of {}", all.join(", ")));
                }
            }
            for language in &report.languages {
                if !procedures.languages.contains(language) {
                    let what = format!("language {language:?} of report {:?}", report.id);
                    let expected = format!("one of {}", procedures.languages.join(", "));
                    self.error(place, "reports", what, expected);
                }
            }
        }
    }
}
