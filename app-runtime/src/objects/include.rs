//! `include`: objects in place of the pointers to them (reference section 4.5).
//!
//! One find per class and path, as the same caller. Every included object is rendered once, however many pointers lead
//! to it; what the caller may not see is left out, and a class they may not query at all fails the request.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::find::Query;
use crate::objects::schema::{ClassSchema, Operation};
use crate::protocol::error::ParseResult;
use crate::protocol::types::{FieldType, Pointer};
use crate::query::{Filter, FindOptions, Include, Test};
use crate::storage::{Included, Page, Row, Tags, check_size};

/// Paths as a tree: `a`, `a.b` and `a.c` are one branch with two below it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tree(BTreeMap<String, Tree>);

impl Tree {
    /// The tree of `include` for objects of `schema`; every prefix of a path is part of it. Without a schema, that is what
    /// is named.
    pub fn new(include: &Include, schema: Option<&ClassSchema>) -> Self {
        let mut tree = Self::default();
        for path in &include.paths {
            path.split('.').fold(&mut tree, |level, part| {
                level.0.entry(part.to_owned()).or_default()
            });
        }
        for field in schema.filter(|_| include.all).into_iter().flat_map(everything) {
            tree.0.entry(field.clone()).or_default();
        }
        tree
    }

    /// How many fields it includes.
    pub fn count(&self) -> usize {
        self.0.values().map(|below| 1 + below.count()).sum()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The paths at which pointers are replaced, and what is included from there. Objects are passed through, those in
    /// arrays as well.
    fn branches(&self, schema: &ClassSchema) -> Vec<(String, &Self)> {
        let mut branches = Vec::new();
        for (field, below) in &self.0 {
            let kind = schema.field(field);
            if matches!(kind, Some(FieldType::Object | FieldType::Array)) {
                below.inside_object(field, &mut branches);
            }
            if kind != Some(&FieldType::Object) {
                branches.push((field.clone(), below));
            }
        }
        branches
    }

    fn inside_object<'t>(&'t self, path: &str, branches: &mut Vec<(String, &'t Self)>) {
        for (name, below) in &self.0 {
            let path = format!("{path}.{name}");
            // Whether `name` is a pointer or a further object shows only in the data; so both are tried.
            below.inside_object(&path, branches);
            branches.push((path, below));
        }
    }
}

/// The fields that `include=*` means.
pub fn everything(schema: &ClassSchema) -> impl Iterator<Item = &String> {
    let reaches = |kind: &FieldType| matches!(kind, FieldType::Pointer(_) | FieldType::Array);
    schema
        .fields
        .iter()
        .filter_map(move |(field, kind)| reaches(kind).then_some(field))
}

/// Everything that `tree` includes for these rows.
pub async fn expand(
    app: &AppState,
    caller: &Caller,
    schema: &ClassSchema,
    rows: &[Row],
    tree: &Tree,
    options: &FindOptions,
) -> ParseResult<Included> {
    let held = rows.iter().map(Row::size).sum();
    Walk { app, caller, held }
        .expand(schema, rows, tree, options)
        .await
}

/// The way down the tree. The objects of all levels above are held meanwhile.
struct Walk<'a> {
    app: &'a AppState,
    caller: &'a Caller,
    /// Their bytes.
    held: usize,
}

impl Walk<'_> {
    async fn expand(
        &mut self,
        schema: &ClassSchema,
        rows: &[Row],
        tree: &Tree,
        options: &FindOptions,
    ) -> ParseResult<Included> {
        let mut included = Included::default();
        if tree.is_empty() {
            return Ok(included);
        }
        for (path, below) in tree.branches(schema) {
            included.declare(&path);
            for (class, ids) in pointers_by_class(schema, rows, &path) {
                let operation = if ids.len() == 1 {
                    Operation::Get
                } else {
                    Operation::Find
                };
                let inner = inner_options(&path, ids, options);
                if let Some(query) = Query::admit(self.app, self.caller, &class, inner, operation).await? {
                    Box::pin(self.add(&path, &query, below, &mut included)).await?;
                }
            }
        }
        Ok(included)
    }

    /// Adds what `query` finds, with what is included from there.
    async fn add(
        &mut self,
        path: &str,
        query: &Query,
        below: &Tree,
        included: &mut Included,
    ) -> ParseResult<()> {
        let mut view = query.view(self.app, self.caller);
        let rows = self
            .app
            .storage
            .rows(&query.selection(), &Page::default(), view.projected().as_deref())
            .await?;
        let bytes: usize = rows.iter().map(Row::size).sum();
        self.held += bytes;
        check_size(self.held)?;
        view.tags = Tags::Object;
        view.included = self.expand(query.schema(), &rows, below, query.options()).await?;
        for row in &rows {
            let mut json = Vec::with_capacity(2 * row.size());
            row.write(&view, &mut json)?;
            included.add(path, &query.schema().name, row.id(), json)?;
        }
        self.held -= bytes;
        Ok(())
    }
}

fn pointers_by_class(schema: &ClassSchema, rows: &[Row], path: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut pointers: Vec<Pointer> = Vec::new();
    for row in rows {
        row.pointers(schema, path, &mut pointers);
    }
    let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for pointer in pointers {
        classes.entry(pointer.class).or_default().insert(pointer.id);
    }
    classes
}

/// The find for the included objects: `keys=a.x` asks for `x` of what `a` leads to.
fn inner_options(path: &str, ids: BTreeSet<String>, outer: &FindOptions) -> FindOptions {
    let below = |keys: &[String]| {
        let prefix = format!("{path}.");
        keys.iter()
            .filter_map(|key| key.strip_prefix(&prefix))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let ids = ids.into_iter().map(Value::String).collect();
    let selected = outer.keys.as_deref().map(below).filter(|keys| !keys.is_empty());
    let whole = outer.keys.iter().flatten().any(|key| key == path);
    FindOptions {
        keys: selected.filter(|_| !whole),
        exclude_keys: below(&outer.exclude_keys),
        ..FindOptions::of(Filter::Field {
            path: "objectId".into(),
            tests: vec![Test::In(ids)],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn include(paths: &[&str], all: bool) -> Include {
        Include {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            all,
        }
    }

    #[test]
    fn prefixes_are_included_and_objects_passed_through() {
        let mut schema = ClassSchema::new("A");
        schema.fields.insert("info".into(), FieldType::Object);
        schema.fields.insert("items".into(), FieldType::Array);
        schema
            .fields
            .insert("owner".into(), FieldType::Pointer("B".into()));
        let named = include(&["owner.boss", "info.author", "items.product"], false);
        let tree = Tree::new(&named, Some(&schema));
        let paths: Vec<String> = tree.branches(&schema).into_iter().map(|(path, _)| path).collect();
        // What an array holds, pointers or objects with pointers in them, shows only in the data.
        assert_eq!(paths, ["info.author", "items.product", "items", "owner"]);
    }

    #[test]
    fn a_star_is_every_pointer_and_array() {
        let mut schema = ClassSchema::new("A");
        for (name, kind) in [
            ("p", FieldType::Pointer("B".into())),
            ("l", FieldType::Array),
            ("s", FieldType::String),
        ] {
            schema.fields.insert(name.into(), kind);
        }
        let tree = Tree::new(&include(&[], true), Some(&schema));
        let paths: Vec<String> = tree.branches(&schema).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["l", "p"]);
    }
}
