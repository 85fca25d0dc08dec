//! The service keeps to HTTP, and to what clients of the original service expect.

use std::future::pending;

use omni_kv_http::{Backend, Limits, Server, Service, Token};
use omni_kv_memory::MemoryStore;
use tck::http::Target;

/// A service of its own for each clause, on the runtime of the check.
async fn serve(service: Service) -> std::io::Result<String> {
    let server = Server::bind("127.0.0.1:0", service, Limits::default()).await?;
    let url = format!("http://{}", server.address()?);
    tokio::spawn(server.run(pending()));
    Ok(url)
}

fn service() -> Service {
    Service::new(Backend::all(MemoryStore::default()))
}

tck::http_contract!(kv_service, || serve(service()), { seed: true });

tck::http_contract!(with_a_token_and_small_bodies, || async {
    let service = service().token(Token::new("s3cret")).largest_body(10_000);
    let url = serve(service).await.map_err(|error| error.to_string())?;
    let target = Target::new(&url).map_err(|error| error.to_string())?;
    Ok::<_, String>(target.token("s3cret"))
}, { seed: true });
