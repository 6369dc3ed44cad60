//! Mandates: deployments stay within what each state's own authority allows.

use std::collections::BTreeSet;

use truceline_domain::Observed;

use super::{Checker, names};
use crate::document::{Authorisation, Deployment};
use crate::when::Validity;

impl Checker<'_> {
    pub(super) fn mandates(&mut self) {
        let documents = self.documents;
        let all = &documents.authorisations;
        let states = Self::known(documents.procedures.iter().flat_map(|p| &p.sending_states));
        for (i, authorisation) in all.iter().enumerate() {
            let place = &authorisation.place;
            for earlier in all.iter().take(i).filter(|a| a.id == authorisation.id) {
                self.two_versions(authorisation, earlier);
            }
            if !states.is_empty() && !states.contains(&authorisation.state) {
                let what = format!("state {:?}", authorisation.state.as_str());
                let expected = format!("a sending state: {}", names(states.iter().copied()));
                self.error(place, "state", what, expected);
            }
            for site in &authorisation.sites {
                self.area(place, "sites", site, None);
            }
        }
        for authorisation in documents.authorisations() {
            let under: Vec<_> = documents
                .deployments
                .iter()
                .filter(|d| d.authorisation == authorisation.id)
                .collect();
            for deployment in &under {
                self.within(deployment, authorisation);
            }
            self.ceilings(authorisation, &under);
        }
        for deployment in &documents.deployments {
            if !all.iter().any(|a| a.id == deployment.authorisation) {
                let known: Vec<_> = all.iter().map(|a| a.id.as_str()).collect();
                let what = format!("authorisation {:?}", deployment.authorisation);
                let expected = format!("one of {}", known.join(", "));
                self.error(&deployment.place, "authorisation", what, expected);
            }
        }
    }

    /// Two of one name are versions of one act: told apart by number, of the same state and start.
    fn two_versions(&mut self, new: &Authorisation, old: &Authorisation) {
        let was = format!("{}:{}", old.place.file, old.place.line);
        if new.version == old.version {
            let what = format!("a second version {} of {:?}", new.version, new.id);
            let expected = format!("another id, or another `version`, than {was}");
            self.error(&new.place, "id", what, expected);
        }
        if new.state != old.state {
            let what = format!("{:?} of {}", new.id, new.state);
            let expected = format!("of {}, as {was}", old.state);
            self.error(&new.place, "state", what, expected);
        }
        if new.cycle.starts != old.cycle.starts {
            let what = format!("{:?} from {}", new.id, new.cycle.starts);
            let expected = format!("from {}, as {was}", old.cycle.starts);
            self.error(&new.place, "from", what, expected);
        }
    }

    fn within(&mut self, deployment: &Deployment, authorisation: &Authorisation) {
        let place = &deployment.place;
        if let (Some(from), Some(start)) = (deployment.valid.from, authorisation.valid.from)
            && from < start
        {
            let expected = format!("not before {start}, when {:?} begins", authorisation.id);
            self.error(place, "from", format!("from {from}"), expected);
        }
        if let (Some(from), Some(end)) = (deployment.valid.from, authorisation.valid.until)
            && from >= end
        {
            let expected = format!("before {end}, when {:?} ends", authorisation.id);
            self.error(place, "from", format!("from {from}"), expected);
        }
        if let (Some(until), Some(end)) = (deployment.valid.until, authorisation.valid.until)
            && until > end
        {
            let expected = format!("at most until {end}, when {:?} ends", authorisation.id);
            self.error(place, "until", format!("until {until}"), expected);
        }
        if !authorisation.sites.contains(&deployment.site) {
            let what = format!("site {:?}", deployment.site);
            let expected = format!("one of {}", authorisation.sites.join(", "));
            self.error(place, "site", what, expected);
        }
        let until = deployment.valid.until.or(authorisation.valid.until);
        let needed = Validity {
            from: deployment.valid.from,
            until,
        };
        self.area(place, "site", &deployment.site, Some(needed));
    }

    /// At no instant do the deployments together exceed a ceiling.
    fn ceilings(&mut self, authorisation: &Authorisation, under: &[&Deployment]) {
        let starts: BTreeSet<Observed> = under.iter().filter_map(|d| d.valid.from).collect();
        let categories: BTreeSet<&String> = under.iter().flat_map(|d| d.counts.keys()).collect();
        for at in starts {
            let now: Vec<_> = under.iter().filter(|d| d.valid.holds_at(at)).collect();
            let Some(last) = now.iter().find(|d| d.valid.from == Some(at)) else {
                continue;
            };
            for category in &categories {
                let counts = now.iter().filter_map(|d| d.counts.get(*category));
                let total: u64 = counts.map(|n| u64::from(*n)).sum();
                let ceiling = authorisation.ceiling(category);
                if total > u64::from(ceiling) {
                    let expected = format!("at most {ceiling} under {:?}", authorisation.id);
                    let what = format!("{total} {category} from {at}");
                    let key = if category.contains(':') {
                        "weapons"
                    } else {
                        category.as_str()
                    };
                    self.error(&last.place, key, what, expected);
                }
            }
        }
    }
}
