//! The web console: files within the binary, with the policy that holds its pages to this server alone.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use truceline_console::{File, file, is_built};

use super::App;
use super::pages;

/// What the console may load: this server's own files. The map draws pictures that it made itself (`blob:`), and
/// stills of the time bar come as `data:`. No inline code, and nobody else is asked for anything.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; \
                      object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Names below `assets/` have a hash of their bytes: they never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_EACH_TIME: &str = "no-cache";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/console", get(|| async { Redirect::permanent("console/") }))
        .route("/console/", get(|headers: HeaderMap| async move { answer("index.html", &headers) }))
        .route(
            "/console/{*path}",
            get(|Path(path): Path<String>, headers: HeaderMap| async move { answer(&path, &headers) }),
        )
}

fn answer(name: &str, asked: &HeaderMap) -> Response {
    if !is_built() {
        return absent(&format!("/console/{name}"));
    }
    let Some(plain) = file(name) else {
        let path = format!("/console/{name}");
        return super::problem(
            StatusCode::NOT_FOUND,
            "The console has no such file.",
            &path,
        );
    };
    let (coded, coding) = coded(name, asked).unwrap_or((plain, None));
    let kept = if name.starts_with("assets/") {
        FOR_EVER
    } else {
        ASK_EACH_TIME
    };
    let tag = format!("\"{:016x}\"", coded.tag);
    let mut headers = HeaderMap::new();
    let fixed = [
        (header::CONTENT_TYPE, media_type(name)),
        (header::CACHE_CONTROL, kept),
        (header::VARY, "accept-encoding"),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    for (header, value) in fixed {
        headers.insert(header, HeaderValue::from_static(value));
    }
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    if asked
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    match asked
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok())
    {
        Some(range) if coding.is_none() => part(range, coded, headers),
        _ => (headers, coded.bytes).into_response(),
    }
}

/// The file in a coding that the browser takes: brotli, else gzip, else as it is. Parts are asked of files as they are.
fn coded(name: &str, asked: &HeaderMap) -> Option<(File, Option<&'static str>)> {
    if asked.contains_key(header::RANGE) {
        return None;
    }
    let takes = asked.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let has = |coding: &str| {
        takes.split(',').any(|one| {
            let (word, weight) = one.trim().split_once(';').unwrap_or((one.trim(), ""));
            word.trim() == coding && !matches!(weight.trim(), "q=0" | "q=0.0")
        })
    };
    let try_one = |coding: &'static str, ending: &str| {
        let found = has(coding).then(|| file(&format!("{name}.{ending}")))?;
        found.map(|found| (found, Some(coding)))
    };
    try_one("br", "br").or_else(|| try_one("gzip", "gz"))
}

/// One part of a file (RFC 9110, 14.2): `bytes=100-199`, `bytes=100-`, `bytes=-100`. Several at once are answered with the whole.
fn part(range: &str, whole: File, mut headers: HeaderMap) -> Response {
    let length = whole.bytes.len();
    let Some((from, until)) = span(range, length) else {
        return (headers, whole.bytes).into_response();
    };
    let stated = match whole.bytes.get(from..until) {
        Some(bytes) if !bytes.is_empty() => {
            let stated = format!("bytes {from}-{}/{length}", until - 1);
            if let Ok(value) = HeaderValue::from_str(&stated) {
                headers.insert(header::CONTENT_RANGE, value);
            }
            return (StatusCode::PARTIAL_CONTENT, headers, bytes).into_response();
        }
        _ => format!("bytes */{length}"),
    };
    if let Ok(value) = HeaderValue::from_str(&stated) {
        headers.insert(header::CONTENT_RANGE, value);
    }
    (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response()
}

/// From which byte up to which (excluded); `None` for what is not one range of bytes.
fn span(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", last) => Some((length.saturating_sub(last.parse().ok()?), length)),
        (first, "") => Some((first.parse().ok()?, length)),
        (first, last) => {
            let until = last.parse::<usize>().ok()?.saturating_add(1);
            Some((first.parse().ok()?, until.min(length)))
        }
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "geojson" => "application/geo+json",
        _ => "application/octet-stream",
    }
}

/// This binary was built without the console.
fn absent(path: &str) -> Response {
    let why = "This server was built without the console. Build it with `cargo xtask console` (it needs Node 20 and npm), \
               then build the server again.";
    let page = pages::problem("The console is not built in", why, &super::front::up(path));
    (StatusCode::NOT_FOUND, Html(page.into_string())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_lies_within_its_file() {
        assert_eq!(span("bytes=0-0", 10), Some((0, 1)));
        assert_eq!(span("bytes=8-99", 10), Some((8, 10)));
        assert_eq!(span("bytes=4-", 10), Some((4, 10)));
        assert_eq!(span("bytes=-3", 10), Some((7, 10)));
        assert_eq!(span("bytes=-30", 10), Some((0, 10)));
        for not_one in ["bytes=0-1,4-5", "bytes=a-b", "items=0-1", "bytes=-", ""] {
            assert_eq!(span(not_one, 10), None, "{not_one}");
        }
    }

    #[test]
    fn parts_are_given_and_refused() {
        let whole = File {
            bytes: b"0123456789",
            tag: 1,
        };
        let of = |range: &str| part(range, whole, HeaderMap::new());
        assert_eq!(of("bytes=2-4").status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(
            of("bytes=2-4").headers()[header::CONTENT_RANGE],
            "bytes 2-4/10"
        );
        assert_eq!(
            of("bytes=20-30").status(),
            StatusCode::RANGE_NOT_SATISFIABLE
        );
        assert_eq!(of("bytes=5-2").status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(of("bytes=0-1,4-5").status(), StatusCode::OK);
    }

    #[test]
    fn nothing_lies_outside_of_the_console() {
        for name in [
            "../Cargo.toml",
            "/etc/passwd",
            "..%2f..%2fetc/passwd",
            "assets/",
        ] {
            assert_eq!(
                answer(name, &HeaderMap::new()).status(),
                StatusCode::NOT_FOUND,
                "{name}"
            );
        }
    }
}
