//! A team is found under every name that it has or had.

use crate::server::{Server, demo};

#[test]
fn another_name_leads_to_the_team_with_the_same_question() {
    let program = demo();
    let server = Server::of(&program);
    for query in ["", "?expand=services,resources"] {
        let answer = server.get(&format!("/api/v1alpha/teams/pay{query}"));
        assert_eq!((answer.status, answer.header("location")), (308, &*format!("payments{query}")));
    }
    let team = server.json("/api/v1alpha/teams/payments?expand=services");
    assert!(team["services"].as_array().is_some_and(|services| !services.is_empty()), "{team}");
    assert_eq!(server.get("/api/v1alpha/teams/nobody-of-that-name").status, 404);
}
