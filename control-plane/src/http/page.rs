//! Cursor paging: lists are newest first, and the cursor is the id of the last entry seen.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Query};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use crate::error::ApiError;

const LARGEST_PAGE: i64 = 100;
const USUAL_PAGE: i64 = 50;

/// The query of a request as `T`. As with a body, the handler asks for the result itself.
#[derive(Debug)]
pub struct Params<T>(Result<T, ApiError>);

impl<T> Params<T> {
    /// The value, or what is wrong with the query.
    pub fn parsed(self) -> Result<T, ApiError> {
        self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = Query::from_query(request.query_string()).map(Query::into_inner);
        ready(Ok(Self(parsed.map_err(|error| {
            ApiError::field("query", format!("is not valid: {error}."))
        }))))
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Entries at most, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Which apps are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AppListQuery {
    /// Apps at most, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Whether deleted apps that can still be undeleted are listed too.
    #[serde(default)]
    pub include_deleted: bool,
}

impl PageQuery {
    /// How many entries at most.
    pub fn limit(&self) -> Result<i64, ApiError> {
        let limit = self.limit.unwrap_or(USUAL_PAGE);
        if (1..=LARGEST_PAGE).contains(&limit) {
            Ok(limit)
        } else {
            Err(ApiError::field("limit", "must be 1 to 100."))
        }
    }

    /// The entry the page comes after.
    pub fn cursor<T: FromStr>(&self) -> Result<Option<T>, ApiError> {
        let parsed = self.cursor.as_deref().map(T::from_str).transpose();
        parsed.map_err(|_| ApiError::field("cursor", "must be the next_cursor of an earlier page."))
    }
}

impl AppListQuery {
    /// The paging part of it.
    pub fn page(&self) -> PageQuery {
        PageQuery {
            limit: self.limit,
            cursor: self.cursor.clone(),
        }
    }
}

/// The cursor of the page after this one: the last id, when the page is full.
pub fn next_cursor<T: ToString>(limit: i64, count: usize, last: Option<T>) -> Option<String> {
    let full = i64::try_from(count).is_ok_and(|count| count >= limit);
    last.filter(|_| full).map(|id| id.to_string())
}
