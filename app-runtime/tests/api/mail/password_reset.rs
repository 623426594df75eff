//! Resetting a password.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_by_the_link_in_a_mail() {
    let app = app(mailing).await;
    let email = address("anna");
    let user = sign_up(&app, "<Anna>", &email).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    let mail = mails_to(&email).swap_remove(0);
    assert!(
        mail.contains("Subject: Password Reset for Notes & More"),
        "{mail}"
    );
    assert!(
        mail.contains("(your username is '<Anna>')") && mail.contains("&lt;Anna&gt;"),
        "{mail}"
    );

    let form = page(&app, &format!("app/request_password_reset?token={token}")).await;
    assert_eq!(form.status, 200);
    assert!(
        form.html.contains(&format!("name=\"token\" value=\"{token}\"")),
        "{}",
        form.html
    );
    assert_eq!(form.headers["cache-control"], "no-store");
    assert_eq!(form.headers["referrer-policy"], "no-referrer");
    assert!(
        form.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );

    let differing = [
        ("token", token.as_str()),
        ("new_password", "new"),
        ("confirm_new_password", "other"),
    ];
    let shown = send_form(&app, "request_password_reset", &differing).await;
    assert!(shown.html.contains("The two passwords are not the same.") && shown.html.contains(&token));
    let done = send_form(
        &app,
        "request_password_reset",
        &[("token", &token), ("new_password", "new")],
    )
    .await;
    assert_eq!(done.status, 200);
    assert!(done.html.contains("Your password is changed"), "{}", done.html);

    assert_eq!(log_in(&app, "<Anna>", "pw").await.refusal(), (404, 101));
    log_in(&app, "<Anna>", "new").await.ok();
    let old = As::User(user["sessionToken"].as_str().unwrap().into());
    assert_eq!(app.get(&old, "/users/me").await.refusal(), (400, 209));
    let again = page(&app, &format!("app/request_password_reset?token={token}")).await;
    assert!(again.html.contains("This link does not work any more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_resets_a_password_with_json() {
    let app = app(|settings| {
        mailing(settings);
        settings.password_policy.validator_pattern = Some(fancy_regex::Regex::new("..").unwrap());
        settings.password_policy.validation_error = Some("Two characters at least.".into());
        settings.account_lockout = Some(AccountLockout {
            threshold: 1,
            minutes: 5.0,
            unlock_on_password_reset: true,
        });
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    log_in(&app, "anna", "x").await;
    assert_eq!(log_in(&app, "anna", "pw").await.refusal(), (404, 101));
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    for (body, code, message) in [
        (json!({"new_password": "new"}), -1, "Missing token"),
        (json!({"token": token}), 201, "Missing password"),
        (
            json!({"token": token, "new_password": "x"}),
            -1,
            "Two characters at least.",
        ),
        (
            json!({"token": "x", "new_password": "new"}),
            -1,
            "Failed to reset password: username / email / token is invalid",
        ),
    ] {
        let answer = send_by_script(&app, body).await;
        assert_eq!(
            (answer.refusal(), &answer.body["error"]),
            ((400, code), &json!(message))
        );
    }
    let done = send_by_script(&app, json!({"token": token, "new_password": "new"})).await;
    assert_eq!(done.ok(), json!("Password successfully reset"));
    log_in(&app, "anna", "new").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_ages_and_its_owner_may_ask_for_another() {
    let app = app(|settings| {
        mailing(settings);
        settings.password_policy.reset_token_validity = Some(Duration::from_secs(3_600));
    })
    .await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    let by_token = json!({"token": token});
    let early = app
        .post(&As::Nobody, "/requestPasswordReset", by_token.clone())
        .await;
    assert_eq!(early.refusal(), (400, 125));
    let past = doc! { "$set": { "_perishable_token_expires_at": DateTime::from_millis(0) } };
    rows(&app, "_User")
        .await
        .update_one(doc! { "email": &email }, past)
        .await
        .unwrap();
    let answer = send_by_script(&app, json!({"token": token, "new_password": "new"})).await;
    assert_eq!(answer.body["error"], json!("The password reset link has expired"));
    app.post(&As::Nobody, "/requestPasswordReset", by_token)
        .await
        .ok();
    let second = token_in_mail(&email, 2).await;
    send_by_script(&app, json!({"token": second, "new_password": "new"}))
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_or_address_ends_the_links_that_are_out() {
    let app = app(mailing).await;
    let email = address("anna");
    let user = sign_up(&app, "anna", &email).await.ok();
    let path = format!("/users/{}", user["objectId"].as_str().unwrap());
    for (number, change) in [(1, json!({"password": "new"})), (2, json!({"email": email}))] {
        request(&app, "/requestPasswordReset", &email).await.ok();
        let token = token_in_mail(&email, number).await;
        app.put(&As::Master, &path, change).await.ok();
        let shown = page(&app, &format!("app/request_password_reset?token={token}")).await;
        assert!(shown.html.contains("This link does not work any more"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cve_2026_32943_a_reset_token_works_once_at_the_same_moment() {
    let app = app(mailing).await;
    let email = address("anna");
    sign_up(&app, "anna", &email).await.ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    let uses = (0..4).map(|use_| {
        send_by_script(
            &app,
            json!({"token": token, "new_password": format!("new{use_}")}),
        )
    });
    let answers = futures_util::future::join_all(uses).await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 200).count(),
        1,
        "{answers:?}"
    );
    let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
    log_in(&app, "anna", &format!("new{winner}")).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_without_address_resets_by_a_name_that_is_one() {
    let app = app(mailing).await;
    let email = address("anna");
    app.post(
        &As::Nobody,
        "/users",
        json!({"username": email, "password": "pw"}),
    )
    .await
    .ok();
    request(&app, "/requestPasswordReset", &email).await.ok();
    let token = token_in_mail(&email, 1).await;
    send_by_script(&app, json!({"token": token, "new_password": "new"}))
        .await
        .ok();
    log_in(&app, &email, "new").await.ok();
}
