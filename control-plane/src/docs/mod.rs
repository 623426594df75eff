//! The documentation, embedded in the binary, so that every error's link leads somewhere without a second site.
//!
//! `routes::docs` serves it. Pages are rendered once; they need no script and no file from elsewhere.

mod links;
mod render;
mod shell;
mod style;

use std::sync::LazyLock;

pub use style::STYLE;

/// Whom a page is for; each has a part of the index.
#[derive(Clone, Copy)]
enum Reader {
    Founder,
    Operator,
}

impl Reader {
    /// The heading of their part.
    fn title(self) -> &'static str {
        match self {
            Self::Founder => "Building apps",
            Self::Operator => "Running the platform",
        }
    }
}

/// One page, still in Markdown.
struct Source {
    reader: Reader,
    name: &'static str,
    /// Its title in the top line, where space is short.
    label: &'static str,
    /// What the index says about it.
    about: &'static str,
    markdown: &'static str,
}

/// The page that is kept in the file of its name: whom it is for, name, label, and what it is about.
macro_rules! source {
    ($reader:ident, $name:literal, $label:literal, $about:literal $(,)?) => {
        Source {
            reader: Reader::$reader,
            name: $name,
            label: $label,
            about: $about,
            markdown: include_str!(concat!("../../../docs/", $name, ".md")),
        }
    };
}

/// Readers after each other, and for each in the order they read them.
const SOURCES: [Source; 12] = [
    source!(
        Founder,
        "founders-guide",
        "Founders' guide",
        "From a name to an app whose data is stored and kept apart.",
    ),
    source!(
        Founder,
        "settings",
        "Settings",
        "How an app's backend behaves: every option, and how a change arrives.",
    ),
    source!(
        Founder,
        "accounts",
        "Accounts",
        "Mails, passwords, lockout and the second factor of an app's users.",
    ),
    source!(
        Founder,
        "social-login",
        "Social login",
        "People sign in with an account they have elsewhere: every provider, and what it needs.",
    ),
    source!(
        Founder,
        "moving",
        "Moving",
        "An app in from a Parse Server with all its data, and out again.",
    ),
    source!(
        Founder,
        "errors",
        "Errors",
        "Every refusal of the API: what it means and what to do.",
    ),
    source!(
        Operator,
        "running",
        "Running",
        "The whole platform on one machine: settings, data, backup, troubleshooting.",
    ),
    source!(
        Operator,
        "architecture",
        "Architecture",
        "The parts, and what keeps tenants apart.",
    ),
    source!(
        Operator,
        "installing",
        "Installing",
        "Production: Kubernetes clusters, their regions and the control plane.",
    ),
    source!(
        Operator,
        "regions",
        "Regions",
        "How the apps of a region are run, what they can run on, and pausing them.",
    ),
    source!(
        Operator,
        "operator",
        "Operator",
        "What becomes of an App in its cluster, and how it is kept so.",
    ),
    source!(
        Operator,
        "runbook",
        "Runbook",
        "Upgrades, lost nodes and regions, rotated secrets, and every alert.",
    ),
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
            part: source.reader.title(),
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
    fn every_file_of_the_documentation_is_a_page() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
        let files = std::fs::read_dir(folder).unwrap();
        let names = files.filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".md").map(str::to_owned)
        });
        let served = SOURCES.map(|source| source.name.to_owned());
        assert_eq!(names.collect::<BTreeSet<_>>(), BTreeSet::from(served));
    }

    #[test]
    fn the_page_of_settings_leads_to_what_they_do_together() {
        for name in ["accounts", "social-login"] {
            let link = format!("href=\"/docs/{name}\"");
            let text = page("settings").unwrap().split("<main").nth(1).unwrap();
            assert!(text.contains(&link), "{name}");
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
        for reader in [Reader::Founder, Reader::Operator] {
            assert!(
                index().contains(&format!("<h2>{}</h2>", reader.title())),
                "{}",
                reader.title()
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
