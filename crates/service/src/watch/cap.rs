//! Alerts as the Common Alerting Protocol has them (CAP 1.2, OASIS Standard of 1 July 2010), one message an
//! alert, in an Atom feed (RFC 4287): for the alarm systems of those whom the centre tells.

use quick_xml::escape::escape;
use serde_json::Value;
use truceline_domain::Recorded;
use truceline_record::watch::{Message, Severity};

use super::Alert;

/// Media type of a message.
pub(crate) const CAP: &str = "application/cap+xml";
/// Media type of the feed.
pub(crate) const ATOM: &str = "application/atom+xml";

/// Who tells, and of what.
#[derive(Debug, Clone)]
pub(crate) struct Teller {
    /// The log's origin: the sender's name.
    pub(crate) origin: String,
    /// The theatre.
    pub(crate) theatre: String,
    /// Whether it is an exercise.
    pub(crate) exercise: bool,
    /// The centre's web address, without a slash at its end.
    pub(crate) url: String,
}

/// An XML document that grows.
struct Xml(String);

impl Xml {
    fn new() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned())
    }

    fn open(&mut self, name: &str) {
        self.0.push_str(&format!("<{name}>"));
    }

    fn close(&mut self, name: &str) {
        self.0.push_str(&format!("</{name}>\n"));
    }

    /// An element with a text.
    fn put(&mut self, name: &str, text: &str) {
        let text = printable(text);
        self.0
            .push_str(&format!("<{name}>{}</{name}>\n", escape(&text)));
    }

    /// An empty element with attributes.
    fn mark(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push_str(&format!("<{name}"));
        for (name, value) in attributes {
            let value = printable(value);
            self.0.push_str(&format!(" {name}=\"{}\"", escape(&value)));
        }
        self.0.push_str("/>\n");
    }
}

/// Characters that XML 1.0 (§ 2.2) has no form for become U+FFFD.
fn printable(text: &str) -> String {
    let none = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.chars()
        .map(|c| if none(c) { '\u{fffd}' } else { c })
        .collect()
}

/// An instant as CAP writes it: a whole second with an offset, and never `Z` (§ 3.3.2).
fn time(at: Recorded) -> String {
    at.timestamp()
        .strftime("%Y-%m-%dT%H:%M:%S-00:00")
        .to_string()
}

