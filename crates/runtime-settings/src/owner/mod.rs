//! What of the settings belongs to an app's owner: the options with their places on a settings page (`table`), the rules
//! about them (`check`), and which of their values are secrets (`secrets`).
//!
//! The control plane shows, checks, seals and stores by this; the runtime does not call it. An option is the owner's, or
//! the platform's for a reason that [`refusal`] tells, or without effect: there is no fourth kind, which a test holds.

mod check;
mod secrets;
mod stored;
mod table;

pub use check::check;
pub use secrets::{MASK, Secrets, mask, put_back, take_out, unmask};
pub use stored::{Unknown, drop_foreign, set_aside};
pub use table::{OPTIONS, SECTIONS};

use crate::options::{self, Effect, Kind, OptionSpec};

/// A part of the settings page.
#[derive(Debug)]
pub struct Section {
    pub id: &'static str,
    pub title: &'static str,
    /// One sentence.
    pub about: &'static str,
}

/// An option that the owner may set.
#[derive(Debug)]
pub struct OwnerOption {
    pub name: &'static str,
    /// Id of its [`Section`].
    pub section: &'static str,
    /// A few words for a label.
    pub title: &'static str,
    /// What its object holds; empty when it is no object or one of free form.
    pub fields: &'static [Field],
    /// The only texts it takes; empty when it takes others.
    pub choices: &'static [&'static str],
}

/// A field of an option that is an object.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub title: &'static str,
    pub kind: Kind,
    /// One sentence, or nothing where the title says it.
    pub help: &'static str,
    pub fields: &'static [Self],
}

impl OwnerOption {
    /// What the settings know about the option.
    ///
    /// # Panics
    /// When the table names an option that does not exist, which a test rules out.
    #[must_use]
    pub fn spec(&self) -> &'static OptionSpec {
        match options::find(self.name) {
            Some(spec) => spec,
            None => unreachable!("{} is no option", self.name),
        }
    }
}

/// The owner's option of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static OwnerOption> {
    OPTIONS.iter().find(|option| option.name == name)
}

/// Why an option that is not among the owner's may not be set, to follow its name.
#[must_use]
pub fn refusal(name: &str) -> String {
    if let Some(reason) = table::PLATFORM.iter().find(|entry| entry.0 == name) {
        return format!("cannot be set here: {}.", reason.1);
    }
    match options::find(name).map(|option| option.effect) {
        Some(Effect::None(reason)) => format!("cannot be set: {reason}."),
        Some(Effect::Used) => "cannot be set here: the platform sets it.".to_owned(),
        None => match options::nearest_of(name, OPTIONS.iter().map(|option| option.name)) {
            Some(nearest) => format!("is no option. Perhaps {nearest} was meant."),
            None => "is no option. `GET …/settings` lists all.".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_option_is_the_owners_or_the_platforms_or_without_effect() {
        let platform = |name| table::PLATFORM.iter().any(|entry| entry.0 == name);
        for option in options::all() {
            let homes = [
                find(option.name).is_some(),
                platform(option.name),
                option.effect != Effect::Used,
            ];
            let homes = homes.iter().filter(|home| **home).count();
            assert_eq!(homes, 1, "{} has {homes} homes", option.name);
        }
    }

    #[test]
    fn the_owners_options_exist_have_a_section_and_need_no_restart() {
        let sections: HashSet<_> = SECTIONS.iter().map(|section| section.id).collect();
        let mut names = HashSet::new();
        for option in OPTIONS {
            assert!(names.insert(option.name), "{} appears twice", option.name);
            assert!(sections.contains(option.section), "{}", option.name);
            assert_eq!(option.spec().name, option.name);
            assert_eq!(crate::waits_for_restart(option.name), None, "{}", option.name);
        }
        assert!(
            SECTIONS
                .iter()
                .all(|section| OPTIONS.iter().any(|option| option.section == section.id))
        );
    }

    #[test]
    fn what_may_not_be_set_says_why() {
        for (name, part) in [
            ("masterKey", "panel Keys"),
            ("databaseURI", "the platform"),
            ("cloud", "no functions yet"),
            ("sesionLength", "Perhaps sessionLength was meant"),
            ("zzzzzzzzzzzzzzzzzz", "lists all"),
        ] {
            assert!(refusal(name).contains(part), "{name}: {}", refusal(name));
        }
    }
}
