//! Ports of the private databases: picked once, kept in `run/`, replaced when somebody else has them.

use std::net::{Ipv4Addr, TcpListener};

use super::error::DevError;
use super::folder::DataFolder;
use crate::regions::local::files::write_private;

/// Below the range the kernel takes for outgoing connections, so a port is still free next time.
const RANGE: std::ops::Range<u16> = 10_000..20_000;

/// The port of `service`. `keep` when its server runs already: then the port is taken by itself.
pub fn of_service(folder: &DataFolder, service: &str, keep: bool) -> Result<u16, DevError> {
    let file = folder.run(&format!("{service}.port"));
    let remembered = std::fs::read_to_string(&file)
        .ok()
        .and_then(|text| text.trim().parse().ok());
    if let Some(port) = remembered.filter(|port| keep || is_free(*port)) {
        return Ok(port);
    }
    let picks = std::iter::repeat_with(|| rand::random_range(RANGE)).take(1_000);
    let free = picks
        .into_iter()
        .find(|port| is_free(*port))
        .ok_or_else(|| std::io::ErrorKind::AddrInUse.into());
    let port = free.map_err(DevError::io(format!("finding a free port for {service}")))?;
    write_private(&file, format!("{port}\n").as_bytes()).map_err(DevError::folder(&file))?;
    Ok(port)
}

/// Says early, before anything is started, that the console's port is taken.
pub fn check_console(port: u16) -> Result<(), DevError> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(DevError::PortTaken(port)),
        Err(source) => Err(DevError::Port { port, source }),
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn port_is_kept_until_a_stranger_takes_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = DataFolder::open(folder.path()).unwrap();
        let port = of_service(&folder, "mongo", false).unwrap();
        assert_eq!(of_service(&folder, "mongo", false).unwrap(), port);
        let _stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert_eq!(of_service(&folder, "mongo", true).unwrap(), port);
        assert_ne!(of_service(&folder, "mongo", false).unwrap(), port);
    }

    #[test]
    fn taken_console_port_is_named_with_the_variable_to_set() {
        let stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = stranger.local_addr().unwrap().port();
        let error = check_console(port).unwrap_err().to_string();
        assert!(
            error.contains(&port.to_string()) && error.contains("SLIPWAY_PORT"),
            "{error}"
        );
        drop(stranger);
        check_console(port).unwrap();
    }
}
