//! The frame around every page: top line with all pages, the text, nothing else. Pure.

use super::render::Rendered;

const SHELL: &str = include_str!("shell.html");

/// One page in the list of pages. `title` is HTML.
pub struct Entry<'a> {
    /// The part of the list that it belongs to.
    pub part: &'static str,
    pub name: &'static str,
    pub label: &'static str,
    pub title: &'a str,
    pub about: &'static str,
}

/// A page of the documentation.
pub fn page(entries: &[Entry<'_>], name: &str, page: &Rendered) -> String {
    frame(entries, name, &page.title, &page.body)
}

/// The list of all pages.
pub fn index(entries: &[Entry<'_>]) -> String {
    let body = format!("<h1>Documentation</h1>\n{}", list(entries));
    frame(entries, "", "Documentation", &body)
}

/// The page in place of one that does not exist.
pub fn missing(entries: &[Entry<'_>]) -> String {
    let body = format!(
        "<h1>There is no such page</h1>\n<p>These are all there are:</p>\n{}",
        list(entries)
    );
    frame(entries, "", "There is no such page", &body)
}

/// The entries part by part.
fn parts<'a, 'b>(entries: &'a [Entry<'b>]) -> impl Iterator<Item = &'a [Entry<'b>]> {
    entries.chunk_by(|one, next| one.part == next.part)
}

fn list(entries: &[Entry<'_>]) -> String {
    let item = |entry: &Entry<'_>| {
        let Entry {
            name, title, about, ..
        } = entry;
        format!("<li><a href=\"/docs/{name}\">{title}</a><p>{about}</p></li>\n")
    };
    let part = |entries: &[Entry<'_>]| {
        let title = entries[0].part;
        let items: String = entries.iter().map(item).collect();
        format!("<h2>{title}</h2>\n<ul class=\"index\">\n{items}</ul>\n")
    };
    parts(entries).map(part).collect()
}

/// The links of the top line, a list for each part.
fn links(entries: &[Entry<'_>], current: &str) -> String {
    let item = |entry: &Entry<'_>| {
        let mark = if entry.name == current {
            " aria-current=\"page\""
        } else {
            ""
        };
        format!(
            "<li><a href=\"/docs/{}\"{mark}>{}</a></li>\n",
            entry.name, entry.label
        )
    };
    let part = |entries: &[Entry<'_>]| {
        let title = entries[0].part;
        let items: String = entries.iter().map(item).collect();
        format!("<ul aria-label=\"{title}\">\n{items}</ul>\n")
    };
    parts(entries).map(part).collect()
}

fn frame(entries: &[Entry<'_>], current: &str, title: &str, body: &str) -> String {
    // The body comes last, so that nothing in it is taken for a place to fill.
    SHELL
        .replace("{{title}}", title)
        .replace("{{links}}", &links(entries, current))
        .replace("{{body}}", body)
}
