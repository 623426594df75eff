//! `requestComplexity`: limits on the shape of queries (reference section 10.11). The master key is not bound by them.

use crate::objects::caller::Caller;
use crate::objects::include::Tree;
use crate::objects::schema::ClassSchema;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::query::{Filter, FindOptions, Include, Test};
use crate::settings::RequestComplexity;

/// Refuses with 102 a query that goes deeper or wider than the app allows.
pub fn check(limits: &RequestComplexity, caller: &Caller, options: &FindOptions) -> ParseResult<()> {
    if caller.reads_all() || *limits == RequestComplexity::default() {
        return Ok(());
    }
    check_depth(limits, &options.include)?;
    check_count(limits, &options.include, None)?;
    check_filter(limits, &options.filter, 0)
}

/// What `include=*` stands for counts as well, which shows once the class is known.
pub fn check_all(
    limits: &RequestComplexity,
    caller: &Caller,
    include: &Include,
    schema: &ClassSchema,
) -> ParseResult<()> {
    if caller.reads_all() || !include.all {
        return Ok(());
    }
    check_count(limits, include, Some(schema))
}

fn check_depth(limits: &RequestComplexity, include: &Include) -> ParseResult<()> {
    let depth = include
        .paths
        .iter()
        .map(|path| path.split('.').count())
        .max()
        .unwrap_or(0);
    match limits.include_depth.filter(|most| depth > *most) {
        Some(most) => refuse(format!(
            "Include depth of {depth} exceeds maximum allowed depth of {most}"
        )),
        None => Ok(()),
    }
}

/// Every prefix of a path is a field that is included.
fn check_count(
    limits: &RequestComplexity,
    include: &Include,
    schema: Option<&ClassSchema>,
) -> ParseResult<()> {
    let Some(most) = limits.include_count else {
        return Ok(());
    };
    let count = Tree::new(include, schema).count();
    if count <= most {
        return Ok(());
    }
    refuse(format!(
        "Number of include fields ({count}) exceeds maximum allowed ({most})"
    ))
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
            Test::Regex { .. } if !limits.allow_regex => refuse_regex(),
            Test::AllMatching(patterns)
                if !limits.allow_regex && !patterns.iter().all(|pattern| is_quoted(pattern)) =>
            {
                refuse_regex()
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

/// `^\Qtext\E`, by which SDKs ask for texts with a beginning: a text, not a pattern.
fn is_quoted(pattern: &str) -> bool {
    let text = pattern
        .strip_prefix(r"^\Q")
        .and_then(|rest| rest.strip_suffix(r"\E"));
    text.is_some_and(|text| !text.contains(r"\E"))
}

fn refuse_regex() -> ParseResult<()> {
    refuse("$regex operator is not allowed".to_owned())
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
    use crate::protocol::types::FieldType;
    use crate::query::Reader;

    fn ask(params: Value, limits: RequestComplexity) -> ParseResult<()> {
        let reader = Reader {
            master: false,
            now: 0,
        };
        let options = FindOptions::parse(params.as_object().unwrap(), reader).unwrap();
        let mut schema = ClassSchema::new("A");
        for field in ["p", "q", "r"] {
            let kind = FieldType::Pointer("B".into());
            schema.fields.insert(field.into(), kind);
        }
        let asks = |caller: &Caller| {
            check(&limits, caller, &options)?;
            check_all(&limits, caller, &options.include, &schema)
        };
        asks(&Caller::master()).expect("the master key is not bound");
        asks(&Caller::public())
    }

    #[test]
    fn each_limit_holds_at_its_number() {
        let limits = RequestComplexity {
            include_depth: Some(2),
            include_count: Some(3),
            subquery_depth: Some(1),
            query_depth: Some(2),
            allow_regex: false,
            ..RequestComplexity::default()
        };
        let inner = json!({"a": {"$inQuery": {"className": "A", "where": {"b": 1}}}});
        let deeper = json!({"a": {"$inQuery": {"className": "A", "where": inner}}});
        for (params, passes) in [
            (json!({"include": "a.b,c"}), true),
            (json!({"include": "a.b,a.c"}), true),
            (json!({"include": "*"}), true),
            (json!({"include": "a.b.c"}), false),
            (json!({"include": "a.b,c.d"}), false),
            (json!({"include": "a,b,c,d"}), false),
            (json!({"include": "a,*"}), false),
            (json!({"keys": "a.b,c.d,e.f,g.h"}), false),
            (json!({"where": {"$or": [{"$and": [{"a": 1}]}]}}), true),
            (
                json!({"where": {"$or": [{"$and": [{"$nor": [{"a": 1}]}]}]}}),
                false,
            ),
            (json!({ "where": inner }), true),
            (json!({ "where": deeper }), false),
            (json!({"where": {"a": {"$regex": "^x"}}}), false),
            (json!({"where": {"a": {"$all": [{"$regex": r"^\Qx\E"}]}}}), true),
            (
                json!({"where": {"a": {"$all": [{"$regex": r"^\Qx\E(y+)+\E"}]}}}),
                false,
            ),
        ] {
            assert_eq!(ask(params.clone(), limits.clone()).is_ok(), passes, "{params}");
            assert!(ask(params, RequestComplexity::default()).is_ok());
        }
    }
}
