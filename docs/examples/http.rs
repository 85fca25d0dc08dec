//! A service under test, for the page about the contract `http`.

use std::sync::LazyLock;

use omni_tck_tests::wire::Server;
use tck::http::{Target, TargetError};

// Your service, on any free port. One for all tests is enough: each keeps to keys of its own.
static SERVICE: LazyLock<Server> = LazyLock::new(|| Server::start(None).expect("a port"));

tck::http_contract!(my_service, || async { SERVICE.url() });

// One that asks for a token, and that clients of the original service use as well.
async fn drop_in() -> Result<Target, TargetError> {
    Ok(Target::new(&SERVICE.url())?.token("s3cret"))
}

tck::http_contract!(my_drop_in, drop_in, { seed: true });
