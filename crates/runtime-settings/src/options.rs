//! What is known about each option: the row type of `table`, and lookups in it.

use strsim::damerau_levenshtein;

use super::table::GROUPS;

/// One option of Parse Server, or one of ours.
#[derive(Debug)]
pub struct OptionSpec {
    /// Name in the settings file, spelled as Parse Server spells it.
    pub name: &'static str,
    pub env: &'static str,
    pub kind: Kind,
    /// JSON text; empty when the option has no default.
    pub default: &'static str,
    pub effect: Effect,
    /// One sentence.
    pub help: &'static str,
}

/// The form of a value, in the file and in the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Text that must never be shown.
    Secret,
    /// A connection string; its password must never be shown.
    SecretUrl,
    Url,
    Bool,
    /// A whole number within these bounds, both included.
    Number(u64, u64),
    /// Bytes, as a number or as text such as `20mb`.
    Size,
    /// A list of texts; in the environment separated by commas. A single text counts as a list of one.
    List,
    Ips,
    Object,
    /// An object that holds secrets; never shown.
    SecretObject,
    /// Anything Parse Server takes here: a module's name, an object, a list, a number.
    Any,
}

/// Whether setting the option changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Used,
    /// Accepted, so that a Parse Server's file moves over as it is; the text says why nothing follows from it.
    None(&'static str),
}

/// Options that are explained together.
pub struct Group {
    pub title: &'static str,
    pub options: &'static [OptionSpec],
}

/// Every option, in the order of the help.
pub fn all() -> impl Iterator<Item = &'static OptionSpec> {
    GROUPS.iter().flat_map(|group| group.options)
}

/// The option of this exact name.
#[must_use]
pub fn find(name: &str) -> Option<&'static OptionSpec> {
    all().find(|option| option.name == name)
}

/// The option whose name is most like `name`, if any is like it at all.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    nearest_of(name, all().map(|option| option.name))
}

/// The same among these names.
pub fn nearest_of(name: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let wanted = name.to_lowercase();
    names
        .map(|known| (damerau_levenshtein(&wanted, &known.to_lowercase()), known))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, found)| distance * 2 <= wanted.len().max(found.len()))
        .map(|(_, found)| found)
}

impl Kind {
    /// What a person should write, to follow "must be".
    #[must_use]
    pub fn expected(self) -> String {
        match self {
            Self::Text | Self::Secret | Self::SecretUrl => "text".to_owned(),
            Self::Url => "a URL that starts with http:// or https://".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Number(low, u64::MAX) => format!("a whole number of at least {low}"),
            Self::Number(low, high) => format!("a whole number from {low} to {high}"),
            Self::Size => "a size such as 20mb or 1048576".to_owned(),
            Self::List => "a list of texts".to_owned(),
            Self::Ips => "a list of IP addresses or ranges such as 10.0.0.0/8".to_owned(),
            Self::Object | Self::SecretObject => "an object".to_owned(),
            Self::Any => "any value".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_environment_names_are_unique() {
        let (mut names, mut envs) = (HashSet::new(), HashSet::new());
        for option in all() {
            assert!(names.insert(option.name), "{} appears twice", option.name);
            assert!(envs.insert(option.env), "{} appears twice", option.env);
        }
    }

    #[test]
    fn every_option_of_parse_server_is_known_with_its_environment_name_and_default() {
        for line in include_str!("parse_server_9_10.tsv").lines() {
            let mut columns = line.split('\t');
            let (name, env) = (
                columns.next().unwrap_or_default(),
                columns.next().unwrap_or_default(),
            );
            let Some(option) = find(name) else {
                panic!("{name} is missing")
            };
            assert_eq!(option.env, env, "{name}");
            assert_eq!(option.default, columns.next().unwrap_or_default(), "{name}");
        }
    }

    #[test]
    fn defaults_are_json() {
        for option in all().filter(|option| !option.default.is_empty()) {
            assert!(
                serde_json::from_str::<serde_json::Value>(option.default).is_ok(),
                "default of {}: {}",
                option.name,
                option.default
            );
        }
    }

    #[test]
    fn misspelled_names_lead_to_the_meant_one() {
        assert_eq!(nearest("masterkey"), Some("masterKey"));
        assert_eq!(nearest("databaseUrl"), Some("databaseURI"));
        assert_eq!(
            nearest("allowClientClasCreation"),
            Some("allowClientClassCreation")
        );
        assert_eq!(nearest("zzzzzzzzzzzzzzzz"), None);
    }
}
