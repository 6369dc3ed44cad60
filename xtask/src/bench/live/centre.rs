//! A centre that the bench works on: made, served, asked, killed, and read afterwards.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::process::Running;
use crate::run;

/// A centre with live feeds.
pub(super) struct Centre {
    program: PathBuf,
    pub(super) dir: PathBuf,
    /// Where it answers.
    pub(super) listen: String,
    serve: Option<Running>,
}

/// So long a centre may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

impl Centre {
    /// Makes a centre in a folder that is not there yet; `feeds` are names and addresses.
    pub(super) fn new(
        program: &Path,
        dir: PathBuf,
        feeds: &[(String, String)],
    ) -> Result<Self, String> {
        let theatre = run::root().join("theatres/karabakh-2020");
        let mut init = Command::new(program);
        init.arg("init").arg(&dir).arg("--theatre").arg(theatre);
        init.stdout(Stdio::null()).stderr(Stdio::null());
        let done = init.status().map_err(|e| format!("{init:?}: {e}"))?;
        if !done.success() {
            return Err(format!("{init:?}: {done}"));
        }
        let config = dir.join("truceline.toml");
        let mut text = fs::read_to_string(&config).map_err(|e| e.to_string())?;
        for (id, address) in feeds {
            text += &format!("\n[[feed]]\nid = \"{id}\"\nformat = \"fmv\"\nlive = \"{address}\"\n");
        }
        fs::write(&config, text).map_err(|e| e.to_string())?;
        Ok(Self {
            program: program.to_path_buf(),
            dir,
            listen: format!("127.0.0.1:{}", free_port()?),
            serve: None,
        })
    }

    /// Has it serve, and waits until it answers.
    pub(super) fn serve(&mut self) -> Result<(), String> {
        let mut serve = Command::new(&self.program);
        serve.arg("serve").arg("--dir").arg(&self.dir);
        serve.args(["--listen", &self.listen]);
        self.serve = Some(Running::start(&mut serve)?);
        let began = Instant::now();
        while let Err(why) = self.feeds() {
            if began.elapsed() > PATIENCE {
                return Err(why);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        // Sockets are bound by tasks that have just begun.
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    }

    pub(super) fn pid(&self) -> Result<u32, String> {
        let serve = self.serve.as_ref().ok_or("the centre does not serve")?;
        Ok(serve.pid())
    }

    /// Kills it, as the kernel does when memory is short.
    pub(super) fn kill(&mut self) {
        self.serve = None;
    }

    /// Has it end in order.
    pub(super) fn end(&mut self) -> Result<(), String> {
        self.serve.take().map_or(Ok(()), Running::end)
    }

    /// How its feeds are.
    pub(super) fn feeds(&self) -> Result<Vec<Value>, String> {
        let feeds = self.get("/api/feeds")?;
        feeds
            .as_array()
            .cloned()
            .ok_or_else(|| format!("/api/feeds: {feeds}"))
    }

    /// How one is.
    pub(super) fn feed(&self, id: &str) -> Result<Value, String> {
        self.get(&format!("/api/feeds/{id}"))
    }

    /// The header by which this machine's own commands are let in.
    pub(super) fn authorization(&self) -> Result<String, String> {
        let path = self.dir.join("serve.json");
        let told = |why: String| format!("{}: {why}", path.display());
        let text = fs::read(&path).map_err(|e| told(e.to_string()))?;
        let control: Value = serde_json::from_slice(&text).map_err(|e| told(e.to_string()))?;
        let token = control["token"].as_str().unwrap_or_default();
        Ok(format!("Authorization: Bearer {token}"))
    }

    fn get(&self, path: &str) -> Result<Value, String> {
        get_json(&self.listen, path, &self.authorization()?)
    }

    /// The log's entries, from its entry bundles (C2SP tlog-tiles): each two bytes of length and its bytes.
    pub(super) fn entries(&self) -> Result<Vec<Value>, String> {
        let mut bundles = Vec::new();
        bundles_below(
            &self.dir.join("record/log/tile/entries"),
            String::new(),
            &mut bundles,
        )?;
        // Of a bundle that grew, the whole one or else the longest counts.
        bundles.sort_by_key(|(number, width, _)| (*number, *width));
        let mut entries = Vec::new();
        for (n, (number, _, path)) in bundles.iter().enumerate() {
            if bundles.get(n + 1).is_some_and(|(next, ..)| next == number) {
                continue;
            }
            let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
            let mut rest = bytes.as_slice();
            while let [high, low, after @ ..] = rest {
                let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
                let (entry, next) = after.split_at(length);
                entries.push(serde_json::from_slice(entry).map_err(|e| e.to_string())?);
                rest = next;
            }
        }
        Ok(entries)
    }

    /// The bodies of a feed's entries of a type.
    pub(super) fn bodies(&self, kind: &str, feed: &str) -> Result<Vec<Value>, String> {
        let entries = self.entries()?;
        let of_feed = |entry: &&Value| entry["type"] == kind && entry["body"]["feed"] == feed;
        Ok(entries
            .iter()
            .filter(of_feed)
            .map(|entry| entry["body"].clone())
            .collect())
    }

    /// The bytes of a feed that are in the record, in order.
    pub(super) fn recorded(&self, feed: &str) -> Result<Vec<u8>, String> {
        let mut all = Vec::new();
        for body in self.bodies("segment", feed)? {
            let name = body["sha256"].as_str().unwrap_or_default().to_owned();
            let folder = name.get(..2).unwrap_or_default();
            let path = self.dir.join("record/segments").join(folder).join(&name);
            all.extend(fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?);
        }
        Ok(all)
    }
}

/// Entry bundles with the number and width of each (256 when whole): `x001/234`, `x001/234.p/17`.
fn bundles_below(
    folder: &Path,
    digits: String,
    found: &mut Vec<(u64, u32, PathBuf)>,
) -> Result<(), String> {
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    for file in fs::read_dir(folder).map_err(told)? {
        let file = file.map_err(told)?;
        let (path, name) = (file.path(), file.file_name().to_string_lossy().into_owned());
        if let Some(more) = name.strip_prefix('x').filter(|_| path.is_dir()) {
            bundles_below(&path, format!("{digits}{more}"), found)?;
        } else if let Some(more) = name.strip_suffix(".p") {
            let number = format!("{digits}{more}").parse().unwrap_or(0);
            for part in fs::read_dir(&path).map_err(told)? {
                let part = part.map_err(told)?;
                if let Ok(width) = part.file_name().to_string_lossy().parse() {
                    found.push((number, width, part.path()));
                }
            }
        } else if let Ok(number) = format!("{digits}{name}").parse() {
            found.push((number, 256, path));
        }
    }
    Ok(())
}

pub(super) fn free_port() -> Result<u16, String> {
    let bound = UdpSocket::bind("127.0.0.1:0").and_then(|s| s.local_addr());
    bound.map(|a| a.port()).map_err(|e| e.to_string())
}

/// Asks the centre, by the simplest HTTP there is.
fn get_json(address: &str, path: &str, authorization: &str) -> Result<Value, String> {
    let told = |e: std::io::Error| format!("http://{address}{path}: {e}");
    let mut stream = TcpStream::connect(address).map_err(told)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(told)?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n{authorization}\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(told)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(told)?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).map_err(|e| format!("http://{address}{path}: {e}"))
}
