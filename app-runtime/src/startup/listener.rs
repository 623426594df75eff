//! The server's socket: bound before anything else, so that a taken port ends the process at once.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use tokio::net::{TcpSocket, lookup_host};

/// Connections the kernel holds until a worker accepts them. 5,000 clients may arrive at the same moment; the kernel
/// lowers it to `net.core.somaxconn`.
const BACKLOG: u32 = 8_192;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error(
        "port {port} on {host} is taken by another process; stop it, or choose another with the option \"port\" or the \
         environment variable PORT"
    )]
    Taken { host: String, port: u16 },
    #[error("the option \"host\" is {host:?}, which is no address of this machine: {source}")]
    Host { host: String, source: std::io::Error },
    #[error("cannot listen on {host}:{port}: {source}")]
    Other {
        host: String,
        port: u16,
        source: std::io::Error,
    },
}

/// Listens on the first address `host` stands for.
///
/// # Errors
/// Says which option to change.
pub async fn bind(host: &str, port: u16) -> Result<TcpListener, BindError> {
    let unknown_host = |source| BindError::Host {
        host: host.to_owned(),
        source,
    };
    let address = lookup_host((host, port))
        .await
        .map_err(unknown_host)?
        .next()
        .ok_or_else(|| unknown_host(ErrorKind::AddrNotAvailable.into()))?;
    listen(address).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => BindError::Taken {
            host: host.to_owned(),
            port,
        },
        ErrorKind::AddrNotAvailable => unknown_host(source),
        _ => BindError::Other {
            host: host.to_owned(),
            port,
            source,
        },
    })
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // Lets a restarted process take the port over while old connections linger in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn taken_port_is_named_with_what_to_do() {
        let first = bind("127.0.0.1", 0).await.unwrap();
        let port = first.local_addr().unwrap().port();
        let error = bind("127.0.0.1", port).await.unwrap_err();
        assert!(matches!(error, BindError::Taken { .. }), "{error}");
        assert!(error.to_string().contains(&port.to_string()) && error.to_string().contains("PORT"));
    }

    #[tokio::test]
    async fn foreign_address_is_blamed_on_the_host_option() {
        for host in ["192.0.2.1", "no-such-host.invalid"] {
            let error = bind(host, 0).await.unwrap_err();
            assert!(matches!(error, BindError::Host { .. }), "{error}");
        }
    }
}
