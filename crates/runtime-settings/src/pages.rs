//! `pages` and `customPages`: the public pages behind the links in mails.
//!
//! Own pages are read into memory at start, so that a request can only ever name one of them: there is no path to
//! traverse (CVE-2026-30848), and a broken folder shows at start.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::needless::known;
use super::section::Section;

/// What the folder of own pages may hold, in bytes and files.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
const MAX_FILES: usize = 1_000;
const MAX_DEPTH: usize = 8;

/// The public pages of an app.
#[derive(Clone, Debug)]
pub struct PagesSettings {
    /// First part of the path of every page.
    pub endpoint: String,
    pub enable_localization: bool,
    pub fallback_locale: String,
    pub force_redirect: bool,
    pub encode_param_headers: bool,
    /// Page id (`passwordReset`, …) to the address of an own page.
    pub custom_urls: BTreeMap<String, String>,
    /// Own values for the pages.
    pub placeholders: BTreeMap<String, String>,
    /// Locale to texts for the pages: `localizationJsonPath`, or our own `translations`.
    pub translations: BTreeMap<String, BTreeMap<String, String>>,
    /// Own pages and what they use: path below the folder to content.
    pub files: Arc<BTreeMap<String, Vec<u8>>>,
    /// `customPages.parseFrameURL`: a page that shows the linked one in a frame.
    pub frame_url: Option<String>,
}

impl Default for PagesSettings {
    fn default() -> Self {
        Self {
            endpoint: "apps".to_owned(),
            enable_localization: false,
            fallback_locale: "en".to_owned(),
            force_redirect: false,
            encode_param_headers: false,
            custom_urls: BTreeMap::new(),
            placeholders: BTreeMap::new(),
            translations: BTreeMap::new(),
            files: Arc::default(),
            frame_url: None,
        }
    }
}

/// Ids of the pages, which `customUrls` may replace.
pub const PAGE_IDS: &[&str] = &[
    "passwordReset",
    "passwordResetSuccess",
    "passwordResetLinkInvalid",
    "emailVerificationSuccess",
    "emailVerificationSendFail",
    "emailVerificationSendSuccess",
    "emailVerificationLinkInvalid",
    "emailVerificationLinkExpired",
];

/// Reads `pages` with what its paths lead to.
pub fn pages(value: &Value) -> Result<PagesSettings, String> {
    const FIELDS: &[&str] = &[
        "pagesEndpoint",
        "pagesPath",
        "enableLocalization",
        "localizationJsonPath",
        "translations",
        "localizationFallbackLocale",
        "placeholders",
        "forceRedirect",
        "encodePageParamHeaders",
        "customUrls",
    ];
    let section = Section::of(value, &known("pages", FIELDS))?;
    let enable_localization = section.flag("enableLocalization", false)?;
    Ok(PagesSettings {
        endpoint: endpoint(section.text("pagesEndpoint")?)?,
        enable_localization,
        fallback_locale: section
            .text("localizationFallbackLocale")?
            .unwrap_or_else(|| "en".to_owned()),
        force_redirect: section.flag("forceRedirect", false)?,
        encode_param_headers: section.flag("encodePageParamHeaders", false)?,
        custom_urls: custom_urls(section.texts("customUrls")?)?,
        placeholders: section.texts("placeholders")?.into_iter().collect(),
        translations: translations(&section, enable_localization)?,
        files: Arc::new(match section.text("pagesPath")? {
            Some(path) => folder(&path)?,
            None => BTreeMap::new(),
        }),
        frame_url: None,
    })
}

/// Reads the one part of `customPages` that still means something.
pub fn frame_url(value: &Value) -> Result<Option<String>, String> {
    let field = "parseFrameURL";
    match Section::of(value, &known("customPages", &[field]))?.text(field)? {
        Some(url) if !is_address(&url) => {
            Err("has a parseFrameURL that must start with http:// or https://".to_owned())
        }
        url => Ok(url),
    }
}

fn endpoint(text: Option<String>) -> Result<String, String> {
    let endpoint = text.unwrap_or_else(|| "apps".to_owned());
    let plain = |part: char| part.is_ascii_alphanumeric() || part == '-' || part == '_';
    if !endpoint.is_empty() && endpoint.chars().all(plain) {
        Ok(endpoint)
    } else {
        Err("has a pagesEndpoint that must be one word, such as apps".to_owned())
    }
}

fn is_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn custom_urls(urls: Vec<(String, String)>) -> Result<BTreeMap<String, String>, String> {
    for (page, url) in &urls {
        if !PAGE_IDS.contains(&page.as_str()) {
            return Err(format!(
                "has customUrls for {page:?}; the pages are {}",
                PAGE_IDS.join(", ")
            ));
        }
        if !is_address(url) {
            return Err(format!(
                "has customUrls.{page}, which must start with http:// or https://"
            ));
        }
    }
    Ok(urls.into_iter().collect())
}

/// Whether this is a locale such as `en`, `de-AT`, `zh-Hans-CN`.
#[must_use]
pub fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let is_language =
        (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_part =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 35 && is_language && parts.all(is_part)
}

type Translations = BTreeMap<String, BTreeMap<String, String>>;

