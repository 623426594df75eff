//! The texts of pages: the app's own and ours, each in the language nearest to a locale.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::languages;
use crate::settings::PagesSettings;

type Texts = BTreeMap<String, String>;

static BUILT_IN: LazyLock<BTreeMap<String, Texts>> =
    LazyLock::new(|| serde_json::from_str(include_str!("texts.json")).unwrap_or_default());

/// What a page says, whatever part of it asks.
pub struct Words<'a> {
    /// Best first; ours in English is the last.
    languages: Vec<Language<'a>>,
}

struct Language<'a> {
    name: &'a str,
    own: Option<&'a Texts>,
    ours: Option<&'static Texts>,
}

impl<'a> Words<'a> {
    pub fn new(pages: &'a PagesSettings, locale: Option<&'a str>) -> Self {
        let own = languages::wanted(pages, locale).into_iter().map(|name| Language {
            name,
            own: languages::find(&pages.translations, name).map(|(_, texts)| texts),
            ours: languages::find(&BUILT_IN, name).map(|(_, texts)| texts),
        });
        let last = Language {
            name: languages::LAST,
            own: None,
            ours: BUILT_IN.get(languages::LAST),
        };
        Self {
            languages: own.chain([last]).collect(),
        }
    }

    /// The app's own text, unless there is one of ours in a language that is wanted more.
    pub fn own(&self, name: &str) -> Option<&'a str> {
        let nearest = self.languages.iter().find(|language| language.has(name))?;
        nearest.own?.get(name).map(String::as_str)
    }

    /// Our text.
    pub fn ours(&self, name: &str) -> Option<&'static str> {
        let mut ours = self.languages.iter().filter_map(|language| language.ours);
        ours.find_map(|texts| texts.get(name)).map(String::as_str)
    }

    /// The language that most of it is in.
    pub fn language(&self) -> &'a str {
        let mut spoken = self
            .languages
            .iter()
            .filter(|language| language.own.or(language.ours).is_some());
        spoken.next().map_or(languages::LAST, |language| language.name)
    }
}

impl Language<'_> {
    fn has(&self, name: &str) -> bool {
        [self.own, self.ours]
            .iter()
            .flatten()
            .any(|texts| texts.contains_key(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_have_the_same_texts() {
        let english: Vec<_> = BUILT_IN["en"].keys().collect();
        assert!(english.len() > 10);
        assert_eq!(BUILT_IN.len(), 4);
        for (language, texts) in BUILT_IN.iter() {
            assert_eq!(texts.keys().collect::<Vec<_>>(), english, "{language}");
        }
    }

    #[test]
    fn own_texts_go_before_ours_of_the_same_language_and_not_before_a_nearer_one() {
        let own = |text: &str| {
            Texts::from([
                ("resend".to_owned(), text.to_owned()),
                ("hi".to_owned(), text.to_owned()),
            ])
        };
        let pages = PagesSettings {
            enable_localization: true,
            translations: BTreeMap::from([("en".to_owned(), own("again")), ("it".to_owned(), own("ancora"))]),
            ..PagesSettings::default()
        };
        for (locale, resend, hi, language) in [
            (Some("it-CH"), Some("ancora"), Some("ancora"), "it"),
            (Some("de"), None, Some("again"), "de"),
            (Some("xx"), Some("again"), Some("again"), "en"),
            (None, Some("again"), Some("again"), "en"),
        ] {
            let words = Words::new(&pages, locale);
            assert_eq!((words.own("resend"), words.own("hi")), (resend, hi), "{locale:?}");
            assert_eq!(words.language(), language);
        }
        assert_eq!(
            Words::new(&pages, Some("de")).ours("resend"),
            Some("Neuen Link senden")
        );
    }
}
