//! The documentation, embedded in the binary, so that every error's link leads somewhere without a second site.
//!
//! `routes::docs` serves it. Pages are rendered once; they need no script and no file from elsewhere.

mod links;
mod render;
mod shell;
mod style;

use std::sync::LazyLock;

pub use style::STYLE;

/// One page, still in Markdown.
struct Source {
    name: &'static str,
    /// Its title in the top line, where space is short.
    label: &'static str,
    /// What the index says about it.
    about: &'static str,
    markdown: &'static str,
}

/// In the order people read them.
const SOURCES: [Source; 6] = [
    Source {
        name: "founders-guide",
        label: "Founders' guide",
        about: "From a name to an app whose data is stored and kept apart.",
        markdown: include_str!("../../../docs/founders-guide.md"),
    },
    Source {
        name: "settings",
        label: "Settings",
        about: "How an app's backend behaves: every option, and how a change arrives.",
        markdown: include_str!("../../../docs/settings.md"),
    },
    Source {
        name: "errors",
        label: "Errors",
        about: "Every refusal of the API: what it means and what to do.",
        markdown: include_str!("../../../docs/errors.md"),
    },
    Source {
        name: "running",
        label: "Running",
        about: "The whole platform on one machine: settings, data, backup, troubleshooting.",
        markdown: include_str!("../../../docs/running.md"),
    },
    Source {
        name: "moving",
        label: "Moving",
        about: "An app in from a Parse Server with all its data, and out again.",
        markdown: include_str!("../../../docs/moving.md"),
    },
    Source {
        name: "architecture",
        label: "Architecture",
        about: "The parts, and what keeps tenants apart.",
        markdown: include_str!("../../../docs/architecture.md"),
    },
];

/// Everything below `/docs`, as whole HTML documents.
struct Site {
    index: String,
    missing: String,
    pages: Vec<(&'static str, String)>,
}

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let pages: Vec<_> = SOURCES
        .iter()
        .map(|source| (source, render::markdown(source.markdown)))
        .collect();
    let entries: Vec<_> = pages
        .iter()
        .map(|(source, page)| shell::Entry {
            name: source.name,
            label: source.label,
            title: &page.title,
            about: source.about,
        })
        .collect();
    Site {
        index: shell::index(&entries),
        missing: shell::missing(&entries),
        pages: pages
            .iter()
            .map(|(source, page)| (source.name, shell::page(&entries, source.name, page)))
            .collect(),
    }
});

/// The list of all pages.
pub fn index() -> &'static str {
    &SITE.index
}

/// The page `/docs/<name>`.
pub fn page(name: &str) -> Option<&'static str> {
    let found = SITE.pages.iter().find(|(known, _)| *known == name);
    found.map(|(_, html)| html.as_str())
}

/// What is shown for a page that does not exist.
pub fn missing() -> &'static str {
    &SITE.missing
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What stands between `before` and the next quote, everywhere in `text`.
    fn quoted<'a>(text: &'a str, before: &str) -> BTreeSet<&'a str> {
        let parts = text.split(before).skip(1);
        parts.map(|part| part.split('"').next().unwrap()).collect()
    }

    fn anchors(page_name: &str) -> BTreeSet<&'static str> {
        quoted(page(page_name).unwrap(), " id=\"")
    }

    /// The codes of the API, from the one table that gives them out.
    fn error_codes() -> BTreeSet<&'static str> {
        let source = include_str!("../error.rs");
        let rows = source.split("=> (StatusCode::").skip(1);
        rows.map(|row| row.split('"').nth(1).unwrap()).collect()
    }

    #[test]
    fn every_error_code_has_its_place_on_the_page_of_errors_and_no_other_has() {
        let codes = error_codes();
        assert!(
            codes.contains("malformed_json") && codes.contains("internal"),
            "{codes:?}"
        );
        let headings = quoted(page("errors").unwrap(), "<h2 id=\"");
        assert_eq!(headings, codes);
    }

    #[test]
    fn every_link_leads_to_a_page_and_a_heading_that_exist() {
        for name in SOURCES.map(|source| source.name) {
            for link in quoted(page(name).unwrap(), "href=\"") {
                let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
                let target = match path {
                    "" => name,
                    "/" | "/docs" | "/docs/style.css" | "/favicon.svg" | "/api/v1/openapi.json" => continue,
                    _ => path
                        .strip_prefix("/docs/")
                        .unwrap_or_else(|| panic!("{name}: {link}")),
                };
                assert!(page(target).is_some(), "{name}: {link}");
                assert!(
                    anchor.is_empty() || anchors(target).contains(anchor),
                    "{name}: {link}"
                );
            }
        }
    }

    #[test]
    fn index_lists_every_page_and_pages_say_where_one_is() {
        for name in SOURCES.map(|source| source.name) {
            let link = format!("href=\"/docs/{name}\"");
            assert!(index().contains(&link), "{name}");
            assert!(
                page(name)
                    .unwrap()
                    .contains(&format!("{link} aria-current=\"page\"")),
                "{name}"
            );
        }
        assert!(page("secrets").is_none());
        assert!(missing().contains("There is no such page"));
    }

    #[test]
    fn no_page_needs_a_script_an_inline_style_or_another_site() {
        for name in SOURCES.map(|source| source.name) {
            let html = page(name).unwrap();
            for forbidden in ["<script", " style=", "<style", "<img", "src="] {
                assert!(!html.contains(forbidden), "{name}: {forbidden}");
            }
        }
    }
}
