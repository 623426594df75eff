//! The connection to a mail server, as a URL and certificates describe it: made here once to see that it can be made, and by
//! the runtime to send.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use url::Url;

/// How long the mail server may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A pool of connections.
pub type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The connection to the mail server that a URL describes. Its certificate may come from one of the `trusted`
/// authorities (PEM), too.
///
/// # Errors
/// When it is no `smtp://` or `smtps://` URL, or a certificate is none.
pub fn transport(url: &str, trusted: &[String]) -> Result<Transport, Error> {
    let mut builder = Transport::from_url(url)?.timeout(Some(TIMEOUT));
    if let (false, Ok(url)) = (trusted.is_empty(), Url::parse(url)) {
        builder = builder.tls(encryption(&url, trusted)?);
    }
    Ok(builder.build())
}

/// What the URL says, with these authorities trusted beside the system's.
fn encryption(url: &Url, trusted: &[String]) -> Result<Tls, Error> {
    let mut parameters = TlsParameters::builder(url.host_str().unwrap_or_default().to_owned());
    for pem in trusted {
        parameters = parameters.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
    }
    let parameters = parameters.build()?;
    let wanted = url.query_pairs().find(|(name, _)| name == "tls");
    Ok(
        match (url.scheme(), wanted.as_ref().map(|(_, value)| value.as_ref())) {
            ("smtps", _) => Tls::Wrapper(parameters),
            (_, Some("required")) => Tls::Required(parameters),
            (_, Some("opportunistic")) => Tls::Opportunistic(parameters),
            _ => Tls::None,
        },
    )
}
