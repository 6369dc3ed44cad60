//! What can only be said once all files of a theatre are read.

use truceline_domain::PartyId;

use super::feature::Operator;
use super::properties::Spot;
use super::read::Reader;
use super::shape;
use crate::Fault;

/// Most features of held ground: they are compared in pairs.
const MAX_HELD: usize = 200;
/// Ground that two parties' areas may share because coordinates are rounded, metres of width.
const OVERLAP_FREE_M: f64 = 50.0;

impl Reader {
    /// Duplicates, ground held twice, unknown operators, exchanged axes, and what is missing.
    pub(super) fn compare_features(&mut self) {
        self.duplicates();
        self.overlaps();
        let parties = self.theatre.parties();
        for (operator, spot) in std::mem::take(&mut self.operators) {
            if let Operator::Party(party) = &operator
                && !parties.contains(party)
            {
                let known: Vec<_> = parties.iter().map(PartyId::as_str).collect();
                let expected = format!("\"mission\" or a party that holds ground ({known:?})");
                self.error(&spot, format!("operator {:?}", party.as_str()), expected);
            }
        }
        let places = std::mem::take(&mut self.places);
        let coords: Vec<_> = places.iter().map(|(c, _)| *c).collect();
        for i in shape::swapped(&coords) {
            if let Some((c, spot)) = places.get(i) {
                self.error(
                    spot,
                    format!("[{}, {}], far from the other features", c.x, c.y),
                    "longitude before latitude (they look exchanged)",
                );
            }
        }
        self.needed();
    }

    fn needed(&mut self) {
        let Some((name, _)) = self.theatre.files.first() else {
            self.faults
                .push(Fault::error("theatre", 1, "no files", "GeoJSON files"));
            return;
        };
        let spot = Spot {
            file: name.clone(),
            line: 1,
        };
        // With other faults, what is missing may only have been misread.
        let whole = self.faults.is_empty();
        if whole && self.theatre.lines.is_empty() {
            self.error(&spot, "no line of contact", "a `contact_line` feature");
        }
        if whole && self.theatre.held.is_empty() {
            self.error(&spot, "no ground held", "`held` features, one per party");
        }
    }

    fn duplicates(&mut self) {
        let mut named = std::mem::take(&mut self.named);
        named.sort_by(|a, b| (a.0, &a.1, a.2.from).cmp(&(b.0, &b.1, b.2.from)));
        for pair in named.windows(2) {
            let [(kind, name, valid, first), (other, again, later, spot)] = pair else {
                continue;
            };
            if kind == other && name == again && valid.overlaps(later) {
                self.error(
                    spot,
                    format!("a second {kind} {name:?}"),
                    format!(
                        "one at a time ({}:{} stands then too)",
                        first.file, first.line
                    ),
                );
            }
        }
    }

    fn overlaps(&mut self) {
        let held = std::mem::take(&mut self.theatre.held);
        if held.len() > MAX_HELD {
            if let Some(spot) = self.held_at.first().cloned() {
                let what = format!("{} features of held ground", held.len());
                self.error(&spot, what, format!("at most {MAX_HELD}"));
            }
        } else {
            for (j, b) in held.iter().enumerate() {
                for (i, a) in held.iter().enumerate().take(j) {
                    if a.party == b.party || !a.valid.overlaps(&b.valid) {
                        continue;
                    }
                    let free_m = OVERLAP_FREE_M.max(a.accuracy_m.max(b.accuracy_m));
                    let width_m = shape::overlap_width_m(&a.shape, &b.shape);
                    if width_m > free_m
                        && let (Some(first), Some(spot)) =
                            (self.held_at.get(i).cloned(), self.held_at.get(j).cloned())
                    {
                        let what = format!(
                            "ground of {} that overlaps that of {} ({}:{}) by {width_m:.0} m",
                            b.party, a.party, first.file, first.line
                        );
                        self.error(&spot, what, format!("at most {free_m:.0} m"));
                    }
                }
            }
        }
        self.theatre.held = held;
    }
}
