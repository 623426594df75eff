//! The connection string of one app, made from that of the database cluster it is in.
//!
//! The operator and the control plane's local driver give it to the runtimes they start. The `mongodb` crate reads connection
//! strings and writes none.

/// The cluster's connection string with another user, who is known to the database `database` only.
/// Hosts and options stay; what belongs to the administrator's sign-in goes.
pub fn for_app(cluster: &str, user: &str, password: &str, database: &str) -> String {
    let (scheme, rest) = cluster.split_once("://").unwrap_or(("mongodb", cluster));
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let address = address.rsplit_once('@').map_or(address, |(_, hosts)| hosts);
    let hosts = address.split('/').next().unwrap_or_default();
    let own = format!("authSource={database}");
    let options: Vec<&str> = query
        .split('&')
        .filter(|option| !option.is_empty() && !is_sign_in(option))
        .chain([own.as_str()])
        .collect();
    format!(
        "{scheme}://{}:{}@{hosts}/{database}?{}",
        encode(user),
        encode(password),
        options.join("&")
    )
}

fn is_sign_in(option: &str) -> bool {
    const SIGN_IN: [&str; 5] = [
        "authsource",
        "authmechanism",
        "authmechanismproperties",
        "directconnection",
        "appname",
    ];
    let name = option.split('=').next().unwrap_or_default().to_ascii_lowercase();
    SIGN_IN.contains(&name.as_str())
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
        let cluster = "mongodb://root:p%40ss@db-0:1,db-1:2/admin?replicaSet=rs0&authSource=admin&tls=true";
        assert_eq!(
            for_app(cluster, "app_x", "s/e:c", "app_x"),
            "mongodb://app_x:s%2Fe%3Ac@db-0:1,db-1:2/app_x?replicaSet=rs0&tls=true&authSource=app_x"
        );
    }

    #[test]
    fn a_bare_connection_string_works_too() {
        assert_eq!(
            for_app("mongodb://db.example", "u", "p", "d"),
            "mongodb://u:p@db.example/d?authSource=d"
        );
    }
}
