//! A bucket that speaks as much of S3 as an upload needs: <https://docs.aws.amazon.com/AmazonS3/latest/API/>.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use actix_web::http::{Method, header};
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use percent_encoding::percent_decode_str;

/// One object, as it was put there.
#[derive(Debug, Clone, Default)]
pub struct Put {
    pub contents: Vec<u8>,
    pub content_type: String,
    mark: String,
    pub parts: usize,
}

#[derive(Default)]
struct State {
    objects: HashMap<String, Put>,
    /// By their ids: where the object will be, and its parts by number.
    uploads: HashMap<String, (String, Put, BTreeMap<u32, Bytes>)>,
    puts: usize,
    refuses: bool,
}

type Shared = Arc<Mutex<State>>;

pub struct Bucket {
    state: Shared,
    address: String,
}

impl Bucket {
    pub fn start() -> Self {
        let state = Shared::default();
        let data = Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(PayloadConfig::new(32 << 20))
                .default_service(web::to(answer))
        });
        let server = server.workers(1).bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.disable_signals().run());
        Self { state, address }
    }

    /// What the environment of a command says about it.
    pub fn variables(&self) -> [(&'static str, &str); 6] {
        [
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ENDPOINT_URL", &self.address),
            ("AWS_ALLOW_HTTP", "true"),
            ("NO_PROXY", "127.0.0.1"),
        ]
    }

    pub fn object(&self, key: &str) -> Option<Put> {
        self.state().objects.get(key).cloned()
    }

    /// Objects that were put or begun, again or not.
    pub fn puts(&self) -> usize {
        self.state().puts
    }

    /// Uploads that were neither completed nor aborted.
    pub fn unfinished(&self) -> usize {
        self.state().uploads.len()
    }

    /// From now on nobody may do anything.
    pub fn refuse(&self, refuses: bool) {
        self.state().refuses = refuses;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

async fn answer(request: HttpRequest, body: Bytes, state: Data<Mutex<State>>) -> HttpResponse {
    let mut state = state.lock().unwrap();
    let key = percent_decode_str(request.path())
        .decode_utf8()
        .unwrap()
        .into_owned();
    let query: HashMap<_, _> = url::form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let header = |name: &str| {
        let value = request.headers().get(name);
        value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    };
    assert!(header("authorization").contains("Credential=key/"));
    if state.refuses {
        return HttpResponse::Forbidden().body("<Error><Code>AccessDenied</Code></Error>");
    }
    let put = Put {
        content_type: header("content-type"),
        mark: header("x-amz-meta-gridfs-revision"),
        ..Put::default()
    };
    match (request.method(), query.get("uploadId")) {
        (&Method::HEAD, _) => match state.objects.get(&key) {
            Some(found) => HttpResponse::Ok()
                .insert_header(("x-amz-meta-gridfs-revision", found.mark.clone()))
                .insert_header((header::ETAG, "\"1\""))
                .insert_header((header::LAST_MODIFIED, "Sat, 21 Nov 2026 12:00:00 GMT"))
                .body(found.contents.clone()),
            None => HttpResponse::NotFound().finish(),
        },
        (&Method::POST, None) => {
            state.puts += 1;
            let id = format!("upload{}", state.puts);
            let tag = "InitiateMultipartUploadResult";
            let answer = format!("<{tag}><UploadId>{id}</UploadId></{tag}>");
            state.uploads.insert(id, (key, put, BTreeMap::new()));
            HttpResponse::Ok().body(answer)
        }
        (&Method::PUT, Some(id)) => {
            let number = query["partNumber"].parse().unwrap();
            // A part that was on its way may come after the upload was aborted.
            let Some((_, _, parts)) = state.uploads.get_mut(id) else {
                return HttpResponse::NotFound().finish();
            };
            parts.insert(number, body);
            HttpResponse::Ok()
                .insert_header((header::ETAG, format!("\"{number}\"")))
                .finish()
        }
        (&Method::POST, Some(id)) => {
            let (key, put, parts) = state.uploads.remove(id).unwrap();
            let put = Put {
                contents: parts.values().flatten().copied().collect(),
                parts: parts.len(),
                ..put
            };
            state.objects.insert(key, put);
            let tag = "CompleteMultipartUploadResult";
            HttpResponse::Ok().body(format!("<{tag}><ETag>1</ETag></{tag}>"))
        }
        (&Method::DELETE, Some(id)) => {
            state.uploads.remove(id);
            HttpResponse::NoContent().finish()
        }
        (&Method::PUT, None) => {
            state.puts += 1;
            let contents = body.to_vec();
            state.objects.insert(key, Put { contents, ..put });
            HttpResponse::Ok().insert_header((header::ETAG, "\"1\"")).finish()
        }
        (method, _) => HttpResponse::MethodNotAllowed().body(method.to_string()),
    }
}