/// Those of the file, or (ours) those in the settings themselves, for whoever has no files on the server.
fn translations(section: &Section<'_>, enabled: bool) -> Result<Translations, String> {
    match (
        section.text("localizationJsonPath")?,
        section.value("translations"),
    ) {
        (None, None) => Ok(Translations::new()),
        (Some(_), Some(_)) => {
            Err("has both localizationJsonPath and translations; one of them is enough".to_owned())
        }
        (Some(path), None) => {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("has a localizationJsonPath {path} that cannot be read: {error}"))?;
            let read = serde_json::from_str(&text).ok();
            read.and_then(|locales| by_locale(&locales))
                .ok_or_else(|| format!("has a localizationJsonPath whose file must look like {I18NEXT}"))
        }
        (None, Some(_)) if !enabled => Err("has translations, which need enableLocalization".to_owned()),
        (None, Some(value)) => {
            let read =
                by_locale(value).ok_or_else(|| format!("has translations that must look like {I18NEXT}"))?;
            match read.keys().find(|locale| !is_locale(locale)) {
                Some(odd) => Err(format!(
                    "has translations for {odd:?}, which is no locale such as de or pt-BR"
                )),
                None => Ok(read),
            }
        }
    }
}

const I18NEXT: &str = r#"{"en": {"translation": {"key": "text"}}}"#;

/// Texts as i18next keeps them.
fn by_locale(value: &Value) -> Option<Translations> {
    let locales = value.as_object()?.iter();
    locales
        .map(|(locale, resource)| {
            let texts = resource.get("translation")?.clone();
            Some((locale.clone(), serde_json::from_value(texts).ok()?))
        })
        .collect()
}

fn folder(path: &str) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    let mut bytes = 0;
    collect(Path::new(path), "", MAX_DEPTH, &mut bytes, &mut files)
        .map_err(|error| format!("has a pagesPath {path} that cannot be read: {error}"))?;
    Ok(files)
}

/// Plain files only: a symbolic link could lead out of the folder.
fn collect(
    folder: &Path,
    prefix: &str,
    depth: usize,
    bytes: &mut u64,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if kind.is_dir() && depth > 0 {
            collect(&entry.path(), &format!("{name}/"), depth - 1, bytes, files)?;
        } else if kind.is_file() {
            *bytes += entry.metadata()?.len();
            if *bytes > MAX_BYTES || files.len() >= MAX_FILES {
                return Err(std::io::Error::other("it holds more than 16 MiB or 1000 files"));
            }
            files.insert(name, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn own_pages_are_read_with_their_folders_and_without_links() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("de")).unwrap();
        std::fs::write(folder.path().join("de/password_reset.html"), "Hallo").unwrap();
        std::fs::write(folder.path().join("logo.svg"), "<svg/>").unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link.html")).unwrap();
        let read = pages(&json!({"pagesPath": folder.path()})).unwrap();
        let names: Vec<_> = read.files.keys().map(String::as_str).collect();
        assert_eq!(names, ["de/password_reset.html", "logo.svg"]);
    }

    #[test]
    fn texts_come_from_a_file_or_from_the_settings_themselves() {
        let texts =
            json!({"it": {"translation": {"resetTitle": "Nuova password"}}, "pt-BR": {"translation": {}}});
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, texts.to_string().as_bytes()).unwrap();
        for read in [
            pages(&json!({"localizationJsonPath": file.path()})).unwrap(),
            pages(&json!({"translations": texts, "enableLocalization": true})).unwrap(),
        ] {
            assert_eq!(read.translations.len(), 2);
            assert_eq!(read.translations["it"]["resetTitle"], "Nuova password");
        }
        let both = pages(&json!({"localizationJsonPath": file.path(), "translations": texts}));
        assert!(both.unwrap_err().contains("one of them"));
    }

    #[test]
    fn what_cannot_be_served_is_refused_at_start() {
        for (bad, part) in [
            (json!({"pagesPath": "/no/such/folder"}), "cannot be read"),
            (json!({"localizationJsonPath": "/no/such/file"}), "cannot be read"),
            (json!({"pagesEndpoint": "a/b"}), "one word"),
            (
                json!({"enableLocalization": true, "translations": {"it": {"resetTitle": "a"}}}),
                "must look like",
            ),
            (
                json!({"enableLocalization": true, "translations": {"it": {"translation": {"a": 1}}}}),
                "must look like",
            ),
            (
                json!({"translations": {"it": {"translation": {}}}}),
                "enableLocalization",
            ),
            (
                json!({"enableLocalization": true, "translations": {"italian": {"translation": {}}}}),
                "no locale",
            ),
            (
                json!({"customUrls": {"passwordreset": "https://a"}}),
                "the pages are",
            ),
            (
                json!({"customUrls": {"passwordReset": "javascript:alert(1)"}}),
                "https://",
            ),
        ] {
            let reason = pages(&bad).unwrap_err();
            assert!(reason.contains(part), "{bad}: {reason}");
        }
        for bad in [
            json!({"parseFrameURL": "javascript:x"}),
            json!({"parseFrameURL": 1}),
            json!({"parseFrameUrl": "https://a"}),
        ] {
            assert!(frame_url(&bad).is_err(), "{bad}");
        }
        assert_eq!(frame_url(&json!({"invalidLink": "https://a"})), Ok(None));
    }
}
