//! Options that bound what requests may ask: `rateLimit`, `routeAllowList`, `requestComplexity`, `idempotencyOptions`.

use std::time::Duration;

use regex::Regex;
use serde_json::Value;

use super::needless::known;
use super::section::Section;

/// One entry of `rateLimit`.
#[derive(Clone, Debug)]
pub struct RateLimit {
    /// The paths it counts, below the mount and with a leading slash.
    pub path: Regex,
    pub window: Duration,
    /// Requests that pass within a caller's window, which begins with the first of them; at least 1.
    pub count: u32,
    /// The verbs it counts; `None`: all.
    pub methods: Option<Regex>,
    pub message: String,
    /// The master key is counted as well.
    pub include_master_key: bool,
    /// So are requests from this machine.
    pub include_internal_requests: bool,
    pub zone: RateLimitZone,
}

/// Who shares one count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimitZone {
    Ip,
    User,
    Session,
    Global,
}

/// Limits on the shape of requests; `None` is unlimited.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestComplexity {
    /// Dots of an `include` path, plus one.
    pub include_depth: Option<usize>,
    pub include_count: Option<usize>,
    /// Inner queries within inner queries.
    pub subquery_depth: Option<usize>,
    /// Results of an inner query.
    pub subquery_limit: Option<u32>,
    /// `$or`, `$and` and `$nor` within each other.
    pub query_depth: Option<usize>,
    pub batch_request_limit: Option<usize>,
    pub allow_regex: bool,
}

impl Default for RequestComplexity {
    fn default() -> Self {
        Self {
            include_depth: None,
            include_count: None,
            subquery_depth: None,
            subquery_limit: None,
            query_depth: None,
            batch_request_limit: None,
            allow_regex: true,
        }
    }
}

/// Which repeated requests are refused.
#[derive(Clone, Debug, Default)]
pub struct Idempotency {
    /// Paths below the mount, without a leading slash, matched from their beginning. Empty: none.
    pub paths: Vec<Regex>,
    /// How long a request is remembered.
    pub ttl: Duration,
}

/// Reads one limit or a list of them.
pub fn rate_limits(value: &Value) -> Result<Vec<RateLimit>, String> {
    match value {
        Value::Array(entries) => entries.iter().map(rate_limit).collect(),
        Value::Object(_) => rate_limit(value).map(|limit| vec![limit]),
        _ => Err("must be an array or object".to_owned()),
    }
}

fn rate_limit(value: &Value) -> Result<RateLimit, String> {
    const USED: &[&str] = &[
        "requestPath",
        "requestTimeWindow",
        "requestCount",
        "requestMethods",
        "errorResponseMessage",
        "includeMasterKey",
        "includeInternalRequests",
        "zone",
    ];
    let section = Section::of(value, &known("rateLimit", USED))?;
    let missing = |name: &str| format!("has an entry without {name:?}");
    let path = section
        .text("requestPath")?
        .ok_or_else(|| missing("requestPath"))?;
    let window = section.whole("requestTimeWindow", 1, 366 * 24 * 3_600_000)?;
    let count = section.whole("requestCount", 1, u32::MAX.into())?;
    let message = section.text("errorResponseMessage")?;
    Ok(RateLimit {
        path: path_pattern(&path)?,
        window: Duration::from_millis(window.ok_or_else(|| missing("requestTimeWindow"))?),
        count: u32::try_from(count.ok_or_else(|| missing("requestCount"))?).unwrap_or(u32::MAX),
        methods: section.value("requestMethods").map(methods).transpose()?,
        message: message.unwrap_or_else(|| "Too many requests.".to_owned()),
        include_master_key: section.flag("includeMasterKey", false)?,
        include_internal_requests: section.flag("includeInternalRequests", false)?,
        zone: match section.text("zone")?.as_deref() {
            None | Some("ip") => RateLimitZone::Ip,
            Some("user") => RateLimitZone::User,
            Some("session") => RateLimitZone::Session,
            Some("global") => RateLimitZone::Global,
            Some(_) => return Err("has a zone other than ip, user, session and global".to_owned()),
        },
    })
}

/// A list of verbs, or a regular expression that verbs match.
fn methods(value: &Value) -> Result<Regex, String> {
    let pattern = match value {
        Value::String(pattern) => pattern.clone(),
        Value::Array(names) => {
            let names: Option<Vec<String>> = names
                .iter()
                .map(|name| name.as_str().map(regex::escape))
                .collect();
            let names = names.ok_or("has requestMethods that are no texts")?;
            format!("^(?:{})$", names.join("|"))
        }
        _ => return Err("has requestMethods that are neither a text nor a list".to_owned()),
    };
    Regex::new(&pattern)
        .map_err(|error| format!("has requestMethods that are no regular expression: {error}"))
}

