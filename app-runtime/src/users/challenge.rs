//! `POST /challenge`: the first half of a sign-in in two steps, for providers that ask something back.
//!
//! None of our providers asks something back, so the answer is empty. Who asks is checked all the same, and wrong
//! answers look like those of a log-in.

use serde_json::{Map, Value};

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::users::{identity, login};

/// What each challenged provider asks.
pub async fn challenge(app: &AppState, caller: &Caller, body: &Fields) -> ParseResult<Map<String, Value>> {
    let given = |name: &str| {
        body.get(name)
            .filter(|value| !value.is_null() && value.as_str() != Some(""))
    };
    let by_name = given("username").is_some() || given("email").is_some();
    if by_name && given("password").is_none() {
        return Err(refused(
            "You provided username or email, you need to also provide password.",
        ));
    }
    if by_name {
        login::verify(app, caller, body).await?;
    }
    match given("challengeData") {
        None => return Err(refused("Nothing to challenge.")),
        Some(Value::Object(_)) => {}
        Some(_) => return Err(refused("challengeData should be an object.")),
    }
    if let Some(auth_data) = given("authData") {
        check_form(auth_data, by_name)?;
        identify(app, auth_data).await.map_err(unknown)?;
    }
    Ok(Map::new())
}

fn check_form(auth_data: &Value, by_name: bool) -> ParseResult<()> {
    let Some(entries) = auth_data.as_object() else {
        return Err(refused("authData should be an object."));
    };
    if by_name {
        return Err(refused(
            "You cannot provide username/email and authData, only use one identification method.",
        ));
    }
    if let Some((name, _)) = entries
        .iter()
        .find(|(_, data)| !data.is_null() && !data.is_object())
    {
        return Err(refused(&format!("authData.{name} should be an object.")));
    }
    let with_id = entries
        .values()
        .filter(|data| data.get("id").is_some_and(|id| !id.is_null()));
    if with_id.count() > 1 {
        return Err(refused(
            "You cannot provide more than one authData provider with an id.",
        ));
    }
    Ok(())
}

/// The provider must vouch for the identity before it is looked up: ids could be guessed otherwise.
async fn identify(app: &AppState, auth_data: &Value) -> ParseResult<()> {
    let confirmed = identity::decode(app, auth_data)?.confirm(app).await?;
    match confirmed.owner(app).await? {
        Some(_) => Ok(()),
        None => Err(ParseError::not_found()),
    }
}

/// All failures look alike, those of the server excepted.
fn unknown(error: ParseError) -> ParseError {
    if error.status() >= 500 {
        return error;
    }
    ParseError::new(code::OBJECT_NOT_FOUND, "User not found.")
}

fn refused(message: &str) -> ParseError {
    ParseError::new(code::OTHER_CAUSE, message)
}
