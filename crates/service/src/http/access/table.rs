//! What each route needs. This is the one place that says it; the guard, the description of the API
//! and the tests read it.

use axum::http::Method;

use crate::people::Right;

/// What a route needs of whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Needs {
    /// Nothing, or what its handler asks for itself: a signature, a feed's token, an invitation.
    Nothing,
    /// A person who is logged in, or this machine's own commands.
    Known,
    /// A right.
    Right(Right),
}

/// One route.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Route {
    /// `GET`, which stands for `HEAD` too, or another.
    pub(in crate::http) method: &'static str,
    /// As the router has it.
    pub(in crate::http) path: &'static str,
    /// What it needs.
    pub(in crate::http) needs: Needs,
    /// What it does, in a sentence.
    pub(in crate::http) says: &'static str,
}

impl Route {
    /// Whether people look at it in a browser, rather than programs.
    pub(in crate::http) fn is_page(&self) -> bool {
        self.method == "GET"
            && !["/api/", "/ogc", "/metrics", "/tiles/"]
                .iter()
                .any(|front| self.path.starts_with(front))
    }
}

const fn row(method: &'static str, path: &'static str, needs: Needs, says: &'static str) -> Route {
    Route {
        method,
        path,
        needs,
        says,
    }
}

const NOTHING: Needs = Needs::Nothing;
const KNOWN: Needs = Needs::Known;
const SEE: Needs = Needs::Right(Right::See);
const REPORTS: Needs = Needs::Right(Right::SeeReports);
const FEEDS: Needs = Needs::Right(Right::SeeFeeds);
const COMMENT: Needs = Needs::Right(Right::Comment);
const ACKNOWLEDGE: Needs = Needs::Right(Right::Acknowledge);
const AUDIT: Needs = Needs::Right(Right::SeeAudit);
const SIGN: Needs = Needs::Right(Right::Sign);
const LIAISE: Needs = Needs::Right(Right::Liaise);
const PERSONS: Needs = Needs::Right(Right::ManagePersons);

/// Writes a row a line: method, path, need, what it does.
macro_rules! routes {
    ($($method:ident $path:literal $needs:ident $says:literal;)*) => {
        &[$(row(stringify!($method), $path, $needs, $says)),*]
    };
}

