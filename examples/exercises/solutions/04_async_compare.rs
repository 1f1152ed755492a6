use anymodel::course::prelude::*;

fn ranking(comparison: &Comparison) -> Vec<String> {
    let mut replies: Vec<&Reply> = comparison.replies().collect();
    replies.sort_by_key(|reply| reply.latency);
    replies
        .into_iter()
        .map(|reply| reply.model.clone())
        .collect()
}
