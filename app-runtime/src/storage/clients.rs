//! The driver's clients: one for each worker of the HTTP server, so that a command and its answer stay on the thread that
//! asks, and one for everything else.

use std::cell::Cell;
use std::sync::OnceLock;

use mongodb::options::{ClientOptions, ServerMonitoringMode};
use mongodb::{Client, Database};

use crate::storage::coalesce::{Coalescer, Updates};
use crate::storage::error::StorageResult;

/// Workers with a client of their own; any further one shares the client of the rest.
const MOST: usize = 16;

thread_local! {
    static WORKER: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Tells the storage that this thread is the worker `number` of the HTTP server, whose runtime can drive a client.
pub fn enter_worker(number: usize) {
    WORKER.set(Some(number));
}

/// A database by one client, and the lanes that it drives.
pub struct Connected {
    pub database: Database,
    pub coalescer: Coalescer,
}

/// The clients of one app's database.
pub struct Clients {
    /// Of all workers together: transactions of two would refuse each other's rows.
    pub updates: Updates,
    shared: Connected,
    workers: [OnceLock<Connected>; MOST],
    options: ClientOptions,
}

impl Clients {
    /// Opens the client that is nobody's own; the workers' are opened when they first ask.
    pub fn open(options: ClientOptions, database: &str) -> StorageResult<Self> {
        let shared = connected(Client::with_options(options.clone())?.database(database));
        let mut options = options;
        // One connection for it instead of two: what goes wrong shows in the commands as well.
        options
            .server_monitoring_mode
            .get_or_insert(ServerMonitoringMode::Poll);
        Ok(Self {
            updates: Updates::new(&shared.database),
            shared,
            workers: Default::default(),
            options,
        })
    }

    /// The client of this thread.
    pub fn here(&self) -> &Connected {
        let own = WORKER.get().and_then(|number| self.workers.get(number));
        own.map_or(&self.shared, |own| own.get_or_init(|| self.one_more()))
    }

    fn one_more(&self) -> Connected {
        let name = self.shared.database.name();
        let client = Client::with_options(self.options.clone());
        connected(client.map_or_else(|_| self.shared.database.clone(), |client| client.database(name)))
    }
}

fn connected(database: Database) -> Connected {
    Connected {
        coalescer: Coalescer::new(&database),
        database,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_worker(clients: &Clients, number: Option<usize>) -> *const Connected {
        std::thread::scope(|scope| {
            let look = || {
                number.inspect(|number| enter_worker(*number));
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime
                    .unwrap()
                    .block_on(async { std::ptr::from_ref(clients.here()) }) as usize
            };
            scope.spawn(look).join().unwrap() as *const Connected
        })
    }

    #[tokio::test]
    async fn each_worker_has_its_own_client_and_all_else_shares_one() {
        let options = ClientOptions::parse("mongodb://127.0.0.1:9").await.unwrap();
        let clients = Clients::open(options, "app").unwrap();
        let (one, other, more) = (
            on_worker(&clients, Some(0)),
            on_worker(&clients, Some(1)),
            on_worker(&clients, Some(MOST)),
        );
        let shared = std::ptr::from_ref(clients.here());
        assert!(one != other && one != shared && other != shared);
        assert_eq!(one, on_worker(&clients, Some(0)));
        assert_eq!((more, on_worker(&clients, None)), (shared, shared));
    }
}
