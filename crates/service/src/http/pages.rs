//! The pages: an overview with the picture, and one page a finding. Every figure says against what.

use maud::{DOCTYPE, Markup, html};
use truceline_domain::{Contribution, Event, Finding, FindingId, Observed};
use truceline_store::{FeatureRow, FindingFilter, FindingRow, Part, SignatureRow};

use super::map;
use crate::{Centre, CentreError};

/// The overview lists so many findings, the newest.
const LISTED: usize = 500;

/// A page; `root` leads from it to where the centre's routes begin, e.g. `../`.
pub(super) fn page(title: &str, root: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href={ (root) "style.css" };
            }
            body { main { (body) } }
        }
    }
}

/// A page that says what is wrong.
pub(super) fn problem(status: &str, why: &str, root: &str) -> Markup {
    page(
        "truceline",
        root,
        &html! { h1 { (status) } p { (why) } p { a href={ (root) "plain/" } { "Back to the overview" } } },
    )
}

/// The overview: what is in force, the picture, the findings, what the feeds gave.
pub(super) fn overview(centre: &Centre) -> Result<Markup, CentreError> {
    let store = centre.store();
    let newest = Part {
        from: 0,
        most: LISTED,
    };
    let findings = store.findings_of(&FindingFilter::default(), newest)?;
    let standings = store.standings()?;
    let mut picture = Vec::new();
    for layer in [
        "theatre",
        "tracks",
        "footprints",
        "event_ellipses",
        "events",
    ] {
        picture.extend(store.features(layer)?);
    }
    // The ground as it stood when the last finding happened: a theatre has one map for each day.
    if let Some(at) = findings.first().map(|row| row.finding.event.time) {
        picture.retain(|row| row.layer != "theatre" || stands(row, at));
    }
    let log = centre.record().log()?;
    let theatre = centre.config().theatre.as_str();
    let determined = standings.get("determined").copied().unwrap_or_default();
    let all: u64 = standings.values().sum();
    let body = html! {
        p.faint { (centre.config().origin) }
        h1 { "Theatre " (theatre) }
        p.lead {
            (all) " findings before the officers, " (determined) " of them determined by both sending states. "
            "The record has " (log.size()) " entries."
        }
        h2 { "Picture" }
        (map::svg(&picture))
        p.faint {
            "Thick line: line of contact, as accurate as its source says. Dots: sensors; rings: posts. "
            "Red: events with the ellipse that holds 90 % of their error. Shades tell parties apart and mean nothing else."
        }
        h2 { "Findings" }
        @if all > findings.len() as u64 { p.faint { "The newest " (findings.len()) "; the console and the interface for programs have all." } }
        (findings_table(&findings))
        h2 { "What the sources stated" }
        div.scroll { table {
            tr { th { "Source" } th { "Kind" } th.number { "Observations" } }
            @for (source, kind, n) in store.observation_counts()? {
                tr { td { (source) } td { (kind) } td.number { (n) } }
            }
        } }
        h2 { "Documents in the record" }
        div.scroll { table {
            tr { th { "Kind" } th { "File" } th { "Entered" } th { "SHA-256" } }
            @for row in store.documents()? {
                tr { td { (row.kind) } td { (row.path) } td { (row.recorded) } td { code { (row.sha256) } } }
            }
        } }
        h2 { "Check it yourself" }
        p {
            "The log is served as it lies on disk (C2SP tlog-tiles): "
            a href="../log/checkpoint" { "checkpoint" } ", verifier keys: " a href="../vkeys" { "vkeys" } ". "
            "As data: " a href="../api/findings" { "findings" } ", " a href="../api/picture" { "picture" } " (GeoJSON)."
        }
    };
    Ok(page(&format!("{theatre} · truceline"), "../", &body))
}

/// Whether a feature of the theatre stands at an instant.
fn stands(row: &FeatureRow, at: Observed) -> bool {
    let time = |name: &str| row.properties.get(name)?.as_str()?.parse::<Observed>().ok();
    time("valid_from").is_none_or(|from| from <= at)
        && time("valid_until").is_none_or(|until| at < until)
}

fn findings_table(findings: &[FindingRow]) -> Markup {
    html! {
        @if findings.is_empty() {
            p { "No event has been put before the officers yet." }
        } @else {
            div.scroll { table {
                tr { th { "Finding" } th { "Time (UTC)" } th { "What" } th { "Who" } th { "Probability" } th { "Standing" } }
                @for row in findings {
                    @let event = &row.finding.event;
                    tr {
                        td { a href={ "../findings/" (row.finding.id) } { (row.finding.id) } }
                        td { time { (event.time.timestamp().strftime("%Y-%m-%d %H:%M:%S")) } }
                        td { (event.kind) }
                        td { (event.attribution.verdict) }
                        td { (chances(event)) }
                        td class=(row.standing.split(' ').next().unwrap_or_default()) { (row.standing) }
                    }
                }
            } }
        }
    }
}

