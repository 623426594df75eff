//! `slipway dev-mongodb`: makes the mongod beside this process a replica set with an administrator, and keeps it one.
//!
//! For the databases of a development cluster (`charts/slipway`), where it runs in mongod's own pod: MongoDB lets in somebody
//! without a password only from the same machine, and only until there is a first user.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use secrecy::SecretString;

use super::replica_set;

/// Between two looks; after a restart mongod is looked after by the next one.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Which mongod.
#[derive(Debug, Args)]
pub struct KeepOptions {
    /// Port on this machine.
    #[arg(long, default_value_t = 27017, value_name = "PORT")]
    port: u16,
    /// Name and port under which clients and mongod itself find it, such as mongodb-0.mongodb.slipway-eu.svc:27017.
    #[arg(long, value_name = "HOST:PORT")]
    host: String,
    /// File with the password of the administrator `root`.
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

/// Looks after it until the process is ended. What goes wrong is logged and tried again.
pub async fn run(options: &KeepOptions) -> Result<(), String> {
    let path = options.password_file.display();
    let password =
        std::fs::read_to_string(&options.password_file).map_err(|error| format!("{path}: {error}"))?;
    let password = SecretString::from(password.trim_end_matches(['\r', '\n']));
    let mut before = None;
    loop {
        let now = match replica_set::establish(options.port, &options.host, &password).await {
            Ok(version) => Ok(version),
            Err(error) => Err(error.to_string()),
        };
        if before.as_ref() != Some(&now) {
            match &now {
                Ok(version) => tracing::info!(version, host = options.host, "MongoDB takes writes"),
                Err(error) => tracing::warn!(error, "MongoDB is not ready"),
            }
            before = Some(now);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
