//! Lists the files of `dist` for `include_bytes!`, from copies of its own: a console that is built anew meanwhile disturbs no compiler.
//! Without a console built there are none, and the server says how to build it.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};

/// What lies in `dist` and is no part of the console.
const OURS: [&str; 2] = ["README.md", ".gitignore"];

fn main() -> Result<(), String> {
    // Asked when it runs: a build script may have been compiled for another checkout.
    let manifest = std::env::var("CARGO_MANIFEST_DIR").map_err(|e| e.to_string())?;
    let dist = Path::new(&manifest).join("dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    walk(&dist, &mut files)?;
    let mut entries: Vec<(String, PathBuf)> = files
        .into_iter()
        .filter_map(|path| Some((name(&dist, &path)?, path)))
        .filter(|(name, _)| !OURS.contains(&name.as_str()))
        .collect();
    entries.sort();
    let out = std::env::var("OUT_DIR").map_err(|e| e.to_string())?;
    let out = Path::new(&out);
    let mut text = String::from("&[\n");
    for (number, (name, path)) in entries.into_iter().enumerate() {
        let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut hasher = DefaultHasher::new();
        hasher.write(&bytes);
        let hash = hasher.finish();
        let copy = out.join(number.to_string());
        std::fs::write(&copy, bytes).map_err(|e| format!("{}: {e}", copy.display()))?;
        writeln!(
            text,
            "({name:?}, File {{ bytes: include_bytes!({copy:?}), tag: {hash:#x} }}),"
        )
        .map_err(|e| e.to_string())?;
    }
    text.push_str("]\n");
    std::fs::write(out.join("files.rs"), text).map_err(|e| e.to_string())
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// A file's name as a web address has it.
fn name(dist: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path
        .strip_prefix(dist)
        .ok()?
        .iter()
        .map(|part| part.to_str())
        .collect();
    Some(parts?.join("/"))
}
