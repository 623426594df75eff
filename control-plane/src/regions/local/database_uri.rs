//! The connection string of one app, made from the region's own.

/// The region's connection string with another user, who is known to the database `database` only.
/// Hosts and options stay; what belongs to the administrator's sign-in goes.
pub fn for_app(region: &str, user: &str, password: &str, database: &str) -> String {
    let (scheme, rest) = region.split_once("://").unwrap_or(("mongodb", region));
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let address = address.rsplit_once('@').map_or(address, |(_, hosts)| hosts);
    let hosts = address.split('/').next().unwrap_or_default();
    let kept = query
        .split('&')
        .filter(|option| !option.is_empty() && !is_sign_in(option));
    let options: Vec<&str> = kept.collect();
    let options = [options.join("&"), format!("authSource={database}")];
    let options: Vec<&str> = options
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    format!(
        "{scheme}://{}:{}@{hosts}/{database}?{}",
        encode(user),
        encode(password),
        options.join("&")
    )
}

fn is_sign_in(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default().to_ascii_lowercase();
    matches!(
        name.as_str(),
        "authsource" | "authmechanism" | "authmechanismproperties" | "directconnection" | "appname"
    )
}

/// Percent-encodes everything but unreserved characters (RFC 3986 section 2.3), as the connection
/// string specification asks for user and password.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_options_stay_and_the_administrator_goes() {
        let region = "mongodb://root:p%40ss@127.0.0.1:1,127.0.0.1:2/admin?replicaSet=slipway&authSource=admin&tls=true";
        assert_eq!(
            for_app(region, "app_x", "s/e:c", "app_x"),
            "mongodb://app_x:s%2Fe%3Ac@127.0.0.1:1,127.0.0.1:2/app_x?replicaSet=slipway&tls=true&authSource=app_x"
        );
    }

    #[test]
    fn bare_connection_string_works_too() {
        assert_eq!(
            for_app("mongodb://db.example", "u", "p", "d"),
            "mongodb://u:p@db.example/d?authSource=d"
        );
    }
}
