//! The texts of our pages by language, and how a locale finds its texts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Texts = BTreeMap<String, String>;
type Languages = BTreeMap<String, Texts>;

static BUILT_IN: LazyLock<Languages> =
    LazyLock::new(|| serde_json::from_str(include_str!("texts.json")).unwrap_or_default());
static NONE: Texts = Texts::new();

/// Texts for a locale: its own, its language's, or those of the fallback.
pub fn of<'a>(languages: &'a Languages, locale: &str, fallback: &str) -> Option<&'a Texts> {
    let language = locale.split('-').next().unwrap_or(locale);
    [locale, language, fallback]
        .iter()
        .find_map(|name| languages.get(*name))
}

/// Our texts for a locale, English if we do not speak it, with the language they are in.
pub fn built_in(locale: &str) -> (&'static str, &'static Texts) {
    let language = locale.split('-').next().unwrap_or(locale).to_ascii_lowercase();
    BUILT_IN
        .get_key_value(&language)
        .or_else(|| BUILT_IN.get_key_value("en"))
        .map_or(("en", &NONE), |(language, texts)| (language.as_str(), texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_have_the_same_texts() {
        let english: Vec<_> = BUILT_IN["en"].keys().collect();
        assert!(english.len() > 10);
        for (language, texts) in BUILT_IN.iter() {
            assert_eq!(texts.keys().collect::<Vec<_>>(), english, "{language}");
        }
        assert_eq!(built_in("de-AT").0, "de");
        assert_eq!(built_in("xx").0, "en");
    }
}
