//! `requestComplexity`: limits on the shape of queries (reference section 10.11). The master key is not bound by them.

use crate::objects::caller::Caller;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::query::{Filter, FindOptions, Test};
use crate::settings::RequestComplexity;

/// Refuses with 102 a query that goes deeper or wider than the app allows.
pub fn check(limits: &RequestComplexity, caller: &Caller, options: &FindOptions) -> ParseResult<()> {
    if caller.reads_all() || *limits == RequestComplexity::default() {
        return Ok(());
    }
    check_include(limits, options)?;
    check_filter(limits, &options.filter, 0)
}

fn check_include(limits: &RequestComplexity, options: &FindOptions) -> ParseResult<()> {
    let paths = &options.include.paths;
    let depth = paths
        .iter()
        .map(|path| path.split('.').count())
        .max()
        .unwrap_or(0);
    if let Some(most) = limits.include_depth.filter(|most| depth > *most) {
        return refuse(format!(
            "Include depth of {depth} exceeds maximum allowed depth of {most}"
        ));
    }
    let count = paths.len();
    match limits.include_count.filter(|most| count > *most) {
        Some(most) => refuse(format!(
            "Number of include fields ({count}) exceeds maximum allowed ({most})"
        )),
        None => Ok(()),
    }
}

fn check_filter(limits: &RequestComplexity, filter: &Filter, subqueries: usize) -> ParseResult<()> {
    if let Some(most) = limits.query_depth.filter(|most| depth(filter) > *most) {
        return refuse(format!(
            "Query condition nesting depth exceeds maximum allowed depth of {most}"
        ));
    }
    check_tests(limits, filter, subqueries)
}

fn check_tests(limits: &RequestComplexity, filter: &Filter, subqueries: usize) -> ParseResult<()> {
    match filter {
        Filter::All(parts) | Filter::Any(parts) | Filter::Neither(parts) => parts
            .iter()
            .try_for_each(|part| check_tests(limits, part, subqueries)),
        Filter::Field { tests, .. } => tests.iter().try_for_each(|test| match test {
            Test::Regex { .. } | Test::AllMatching(_) if !limits.allow_regex => {
                refuse("$regex operator is not allowed".to_owned())
            }
            Test::Subquery(inner) => {
                let depth = subqueries + 1;
                if let Some(most) = limits.subquery_depth.filter(|most| depth > *most) {
                    return refuse(format!(
                        "Subquery nesting depth exceeds maximum allowed depth of {most}"
                    ));
                }
                check_filter(limits, &inner.options.filter, depth)
            }
            _ => Ok(()),
        }),
        Filter::RelatedTo { .. } => Ok(()),
    }
}

/// How deep logical operators stand in each other. Every clause is a conjunction, and is none of them by itself.
fn depth(clause: &Filter) -> usize {
    let Filter::All(parts) = clause else { return 0 };
    let below = parts.iter().map(|part| match part {
        Filter::All(clauses) | Filter::Any(clauses) | Filter::Neither(clauses) => {
            1 + clauses.iter().map(depth).max().unwrap_or(0)
        }
        _ => 0,
    });
    below.max().unwrap_or(0)
}

fn refuse<T>(message: String) -> ParseResult<T> {
    Err(ParseError::new(code::INVALID_QUERY, message))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::*;
    use crate::query::Reader;

    fn ask(params: Value, limits: RequestComplexity) -> ParseResult<()> {
        let reader = Reader {
            master: false,
            now: 0,
        };
        let options = FindOptions::parse(params.as_object().unwrap(), reader).unwrap();
        check(&limits, &Caller::public(), &options)?;
        check(&limits, &Caller::master(), &options).expect("the master key is not bound");
        Ok(())
    }

    #[test]
    fn each_limit_holds_at_its_number() {
        let limits = RequestComplexity {
            include_depth: Some(2),
            include_count: Some(2),
            subquery_depth: Some(1),
            query_depth: Some(2),
            allow_regex: false,
            ..RequestComplexity::default()
        };
        let inner = json!({"a": {"$inQuery": {"className": "A", "where": {"b": 1}}}});
        let deeper = json!({"a": {"$inQuery": {"className": "A", "where": inner}}});
        for (params, passes) in [
            (json!({"include": "a.b,c"}), true),
            (json!({"include": "a.b.c"}), false),
            (json!({"include": "a,b,c"}), false),
            (json!({"where": {"$or": [{"$and": [{"a": 1}]}]}}), true),
            (
                json!({"where": {"$or": [{"$and": [{"$nor": [{"a": 1}]}]}]}}),
                false,
            ),
            (json!({ "where": inner }), true),
            (json!({ "where": deeper }), false),
            (json!({"where": {"a": {"$regex": "^x"}}}), false),
        ] {
            assert_eq!(ask(params.clone(), limits.clone()).is_ok(), passes, "{params}");
            assert!(ask(params, RequestComplexity::default()).is_ok());
        }
    }
}
