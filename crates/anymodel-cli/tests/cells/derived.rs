//! Types that derive what an answer needs.

use super::session::Session;

const START: [&str; 3] = [
    // The lines that a stock kernel needs are no work for this one.
    ":dep anymodel = { path = \"../..\" }\n:dep serde = { version = \"1\", features = [\"derive\"] }\n:dep schemars = \"1\"",
    "use anymodel::prelude::*;",
    "let client = Client::builder().platform(\"sandbox\").sandbox_time_scale(0.0).build()?;",
];

#[test]
fn a_cell_derives_a_type_and_another_one_asks_for_it() {
    let mut session = Session::new("derived");
    for cell in START {
        let seen = session.run(cell);
        assert_eq!(seen.failure, None, "{cell}\n{}", seen.told());
        assert!(
            seen.shown.is_empty(),
            "nothing is compiled: {:?}",
            seen.shown
        );
    }
    session.run_all(&[
        "/// What a cook needs.
         #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
         struct Recipe { title: String, servings: u8, kind: Kind, steps: Vec<String> }
         #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
         #[serde(rename_all = \"lowercase\")]
         enum Kind { Soup, Cake }",
        "let recipe: Recipe = client.chat(\"openai/gpt-4o-mini\").user(\"A cake for 4 people\").json().await?;",
    ]);
    assert_eq!(
        session.value("(recipe.servings, recipe.kind.clone())"),
        "(4, Cake)"
    );
    session.run_all(&[
        "#[derive(Deserialize, JsonSchema)] struct Place { city: String }
         async fn weather(place: Place) -> Result<String, String> { Ok(format!(\"rain in {}\", place.city)) }",
        "let reply = client.chat(\"openai/gpt-4o-mini\").user(\"What is the weather in Oslo?\")
             .tool(\"get_weather\", \"The weather of a city.\", weather).send().await?;",
    ]);
    assert_eq!(
        session.value("reply.tool_runs[0].result.clone()"),
        "\"rain in Oslo\""
    );
    // All in one cell, and the type is another one now.
    let value = session.value(
        "#[derive(Debug, Deserialize, JsonSchema)] struct Recipe { servings: u8 }
         let two: Recipe = client.chat(\"anthropic/claude-3-haiku\").user(\"For 2\").json().await?;
         two.servings",
    );
    assert_eq!(value, "2");
}
