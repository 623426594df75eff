//! What of the data that a provider left with a user (`authData`) may be read.

use crate::settings::CODE_PROVIDERS;

/// How much of an entry of `authData` is shown, to whoever may see it at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    All,
    /// Only `id`: the rest is an access token that the server got for itself.
    Id,
    /// Only whether it is set up, except to the master key: the rest is a secret.
    Status,
}

/// What readers see of the entry of this provider.
pub fn shown(provider: &str) -> Shown {
    match provider {
        "mfa" => Shown::Status,
        // Their tokens are the server's own, and never leave it; so do their adapters in Parse Server.
        _ if CODE_PROVIDERS.contains(&provider) => Shown::Id,
        _ => Shown::All,
    }
}