/// All routes that the guard stands before.
pub(in crate::http) const ROUTES: &[Route] = routes! {
    GET "/plain/" SEE "The overview, as a page";
    GET "/findings/{id}" SEE "One finding, as a page";
    // Sessions and persons.
    GET "/api/session" KNOWN "Who is logged in";
    DELETE "/api/session" KNOWN "Log out";
    POST "/api/session/passkey/options" NOTHING "Ask a passkey to log in";
    POST "/api/session/passkey" NOTHING "Log in with a passkey";
    POST "/api/session/tokens" KNOWN "Make a token by which a program reads";
    GET "/api/session/exercise" NOTHING "The parts of an exercise";
    POST "/api/session/exercise" NOTHING "Play a part in an exercise";
    GET "/api/invitations/{code}" NOTHING "Whom an invitation is for";
    POST "/api/invitations/{code}/options" NOTHING "Ask for a new passkey";
    POST "/api/invitations/{code}" NOTHING "Register a passkey by an invitation, and log in";
    GET "/api/persons" KNOWN "Who was admitted, and by whom vouched for";
    POST "/api/persons" PERSONS "Admit a person, or change their roles";
    POST "/api/persons/{person}/invitations" PERSONS "Invite a person to register a passkey";
    POST "/api/persons/{person}/revocation" PERSONS "Revoke a person or a passkey";
    POST "/api/persons/{person}/vouchers" KNOWN "Vouch for a passkey, by an officer's signature";
    // Findings.
    GET "/api/findings" SEE "The findings";
    GET "/api/findings/{id}" SEE "One finding with its evidence, clauses and signatures";
    GET "/api/findings/{id}/bundle" SEE "The evidence bundle of a finding";
    POST "/api/findings/{id}/what-if" COMMENT "What the judgement would be without observations";
    POST "/api/findings/{id}/exclusions" COMMENT "Exclude an observation, with a reason, and judge again";
    POST "/api/findings/{id}/decisions/options" SIGN "What an officer is asked to sign";
    POST "/api/findings/{id}/decisions" KNOWN "Sign a finding, or dissent";
    // The picture.
    GET "/api/picture" SEE "The picture";
    GET "/api/picture/live" SEE "The picture as the live feeds tell it";
    GET "/api/theatre" SEE "Line, areas, posts and sensors";
    GET "/tiles/{layer}" SEE "A layer of vector tiles as TileJSON: {layer}.json";
    GET "/tiles/{layer}/{z}/{x}/{y}" SEE "A vector tile: {y}.mvt";
    GET "/api/theatres" KNOWN "The theatres";
    GET "/api/procedures" KNOWN "What is in force";
    GET "/api/coverage" SEE "What was watched, and how well";
    GET "/api/compliance" SEE "Who kept which clause, where and when";
    GET "/api/reports/{report}/{date}" REPORTS "A report, as HTML, PDF/A, CSV or JSON";
    GET "/api/reports/{report}/{date}/release" REPORTS "By whose keys a report was released";
    POST "/api/reports/{report}/{date}/release/options" SIGN "What an officer is asked to sign of a report";
    POST "/api/reports/{report}/{date}/release" KNOWN "Release a report, or refuse it";
    GET "/api/alerts" SEE "Alerts";
    POST "/api/alerts/{id}/acknowledgement" ACKNOWLEDGE "Take note of an alert, by name";
    GET "/api/alerts.cap" SEE "The newest alerts as an Atom feed of CAP 1.2 messages";
    GET "/api/alerts/{id}/cap" SEE "An alert as a CAP 1.2 message";
    GET "/api/handover" SEE "What one shift tells the next";
    GET "/api/audit" AUDIT "Who asked for what";
    GET "/api/changes" REPORTS "What changes, as server-sent events";
    // Feeds and their video.
    GET "/api/feeds" FEEDS "The live feeds and how they are";
    GET "/api/feeds/{id}" FEEDS "One live feed";
    POST "/api/feeds/{id}/observations" NOTHING "Observations, by the feed's own token";
    GET "/api/feeds/{id}/live" FEEDS "A feed as it comes (WebSocket)";
    GET "/api/feeds/{id}/live.mp4" FEEDS "A feed as it comes, as MP4";
    GET "/api/feeds/{id}/live.ts" FEEDS "A feed as it comes, as a transport stream";
    GET "/api/feeds/{id}/replay" FEEDS "A feed as it was recorded (WebSocket)";
    GET "/api/feeds/{id}/replay.mp4" FEEDS "A feed as it was recorded, as MP4";
    GET "/api/feeds/{id}/clip" FEEDS "A clip of a feed";
    GET "/api/feeds/{id}/still" FEEDS "A picture of a feed";
    GET "/api/feeds/{id}/thumbnails" FEEDS "Small pictures along a time bar";
    // The mandate: what is posted is signed, or shows a token of its own.
    GET "/api/mandate" KNOWN "Strength against ceilings, and what runs out";
    POST "/api/mandate/deployments" KNOWN "A deployment, by its state's signature";
    GET "/api/modalities" KNOWN "The procedures' versions with their steps";
    GET "/api/modalities/{version}/text" KNOWN "The text of a version of the procedures";
    POST "/api/modalities/{version}/steps" KNOWN "A step of the procedures, signed";
    POST "/api/modalities/{version}/steps/options" KNOWN "What somebody is asked to sign for a step";
    GET "/api/talks" KNOWN "Positions, points and drafts";
    GET "/api/talks/table" KNOWN "Both sides' words, as a page to print";
    POST "/api/talks/statements" KNOWN "A statement in the talks, signed";
    GET "/api/withdrawals" KNOWN "How far each area that is to be left has come";
    GET "/api/withdrawals/map" KNOWN "The same as a map";
    POST "/api/withdrawals/reports" KNOWN "What was reported of an area, signed";
    GET "/api/mobility" KNOWN "Who left what they are confined to";
    POST "/api/mobility/owntracks" NOTHING "Whereabouts, by the member's own token";
    POST "/api/mobility/gates" NOTHING "Who passed a gate, by the gate's own token";
    // The ground mission: shifts by signature, and what is spoken with the parties.
    GET "/api/ground" SEE "The shifts of patrols and posts, and what was seen of them";
    GET "/api/ground/map" SEE "Their sectors and routes as a map";
    POST "/api/ground/shifts" KNOWN "A shift is planned or cancelled, signed";
    POST "/api/ground/shifts/options" SIGN "What an officer is asked to sign of a shift";
    GET "/api/liaison" SEE "Contacts with the parties";
    POST "/api/liaison" LIAISE "Write down a contact with a party";
    POST "/api/notices" LIAISE "Enter works, a demolition or a detonation that a party announces";
    // The ground mission's form: a device shows a token of its own.
    GET "/openrosa/formList" NOTHING "The forms, for ODK Collect and KoboCollect (OpenRosa 1.0)";
    GET "/openrosa/forms/{form}" NOTHING "A form, as an ODK XForm";
    GET "/openrosa/submission" NOTHING "Whether a device may send, and how much at once";
    POST "/openrosa/submission" NOTHING "A filled form with its files";
    GET "/api/attachments/{sha256}" SEE "A file that came with a report";
    // For other programs.
    GET "/api/openapi.json" KNOWN "This API as OpenAPI 3.1";
    GET "/api/docs" KNOWN "This API as a page";
    GET "/metrics" FEEDS "Figures for Prometheus";
    GET "/ogc" SEE "OGC API - Features: where to begin";
    GET "/ogc/conformance" SEE "OGC API - Features: what it conforms to";
    GET "/ogc/collections" SEE "OGC API - Features: the layers";
    GET "/ogc/collections/{collection}" SEE "OGC API - Features: one layer";
    GET "/ogc/collections/{collection}/items" SEE "Features by bbox, datetime, limit, offset";
    GET "/ogc/collections/{collection}/items/{item}" SEE "One feature";
};

/// The route of a method and a path as the router has it.
pub(super) fn find(method: &Method, path: &str) -> Option<&'static Route> {
    let method = if *method == Method::HEAD {
        "GET"
    } else {
        method.as_str()
    };
    ROUTES
        .iter()
        .find(|route| route.method == method && route.path == path)
}
