//! Values at and beyond the edges: each is stored whole or refused with a code, in bounded time, and the next request
//! is answered.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, As, answer, stock};

/// Longest that one request may take, in a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

async fn send(app: &App, body: impl Into<reqwest::Body>) -> Answer {
    let request = app
        .raw(Method::POST, "/classes/A")
        .header("X-Parse-Application-Id", "app");
    let begun = Instant::now();
    let answer = answer(request.body(body)).await;
    assert!(begun.elapsed() < PATIENCE, "took {:?}", begun.elapsed());
    assert_eq!(app.get(&As::Nobody, "/classes/Other").await.status, 200);
    answer
}

async fn app_with_fields() -> App {
    let app = stock().await;
    app.create(&As::Nobody, "Other", json!({})).await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_json_does_not_know() {
    let app = app_with_fields().await;
    for body in [
        r#"{"a":NaN}"#.to_owned(),
        r#"{"a":Infinity}"#.to_owned(),
        r#"{"a":-Infinity}"#.to_owned(),
        r#"{"a":1e999}"#.to_owned(),
        format!(r#"{{"a":{}}}"#, "9".repeat(400)),
        r#"{"a":0x10}"#.to_owned(),
        r#"{"a":01}"#.to_owned(),
        r#"{"\udfff":1}"#.to_owned(),
        r#"{"a":"\u12"}"#.to_owned(),
        r#"{"a":1,}"#.to_owned(),
        r#"{'a':1}"#.to_owned(),
        "{\"a\":\"\u{1}\"}".to_owned(),
        format!(r#"{{"a":{}{}}}"#, r#"{"a":"#.repeat(10_000), "}".repeat(10_000)),
        format!(r#"{{"a":{}"#, "[".repeat(1_000_000)),
        "[".repeat(5_000_000),
    ] {
        let refused = send(&app, body.clone()).await;
        assert_eq!(refused.status, 400, "{}", &body[..body.len().min(60)]);
        assert!(refused.body["error"].is_string());
    }
    for body in [
        &b"{\"a\":\"\xff\xfe\"}"[..],
        b"\x00",
        b"{\"\xc0\x80\":1}",
        b"\x1f\x8b\x08",
    ] {
        assert_eq!(send(&app, body.to_vec()).await.status, 400, "{body:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_fields_cannot_have() {
    let app = app_with_fields().await;
    let id = app.create(&As::Nobody, "A", json!({"n": 1})).await;
    let values = [
        json!(1),
        Value::Null,
        json!({"__op": "Delete"}),
        json!({"__op": "Add", "objects": [1]}),
    ];
    for name in [
        "_id",
        "_rperm",
        "_wperm",
        "_acl",
        "_created_at",
        "_hashed_password",
        "_session_token",
        "_p_owner",
        "_tombstone",
        "$set",
        "$where",
        "a$",
        "",
        " ",
        "a b",
        "1a",
        "a\u{0}",
        "\u{0}",
        "ä",
        "__proto__",
        "constructor",
        "length",
        "className",
        "a-b",
        "a/b",
        "_",
        "toString()",
        "\u{202e}a",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([
        "k".repeat(300),
        "k".repeat(100_000),
        format!("{}b", "a.".repeat(600)),
    ]) {
        for value in &values {
            let body = json!({ name.clone(): value });
            let shown = &name.chars().take(40).collect::<String>();
            let created = send(&app, body.to_string()).await;
            assert_eq!(
                (created.status, created.body["error"].is_string()),
                (400, true),
                "{shown} {value} {created:?}"
            );
            let changed = app.put(&As::Nobody, &format!("/classes/A/{id}"), body).await;
            assert_eq!(changed.status, 400, "{shown} {value} {changed:?}");
        }
    }
    assert_eq!(app.find(&As::Nobody, "A", json!({})).await.len(), 1);
    let schema = app.get(&As::Master, "/schemas/A").await.ok();
    assert_eq!(schema["fields"].as_object().unwrap().len(), 5, "{schema}");
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_values_out_of_range() {
    let app = app_with_fields().await;
    let pointer = |class: &str, id: &str| json!({"__type": "Pointer", "className": class, "objectId": id});
    for (field, value) in [
        (
            "date",
            json!({"__type": "Date", "iso": "2026-02-32T00:00:00.000Z"}),
        ),
        (
            "date",
            json!({"__type": "Date", "iso": "275761-01-01T00:00:00.000Z"}),
        ),
        (
            "date",
            json!({"__type": "Date", "iso": "-999999999-01-01T00:00:00Z"}),
        ),
        ("date", json!({"__type": "Date", "iso": "9".repeat(1_000_000)})),
        ("date", json!({"__type": "Date", "iso": 1e300})),
        ("date", json!({"__type": "Date"})),
        (
            "place",
            json!({"__type": "GeoPoint", "latitude": "1", "longitude": 1}),
        ),
        (
            "place",
            json!({"__type": "GeoPoint", "latitude": null, "longitude": 1}),
        ),
        (
            "area",
            json!({"__type": "Polygon", "coordinates": [[0, 0], [1, 1]]}),
        ),
        (
            "area",
            json!({"__type": "Polygon", "coordinates": [[0, 0, 0], [1, 1], [2, 2]]}),
        ),
        (
            "area",
            json!({"__type": "Polygon", "coordinates": vec![json!([]); 1000]}),
        ),
        ("raw", json!({"__type": "Bytes", "base64": "%%%"})),
        ("to", pointer("", "x")),
        ("to", pointer("_Join:users:_Role", "x")),
        ("to", pointer("$cmd", "x")),
        ("to", pointer("a b", "x")),
        ("to", pointer(&"C".repeat(10_000), "x")),
        ("many", json!({"__type": "Relation", "className": "$cmd"})),
        (
            "many",
            json!({"__op": "AddRelation", "objects": [pointer("A", "x"), pointer("B", "x")]}),
        ),
        (
            "many",
            json!({"__op": "Batch", "ops": vec![json!({"__op": "Delete"}); 10_000]}),
        ),
    ] {
        let shown: String = value.to_string().chars().take(120).collect();
        let refused = send(&app, json!({ field: value }).to_string()).await;
        assert_eq!(
            (refused.status, refused.body["code"].is_number()),
            (400, true),
            "{field} {shown} {refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_dates_and_texts_at_the_edge_come_back_as_they_were() {
    let app = app_with_fields().await;
    let date = |iso: &str| json!({"__type": "Date", "iso": iso});
    let body = json!({
        "numbers": [0, -1, 9_007_199_254_740_991_i64, 1e308, -1e308, 5e-324, 0.1],
        "first": date("0001-01-01T00:00:00.000Z"), "last": date("9999-12-31T23:59:59.999Z"),
        "text": "\u{0}\u{7f}\u{2028}\u{202e}\u{fffd}😀\u{10ffff}", "nested": {"": {"\u{7f}": 1}, "0": [], "length": 2},
        "long": "x".repeat(1_000_000), "mixed": [null, true, [[[]]], {"a": null}],
    });
    let id = app.create(&As::Nobody, "A", body.clone()).await;
    let stored = app.get(&As::Nobody, &format!("/classes/A/{id}")).await.ok();
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&stored[field], value, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_equal_keys_counts_and_is_checked() {
    let app = app_with_fields().await;
    let created = send(&app, r#"{"n":"text","n":{"a":1},"n":2}"#).await.ok();
    let id = created["objectId"].as_str().unwrap().to_owned();
    assert_eq!(
        app.get(&As::Nobody, &format!("/classes/A/{id}")).await.ok()["n"],
        2
    );
    for body in [
        r#"{"n":2,"n":"text"}"#,
        r#"{"ACL":{},"ACL":7}"#,
        r#"{"o":{"a":1},"o":{"__proto__":1}}"#,
        r#"{"n":2,"n":{"__op":"Increment","amount":"x"}}"#,
    ] {
        assert_eq!(send(&app, body).await.status, 400, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_values_than_a_request_may_hold() {
    let app = app_with_fields().await;
    for body in [
        format!(r#"{{"list":[{}0]}}"#, "0,".repeat(1_000_000)),
        format!(r#"{{"list":[{}0]}}"#, "0,".repeat(9_000_000)),
        format!(r#"{{"list":[{}[]]}}"#, "[],".repeat(1_000_000)),
        format!(r#"{{"list":[{}{{}}]}}"#, "{},".repeat(1_000_000)),
        format!(r#"{{"list":[{}0]}}"#, r#"{"":0},"#.repeat(1_000_000)),
        format!(
            "{{{}\"z\":0}}",
            (0..500_000).map(|n| format!("\"k{n}\":0,")).collect::<String>()
        ),
    ] {
        let refused = send(&app, body.clone()).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (400, &json!(107)),
            "{} {refused:?}",
            &body[..40]
        );
    }
    let text = format!(r#"{{"text":"{}"}}"#, r#"[,\",{"#.repeat(100_000));
    assert_eq!(
        send(&app, text).await.status,
        201,
        "commas in a text are no values"
    );
    let fields: serde_json::Map<String, Value> = (0..2_000).map(|n| (format!("k{n}"), json!(n))).collect();
    let many = send(&app, json!({ "object": fields }).to_string()).await;
    assert_eq!(many.status, 201, "{many:?}");
}

/// Each field is a column of the class, for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_class_has_as_many_fields_as_a_person_would_make() {
    let app = app_with_fields().await;
    let fields = |from: usize, to: usize| -> Value {
        (from..to)
            .map(|n| (format!("k{n}"), json!(n)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    assert_eq!(
        send(&app, fields(0, 20_000).to_string()).await.refusal(),
        (400, 105)
    );
    assert_eq!(send(&app, fields(0, 200).to_string()).await.status, 201);
}

/// What waits at the same moment is written by one command: a bad document in it is its sender's business alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_cannot_be_stored_harms_no_other() {
    let app = app_with_fields().await;
    app.create(&As::Nobody, "A", json!({"n": 0, "text": "x"})).await;
    let too_large = json!({"text": "x".repeat(17_000_000)}).to_string();
    let deep = format!(
        r#"{{"{}":{}{}}}"#,
        vec!["o"; 40].join("."),
        "[".repeat(120),
        "]".repeat(120)
    );
    let bodies = (0..120).map(|n| match n % 30 {
        7 => too_large.clone(),
        8 => deep.clone(),
        _ => json!({ "n": n }).to_string(),
    });
    let sent = bodies.map(|body| {
        let request = app
            .raw(Method::POST, "/classes/A")
            .header("X-Parse-Application-Id", "app");
        answer(request.body(body))
    });
    let answers = futures_util::future::join_all(sent).await;
    for (n, answer) in answers.into_iter().enumerate() {
        let expected = if n % 30 == 7 { 400 } else { 201 };
        assert_eq!(answer.status, expected, "{n}: {answer:?}");
    }
    assert_eq!(
        app.get(&As::Nobody, "/classes/A?count=1&limit=0").await.ok()["count"],
        117
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_types_and_encodings_of_bodies() {
    let app = app_with_fields().await;
    let post = |kind: &'static str, encoding: Option<&'static str>, body: Vec<u8>| {
        let mut request = app
            .raw(Method::POST, "/classes/A")
            .header("X-Parse-Application-Id", "app")
            .header("Content-Type", kind)
            .body(body);
        if let Some(encoding) = encoding {
            request = request.header("Content-Encoding", encoding);
        }
        answer(request)
    };
    let body = br#"{"n":1}"#.to_vec();
    for kind in [
        "application/json; charset=utf-16",
        "text/html",
        "image/png",
        "x",
        "application/x-www-form-urlencoded",
        "application/xml",
    ] {
        // Some SDKs call their JSON something else, so the type is not looked at.
        assert_eq!(post(kind, None, body.clone()).await.status, 201, "{kind}");
    }
    let packed = gzip(&body);
    assert_eq!(post("application/json", Some("gzip"), packed).await.status, 201);
    for encoding in [
        "gzip",
        "deflate",
        "br",
        "zstd",
        "compress",
        "nonsense",
        "gzip, gzip",
    ] {
        let broken = post("application/json", Some(encoding), b"\x1f\x8b\x08 no".to_vec()).await;
        assert_eq!(broken.status, 400, "{encoding} {broken:?}");
    }
    let bomb = gzip(&vec![b' '; 100_000_000]);
    assert!(bomb.len() < 5_000_000);
    let begun = Instant::now();
    let refused = post("application/json", Some("gzip"), bomb).await;
    assert_eq!(refused.status, 413, "{refused:?}");
    assert!(begun.elapsed() < PATIENCE);
    assert_eq!(app.get(&As::Nobody, "/classes/Other").await.status, 200);
}

fn gzip(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(data).unwrap();
    packer.finish().unwrap()
}
