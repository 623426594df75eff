//! Ports for servers that tests start.

use std::net::{Ipv4Addr, TcpListener};

/// A TCP port of the loopback address that nothing listens on at this moment.
///
/// Another process can take it before the caller does; a server that then fails to bind says so.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("no free TCP port");
    listener.local_addr().expect("the listener has an address").port()
}
