//! Which language a page or a mail is in.
//!
//! `pages` and `mail` ask here, so that a mail and what its link leads to speak the same one.

use std::collections::BTreeMap;

use crate::settings::PagesSettings;

/// The one that everything there is exists in.
pub const LAST: &str = "en";

/// The languages to look for, best first: the locale's, then those of the app's fallback. None where the app does not
/// speak several.
pub fn wanted<'a>(pages: &'a PagesSettings, locale: Option<&'a str>) -> Vec<&'a str> {
    if !pages.enable_localization {
        return Vec::new();
    }
    let fallback = pages.fallback_locale.as_str();
    let mut wanted = Vec::new();
    for locale in locale.into_iter().chain([fallback]) {
        for name in [locale, locale.split('-').next().unwrap_or(locale)] {
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
    }
    wanted
}

/// What there is for a locale, in any spelling of case, and the name it is kept under.
pub fn find<'a, T>(by_locale: &'a BTreeMap<String, T>, locale: &str) -> Option<(&'a str, &'a T)> {
    let mut all = by_locale.iter();
    all.find(|(name, _)| name.eq_ignore_ascii_case(locale))
        .map(|(name, found)| (name.as_str(), found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_language_comes_first_and_the_fallback_last() {
        let mut pages = PagesSettings {
            fallback_locale: "pt-BR".to_owned(),
            ..PagesSettings::default()
        };
        assert_eq!(wanted(&pages, Some("de-AT")), [""; 0], "one language only");
        pages.enable_localization = true;
        assert_eq!(wanted(&pages, Some("de-AT")), ["de-AT", "de", "pt-BR", "pt"]);
        assert_eq!(wanted(&pages, Some("pt")), ["pt", "pt-BR"]);
        assert_eq!(wanted(&pages, None), ["pt-BR", "pt"]);
        let texts = BTreeMap::from([("pt-BR".to_owned(), 1)]);
        assert_eq!(find(&texts, "pt-br"), Some(("pt-BR", &1)));
        assert_eq!(find(&texts, "pt"), None);
    }
}
