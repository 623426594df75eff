//! What of the data that a provider left with a user (`authData`) may be read.

/// How much of an entry of `authData` is shown, to whoever may see it at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    All,
    /// Only `id`: the rest is an access token that the server got for itself.
    Id,
    /// Only whether it is set up, except to the master key: the rest is a secret.
    Status,
}

/// Providers whose tokens never leave the server, as their adapters in Parse Server do in `afterFind`.
const SERVER_SIDE: &[&str] = &[
    "discord",
    "github",
    "gitlab",
    "gpgames",
    "instagram",
    "line",
    "linkedin",
    "microsoft",
    "qq",
    "spotify",
    "twitter",
    "wechat",
    "weibo",
    "x",
];

/// What readers see of the entry of this provider.
pub fn shown(provider: &str) -> Shown {
    match provider {
        "mfa" => Shown::Status,
        _ if SERVER_SIDE.contains(&provider) => Shown::Id,
        _ => Shown::All,
    }
}
