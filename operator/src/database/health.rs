//! Notices when a database cluster goes away or comes back, so that the Apps on it are looked at.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
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
        // Together, so that one which does not answer holds up no news of another.
        let asked = context.databases.iter().map(|cluster| async move {
            let problem = cluster.ping().await.err();
            (&cluster.name, problem.map(|error| error.to_string()))
        });
        for (cluster, problem) in join_all(asked).await {
            let up = problem.is_none();
            let metric = context.metrics.database_up.with_label_values(&[cluster]);
            metric.set(up.into());
            context.set_database_down(cluster, problem);
            let before = states.insert(cluster.clone(), up);
            if before.is_some_and(|before| before != up) {
                changed(&context, cluster, up);
            }
        }
    }
}

fn changed(context: &Context, cluster: &str, up: bool) {
    tracing::info!(cluster, up, "a database cluster changed its state");
    if up {
        context.users.forget_cluster(cluster);
    }
    // All of them: those without a database yet may have waited for this one.
    for app in context.apps.state() {
        context.wake(app.name());
    }
}