/// What an alert says in English. Other languages are the console's.
pub(crate) fn sentence(text: &Message) -> String {
    let word = |name: &str| match text.args.get(name) {
        Some(Value::String(word)) => word.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    match text.id.as_str() {
        "finding.put" => format!("New finding: {}, {}", word("kind"), word("verdict")),
        "feed.stale" => format!("Feed {} is silent", word("feed")),
        "feed.lost" => format!("Feed {} is lost", word("feed")),
        "feed.storage_full" => format!("The disk refuses what feed {} sends", word("feed")),
        "feed.barred" => format!(
            "Feed {} is not recorded: the procedures do not allow it",
            word("feed")
        ),
        "clock.fast" => format!(
            "The clock of {} is fast by {} ms",
            word("feed"),
            word("fast_by_ms")
        ),
        "disk.filling" => format!(
            "The disk is filling: a share of {} is free",
            word("free_share")
        ),
        "document.entered" => format!(
            "A document entered the record: {}, version {}",
            word("path"),
            word("version")
        ),
        "crossing.out" => format!("{} left: {}", word("subject"), word("areas")),
        "crossing.in" => format!("{} came back: {}", word("subject"), word("areas")),
        "withdrawal.overdue" => format!(
            "The area {} was to be left by {}; that time has passed",
            word("area"),
            word("by")
        ),
        "patrol.overdue" if word("what") == "sector" => format!(
            "The patrol {} ({}) was to be in its sector until {} and was seen there for less than nine tenths of that time",
            word("patrol"),
            word("shift"),
            word("by")
        ),
        "patrol.overdue" => format!(
            "The patrol {} ({}) was to {} by {} and was not seen to",
            word("patrol"),
            word("shift"),
            match word("what").as_str() {
                "begin" => "begin",
                _ => "be at the end of its way",
            },
            word("by")
        ),
        "post.not-observed" => format!(
            "The post {} ({}) was to be manned until {}, and nothing was reported from it",
            word("post"),
            word("shift"),
            word("by")
        ),
        "deadline.due" => format!(
            "{}: {} on {}",
            word("of"),
            word("what").replace('-', " "),
            word("last_day")
        ),
        other => {
            let args = text
                .args
                .iter()
                .map(|(name, value)| format!("{name} {value}"));
            format!("{other}: {}", args.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The name of an alert's latest message, and what became of the alert.
fn message_of(alert: &Alert) -> (String, &'static str, Recorded) {
    // An identifier has no spaces, commas, `<` and `&` (§ 3.2.1): names of alerts have none, feeds' might.
    let id: String = alert
        .id
        .chars()
        .map(|c| {
            if c.is_whitespace() || c.is_control() || ",<&".contains(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    match (&alert.acknowledged, alert.overtaken) {
        (Some(by), _) => (format!("{id}-acknowledged"), "Update", by.at),
        (None, Some(at)) => (format!("{id}-overtaken"), "Cancel", at),
        (None, None) => (id, "Alert", alert.at),
    }
}

/// The alert's latest message: `Alert` when it was raised, `Update` when somebody took note, `Cancel` when
/// another finding took its finding's place.
pub(crate) fn message(alert: &Alert, teller: &Teller) -> String {
    let (id, kind, sent) = message_of(alert);
    let (urgency, severity) = match alert.severity {
        Severity::Alarm => ("Immediate", "Severe"),
        Severity::Warning => ("Expected", "Moderate"),
        Severity::Notice => ("Future", "Minor"),
    };
    let (category, certainty) = match alert.kind.as_str() {
        // What the engine judges is not determined before the officers signed.
        "finding" => ("Security", "Likely"),
        "crossing" | "withdrawal" => ("Security", "Observed"),
        // It was not seen to: what happened is not known.
        "patrol" | "post" => ("Security", "Unknown"),
        "feed" | "clock" | "disk" => ("Infra", "Observed"),
        _ => ("Other", "Observed"),
    };
    let mut xml = Xml::new();
    xml.0
        .push_str("<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n");
    xml.put("identifier", &id);
    let sender = teller.origin.replace([' ', ',', '<', '&'], "_");
    xml.put("sender", &sender);
    xml.put("sent", &time(sent));
    xml.put(
        "status",
        if teller.exercise {
            "Exercise"
        } else {
            "Actual"
        },
    );
    xml.put("msgType", kind);
    xml.put("scope", "Restricted");
    xml.put(
        "restriction",
        "persons of the centre, both sending states and the host",
    );
    if let Some(by) = &alert.acknowledged {
        xml.put("note", &format!("{} took note of it", by.by));
    }
    if kind != "Alert" {
        let raised = id
            .rsplit_once('-')
            .map_or(id.as_str(), |(raised, _)| raised);
        xml.put(
            "references",
            &format!("{sender},{raised},{}", time(alert.at)),
        );
    }
    xml.open("info");
    xml.put("language", "en");
    xml.put("category", category);
    xml.put("event", &alert.text.id);
    xml.put("urgency", urgency);
    xml.put("severity", severity);
    xml.put("certainty", certainty);
    xml.put("senderName", &teller.origin);
    xml.put("headline", &sentence(&alert.text));
    if let Some(why) = alert
        .text
        .args
        .get("why")
        .and_then(Value::as_str)
        .filter(|why| !why.is_empty())
    {
        xml.put("description", why);
    }
    if let Some(finding) = &alert.finding {
        xml.put("web", &format!("{}/findings/{finding}", teller.url));
    }
    for (name, value) in &alert.text.args {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        xml.open("parameter");
        xml.put("valueName", name);
        xml.put("value", &value);
        xml.close("parameter");
    }
    if let Some(place) = alert.place {
        xml.open("area");
        xml.put("areaDesc", &teller.theatre);
        // A point: a circle without radius (§ 3.2.4); the finding says how sure it is of the place.
        xml.put(
            "circle",
            &format!("{:.5},{:.5} 0", place.lat_deg(), place.lon_deg()),
        );
        xml.close("area");
    }
    xml.close("info");
    xml.close("alert");
    xml.0
}

/// The alerts, newest first, as an Atom feed with a link to each one's message.
pub(crate) fn feed<'a>(
    alerts: impl Iterator<Item = &'a Alert>,
    teller: &Teller,
    now: Recorded,
) -> String {
    let alerts: Vec<_> = alerts.map(|alert| (alert, message_of(alert))).collect();
    let here = format!("{}/api/alerts.cap", teller.url);
    let updated = alerts
        .iter()
        .map(|(_, (_, _, sent))| *sent)
        .max()
        .unwrap_or(now);
    let mut xml = Xml::new();
    xml.0
        .push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    xml.put("id", &here);
    xml.put("title", &format!("Alerts of {}", teller.origin));
    xml.put("updated", &updated.to_string());
    xml.open("author");
    xml.put("name", &teller.origin);
    xml.close("author");
    xml.mark("link", &[("rel", "self"), ("type", ATOM), ("href", &here)]);
    for (alert, (id, _, sent)) in alerts {
        let message = format!("{}/api/alerts/{}/cap", teller.url, path_part(&alert.id));
        xml.open("entry");
        xml.put("id", &format!("{message}#{id}"));
        xml.put("title", &sentence(&alert.text));
        xml.put("updated", &sent.to_string());
        xml.put("published", &alert.at.to_string());
        xml.mark(
            "link",
            &[("rel", "alternate"), ("type", CAP), ("href", &message)],
        );
        xml.close("entry");
    }
    xml.close("feed");
    xml.0
}

/// A name as a part of a path (RFC 3986, § 3.3).
fn path_part(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    name.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert() -> Alert {
        let text: Message = serde_json::from_value(serde_json::json!({
            "id": "feed.lost", "args": {"feed": "drone <1>", "why": "no \"datagram\" & a bell \u{7}"},
        }))
        .unwrap();
        Alert {
            id: "feed.lost-drone, <1>".into(),
            at: "2021-03-14T09:00:00.5Z".parse().unwrap(),
            kind: "feed".into(),
            severity: Severity::Warning,
            text,
            place: truceline_domain::Position::new(39.9, 46.9).ok(),
            feed: None,
            finding: None,
            acknowledged: None,
            overtaken: None,
            revision: 1,
        }
    }

    fn teller() -> Teller {
        Teller {
            origin: "centre.example/line".into(),
            theatre: "line".into(),
            exercise: true,
            url: "http://localhost:7400".into(),
        }
    }

    /// The text of an element.
    fn of<'a>(xml: &'a str, name: &str) -> &'a str {
        let (_, rest) = xml
            .split_once(&format!("<{name}>"))
            .unwrap_or_else(|| panic!("{name}: {xml}"));
        rest.split_once('<').unwrap().0
    }

    #[test]
    fn a_message_keeps_the_standards_rules() {
        let xml = message(&alert(), &teller());
        assert_eq!(
            of(&xml, "identifier"),
            "feed.lost-drone___1>".replace('>', "&gt;")
        );
        assert_eq!(of(&xml, "sent"), "2021-03-14T09:00:00-00:00");
        assert_eq!(
            (of(&xml, "status"), of(&xml, "msgType"), of(&xml, "scope")),
            ("Exercise", "Alert", "Restricted")
        );
        assert_eq!(of(&xml, "headline"), "Feed drone &lt;1&gt; is lost");
        assert_eq!(
            of(&xml, "description"),
            "no &quot;datagram&quot; &amp; a bell \u{fffd}"
        );
        assert_eq!(of(&xml, "circle"), "39.90000,46.90000 0");
        // The order of the schema's sequence.
        let mut rest = xml.as_str();
        for name in [
            "identifier",
            "sender",
            "sent",
            "status",
            "msgType",
            "scope",
            "restriction",
            "info",
            "language",
            "category",
            "event",
            "urgency",
            "severity",
            "certainty",
            "senderName",
            "headline",
            "description",
            "parameter",
            "area",
        ] {
            rest = rest
                .split_once(&format!("<{name}>"))
                .unwrap_or_else(|| panic!("{name}: {xml}"))
                .1;
        }
    }

    #[test]
    fn who_took_note_is_an_update_that_names_the_first_message() {
        let mut alert = alert();
        alert.id = "a-1".into();
        alert.acknowledged = Some(crate::watch::Acknowledged {
            by: "ada".into(),
            at: "2021-03-14T09:01:00Z".parse().unwrap(),
        });
        let xml = message(&alert, &teller());
        assert_eq!(
            (of(&xml, "msgType"), of(&xml, "identifier")),
            ("Update", "a-1-acknowledged")
        );
        assert_eq!(
            of(&xml, "references"),
            "centre.example/line,a-1,2021-03-14T09:00:00-00:00"
        );
        let feed = feed([&alert].into_iter(), &teller(), alert.at);
        assert_eq!(of(&feed, "updated"), "2021-03-14T09:01:00.000000Z");
        assert!(
            feed.contains("href=\"http://localhost:7400/api/alerts/a-1/cap\""),
            "{feed}"
        );
    }
}
