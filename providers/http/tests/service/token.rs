//! Who may use the service, and who learns the token.

use std::fs;

use crate::kv_service::KvService;

const TOKEN: &str = "t0ken-of-the-tests";

#[test]
fn the_token_comes_from_the_environment_or_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    // Editors end files with a line break.
    fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let file = file.to_str().unwrap();
    asks_for_the_token(&KvService::start_with(&[], &[("KV_TOKEN", TOKEN)]));
    asks_for_the_token(&KvService::start(&["--token-file", file]));
    // The file is the more deliberate of the two.
    let both = &[("KV_TOKEN", "another")];
    asks_for_the_token(&KvService::start_with(&["--token-file", file], both));
}

fn asks_for_the_token(service: &KvService) {
    for (path, status) in [
        ("/keys", 200),
        ("/keys/k", 404),
        ("/metrics", 200),
        ("/.well-known/kv-capabilities", 200),
    ] {
        let ask =
            |authorization: &str| service.ask(&format!("GET {path} HTTP/1.1{authorization}"), "");
        for wrong in [
            "",
            "\r\nAuthorization: Bearer wrong",
            "\r\nAuthorization: Basic eA==",
        ] {
            let refused = ask(wrong);
            assert_eq!(refused.status, 401, "{path}");
            assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        }
        let answer = ask(&format!("\r\nAuthorization: Bearer {TOKEN}"));
        assert_eq!(answer.status, status, "{path}");
    }
    // Where a token would be in the wrong place, it is not passed on either.
    let misplaced = format!("GET /keys?token={TOKEN} HTTP/1.1");
    assert_eq!(service.ask(&misplaced, "").status, 401);
    for path in ["/health", "/ready", "/docs", "/openapi.json"] {
        assert_eq!(service.ask(&format!("GET {path} HTTP/1.1"), "").status, 200);
    }
    let log = service.log();
    assert!(
        log.contains("GET /keys 401") && log.contains("GET /keys 200"),
        "{log}"
    );
    assert!(!log.contains(TOKEN) && !log.contains("warning"), "{log}");
}

#[test]
fn an_empty_token_is_a_mistake() {
    let mut command = crate::kv_service::command(
        &["--port", "0", "--host", "127.0.0.1"].map(str::to_owned),
        &[("KV_TOKEN".to_owned(), " ".to_owned())],
    );
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "kv-service: the token is empty\n");
}
