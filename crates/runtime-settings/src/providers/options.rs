//! Reading the options of one provider, with complaints that follow "an entry … that".

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::options::nearest_of;

/// The options as they were written.
pub struct Options<'a>(pub &'a Map<String, Value>);

/// Options that any provider may have.
const COMMON: &[&str] = &["enabled", "enableInsecureAuth", "oauth2", "openid"];

impl Options<'_> {
    /// Refuses what this kind of provider does not know: a misspelt protection would be none.
    pub fn only(&self, own: &'static [&'static str]) -> Result<(), String> {
        let known = || own.iter().chain(COMMON).copied();
        let Some(unknown) = self
            .0
            .keys()
            .find(|name| !known().any(|known| known == name.as_str()))
        else {
            return Ok(());
        };
        Err(match nearest_of(unknown, known()) {
            Some(meant) => format!("has an unknown option {unknown:?}; perhaps {meant} was meant"),
            None => format!("has an unknown option {unknown:?}; it knows {}", own.join(", ")),
        })
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// Off where it is absent.
    pub fn is_on(&self, name: &str) -> Result<bool, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(on)) => Ok(*on),
            Some(_) => Err(format!("has neither true nor false as {name}")),
        }
    }

    /// A text that is not empty.
    pub fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(format!("has no proper text as {name}")),
        }
    }

    pub fn required(&self, name: &str) -> Result<String, String> {
        self.text(name)?.ok_or_else(|| format!("needs {name}"))
    }

    pub fn secret(&self, name: &str) -> Result<Option<SecretString>, String> {
        Ok(self.text(name)?.map(SecretString::from))
    }

    /// One text or several, at least one; each is compared as a whole (CVE-2022-39231).
    pub fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        let needed = || format!("needs {name}, a text or a list of texts");
        let texts: Option<Vec<String>> = match self.0.get(name) {
            Some(Value::String(one)) => Some(vec![one.clone()]),
            Some(Value::Array(all)) => all.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        texts
            .filter(|texts| !texts.is_empty() && texts.iter().all(|text| !text.is_empty()))
            .ok_or_else(needed)
    }

    pub fn object(&self, name: &str) -> Result<Options<'_>, String> {
        self.0
            .get(name)
            .and_then(Value::as_object)
            .map(Options)
            .ok_or_else(|| format!("needs {name}, an object"))
    }

    pub fn milliseconds(&self, name: &str) -> Result<Option<Duration>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match value.as_u64() {
                Some(milliseconds) => Ok(Some(Duration::from_millis(milliseconds))),
                None => Err(format!("has no whole number of milliseconds as {name}")),
            },
        }
    }

    /// An address that tokens and secrets may be sent to: `https`, or plain `http` to this machine only.
    pub fn url(&self, name: &str, default: Option<&str>) -> Result<Url, String> {
        let text = match (self.text(name)?, default) {
            (Some(text), _) => text,
            (None, Some(default)) => default.to_owned(),
            (None, None) => return Err(format!("needs {name}")),
        };
        Url::parse(&text)
            .ok()
            .filter(is_safe)
            .ok_or_else(|| format!("has no https:// address as {name}"))
    }
}

/// Whether tokens and secrets may be sent to this address.
pub fn is_safe(url: &Url) -> bool {
    let on_this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    plain && url.has_host() && (url.scheme() == "https" || (url.scheme() == "http" && on_this_machine))
}
