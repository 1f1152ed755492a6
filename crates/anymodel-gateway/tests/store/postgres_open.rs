//! Opening a PostgreSQL database: tables, versions, and errors without the password.

use std::io::{Read, Write};

use anymodel_gateway::store::{PostgresStore, Store};

use crate::postgres_server::{PASSWORD, Schema, server};
use crate::processes::Process;
use crate::support::{call, micro};

/// The message and the hint of the error at this URL; the password is in none of them.
async fn refused(url: &str) -> (String, String) {
    let error = PostgresStore::open(url)
        .await
        .expect_err("it cannot be opened");
    let texts = (
        error.to_string(),
        error.hint().unwrap_or_default().to_owned(),
    );
    for text in [&texts.0, &texts.1, &format!("{error:?}")] {
        assert!(!text.contains("canary"), "{text}");
    }
    texts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_processes_that_start_on_an_empty_database_all_find_its_tables() {
    let schema = Schema::new().await;
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let url = schema.url();
            tokio::spawn(async move {
                let store = PostgresStore::open(&url).await.unwrap();
                store
                    .settle(None, call(&format!("c{number}"), micro(1)))
                    .await
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().unwrap());
    }
    let store = PostgresStore::open(&schema.url()).await.unwrap();
    let page = store.calls(Default::default()).await.unwrap();
    assert_eq!(page.rows.len(), 8);
}

#[tokio::test]
async fn a_database_of_a_later_version_is_refused() {
    let schema = Schema::new().await;
    drop(PostgresStore::open(&schema.url()).await.unwrap());
    schema
        .execute("INSERT INTO anymodel_gateway VALUES (99)")
        .await;
    let (message, hint) = refused(&schema.url()).await;
    assert!(message.contains("form 99"), "{message}");
    assert!(hint.contains("later anymodel"), "{hint}");
}

#[tokio::test]
async fn a_database_with_tables_of_another_program_is_left_alone() {
    let schema = Schema::new().await;
    schema.execute("CREATE TABLE reservation (seat TEXT)").await;
    let (message, hint) = refused(&schema.url()).await;
    assert!(message.contains("already exists"), "{message}");
    assert!(hint.contains("schema"), "{hint}");
    // Nothing was made.
    schema.execute("CREATE TABLE api_key (n BIGINT)").await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_with_its_address_and_without_the_password() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (message, hint) = refused(&format!("postgres://u:canary@127.0.0.1:{port}/school")).await;
    let place = format!("postgres://127.0.0.1:{port}/school");
    assert!(message.contains(&place), "{message}");
    assert!(message.contains("refused"), "{message}");
    assert!(hint.contains("server runs"), "{hint}");
}

#[tokio::test]
async fn a_wrong_password_is_told_and_not_shown() {
    let port = server().port;
    let url = format!("postgres://tester:canary-wrong@127.0.0.1:{port}/postgres");
    let (message, _) = refused(&url).await;
    assert!(
        message.contains("password authentication failed"),
        "{message}"
    );
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_not_repeated() {
    for url in [
        "postgres://u:p@host/db?canary=1",
        "postgres://u:p@host:canary/db",
        "postgres://u:canary@host/db?sslmode=canary",
        "canary",
    ] {
        let (message, hint) = refused(url).await;
        assert!(message.contains("cannot be read"), "{message}");
        assert!(hint.contains("postgres://USER"), "{hint}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_not_spoken_to_in_the_clear_when_tls_is_required() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // It is asked for TLS in eight bytes, and has none. What comes after that is kept.
        stream.read_exact(&mut [0; 8]).unwrap();
        stream.write_all(b"N").unwrap();
        let mut after = Vec::new();
        stream.read_to_end(&mut after).unwrap();
        after
    });
    let url = format!("postgres://u:canary@127.0.0.1:{port}/db?sslmode=require");
    let (message, _) = refused(&url).await;
    assert!(message.contains("TLS"), "{message}");
    assert_eq!(server.join().unwrap(), b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_encrypted_when_the_servers_authority_is_known() {
    let schema = Schema::new().await;
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/store/tls/authority.pem");
    for mode in ["require", "verify-full"] {
        let application = format!("{}-{mode}", schema.name);
        let url = format!(
            "{}&sslmode={mode}&application_name={application}",
            schema.url()
        );
        let mut process = Process::start(&url, "race", &[("SSL_CERT_FILE", authority)]);
        process.wait_for("ready");
        assert_eq!(schema.is_encrypted(&application).await, Some(true));
    }
    // On this machine TLS is not asked for, and its lack is no danger.
    let url = format!("{}&application_name={}-plain", schema.url(), schema.name);
    let _store = PostgresStore::open(&url).await.unwrap();
    let application = format!("{}-plain", schema.name);
    assert_eq!(schema.is_encrypted(&application).await, Some(false));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused_and_the_hint_says_how_to_name_it() {
    let schema = Schema::new().await;
    let (message, hint) = refused(&format!("{}&sslmode=require", schema.url())).await;
    assert!(message.contains("certificate"), "{message}");
    assert!(hint.contains("SSL_CERT_FILE"), "{hint}");
}

#[tokio::test]
async fn the_store_shows_no_password() {
    let schema = Schema::new().await;
    let store = PostgresStore::open(&schema.url()).await.unwrap();
    let shown = format!("{store:?}");
    assert!(
        !shown.contains(PASSWORD) && !shown.contains("canary"),
        "{shown}"
    );
}

#[tokio::test]
async fn connections_that_the_server_has_ended_are_made_anew() {
    let schema = Schema::new().await;
    let url = format!("{}&application_name={}", schema.url(), schema.name);
    let store = PostgresStore::open(&url).await.unwrap();
    store.settle(None, call("c1", micro(1))).await.unwrap();
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name";
    schema.execute(&format!("{sql} = '{}'", schema.name)).await;
    store.settle(None, call("c2", micro(1))).await.unwrap();
    assert_eq!(store.calls(Default::default()).await.unwrap().rows.len(), 2);
}
