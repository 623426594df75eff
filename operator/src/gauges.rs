//! How many Apps are in which condition: counted when somebody asks, from the list that is kept anyway.

use std::collections::HashMap;

use kube::runtime::reflector::Store;

use crate::app_object::AppObject;
use crate::metrics::Metrics;

/// Sets the gauge `apps` from the list.
pub fn count(metrics: &Metrics, apps: &Store<AppObject>) {
    let mut counts: HashMap<(String, String), i64> = HashMap::new();
    for app in apps.state() {
        for condition in &app.status.conditions {
            *counts
                .entry((condition.type_.clone(), condition.status.clone()))
                .or_default() += 1;
        }
    }
    metrics.apps.reset();
    for ((condition, status), count) in counts {
        metrics.apps.with_label_values(&[&condition, &status]).set(count);
    }
}
