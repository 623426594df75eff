//! `$inQuery`, `$select` and their negations: the inner query runs first, as the same caller, and becomes a list.

use serde_json::Value;

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::find::{self, Query};
use crate::objects::schema::Operation;
use crate::protocol::error::ParseResult;
use crate::protocol::names;
use crate::protocol::types::Pointer;
use crate::query::{Filter, Subquery, Test};
use crate::storage::Page;

/// `filter` with the result of every inner query in its place.
pub async fn resolve(app: &AppState, caller: &Caller, filter: Filter) -> ParseResult<Filter> {
    if !has_subquery(&filter) {
        return Ok(filter);
    }
    Ok(match filter {
        Filter::All(parts) => Filter::All(resolve_all(app, caller, parts).await?),
        Filter::Any(parts) => Filter::Any(resolve_all(app, caller, parts).await?),
        Filter::Neither(parts) => Filter::Neither(resolve_all(app, caller, parts).await?),
        Filter::Field { path, tests } => {
            let mut resolved = Vec::with_capacity(tests.len());
            for test in tests {
                resolved.push(match test {
                    Test::Subquery(inner) => Box::pin(run(app, caller, inner)).await?,
                    test => test,
                });
            }
            Filter::Field {
                path,
                tests: resolved,
            }
        }
        other @ Filter::RelatedTo { .. } => other,
    })
}

async fn resolve_all(app: &AppState, caller: &Caller, parts: Vec<Filter>) -> ParseResult<Vec<Filter>> {
    let mut resolved = Vec::with_capacity(parts.len());
    for part in parts {
        resolved.push(Box::pin(resolve(app, caller, part)).await?);
    }
    Ok(resolved)
}

fn has_subquery(filter: &Filter) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) | Filter::Neither(parts) => parts.iter().any(has_subquery),
        Filter::Field { tests, .. } => tests.iter().any(|test| matches!(test, Test::Subquery(_))),
        Filter::RelatedTo { .. } => false,
    }
}

async fn run(app: &AppState, caller: &Caller, inner: Subquery) -> ParseResult<Test> {
    let Subquery {
        class,
        mut options,
        key,
        negated,
    } = inner;
    let class = match options.redirect.take() {
        Some(key) => find::target_of(app, &class, &key).await?,
        None => class,
    };
    options.keys = Some(key.iter().map(|key| names::root_of(key).to_owned()).collect());
    let operation = if options.filter.single_id().is_some() {
        Operation::Get
    } else {
        Operation::Find
    };
    let found = match Query::admit(app, caller, &class, *options, operation).await? {
        Some(query) => values(app, caller, &query, key.as_deref()).await?,
        None => Vec::new(),
    };
    Ok(if negated {
        Test::Nin(found)
    } else {
        Test::In(found)
    })
}

/// The found objects as pointers, or the values they have at `key`.
async fn values(
    app: &AppState,
    caller: &Caller,
    query: &Query,
    key: Option<&str>,
) -> ParseResult<Vec<Value>> {
    let options = query.options();
    let most = app
        .settings
        .request_complexity
        .subquery_limit
        .filter(|_| !caller.reads_all());
    let limit = options.limit.into_iter().chain(most).min();
    let page = Page {
        limit,
        skip: options.skip,
        order: options.order.clone(),
        hint: None,
    };
    let view = query.view(app, caller);
    let rows = app
        .storage
        .rows(&query.selection(), &page, view.keys.as_deref())
        .await?;
    let class = &query.schema().name;
    let Some(key) = key else {
        return Ok(rows
            .iter()
            .map(|row| {
                Pointer {
                    class: class.clone(),
                    id: row.id().into(),
                }
                .encode()
            })
            .collect());
    };
    // A protected field must not be read out by comparing with it.
    if view.hidden.iter().any(|hidden| hidden == names::root_of(key)) {
        return Ok(Vec::new());
    }
    let mut values = Vec::with_capacity(rows.len());
    for row in &rows {
        values.extend(row.values(query.schema(), key)?);
    }
    Ok(values)
}
