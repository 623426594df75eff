//! Which port an app listens on: picked once, remembered in the app's folder, kept over restarts, and
//! given up only when a foreign process holds it.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::app_folder::AppFolder;
use crate::regions::RegionError;

/// Two regions of one machine share the range: one pick at a time.
static PICKING: Mutex<()> = Mutex::new(());

/// The port for an app about to start: the remembered one if it is free, else a new one.
pub fn port_for_start(
    apps: &Path,
    folder: &AppFolder,
    range: &RangeInclusive<u16>,
) -> Result<u16, RegionError> {
    let _one_at_a_time = PICKING.lock().unwrap_or_else(PoisonError::into_inner);
    let remembered = folder.port();
    if let Some(port) = remembered.filter(|port| is_free(*port)) {
        return Ok(port);
    }
    let given: HashSet<u16> = AppFolder::all(apps).iter().filter_map(AppFolder::port).collect();
    let port = range
        .clone()
        .find(|port| !given.contains(port) && is_free(*port))
        .ok_or_else(|| {
            RegionError::NotReady(format!(
                "No free port for the app between {} and {}: widen local.port_range.",
                range.start(),
                range.end()
            ))
        })?;
    if let Some(taken) = remembered {
        tracing::warn!(app.folder = %folder.path().display(), taken, port, "port taken by a foreign process");
    }
    folder
        .remember_port(port)
        .map_err(RegionError::io("remembering the app's port"))?;
    Ok(port)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ids::{AppId, SystemIds};

    /// A few neighbouring ports that are free now, and that no other test here was given.
    fn free_range() -> RangeInclusive<u16> {
        static NEXT: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
        let step = || NEXT.fetch_add(3, std::sync::atomic::Ordering::Relaxed);
        std::iter::repeat_with(|| 13_000 + step())
            .map(|start| start..=start + 2)
            .find(|range| range.clone().all(is_free))
            .unwrap()
    }

    fn app(apps: &Path) -> AppFolder {
        let folder = AppFolder::new(apps, &AppId::new(&SystemIds));
        folder.create().unwrap();
        folder
    }

    #[test]
    fn port_is_kept_and_not_given_twice_even_while_nobody_listens() {
        let apps = tempfile::tempdir().unwrap();
        let range = free_range();
        let (one, two) = (app(apps.path()), app(apps.path()));
        let first = port_for_start(apps.path(), &one, &range).unwrap();
        let second = port_for_start(apps.path(), &two, &range).unwrap();
        assert_ne!(first, second);
        assert_eq!(port_for_start(apps.path(), &one, &range).unwrap(), first);
    }

    #[test]
    fn port_held_by_a_stranger_is_replaced() {
        let apps = tempfile::tempdir().unwrap();
        let range = free_range();
        let one = app(apps.path());
        let first = port_for_start(apps.path(), &one, &range).unwrap();
        let _stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        let second = port_for_start(apps.path(), &one, &range).unwrap();
        assert_ne!(first, second);
        assert_eq!(one.port(), Some(second));
    }

    #[test]
    fn full_range_names_the_setting() {
        let apps = tempfile::tempdir().unwrap();
        let start = *free_range().start();
        port_for_start(apps.path(), &app(apps.path()), &(start..=start)).unwrap();
        let error = port_for_start(apps.path(), &app(apps.path()), &(start..=start)).unwrap_err();
        assert!(error.to_string().contains("local.port_range"), "{error}");
    }
}
