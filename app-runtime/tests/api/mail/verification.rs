//! Proving an address.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_is_proven_by_the_link_in_a_mail() {
    let app = verifying(|_| {}).await;
    let email = address("anna");
    let user = sign_up(&app, "anna", &email).await.ok();
    let own = As::User(user["sessionToken"].as_str().unwrap().into());
    assert_eq!(
        app.get(&own, "/users/me").await.ok()["emailVerified"],
        json!(false)
    );
    let token = token_in_mail(&email, 1).await;
    let mail = mails_to(&email).swap_remove(0);
    for part in [
        "Subject: Please verify your e-mail for Notes & More",
        "From: Notes <notes@example.org>",
        "https://notes.example/parse/apps/app/verify_email?token=",
    ] {
        assert!(mail.contains(part), "{part}: {mail}");
    }
    assert_eq!(token.len(), 25);
    let done = page(&app, &format!("app/verify_email?token={token}")).await;
    assert_eq!(done.status, 200);
    assert!(done.html.contains("Your e-mail address is confirmed") && done.html.contains("Notes &amp; More"));
    assert_eq!(done.headers["x-parse-page-param-appname"], "Notes & More");
    assert_eq!(
        app.get(&own, "/users/me").await.ok()["emailVerified"],
        json!(true)
    );
    let again = page(&app, &format!("app/verify_email?token={token}")).await;
    assert!(again.html.contains("This link does not work"));
    assert!(!stored(&app, &email).await.contains_key("_email_verify_token"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_address_must_be_proven_anew() {
    let app = verifying(|_| {}).await;
    let (first, second) = (address("anna"), address("anna"));
    let user = sign_up(&app, "anna", &first).await.ok();
    let own = As::User(user["sessionToken"].as_str().unwrap().into());
    let token = token_in_mail(&first, 1).await;
    page(&app, &format!("app/verify_email?token={token}")).await;
    let path = format!("/users/{}", user["objectId"].as_str().unwrap());
    app.put(&own, &path, json!({"email": second})).await.ok();
    assert_eq!(
        app.get(&own, "/users/me").await.ok()["emailVerified"],
        json!(false)
    );
    token_in_mail(&second, 1).await;
    app.put(&own, &path, json!({"note": "no address"})).await.ok();
    assert_eq!(mails_to(&second).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_proven_the_address_does_not_get_in() {
    let app = verifying(|settings| settings.email_verification.prevents_login = true).await;
    let email = address("anna");
    let created = sign_up(&app, "anna", &email).await;
    assert_eq!(created.status, 201);
    assert!(created.body.get("sessionToken").is_none());
    let refused = log_in(&app, "anna", "pw").await;
    assert_eq!(
        (refused.refusal(), &refused.body["error"]),
        ((400, 205), &json!("User email is not verified."))
    );
    let ignoring = json!({"username": "anna", "password": "pw", "ignoreEmailVerification": true});
    assert_eq!(
        app.post(&As::Nobody, "/login", ignoring.clone()).await.refusal(),
        (400, 205)
    );
    app.post(&As::Master, "/login", ignoring).await.ok();
    let token = token_in_mail(&email, 1).await;
    page(&app, &format!("app/verify_email?token={token}")).await;
    log_in(&app, "anna", "pw").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_can_be_refused_until_the_address_is_proven() {
    let app = verifying(|settings| {
        settings.email_verification.prevents_login = true;
        settings.email_verification.prevents_signup = true;
    })
    .await;
    let email = address("anna");
    assert_eq!(sign_up(&app, "anna", &email).await.refusal(), (400, 205));
    let token = token_in_mail(&email, 1).await;
    page(&app, &format!("app/verify_email?token={token}")).await;
    log_in(&app, "anna", "pw").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_link_ages_and_a_new_one_replaces_it() {
    let app = verifying(|settings| {
        settings.email_verification.token_validity = Some(Duration::from_secs(3_600));
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    let first = token_in_mail(&email, 1).await;
    let past = doc! { "$set": { "_email_verify_token_expires_at": DateTime::from_millis(0) } };
    rows(&app, "_User")
        .await
        .update_one(doc! { "email": &email }, past)
        .await
        .unwrap();
    let shown = page(&app, &format!("app/verify_email?token={first}")).await;
    assert!(shown.html.contains("This link does not work") && shown.html.contains(&first));
    let sent = send_form(&app, "resend_verification_email", &[("token", &first)]).await;
    assert_eq!(sent.status, 303);
    let prefix = "https://notes.example/parse/apps/email_verification_send_success.html?";
    assert!(sent.location.starts_with(prefix), "{}", sent.location);
    let second = token_in_mail(&email, 2).await;
    assert_ne!(first, second);
    let shown = page(&app, &format!("app/verify_email?token={first}")).await;
    assert!(shown.html.contains("This link does not work"));
    let shown = page(&app, &format!("app/verify_email?token={second}")).await;
    assert!(shown.html.contains("confirmed"));
}
