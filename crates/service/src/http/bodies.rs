//! What each route takes and gives, by the names of schemas: of the domain's own types, and of the shapes that
//! are put together here (`schemas.json`).

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};
use truceline_domain::{Compliance, Event, Finding, Observation};

/// What a route takes and gives.
pub(super) struct Bodies {
    method: &'static str,
    path: &'static str,
    /// The schema of what it takes; `none`, or `bytes`.
    takes: &'static str,
    /// The schema of what it gives, or a media type; several with ` | ` between.
    gives: &'static str,
}

/// Writes a line a route: method, path, what it takes, what it gives.
macro_rules! bodies {
    ($($method:ident $path:literal $takes:ident => $gives:literal;)*) => {
        &[$(Bodies { method: stringify!($method), path: $path, takes: stringify!($takes), gives: $gives }),*]
    };
}

const BODIES: &[Bodies] = bodies! {
    GET "/plain/" none => "text/html";
    GET "/findings/{id}" none => "text/html";
    GET "/api/session" none => "Session";
    DELETE "/api/session" none => "none";
    POST "/api/session/passkey/options" WhoWants => "Asked";
    POST "/api/session/passkey" PasskeyAnswer => "Session";
    POST "/api/session/tokens" TokenName => "Token";
    GET "/api/session/exercise" none => "Parts";
    POST "/api/session/exercise" Part => "Session";
    GET "/api/invitations/{code}" none => "Invitation";
    POST "/api/invitations/{code}/options" none => "Asked";
    POST "/api/invitations/{code}" RegistrationAnswer => "Session";
    GET "/api/persons" none => "Persons";
    POST "/api/persons" NewPerson => "Entry";
    POST "/api/persons/{person}/invitations" none => "Invited";
    POST "/api/persons/{person}/revocation" Revocation => "Entry";
    POST "/api/persons/{person}/vouchers" Voucher => "Entry";
    GET "/api/findings" none => "FindingsPage | application/geo+json";
    GET "/api/findings/{id}" none => "FindingWhole";
    GET "/api/findings/{id}/bundle" none => "application/zip";
    POST "/api/findings/{id}/what-if" Without => "WhatIf";
    POST "/api/findings/{id}/exclusions" Exclusion => "Entry";
    POST "/api/findings/{id}/decisions/options" Wanted => "DecisionAsked";
    POST "/api/findings/{id}/decisions" Decision => "Decided";
    GET "/api/picture" none => "application/geo+json | Picture";
    GET "/api/picture/live" none => "Picture";
    GET "/api/theatre" none => "application/geo+json";
    GET "/tiles/{layer}" none => "TileJson";
    GET "/tiles/{layer}/{z}/{x}/{y}" none => "application/vnd.mapbox-vector-tile";
    GET "/api/theatres" none => "Theatres";
    GET "/api/procedures" none => "Procedures";
    GET "/api/coverage" none => "CoveragePage | application/geo+json";
    GET "/api/compliance" none => "CompliancePage";
    GET "/api/reports/{report}/{date}" none => "text/html | application/pdf | text/csv | Report";
    GET "/api/reports/{report}/{date}/release" none => "Object";
    POST "/api/reports/{report}/{date}/release/options" ReportMeant => "DecisionAsked";
    POST "/api/reports/{report}/{date}/release" Decision => "Entry";
    GET "/api/alerts" none => "AlertsPage";
    GET "/api/alerts.cap" none => "application/atom+xml";
    GET "/api/alerts/{id}/cap" none => "application/cap+xml";
    POST "/api/alerts/{id}/acknowledgement" none => "Alert";
    GET "/api/handover" none => "Handover";
    GET "/api/audit" none => "AccessesPage";
    GET "/api/changes" none => "text/event-stream";
    GET "/api/feeds" none => "Feeds";
    GET "/api/feeds/{id}" none => "Feed";
    POST "/api/feeds/{id}/observations" bytes => "TakenIn";
    GET "/api/feeds/{id}/live" none => "none";
    GET "/api/feeds/{id}/live.mp4" none => "video/mp4";
    GET "/api/feeds/{id}/live.ts" none => "video/mp2t";
    GET "/api/feeds/{id}/replay" none => "none";
    GET "/api/feeds/{id}/replay.mp4" none => "video/mp4";
    GET "/api/feeds/{id}/clip" none => "video/mp4 | video/mp2t | Object";
    GET "/api/feeds/{id}/still" none => "image/jpeg | Object";
    GET "/api/feeds/{id}/thumbnails" none => "Any";
    GET "/api/mandate" none => "Mandate";
    POST "/api/mandate/deployments" Deed => "Entry";
    GET "/api/modalities" none => "Modalities";
    GET "/api/modalities/{version}/text" none => "Any";
    POST "/api/modalities/{version}/steps/options" Object => "DecisionAsked";
    POST "/api/modalities/{version}/steps" Decision => "Entry";
    GET "/api/talks" none => "Object";
    GET "/api/talks/table" none => "text/html";
    POST "/api/talks/statements" Deed => "Entry";
    GET "/api/withdrawals" none => "Withdrawals";
    GET "/api/withdrawals/map" none => "application/geo+json";
    POST "/api/withdrawals/reports" Deed => "Entry";
    GET "/api/mobility" none => "Mobility";
    POST "/api/mobility/owntracks" Object => "Any";
    POST "/api/mobility/gates" Gate => "Any";
    GET "/api/ground" none => "ShiftsPage";
    GET "/api/ground/map" none => "application/geo+json";
    POST "/api/ground/shifts" Decision => "Entry";
    POST "/api/ground/shifts/options" ShiftStatement => "DecisionAsked";
    GET "/api/liaison" none => "ContactsPage";
    POST "/api/liaison" NewContact => "Entry";
    POST "/api/notices" Announcement => "Announced";
    GET "/openrosa/formList" none => "text/xml";
    GET "/openrosa/forms/{form}" none => "text/xml";
    GET "/openrosa/submission" none => "none";
    POST "/openrosa/submission" bytes => "text/xml";
    GET "/api/attachments/{sha256}" none => "application/octet-stream";
    GET "/api/openapi.json" none => "Object";
    GET "/api/docs" none => "text/html";
    GET "/metrics" none => "text/plain";
    GET "/ogc" none => "Linked";
    GET "/ogc/conformance" none => "Conformance";
    GET "/ogc/collections" none => "Collections";
    GET "/ogc/collections/{collection}" none => "Linked";
    GET "/ogc/collections/{collection}/items" none => "application/geo+json";
    GET "/ogc/collections/{collection}/items/{item}" none => "application/geo+json";
};

