//! Notices when a database cluster goes away or comes back, so that the Apps on it are looked at.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::context::Context;

const EVERY: Duration = Duration::from_secs(15);

/// Asks every cluster every 15 seconds, for as long as it is polled.
pub async fn watch(context: Arc<Context>) {
    let mut states: HashMap<String, bool> = HashMap::new();
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        for cluster in context.databases.iter() {
            let answer = cluster.ping().await;
            let up = answer.is_ok();
            context
                .metrics
                .database_up
                .with_label_values(&[&cluster.name])
                .set(up.into());
            context.set_database_down(&cluster.name, answer.err().map(|error| error.to_string()));
            if states
                .insert(cluster.name.clone(), up)
                .is_some_and(|before| before != up)
            {
                tracing::info!(cluster = cluster.name, up, "a database cluster changed its state");
                // All of them: those without a database yet may have waited for this one.
                for app in context.apps.state() {
                    context.wake(app.name());
                }
            }
        }
    }
}
