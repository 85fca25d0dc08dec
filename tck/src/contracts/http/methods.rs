//! Methods, and the resource that says how the service is.

use crate::{check::Check, subject::Subject, wire::Request};

pub(super) async fn other_method_answers_405_with_allow(service: &Subject) -> Check {
    let key = service.key("a");
    service.store(&key, "1").await?;
    // A method that the service need not know at all, and one that it has elsewhere.
    let patch = service.ask(Request::about("PATCH", &key)).await?;
    let put = service
        .ask(Request::to("PUT", "/health").json("{}"))
        .await?;
    if patch.status != 501 {
        let patch = patch.is(&[405])?;
        let complete = ["GET", "HEAD", "PUT", "DELETE"].map(|method| patch.allows(method));
        let complete = !complete.contains(&false) && !patch.allows("PATCH");
        patch.meets(
            complete,
            "Allow with GET, HEAD, PUT and DELETE, and without PATCH",
        )?;
    }
    let put = put.is(&[405])?;
    let complete = put.allows("GET") && put.allows("HEAD") && !put.allows("PUT");
    put.meets(complete, "Allow with GET and HEAD, and without PUT")?;
    service.reads(&key, "1").await
}

pub(super) async fn unknown_method_answers_501(service: &Subject) -> Check {
    let key = service.key("a");
    service
        .ask(Request::about("BREW", &key))
        .await?
        .is(&[501])?;
    // Methods have a case.
    service.ask(Request::about("get", &key)).await?.is(&[501])?;
    Ok(())
}

pub(super) async fn options_names_the_methods(service: &Subject) -> Check {
    let key = service.key("a");
    let reply = service.ask(Request::about("OPTIONS", &key)).await?;
    let reply = reply.is(&[200, 204])?;
    let complete = ["GET", "HEAD", "PUT", "DELETE"].map(|method| reply.allows(method));
    let complete = !complete.contains(&false);
    reply.meets(complete, "Allow with GET, HEAD, PUT and DELETE")?;
    service.reads_nothing(&key).await
}

pub(super) async fn health_answers_get_and_head(service: &Subject) -> Check {
    let get = service
        .ask(Request::to("GET", "/health"))
        .await?
        .is(&[200])?;
    get.document()?;
    let head = service
        .ask(Request::to("HEAD", "/health"))
        .await?
        .is(&[200])?;
    let empty = !head.has_surplus;
    head.meets(empty, "no body after the answer to HEAD")?;
    Ok(())
}
