//! A centre at work, and people at browsers before it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use truceline_record::people::PersonBody;
use truceline_service::Centre;
use ureq::http::Request;
use ureq::{Agent, SendBody};

/// A `truceline serve` that ends with the test.
pub(crate) struct Serving {
    pub(crate) dir: PathBuf,
    pub(crate) url: String,
    process: Option<Child>,
}

impl Serving {
    /// Serves the centre in `dir`, all its theatres, and waits until it answers.
    pub(crate) fn start(dir: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let mut serving = Self {
            dir: dir.to_path_buf(),
            url: format!("http://{address}"),
            process: None,
        };
        serving.start_again();
        serving
    }

    /// Serves it on the same address, after it was killed.
    pub(crate) fn start_again(&mut self) {
        let address = self.url.trim_start_matches("http://").to_owned();
        let dir = self.dir.to_str().unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_truceline"))
            .args(["serve", "--dir", dir, "--listen", &address])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let (began, browser) = (Instant::now(), Browser::at(&self.url));
        while !matches!(browser.try_send("GET", "/healthz", &[], ""), Some(answer) if answer.status == 200)
        {
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "the centre does not answer"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// As the kernel would, or an operator without patience: SIGKILL.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// This machine's commands, of a theatre's folder.
    pub(crate) fn control(&self, folder: &Path) -> Browser {
        let control: Value =
            serde_json::from_slice(&std::fs::read(folder.join("serve.json")).unwrap()).unwrap();
        let mut browser = Browser::at(control["url"].as_str().unwrap());
        browser.bearer = Some(control["token"].as_str().unwrap().to_owned());
        browser
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // It may have ended by itself.
            let _ended = process.kill();
            let _reaped = process.wait();
        }
    }
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Somebody at a browser, or a program with a token.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) agent: Agent,
    /// Where its paths begin.
    pub(crate) base: String,
    pub(crate) cookie: Option<String>,
    pub(crate) csrf: Option<String>,
    pub(crate) bearer: Option<String>,
}

impl Browser {
    /// One that nobody knows.
    pub(crate) fn at(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .timeout_global(Some(Duration::from_secs(120)))
            .build();
        Self {
            agent: config.into(),
            base: base.to_owned(),
            cookie: None,
            csrf: None,
            bearer: None,
        }
    }

    /// One who plays a part.
    pub(crate) fn playing(base: &str, person: &str) -> Self {
        let mut browser = Self::at(base);
        let answer = browser.post("/api/session/exercise", &json!({"person": person}));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer.header("set-cookie").unwrap();
        browser.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        browser.csrf = Some(answer.json()["csrf"].as_str().unwrap().to_owned());
        browser
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let kind = [("content-type", "application/json")];
        self.send("POST", path, &kind, &body.to_string())
    }

    #[track_caller]
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        // A connection that the server closed meanwhile is no answer: another one is opened.
        (0..3)
            .find_map(|_| self.try_send(method, path, headers, body))
            .unwrap()
    }

    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        let own = [
            ("cookie", self.cookie.clone()),
            ("x-truceline-csrf", self.csrf.clone()),
            (
                "authorization",
                self.bearer.as_ref().map(|token| format!("Bearer {token}")),
            ),
        ];
        for (name, value) in own {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(SendBody::from_owned_reader(std::io::Cursor::new(
                body.as_bytes().to_vec(),
            )))
            .unwrap();
        let mut response = self.agent.run(request).ok()?;
        let body = response.body_mut().with_config().limit(64 << 20);
        Some(Answer {
            body: body.read_to_vec().ok()?,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
        })
    }
}

/// Admits a part that anyone may play into the theatre in `folder`; no `serve` is at work yet.
pub(crate) fn admit_part(folder: &Path, id: &str, role: &str, theatres: &[&str]) {
    let (mut centre, _) = Centre::open(folder).unwrap();
    let state = match role {
        "host official" => centre
            .directory()
            .now()
            .procedures
            .as_ref()
            .unwrap()
            .host
            .id
            .to_string(),
        _ => centre.sending_states().swap_remove(0),
    };
    let body = PersonBody {
        person: id.to_owned(),
        name: format!("Exercise: {role}"),
        state,
        roles: vec![role.to_owned()],
        theatres: theatres
            .iter()
            .map(|theatre| theatre.parse().unwrap())
            .collect(),
        exercise: true,
    };
    centre.admit(&body, "test").unwrap();
}
