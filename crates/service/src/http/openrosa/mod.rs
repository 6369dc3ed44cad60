//! OpenRosa 1.0 for ODK Collect and KoboCollect: the list of forms, the form, and filled forms with their
//! photographs and sounds (Form Discovery, Form Submission and HTTP Request APIs, <https://docs.getodk.org/openrosa/>).
//!
//! A device is named in `truceline.toml` and shows its own token; it can send, and read the empty form, and
//! nothing else.

mod login;

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use md5::{Digest as _, Md5};
use multer::{Constraints, Multipart, SizeLimit};
use tokio::sync::Semaphore;
use truceline_page::escaped;
use truceline_report::FORM_ID;

use self::login::Device;
use super::app::{App, Problem};
use crate::centre::{NotTaken, Sent, Submitted};
use crate::{CentreError, clock};

/// The most bytes of one request: a few photographs. A device sends what does not fit in further requests.
const MAX_REQUEST_BYTES: u64 = 32 << 20;
/// The most bytes of the answers; the reader of reports takes as many.
const MAX_ANSWERS_BYTES: u64 = 1 << 20;
/// So many requests are held in memory at once; others wait.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

pub(super) fn routes() -> Router<App> {
    let largest = usize::try_from(MAX_REQUEST_BYTES).unwrap_or(usize::MAX);
    Router::new()
        .route("/openrosa/formList", get(list))
        .route("/openrosa/forms/{form}", get(form))
        .route(
            "/openrosa/submission",
            post(submission)
                .get(ready)
                .layer(axum::extract::DefaultBodyLimit::max(largest)),
        )
}

/// An answer as OpenRosa has it.
fn answer(status: StatusCode, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/xml; charset=utf-8".to_owned()),
        (
            HeaderName::from_static("x-openrosa-version"),
            "1.0".to_owned(),
        ),
        (
            HeaderName::from_static("x-openrosa-accept-content-length"),
            MAX_REQUEST_BYTES.to_string(),
        ),
    ];
    (status, headers, body).into_response()
}

fn message(status: StatusCode, text: &str) -> Response {
    let nature = if status.is_success() {
        "submit_success"
    } else {
        "submit_error"
    };
    let text = escaped(text);
    answer(
        status,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OpenRosaResponse \
             xmlns=\"http://openrosa.org/http/response\"><message nature=\"{nature}\">{text}</message></OpenRosaResponse>\n"
        ),
    )
}

/// The device that asks, or what it is asked for.
async fn known(
    app: &App,
    headers: &HeaderMap,
    method: &Method,
    uri: &Uri,
) -> Result<Device, Response> {
    let told = |e: CentreError| Problem::from(e).into_response();
    let devices = app.clone().with(|centre| {
        let all = centre.config().form_devices.iter();
        let read = all.filter_map(|device| {
            let text = std::fs::read_to_string(centre.dir().join(&device.token_file)).ok()?;
            let token = text.lines().next().unwrap_or_default().trim().to_owned();
            // An empty file is no password that anybody has.
            (!token.is_empty()).then(|| Device {
                id: device.id.clone(),
                token,
            })
        });
        Ok(read.collect::<Vec<_>>())
    });
    let devices = devices.await.map_err(told)?;
    let now_s = clock::unix_s();
    if let Some(device) = login::device(&devices, headers, method, uri.path(), now_s) {
        return Ok(device.clone());
    }
    let mut refused = message(
        StatusCode::UNAUTHORIZED,
        "log in as a device that truceline.toml names",
    );
    let challenges = login::challenges(now_s).map_err(IntoResponse::into_response)?;
    for challenge in challenges {
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            refused
                .headers_mut()
                .append(header::WWW_AUTHENTICATE, value);
        }
    }
    Err(refused)
}

/// The forms that there are: one.
async fn list(
    State(app): State<App>,
    OriginalUri(original): OriginalUri,
    headers: HeaderMap,
    method: Method,
    uri: Uri,
) -> Result<Response, Response> {
    known(&app, &headers, &method, &uri).await?;
    let base = base(&app, &headers, original.path());
    let form = app.with(|centre| Ok(centre.form()));
    let form = form.await.map_err(|e| Problem::from(e).into_response())?;
    let hashed = Md5::digest(form.xform().as_bytes());
    let hash: String = hashed.iter().map(|byte| format!("{byte:02x}")).collect();
    let (title, version) = (form.title(), form.version());
    let url = escaped(&format!("{base}forms/{FORM_ID}.xml"));
    Ok(answer(
        StatusCode::OK,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xforms xmlns=\"http://openrosa.org/xforms/xformsList\">\n\
             <xform><formID>{FORM_ID}</formID><name>{title}</name><version>{version}</version>\
             <hash>md5:{hash}</hash><downloadUrl>{url}</downloadUrl></xform>\n</xforms>\n"
        ),
    ))
}