/// The shapes that are put together here.
const SHAPES: &str = include_str!("schemas.json");

/// The line of a route.
pub(super) fn of(method: &str, path: &str) -> Option<&'static Bodies> {
    BODIES
        .iter()
        .find(|line| line.method == method && line.path == path)
}

impl Bodies {
    /// The description of what it takes.
    pub(super) fn request(&self) -> Option<Value> {
        let schema = match self.takes {
            "none" => return None,
            "bytes" => {
                json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}})
            }
            name => json!({"application/json": {"schema": reference(name)}}),
        };
        Some(json!({"required": true, "content": schema}))
    }

    /// The description of what it gives, by media type; none when it gives nothing.
    pub(super) fn content(&self) -> Option<Value> {
        let mut content = Map::new();
        for given in self.gives.split(" | ").filter(|given| *given != "none") {
            let (kind, schema) = match given {
                "application/geo+json" => (given, reference("FeatureOrCollection")),
                text if text.starts_with("text/") || text.ends_with("xml") => {
                    (text, json!({"type": "string"}))
                }
                kind if kind.contains('/') => (kind, json!({"type": "string", "format": "binary"})),
                name => ("application/json", reference(name)),
            };
            content.insert(kind.to_owned(), json!({"schema": schema}));
        }
        (!content.is_empty()).then_some(Value::Object(content))
    }
}

/// How a refusal comes: as a problem; of a page as a page; to a form's device in OpenRosa's words; and where bytes are taken in,
/// with what was read of them.
pub(super) fn problem(bodies: Option<&Bodies>, is_page: bool) -> Value {
    let mut content = Map::new();
    content.insert(
        "application/problem+json".to_owned(),
        json!({"schema": reference("Problem")}),
    );
    if is_page {
        content.insert(
            "text/html".to_owned(),
            json!({"schema": {"type": "string"}}),
        );
    }
    if bodies.is_some_and(|bodies| bodies.path.starts_with("/openrosa/")) {
        content.insert("text/xml".to_owned(), json!({"schema": {"type": "string"}}));
    }
    if bodies.is_some_and(|bodies| bodies.takes == "bytes") {
        content.insert(
            "application/json".to_owned(),
            json!({"schema": reference("TakenIn")}),
        );
    }
    Value::Object(content)
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// All schemas by name.
pub(super) fn schemas() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = SchemaGenerator::new(settings);
    let of_types = [
        generator.subschema_for::<Finding>(),
        generator.subschema_for::<Event>(),
        generator.subschema_for::<Observation>(),
        generator.subschema_for::<Compliance>(),
    ];
    drop(of_types);
    let mut all = generator.take_definitions(true);
    // A test reads it: it is an object.
    if let Ok(Value::Object(shapes)) = serde_json::from_str(SHAPES) {
        all.extend(shapes);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::access::table::ROUTES;

    /// All references of a description.
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_route_says_what_it_takes_and_gives_and_every_name_is_a_schema() {
        for route in ROUTES {
            assert!(
                of(route.method, route.path).is_some(),
                "{} {}: add its line to http/bodies.rs",
                route.method,
                route.path
            );
        }
        for line in BODIES {
            let known = |route: &&crate::http::access::table::Route| {
                route.method == line.method && route.path == line.path
            };
            assert!(
                ROUTES.iter().any(|route| known(&route)),
                "{} {} is no route",
                line.method,
                line.path
            );
        }
        let all = schemas();
        assert!(all.contains_key("Alert") && all.contains_key("Finding"));
        let mut described = vec![Value::Object(all.clone())];
        described.extend(BODIES.iter().filter_map(Bodies::request));
        described.extend(BODIES.iter().filter_map(Bodies::content));
        let mut found = Vec::new();
        described
            .iter()
            .for_each(|value| references(value, &mut found));
        for name in found {
            let name = name.strip_prefix("#/components/schemas/").unwrap();
            assert!(all.contains_key(name), "{name} is no schema");
        }
    }
}
