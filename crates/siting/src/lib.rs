//! Siting: candidate places of a centre, of posts and of relays, held against what the parties agreed
//! (outside the former zone of conflict, on the host's ground) and what a place must offer (radio to
//! relays and drones, sight of the line, roads, power, an airfield), ranked with the reasons.
//!
//! Pure: the theatre, the candidates and the weights are arguments. The weights are the negotiators' to
//! choose; [`Ranking`] tells how often each candidate comes first when they are drawn at random, so that
//! nobody has to believe in one set of them. The method is on the page `docs/siting.md`.

mod criteria;
mod radio;
mod rank;
mod read;
mod robust;
mod tell;
mod weights;

pub use criteria::{Criterion, Score};
pub use radio::{Antenna, Path, Radio, Verdict, path, radio_horizon_m};
pub use rank::{Ranking, Sited, rank};
pub use read::{Candidate, Candidates, Refused, Use, read};
pub use robust::{DRAWS, shares_first};
pub use tell::{geojson, page, table};
pub use weights::{Weights, WeightsRefused};