/// Where the device finds what lies beside the list, as it knows the centre.
fn base(app: &App, headers: &HeaderMap, path: &str) -> String {
    let folder = path.strip_suffix("formList").unwrap_or(path);
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    match (app.public_url(), host) {
        (Some(url), _) => format!("{url}{folder}"),
        (None, Some(host)) => format!("http://{host}{folder}"),
        (None, None) => format!("{}{folder}", app.own_url()),
    }
}

async fn form(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
    method: Method,
    uri: Uri,
) -> Result<Response, Response> {
    known(&app, &headers, &method, &uri).await?;
    if name.strip_suffix(".xml") != Some(FORM_ID) {
        let why = format!("there is no form {name:?}; there is {FORM_ID}.xml");
        return Err(message(StatusCode::NOT_FOUND, &why));
    }
    let form = app.with(|centre| Ok(centre.form().xform()));
    let form = form.await.map_err(|e| Problem::from(e).into_response())?;
    Ok(answer(StatusCode::OK, form))
}

/// What a device asks before it sends: whether it is known, and how much it may send at once.
async fn ready(
    State(app): State<App>,
    headers: HeaderMap,
    method: Method,
    uri: Uri,
) -> Result<Response, Response> {
    known(&app, &headers, &method, &uri).await?;
    Ok(answer(StatusCode::NO_CONTENT, String::new()))
}

async fn submission(State(app): State<App>, request: Request) -> Result<Response, Response> {
    let (parts, body) = request.into_parts();
    let device = known(&app, &parts.headers, &parts.method, &parts.uri).await?;
    let _room = AT_ONCE.acquire().await;
    let (answers, files) = read(&parts.headers, body)
        .await
        .map_err(|(status, why)| message(status, &why))?;
    let taken = app.with(move |centre| {
        // What is wrong with a submission is no fault of the centre's.
        match centre.submit(&device.id, &answers, files) {
            Err(NotTaken::Centre(error)) => Err(error),
            other => Ok(other),
        }
    });
    let taken = taken.await.map_err(|e| {
        let told = e.to_string();
        let status = Problem::from(e).into_response().status();
        message(status, &told)
    })?;
    Ok(match taken {
        Ok(Submitted::Recorded) => message(StatusCode::CREATED, "recorded"),
        Ok(Submitted::Before) => message(StatusCode::ACCEPTED, "recorded before"),
        Ok(Submitted::Waits(files)) => {
            let text = format!("kept; {} still to come", files.join(", "));
            message(StatusCode::ACCEPTED, &text)
        }
        Err(why) => {
            let status = match &why {
                NotTaken::Other(_) => StatusCode::CONFLICT,
                NotTaken::Full => StatusCode::INSUFFICIENT_STORAGE,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            message(status, &why.to_string())
        }
    })
}

/// The answers and the files of a request (`multipart/form-data`, RFC 7578).
async fn read(
    headers: &HeaderMap,
    body: Body,
) -> Result<(Vec<u8>, Vec<Sent>), (StatusCode, String)> {
    let unfit = |why: String| (StatusCode::BAD_REQUEST, why);
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(|_| {
        let why = format!("{kind:?}; expected multipart/form-data with a boundary");
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, why)
    })?;
    let limits = SizeLimit::new()
        .whole_stream(MAX_REQUEST_BYTES)
        .per_field(MAX_REQUEST_BYTES)
        .for_field(ANSWERS, MAX_ANSWERS_BYTES);
    let constraints = Constraints::new().size_limit(limits);
    let stream = body.into_data_stream();
    let mut parts = Multipart::with_constraints(stream, boundary, constraints);
    let (mut answers, mut files) = (None, Vec::new());
    loop {
        let part = parts.next_field().await.map_err(too_much)?;
        let Some(part) = part else { break };
        let field = part.name().unwrap_or_default().to_owned();
        let name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(too_much)?.to_vec();
        match name {
            _ if field == ANSWERS && answers.is_some() => {
                return Err(unfit(format!("two parts {ANSWERS}")));
            }
            _ if field == ANSWERS => answers = Some(bytes),
            Some(name) => files.push(Sent { name, bytes }),
            // What is no file is a sign between devices and servers, such as `*isIncomplete*`: that files
            // are still to come is seen from the answers.
            None => {}
        }
    }
    let answers = answers.ok_or_else(|| unfit(format!("no part {ANSWERS}")))?;
    Ok((answers, files))
}

/// The part with the answers.
const ANSWERS: &str = "xml_submission_file";

fn too_much(error: multer::Error) -> (StatusCode, String) {
    let status = match &error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        _ => StatusCode::BAD_REQUEST,
    };
    (status, format!("the parts of the request: {error}"))
}