/// Express's path syntax: `:name` is one segment, `*name` the rest, `{…}` may be missing; case and a trailing slash do not
/// matter.
fn path_pattern(path: &str) -> Result<Regex, String> {
    let mut pattern = String::from("(?i)^");
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let name = after
            .find(|char: char| !char.is_ascii_alphanumeric() && char != '_')
            .unwrap_or(after.len());
        rest = after;
        match first {
            ':' | '*' if name == 0 => {
                return Err(format!(
                    "has the requestPath {path:?}, in which a {first:?} lacks a name"
                ));
            }
            ':' | '*' => {
                pattern.push_str(if first == ':' { "[^/]+" } else { ".+" });
                rest = &after[name..];
            }
            '{' => pattern.push_str("(?:"),
            '}' => pattern.push_str(")?"),
            '(' | ')' | '[' | ']' | '?' | '+' | '!' => {
                return Err(format!(
                    "has the requestPath {path:?}, in which {first:?} means nothing"
                ));
            }
            literal => pattern.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4]))),
        }
    }
    pattern.push_str("/?$");
    Regex::new(&pattern).map_err(|_| format!("has the invalid requestPath {path:?}"))
}

/// Reads the patterns of the only routes that clients may call.
pub fn route_allow_list(value: &Value) -> Result<Vec<Regex>, String> {
    let patterns = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    patterns
        .map(|pattern| {
            Regex::new(&format!("^(?:{pattern})$"))
                .map_err(|_| format!("contains an invalid regex pattern: {pattern:?}"))
        })
        .collect()
}

/// Reads `requestComplexity`; -1 is unlimited, as is what is not named.
pub fn complexity(value: &Value) -> Result<RequestComplexity, String> {
    const USED: &[&str] = &[
        "includeDepth",
        "includeCount",
        "subqueryDepth",
        "subqueryLimit",
        "queryDepth",
        "batchRequestLimit",
        "allowRegex",
    ];
    let section = Section::of(value, &known("requestComplexity", USED))?;
    let limit = |name: &str| match section.value(name) {
        Some(off) if off.as_i64() == Some(-1) => Ok(None),
        _ => section
            .whole(name, 1, u32::MAX.into())
            .map_err(|error| format!("{error}, or -1 for no limit"))
            .map(|number| number.and_then(|number| u32::try_from(number).ok())),
    };
    let size = |name: &str| limit(name).map(|number| number.map(|number| number as usize));
    Ok(RequestComplexity {
        include_depth: size("includeDepth")?,
        include_count: size("includeCount")?,
        subquery_depth: size("subqueryDepth")?,
        subquery_limit: limit("subqueryLimit")?,
        query_depth: size("queryDepth")?,
        batch_request_limit: size("batchRequestLimit")?,
        allow_regex: section.flag("allowRegex", true)?,
    })
}

/// Reads `idempotencyOptions`.
pub fn idempotency(value: &Value) -> Result<Idempotency, String> {
    let section = Section::of(value, &["paths", "ttl"])?;
    let ttl = section.positive("ttl", 366.0 * 24.0 * 3600.0)?.unwrap_or(300.0);
    let not_texts = || "has paths that are no list of texts".to_owned();
    let paths = match section.value("paths") {
        None => Vec::new(),
        Some(paths) => paths
            .as_array()
            .ok_or_else(not_texts)?
            .iter()
            .map(|path| {
                let path = path.as_str().ok_or_else(not_texts)?;
                let anchored = if path.starts_with('^') {
                    path.to_owned()
                } else {
                    format!("^{path}")
                };
                Regex::new(&anchored)
                    .map_err(|_| format!("has a path that is no regular expression: {path:?}"))
            })
            .collect::<Result<_, _>>()?,
    };
    Ok(Idempotency {
        paths,
        ttl: Duration::from_secs_f64(ttl),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn request_paths_are_read_as_express_does() {
        for (path, matching, other) in [
            ("/functions/:name", "/functions/pay/", "/functions/a/b"),
            ("/functions/*rest", "/functions/a/b", "/functions/"),
            ("/login", "/LOGIN", "/loginAs"),
            ("/users{/:id}", "/users/x", "/users/x/y"),
        ] {
            let pattern = path_pattern(path).unwrap();
            assert!(pattern.is_match(matching) && !pattern.is_match(other), "{path}");
        }
        assert!(path_pattern("/a/*").is_err() && path_pattern("/a(.*)").is_err());
    }

    #[test]
    fn limits_name_what_they_lack() {
        let complete = json!({"requestPath": "/x", "requestTimeWindow": 1000, "requestCount": 5});
        assert_eq!(rate_limits(&complete).unwrap()[0].zone, RateLimitZone::Ip);
        for (bad, part) in [
            (json!("x"), "array or object"),
            (json!([1]), "must be an object"),
            (json!({"requestPath": "/x"}), "requestTimeWindow"),
            (
                json!({"requestPath": "/x", "requestTimeWindow": 1000, "requestCount": 0}),
                "requestCount",
            ),
            (
                json!({"requestPath": "/x", "requestTimeWindow": 1, "requestCount": 1, "zone": "moon"}),
                "zone",
            ),
        ] {
            let error = rate_limits(&bad).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn minus_one_is_no_limit() {
        let read = complexity(&json!({"queryDepth": -1, "includeDepth": 3, "allowRegex": false})).unwrap();
        assert_eq!(
            (read.query_depth, read.include_depth, read.allow_regex),
            (None, Some(3), false)
        );
        assert!(complexity(&json!({"queryDepth": 0})).is_err());
        assert!(complexity(&json!({"depth": 1})).is_err());
    }
}