/// Probabilities as people read them: the word with the number.
fn chances(event: &Event) -> String {
    let p = &event.attribution.p;
    let parties = p.parties().map(|(id, p)| (id.as_str(), p));
    parties
        .chain([("nobody", p.none())])
        .map(|(who, p)| format!("{who} {:.1} % ({})", 100.0 * p.get(), p.word()))
        .collect::<Vec<_>>()
        .join(", ")
}

/// One finding; `None` when there is none of that id.
pub(super) fn finding(centre: &Centre, id: &FindingId) -> Result<Option<Markup>, CentreError> {
    let Some(row) = centre.store().finding(id)? else {
        return Ok(None);
    };
    let signatures = centre.store().signatures(id)?;
    let Finding {
        event,
        assessments,
        engine,
        procedures,
        geometry,
        supersedes,
        ..
    } = &row.finding;
    let (major_m, minor_m, bearing_deg) = truceline_domain::Probability::new(0.9)
        .map_or((0.0, 0.0, 0.0), |p| event.cov_m2.ellipse(p));
    let body = html! {
        p { a href="../plain/" { "Overview" } }
        h1 { (event.kind) ", " (event.time) }
        p.lead { (row.standing) ": " (event.attribution.verdict) }
        dl {
            dt { "Finding" } dd { (row.finding.id) @if let Some(s) = supersedes { ", supersedes " a href={ "../findings/" (s) } { (s) } } }
            dt { "What is signed" } dd { code { (row.sha256) } }
            dt { "When" } dd { (event.time) " ± " (format!("{:.2}", event.time_sd_s.get())) " s" }
            dt { "Where" } dd {
                (format!("{:.5} N {:.5} E", event.position.lat_deg(), event.position.lon_deg()))
                (format!("; 90 % within {major_m:.0} × {minor_m:.0} m, long axis {bearing_deg:.0}°"))
            }
            dt { "Who" } dd { (chances(event)) }
            dt { "Engine" } dd { (engine) }
            dt { "Geometry" } dd { code { (geometry) } }
            dt { "Procedures" } dd { @match procedures { Some(p) => { code { (p) } }, None => { "none in force: nobody can determine this" } } }
        }
        h2 { "Against the clauses in force" }
        div.scroll { table {
            tr { th { "Clause" } th { "Party" } th { "Holds" } th { "Why" } }
            @for a in assessments {
                tr {
                    td { (a.clause) }
                    td { @if let Some(party) = &a.party { (party) } @else { "–" } }
                    td { (a.holding) }
                    td { (a.reason) }
                }
            }
        } }
        h2 { "What made the judgement" }
        @for sentence in &event.explanation.sentences { p { (sentence) } }
        (contributions(&event.explanation.contributions))
        h2 { "Officers" }
        (officers(&signatures))
        h2 { "Take it with you" }
        p { code { "truceline bundle --dir CENTRE " (row.finding.id) " -o " (row.finding.id) ".zip" } }
    };
    Ok(Some(page(
        &format!("{} · truceline", row.finding.id),
        "../",
        &body,
    )))
}

fn contributions(all: &[Contribution]) -> Markup {
    html! {
        div.scroll { table {
            tr { th { "Observation" } th { "What it says" } th.number { "Log-odds" } th.number { "Moves it (m)" } th.number { "Residual (sd)" } }
            @for c in all {
                tr {
                    td { @if let Some(id) = &c.observation { (id) } @else { "–" } }
                    td { (c.what) }
                    td.number { (format!("{:+.2}", c.log_odds)) }
                    td.number { @if let Some(m) = c.moved_m { (format!("{m:.0}")) } }
                    td.number { @if let Some(r) = c.residual_sd { (format!("{r:.2}")) } }
                }
            }
        } }
    }
}

fn officers(signatures: &[SignatureRow]) -> Markup {
    html! {
        @if signatures.is_empty() {
            p { "Neither sending state has signed or dissented." }
        } @else {
            div.scroll { table {
                tr { th { "State" } th { "Decision" } th { "Key" } th { "Recorded" } th { "Reason" } }
                @for s in signatures {
                    tr {
                        td { (s.state) } td { (s.decision) } td { (s.key_name) } td { (s.recorded) }
                        td { (s.reason.as_deref().unwrap_or_default()) }
                    }
                }
            } }
        }
    }
}
