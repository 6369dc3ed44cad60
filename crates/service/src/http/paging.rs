//! Lists in pages, and answers that say whether they are what the asker has already.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use truceline_domain::Sha256;
use truceline_store::Part;

use super::app::Problem;

/// So many items when nothing is said.
const USUAL: usize = 100;
/// And at most.
const MOST: usize = 1000;

/// A part of a list.
#[derive(Debug, Serialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// Where the next part begins; none at the end.
    pub(super) next: Option<String>,
}

/// Which part is asked for. A cursor is a place in the list as it is sorted; what is new at its top may
/// show an item of the last page again, and hides none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paging {
    pub(super) limit: usize,
    pub(super) from: usize,
}

impl Paging {
    pub(super) fn read(limit: Option<usize>, cursor: Option<&str>) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(USUAL);
        if limit == 0 || limit > MOST {
            let why = format!("limit={limit}; expected 1 to {MOST}");
            return Err(Problem::new(StatusCode::BAD_REQUEST, why));
        }
        let from = cursor.map_or(Ok(0), str::parse);
        let wrong = |_| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "cursor: expected the `next` of an earlier answer",
            )
        };
        Ok(Self {
            limit,
            from: from.map_err(wrong)?,
        })
    }

    pub(super) fn page<T>(self, all: impl Iterator<Item = T>) -> Page<T> {
        self.page_of(all.skip(self.from))
    }

    /// What the store is asked for: one more than the page has, which tells whether there is a next.
    pub(super) fn part(self) -> Part {
        Part {
            from: self.from,
            most: self.limit.saturating_add(1),
        }
    }

    /// The page, when what lies before it was passed over already.
    pub(super) fn page_of<T>(self, rest: impl Iterator<Item = T>) -> Page<T> {
        let mut items: Vec<T> = rest.take(self.limit.saturating_add(1)).collect();
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next = more.then(|| (self.from + self.limit).to_string());
        Page { items, next }
    }
}

/// The answer as JSON with its tag; nothing but the tag when the asker has it already (RFC 9110 § 13.1.2).
pub(super) fn tagged(asked: &HeaderMap, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => tagged_bytes(asked, "application/json", bytes),
        Err(error) => {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
    }
}

/// The same of bytes.
pub(super) fn tagged_bytes(asked: &HeaderMap, kind: &'static str, bytes: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", Sha256::of(&bytes).short(24));
    let shown = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let known = shown.flat_map(|all| all.split(',')).any(|one| {
        let one = one.trim().trim_start_matches("W/");
        one == tag || one == "*"
    });
    // Asked for again each time: what is shown may change hands of state within a second.
    let headers = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::CONTENT_TYPE, kind.to_owned()),
    ];
    if known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, bytes).into_response()
    }
}
