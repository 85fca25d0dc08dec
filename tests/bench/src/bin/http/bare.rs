//! A handler that does nothing but answer as many bytes as the service does.

use std::error::Error;

use axum::{Router, body::Bytes, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};

const FOUND: &str =
    r#"{"success":true,"key":"key-0000000","value":"a value of some thirty characters"}"#;
const STORED: &str = r#"{"success":true,"message":"Value stored successfully"}"#;

pub(crate) fn serve() -> Result<(), Box<dyn Error>> {
    // With as many threads as the service has: one for each core.
    let runtime = std::thread::spawn(|| {
        tokio::runtime::Runtime::new()?.block_on(async {
            let handlers = get(async || json(FOUND)).put(async |_: Bytes| json(STORED));
            let router = Router::new().route("/keys/{key}", handlers);
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
            println!("listening on http://{}", listener.local_addr()?);
            axum::serve(listener, router).await
        })
    });
    match runtime.join() {
        Ok(ended) => Ok(ended?),
        Err(_) => Err("the handler panicked".into()),
    }
}

fn json(body: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], body)
}
