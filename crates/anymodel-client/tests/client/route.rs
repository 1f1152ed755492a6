//! Routers: who is asked, how evenly, and what is learnt of it. All through real sockets on loopback.

mod choice;
mod circuits;
mod crowd;
mod hosts;
mod learning;
mod server;

use anymodel::{Reply, Result, Router};
use server::Server;

const THREE: [&str; 3] = ["acme/one", "acme/two", "acme/three"];

/// Asks so often, one question after the other, and tells who answered.
async fn ask(server: &Server, router: &Router, times: usize) -> Vec<String> {
    let client = server.client();
    ask_with(&client, router, times).await
}

async fn ask_with(client: &anymodel::Client, router: &Router, times: usize) -> Vec<String> {
    let mut answered = Vec::new();
    for _ in 0..times {
        let reply: Result<Reply> = client.ask(router, "Hi").await;
        answered.push(reply.unwrap().model);
    }
    answered
}

/// The statistics of one model.
fn of(router: &Router, model: &str) -> anymodel::RouteStatistics {
    let statistics = router.statistics();
    let mut models = statistics.models.into_iter();
    models.find(|one| &*one.model == model).unwrap()
}
