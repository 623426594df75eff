//! The style sheet of the documentation: the console's colours and measures, and a layout of its own.

use std::sync::LazyLock;

/// The console's custom properties. It switches to dark by an attribute, which takes a script.
const TOKENS: &str = include_str!("../../../web-console/src/ui/tokens.css");
const LAYOUT: &str = include_str!("layout.css");
const DARK: &str = "[data-theme=\"dark\"]";

/// The whole sheet; here the system says whether it is dark.
pub static STYLE: LazyLock<String> = LazyLock::new(|| format!("{}\n{LAYOUT}", by_system(TOKENS)));

/// Puts every rule for the dark attribute under the media query instead.
fn by_system(css: &str) -> String {
    let mut parts = css.split(DARK);
    let mut sheet = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (rule, rest) = part.split_once('}').unwrap_or((part, ""));
        sheet.push_str("@media (prefers-color-scheme: dark) { :root");
        sheet.push_str(rule);
        sheet.push_str("} }");
        sheet.push_str(rest);
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_is_up_to_the_system() {
        let css = ":root { --bg: white; }\n[data-theme=\"dark\"] { --bg: black; }\na { color: red; }";
        assert_eq!(
            by_system(css),
            ":root { --bg: white; }\n@media (prefers-color-scheme: dark) { :root { --bg: black; } }\na { color: red; }"
        );
        assert!(STYLE.contains("prefers-color-scheme: dark") && !STYLE.contains("data-theme=\"dark\"]"));
    }

    #[test]
    fn every_property_used_is_one_of_the_consoles() {
        for used in LAYOUT.split("var(").skip(1) {
            let name = used.split(')').next().unwrap_or_default();
            assert!(TOKENS.contains(&format!("{name}:")), "{name}");
        }
    }
}
