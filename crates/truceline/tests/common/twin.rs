//! The shipped theatre a second time, under another name.

use std::fs;
use std::path::{Path, PathBuf};

use truceline_domain::Sha256;

/// A copy of a theatre with its texts changed; the host's approval is of other bytes then, so it is given anew.
pub(crate) fn copy(from: &Path, to: &Path, change: impl Fn(&str, String) -> String) -> PathBuf {
    fs::create_dir_all(to.join("theatre")).unwrap();
    for folder in ["", "theatre"] {
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap();
            let to = to.join(folder).join(name);
            match file.extension().and_then(|e| e.to_str()) {
                Some("md" | "geojson") => {
                    let text = change(name, fs::read_to_string(&file).unwrap());
                    fs::write(to, approved(&text)).unwrap();
                }
                Some("tif") => drop(fs::copy(&file, to).unwrap()),
                _ => {}
            }
        }
    }
    to.to_path_buf()
}

/// The theatre in `from` as `twin-2020`: the same parties, sensors and posts.
pub(crate) fn twin(from: &Path, dir: &Path) -> PathBuf {
    let name = from.file_name().unwrap().to_str().unwrap().to_owned();
    copy(from, &dir.join("twin"), |_, text| {
        text.replace(&name, "twin-2020")
    })
}

fn approved(text: &str) -> String {
    let Some((before, approval)) = text.split_once("```approval\n") else {
        return text.to_owned();
    };
    let line = approval
        .lines()
        .find(|l| l.starts_with("text_sha256"))
        .unwrap();
    let anew = format!("text_sha256 = \"{}\"", Sha256::of(before.as_bytes()));
    format!("{before}```approval\n{}", approval.replace(line, &anew))
}
