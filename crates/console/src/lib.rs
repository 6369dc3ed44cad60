//! The web console's files, within the binary: no folder to lose, no version that does not fit the server.
//!
//! `cargo xtask console` builds `console/` into this crate's `dist`. Texts lie there three times: as they are, and in brotli (`.br`) and
//! gzip (`.gz`), so that no request compresses anything. Without a built console everything compiles, and [`file()`] finds nothing.

/// A file of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// What is in it.
    pub bytes: &'static [u8],
    /// Changes when the bytes do; says nothing else.
    pub tag: u64,
}

static FILES: &[(&str, File)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The file of a name, such as `assets/index-1a2b.js`.
#[must_use]
pub fn file(name: &str) -> Option<File> {
    let at = FILES
        .binary_search_by(|(other, _)| (*other).cmp(name))
        .ok()?;
    FILES.get(at).map(|(_, file)| *file)
}

/// Whether a console was built in.
#[must_use]
pub fn is_built() -> bool {
    file("index.html").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_nothing_else_is() {
        assert!(FILES.is_sorted_by_key(|(name, _)| *name));
        for (name, known) in FILES {
            assert_eq!(file(name), Some(*known), "{name}");
        }
        for name in ["", "README.md", "../Cargo.toml", "assets"] {
            assert_eq!(file(name), None, "{name}");
        }
    }
}
