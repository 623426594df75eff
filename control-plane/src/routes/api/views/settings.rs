//! An app's settings as the API shows them.

use actix_web::{HttpResponse, http::header::ETAG};
use runtime_settings::{Kind, owner};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::services::settings::AppSettings;

/// The largest whole number that every JSON reader reads exactly.
const LARGEST_EXACT: u64 = (1 << 53) - 1;

/// The settings of an app.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub struct SettingsBody {
    /// Grows with every change.
    version: i64,
    sections: Vec<SettingsSection>,
    /// In the order they are shown in.
    options: Vec<SettingsOption>,
}

/// Options that belong together.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsSection {
    id: &'static str,
    title: &'static str,
    description: &'static str,
}

/// The form of a value.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SettingKind {
    Text,
    /// Text that is masked when it is shown.
    Secret,
    Url,
    Boolean,
    /// A whole number, see `minimum` and `maximum`.
    Integer,
    /// Bytes, as a number or as text such as `20mb`.
    Size,
    /// Texts.
    List,
    /// IP addresses and ranges.
    Addresses,
    /// See `fields`; of free form without any.
    Object,
    /// An object, or a list of them.
    Any,
}

/// One option.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsOption {
    /// Parse Server's name.
    #[schema(example = "sessionLength")]
    name: &'static str,
    /// Id of its section.
    section: &'static str,
    title: &'static str,
    description: &'static str,
    kind: SettingKind,
    #[schema(required)]
    minimum: Option<u64>,
    #[schema(required)]
    maximum: Option<u64>,
    /// The only texts it takes; empty when there are others.
    choices: &'static [&'static str],
    fields: Vec<SettingsField>,
    /// What holds while nothing is set; null when that is nothing.
    #[schema(required, value_type = Value)]
    default: Value,
    /// What is set; null when nothing is.
    #[schema(required, value_type = Value)]
    value: Value,
}

/// A field of an option that is an object.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsField {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    kind: SettingKind,
    #[schema(required)]
    minimum: Option<u64>,
    #[schema(required)]
    maximum: Option<u64>,
    #[schema(no_recursion)]
    fields: Vec<Self>,
}

impl SettingsBody {
    pub fn of(settings: &AppSettings) -> Self {
        let (set, defaults) = (settings.masked(), settings.platform_defaults());
        let options = owner::OPTIONS.iter().map(|option| {
            let spec = option.spec();
            let (minimum, maximum) = bounds(spec.kind);
            let own_default = || serde_json::from_str(spec.default).unwrap_or_default();
            SettingsOption {
                name: option.name,
                section: option.section,
                title: option.title,
                description: spec.help,
                kind: spec.kind.into(),
                minimum,
                maximum,
                choices: option.choices,
                fields: option.fields.iter().map(SettingsField::from).collect(),
                default: defaults.get(option.name).cloned().unwrap_or_else(own_default),
                value: set.get(option.name).cloned().unwrap_or_default(),
            }
        });
        let sections = owner::SECTIONS.iter().map(|section| SettingsSection {
            id: section.id,
            title: section.title,
            description: section.about,
        });
        Self {
            version: settings.version,
            sections: sections.collect(),
            options: options.collect(),
        }
    }

    /// 200, with the version as ETag.
    pub fn respond(self) -> HttpResponse {
        let tag = format!("\"{}\"", self.version);
        HttpResponse::Ok().insert_header((ETAG, tag)).json(self)
    }
}

impl From<&'static owner::Field> for SettingsField {
    fn from(field: &'static owner::Field) -> Self {
        let (minimum, maximum) = bounds(field.kind);
        Self {
            name: field.name,
            title: field.title,
            description: field.help,
            kind: field.kind.into(),
            minimum,
            maximum,
            fields: field.fields.iter().map(Self::from).collect(),
        }
    }
}

impl From<Kind> for SettingKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Secret | Kind::SecretUrl => Self::Secret,
            Kind::Url => Self::Url,
            Kind::Bool => Self::Boolean,
            Kind::Number(..) => Self::Integer,
            Kind::Size => Self::Size,
            Kind::List => Self::List,
            Kind::Ips => Self::Addresses,
            Kind::Object | Kind::SecretObject => Self::Object,
            Kind::Any => Self::Any,
        }
    }
}

fn bounds(kind: Kind) -> (Option<u64>, Option<u64>) {
    match kind {
        Kind::Number(low, high) => (Some(low), Some(high).filter(|high| *high <= LARGEST_EXACT)),
        _ => (None, None),
    }
}
