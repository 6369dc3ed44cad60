//! The list of the feeds, and where each comes from.

/// The list, with the film's feeds between the others where it was flown, and the second patrol where it drives.
pub(super) fn feeds(film: bool, road: bool) -> String {
    let film = if film { FILM } else { "" };
    let road = if road { ROAD } else { "" };
    format!("{FEEDS}{film}{PATROL}{road}")
}

/// Where they come from.
pub(super) fn source(film: bool, road: bool) -> String {
    let road = if road { OF_ROAD } else { "" };
    let (film, genuine) = if film { (OF_FILM, GENUINE) } else { ("", "") };
    let all = if genuine.is_empty() {
        "All of them are an EXERCISE."
    } else {
        "All but the two genuine files named below are an EXERCISE."
    };
    format!("{MADE}{all} {EXERCISE}{film}{road}{REST}{genuine}")
}

const FEEDS: &str = r#"# The feeds of the exercise, in the order in which a centre takes them in. `truth.ndjson` is none of them. `opens`
# is the moment of a recording at which the demonstration opens: before it, a gun has fired; after it, the rest follows.

[[feed]]
id = "sensors"
source = "sensors"
format = "sensor"
file = "sensors.ndjson"
opens = "2021-03-14T09:41:20Z"

[[feed]]
id = "posts"
source = "posts"
format = "report"
file = "reports.csv"

[[feed]]
id = "hotspots"
source = "satellites"
format = "hotspot"
file = "hotspots.csv"

"#;

const FILM: &str = r#"[[feed]]
id = "hotspots-2022-02"
source = "satellites"
format = "hotspot"
file = "firms-modis-2022-02.csv"

[[feed]]
id = "drone-1"
source = "UAV1"
format = "fmv"
file = "drone.ts"
opens = "2021-03-14T09:30:00Z"

[[feed]]
id = "drone-1-telemetry"
source = "UAV1"
format = "mavlink"
file = "telemetry.tlog"

[[feed]]
id = "test-flight"
source = "UAV0"
format = "fmv"
file = "test-flight.ts"

"#;

const PATROL: &str = r#"[[feed]]
id = "patrol-1"
source = "PATROL1"
format = "cot"
file = "patrol.cot"
"#;

const ROAD: &str = r#"
[[feed]]
id = "patrol-m4"
source = "PATROLM4"
format = "cot"
file = "patrol-m4.cot"
"#;

const MADE: &str = "\
The feeds of the demonstration. Made by `cargo xtask feeds`, which makes them again byte for byte.

";

const EXERCISE: &str = "\
Nothing of it ever happened: no shot, no fire, no flight, no patrol. Sensors and
posts are those of the exercise in theatre/; dates and places are chosen so that they fall into the time and ground of the
agreement, and say nothing about anybody's conduct.

sensors.ndjson           simulated readings of 14 March 2021, 09:00-10:00 UTC: sounds, flashes, ground shocks, weather, detections,
                         one notice of a demolition. Among them false alarms, echoes, one line delivered twice and an array whose
                         clock is 2.4 s fast. Ours, under the licence of this project
reports.csv              what the posts would have written down of the same hour; those of a party blame the other. Ours
hotspots.csv             what a satellite would have seen: a field being burnt off, and grass set on fire by shells. Ours
";

const OF_FILM: &str = "\
drone.ts                 the project's synthetic film (ffmpeg test picture, metadata of an orbit over 39.9 N 46.9 E), free to use without
                         conditions; time stamps and sums of the metadata written over to begin at 2021-03-14T09:30:00Z. Ours
telemetry.tlog           MAVLink 2 of the same orbit, 09:29-09:31 UTC. Ours
";

const OF_ROAD: &str = "\
patrol-m4.cot            position reports of a joint patrol on the road M4, 09:20-09:50 UTC. Ours
";

const REST: &str = "\
patrol.cot               position reports of a patrol between two posts. Ours
truth.ndjson             what the simulation did. NEVER INPUT: to score with
";

const GENUINE: &str = "\n\
Genuine, unchanged:
test-flight.ts           sample-stream.ts of opensensorhub/osh-addons, commit 691478201942922bc85aba20574b9d4c6e4363b5
                         (sensors/aviation/sensorhub-lib-stanag4609/src/test/resources/org/sensorhub/misb/stanag4609/), Mozilla Public
                         License 2.0: made with the VRSG simulator over Huntsville, Alabama, 29 June 2012; outside any area of this theatre
firms-modis-2022-02.csv  NASA LANCE FIRMS, MODIS near real time, 26-27 February 2022, 30-53 N 22-52 E, 616 rows: background. NASA, free
                         and open; we acknowledge the use of data from LANCE FIRMS operated by NASA's Earth Science Data and Information
                         System (EOSDIS). Via airborne-surge/nasa-firms-data, commit b4ef2e7e9484b0de2905d6365d40542860d5bf3d
";
