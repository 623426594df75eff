//! Where the links of the Markdown lead once it is served: files beside each other become pages. Pure.

use super::SOURCES;

/// The address on this server; `None` when the target is served nowhere here.
pub fn resolve(link: &str) -> Option<String> {
    if link.starts_with('#') || link.starts_with('/') || link.starts_with("https://") {
        return Some(link.to_owned());
    }
    if link == "../control-plane/openapi.json" {
        return Some("/api/v1/openapi.json".to_owned());
    }
    let (file, anchor) = link.split_at(link.find('#').unwrap_or(link.len()));
    let name = file.strip_suffix(".md")?;
    SOURCES
        .iter()
        .any(|source| source.name == name)
        .then(|| format!("/docs/{name}{anchor}"))
}

/// The id of a heading, as code forges make it from its text: `Settings & ports` is `settings--ports`.
pub fn heading_id(text: &str) -> String {
    text.trim()
        .to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            '-' | '_' => Some(letter),
            _ => letter.is_alphanumeric().then_some(letter),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_beside_each_other_are_pages() {
        let cases = [
            ("running.md", Some("/docs/running")),
            ("founders-guide.md#keys", Some("/docs/founders-guide#keys")),
            ("#keys", Some("#keys")),
            ("https://example.com/", Some("https://example.com/")),
            ("../control-plane/openapi.json", Some("/api/v1/openapi.json")),
            ("decisions/", None),
            ("secret.md", None),
            ("javascript:alert(1)", None),
        ];
        for (link, expected) in cases {
            assert_eq!(resolve(link).as_deref(), expected, "{link}");
        }
    }

    #[test]
    fn heading_ids_are_those_of_code_forges() {
        assert_eq!(heading_id("app_limit_reached"), "app_limit_reached");
        assert_eq!(heading_id("MongoDB's licence"), "mongodbs-licence");
        assert_eq!(heading_id("Settings & ports"), "settings--ports");
    }
}
