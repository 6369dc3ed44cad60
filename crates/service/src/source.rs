//! Where bytes come from: a file, standard input, or a web address.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens what a person named on the command line: `-`, a path, or `http://…`, `https://…`.
///
/// # Errors
/// When it cannot be opened, with what the system or the server says.
pub fn open(name: &str) -> io::Result<Box<dyn Read>> {
    if name == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    match name.split_once("://") {
        Some(("http" | "https", _)) => {
            let response = ureq::get(name).call().map_err(io::Error::other)?;
            Ok(Box::new(response.into_body().into_reader()))
        }
        Some((scheme, _)) => {
            let why =
                format!("{scheme}:// cannot be read; expected a file, -, http:// or https://");
            Err(io::Error::new(io::ErrorKind::Unsupported, why))
        }
        None => {
            let file = File::open(name)?;
            if file.metadata()?.is_dir() {
                return Err(io::Error::new(
                    io::ErrorKind::IsADirectory,
                    "it is a folder",
                ));
            }
            Ok(Box::new(file))
        }
    }
}

/// A name for a feed that was not given one: the file's name without its ending.
#[must_use]
pub fn stem(name: &str) -> String {
    let stem = Path::new(name)
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned());
    stem.filter(|s| !s.is_empty() && s != "-")
        .unwrap_or_else(|| "stdin".to_owned())
}
