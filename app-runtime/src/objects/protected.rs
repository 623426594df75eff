//! Protected fields: columns that some callers do not see and may not query by (reference section 5.4).

use std::collections::BTreeMap;

use crate::app::AppState;
use crate::objects::access;
use crate::objects::caller::Caller;
use crate::objects::schema::ClassSchema;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::names;
use crate::query::FindOptions;
use crate::storage::Revealed;

/// Prefix of the groups that name a field which leads to users.
const USER_FIELD: &str = "userField:";

/// The columns of `schema` hidden from `caller`.
pub fn hidden_from(app: &AppState, caller: &Caller, schema: &ClassSchema) -> Vec<String> {
    Protection::against(app, caller, schema).hidden(caller)
}

/// What of a class is hidden, by the groups it is hidden from: as the class says and the settings, together.
pub struct Protection(BTreeMap<String, Vec<String>>);

impl Protection {
    /// Nothing against callers who read everything.
    pub fn against(app: &AppState, caller: &Caller, schema: &ClassSchema) -> Self {
        if caller.reads_all() {
            return Self(BTreeMap::new());
        }
        let mut groups = access::permissions(app, &schema.name, Some(schema))
            .map(|all| all.protected_fields())
            .unwrap_or_default();
        let configured = app.settings.protected_fields.get(&schema.name);
        for (group, fields) in configured.into_iter().flatten() {
            let hidden: &mut Vec<String> = groups.entry(group.clone()).or_default();
            hidden.extend(fields.iter().cloned());
        }
        Self(groups)
    }

    /// The columns hidden from every group the caller belongs to.
    pub fn hidden(&self, caller: &Caller) -> Vec<String> {
        let mine = caller.acl_group();
        let belongs = |group: &str| {
            mine.iter().any(|name| name == group) || (group == "authenticated" && caller.user_id().is_some())
        };
        let mut lists = self
            .0
            .iter()
            .filter(|(group, _)| belongs(group))
            .map(|(_, fields)| fields);
        let Some(first) = lists.next() else {
            return Vec::new();
        };
        let rest: Vec<_> = lists.collect();
        first
            .iter()
            .filter(|field| rest.iter().all(|list| list.contains(field)))
            .cloned()
            .collect()
    }

    /// What single rows show of the hidden columns to the users that they name.
    pub fn revealed(self, caller: &Caller) -> Vec<Revealed> {
        let Some(user) = caller.user_id() else {
            return Vec::new();
        };
        let by_field = |(group, hidden): (String, Vec<String>)| {
            let field = group.strip_prefix(USER_FIELD)?.to_owned();
            let user = user.to_owned();
            Some(Revealed { user, field, hidden })
        };
        self.0.into_iter().filter_map(by_field).collect()
    }
}

/// Refuses a query that would tell something about a hidden column, in its conditions or its order.
pub fn check_query(hidden: &[String], class: &str, options: &FindOptions) -> ParseResult<()> {
    let is_hidden = |path: &str| hidden.iter().any(|field| field == names::root_of(path));
    let mut queried = None;
    options.filter.visit_fields(&mut |field| {
        if is_hidden(field) {
            queried = Some(field.to_owned());
        }
    });
    if let Some(field) = queried {
        let detail = format!("This user is not allowed to query {field} on class {class}");
        return Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail));
    }
    match options.order.iter().find(|order| is_hidden(&order.path)) {
        Some(order) => {
            let detail = format!(
                "This user is not allowed to sort by {} on class {class}",
                order.path
            );
            Err(ParseError::denied(code::OPERATION_FORBIDDEN, detail))
        }
        None => Ok(()),
    }
}

/// Refuses a query by what a provider left with a user: nobody reads it of others, so nobody may guess it either.
pub fn check_auth_data(caller: &Caller, class: &str, options: &FindOptions) -> ParseResult<()> {
    if class == "_User" && !caller.reads_all() {
        check_query(&["authData".to_owned()], class, options)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(lists: &[(&str, &[&str])]) -> Protection {
        let groups = lists
            .iter()
            .map(|(group, fields)| {
                (
                    (*group).into(),
                    fields.iter().map(|field| (*field).into()).collect(),
                )
            })
            .collect();
        Protection(groups)
    }

    #[test]
    fn a_more_specific_list_reveals_more() {
        let groups = groups(&[
            ("*", &["email", "phone"]),
            ("authenticated", &["phone"]),
            ("role:Admin", &[]),
        ]);
        assert_eq!(groups.hidden(&Caller::public()), ["email", "phone"]);
        assert_eq!(groups.hidden(&Caller::user("u", &[])), ["phone"]);
        assert!(groups.hidden(&Caller::user("u", &["Admin"])).is_empty());
    }

    #[test]
    fn hidden_columns_cannot_be_probed() {
        use crate::query::where_clause;
        let hidden = ["email".to_owned()];
        let clause = serde_json::json!({"$or": [{"a": 1}, {"email.x": {"$regex": "^a"}}]});
        let options = FindOptions::of(
            where_clause::parse(
                clause.as_object().unwrap(),
                crate::query::Reader {
                    master: false,
                    now: 0,
                },
            )
            .unwrap(),
        );
        assert_eq!(
            check_query(&hidden, "_User", &options).unwrap_err().code,
            Some(119)
        );
        let sorted = FindOptions {
            order: vec![crate::query::Order {
                path: "email".into(),
                descending: false,
            }],
            ..FindOptions::all()
        };
        assert!(check_query(&hidden, "_User", &sorted).is_err());
        assert!(check_query(&hidden, "_User", &FindOptions::all()).is_ok());
    }
}
