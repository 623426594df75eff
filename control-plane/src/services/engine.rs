//! Choosing what an app runs on: the engine of a replica, how many replicas, and what that costs.

use billing::{EngineTier, PriceBook};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::apps::{about, finish, load};
use crate::{
    auth::Caller,
    error::{ApiError, Fields},
    regions::{Engine, HIGH_AVAILABILITY_REPLICAS, Sizing, kubernetes::broken_rules},
    state::AppState,
    store::{apps::App, sizing},
};

/// Replicas an app can have at most, in a region that can run that many.
const MOST_REPLICAS: i32 = 20;

/// What one engine is and costs.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    pub engine: Engine,
    pub millicpu: u32,
    pub memory_mib: u32,
    /// Of one replica.
    pub price_per_hour: Decimal,
}

/// The engines for sale on a day, and in which currency.
pub struct PriceList {
    book: &'static PriceBook,
}

impl PriceList {
    /// The prices that hold at `now`.
    pub fn at(now: DateTime<Utc>) -> Result<Self, ApiError> {
        let book = PriceBook::for_date(now.date_naive()).map_err(ApiError::internal)?;
        Ok(Self { book })
    }

    pub fn currency(&self) -> &'static str {
        self.book.currency.code()
    }

    pub fn offer(&self, engine: Engine) -> Offer {
        let price = self.book.engine(tier(engine));
        Offer {
            engine,
            millicpu: price.millicpu,
            memory_mib: price.memory_mib,
            price_per_hour: price.price_per_hour,
        }
    }

    /// What so many replicas cost in an hour.
    pub fn per_hour(&self, engine: Engine, replicas: i32) -> Decimal {
        (self.offer(engine).price_per_hour * Decimal::from(replicas)).normalize()
    }
}

fn tier(engine: Engine) -> EngineTier {
    match engine {
        Engine::Dev => EngineTier::Dev,
        Engine::S => EngineTier::S,
        Engine::M => EngineTier::M,
        Engine::L => EngineTier::L,
        Engine::Xl => EngineTier::Xl,
    }
}

/// The most replicas the app's region can run of it.
pub fn most_replicas(state: &AppState, app: &App) -> i32 {
    let driver = state.drivers.get(&app.region);
    driver.map_or(MOST_REPLICAS, |driver| driver.most_replicas().min(MOST_REPLICAS))
}

/// Has the app run on something else. High availability raises the replicas to what it needs. Repeating it changes
/// nothing.
pub async fn choose(
    state: &AppState,
    caller: &Caller,
    app: &App,
    mut wanted: Sizing,
) -> Result<App, ApiError> {
    if app.deleted_at.is_some() {
        return Err(ApiError::AppDeleted);
    }
    if wanted.high_availability {
        wanted.replicas_min = wanted.replicas_min.max(HIGH_AVAILABILITY_REPLICAS);
    }
    check(state, app, &wanted)?;
    let now = state.clock.now();
    let mut tx = state.pool.begin().await?;
    // Somebody else may have chosen since the caller's row was read.
    let present = sizing::find_to_change(&mut tx, app.id).await?;
    let present = present.ok_or(ApiError::AppDeleted)?;
    if present == wanted {
        return load(&mut tx, caller, app.id).await;
    }
    sizing::resize(&mut *tx, app.id, &wanted, now).await?;
    let mut event = about("app.resize", app);
    event.before = Some(remembered(&present));
    event.after = Some(remembered(&wanted));
    finish(state, tx, caller, app.id, event, now).await
}

fn remembered(sizing: &Sizing) -> Value {
    json!({
        "engine": sizing.engine,
        "replicas": { "min": sizing.replicas_min, "max": sizing.replicas_max },
        "high_availability": sizing.high_availability,
    })
}

/// The bounds here, the region's, and the rules of the `App` resource.
fn check(state: &AppState, app: &App, wanted: &Sizing) -> Result<(), ApiError> {
    let mut fields = Fields::new();
    let bounds = 1..=MOST_REPLICAS;
    let counts = [
        ("replicas.min", Some(wanted.replicas_min)),
        ("replicas.max", wanted.replicas_max),
    ];
    for (field, count) in counts {
        if count.is_some_and(|count| !bounds.contains(&count)) {
            fields.insert(field.to_owned(), format!("must be 1 to {MOST_REPLICAS}."));
        }
    }
    let most = most_replicas(state, app);
    if fields.is_empty() && wanted.most_replicas() > most {
        let field = if wanted.high_availability {
            "high_availability"
        } else {
            "replicas"
        };
        fields.insert(field.to_owned(), one_machine(app, most));
    }
    if fields.is_empty() {
        for rule in broken_rules(app.id, app.region, wanted) {
            let field = if rule.field.starts_with("replicas") {
                "replicas"
            } else {
                "engine"
            };
            fields.insert(field.to_owned(), format!("is not possible: {}.", rule.message));
        }
    }
    if fields.is_empty() {
        Ok(())
    } else {
        Err(ApiError::InvalidInput(fields))
    }
}

fn one_machine(app: &App, most: i32) -> String {
    let region = app.region.name();
    match most {
        1 => format!("asks for more than one replica, and the region {region} runs on one machine here."),
        most => format!("asks for more than the {most} replicas that the region {region} runs of an app."),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn the_engines_are_as_large_in_a_cluster_as_in_the_price_book() {
        let list = PriceList::at(Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap()).unwrap();
        for engine in Engine::ALL {
            let (offer, size) = (list.offer(engine), engine.crd());
            assert_eq!(
                (offer.millicpu, offer.memory_mib),
                (size.cpu_millis(), size.memory_mib()),
                "{engine}"
            );
        }
        assert_eq!(Engine::ALL.len(), app_crd::Engine::ALL.len());
    }

    #[test]
    fn an_hour_costs_every_replica() {
        let list = PriceList::at(Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap()).unwrap();
        assert_eq!(list.per_hour(Engine::S, 3).to_string(), "0.0411");
        assert_eq!(list.per_hour(Engine::Dev, 1).to_string(), "0");
    }
}
