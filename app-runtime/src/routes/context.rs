//! What a route gets to work with, and what it answers.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::protocol::envelope::{self, Fields};
use crate::protocol::error::{ParseError, ParseResult};
use crate::query::Reader;

/// One verified request.
pub struct Context<'a> {
    pub app: &'a AppState,
    pub caller: Caller,
    /// Where the request comes from.
    pub ip: IpAddr,
    /// For routes that write.
    pub body: Fields,
    /// What the query string says; see [`Context::take_params`].
    pub query: Fields,
}

impl Context<'_> {
    /// Takes the body, which a write stores.
    pub fn take_body(&mut self) -> Fields {
        std::mem::take(&mut self.body)
    }

    /// Takes body and query string as one, for routes that read.
    pub fn take_params(&mut self) -> Fields {
        envelope::params(std::mem::take(&mut self.body), std::mem::take(&mut self.query))
    }

    /// What reading a query of this request depends on.
    pub fn reader(&self) -> Reader {
        Reader {
            master: self.caller.reads_all(),
            now: self.app.now(),
        }
    }

    /// Refuses with 403 without the master key.
    pub fn require_master(&self) -> ParseResult<()> {
        if self.caller.is_master() {
            Ok(())
        } else {
            Err(ParseError::master_key_required())
        }
    }

    /// The token of the session the request came with.
    pub fn session_token(&self) -> Option<&str> {
        self.caller.session.as_ref().map(|session| session.token.as_str())
    }
}

/// A successful answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Finished JSON.
    pub body: Vec<u8>,
    /// Path of what was created, below the mount.
    pub location: Option<String>,
}

impl Reply {
    /// 200 with finished JSON.
    pub fn json(body: Vec<u8>) -> Self {
        Self {
            status: 200,
            body,
            location: None,
        }
    }

    /// 200 with a value.
    pub fn value(value: &Value) -> Self {
        Self::json(value.to_string().into_bytes())
    }

    /// 200 `{}`.
    pub fn empty() -> Self {
        Self::value(&json!({}))
    }

    /// 201 with the address of the new object.
    pub fn created(class: &str, id: &str, answer: Map<String, Value>) -> Self {
        Self {
            status: 201,
            location: Some(location(class, id)),
            ..Self::value(&Value::Object(answer))
        }
    }
}

/// Path of an object below the mount.
pub fn location(class: &str, id: &str) -> String {
    match class {
        "_User" => format!("/users/{id}"),
        "_Session" => format!("/sessions/{id}"),
        _ => format!("/classes/{class}/{id}"),
    }
}
