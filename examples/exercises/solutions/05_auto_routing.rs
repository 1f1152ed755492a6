use anymodel::course;

fn pick_model(question: &str) -> &'static str {
    let question = question.to_lowercase();
    let mentions = |words: &[&str]| words.iter().any(|word| question.contains(word));
    if mentions(&["rust", "python", "function", "script", "代码", "函数"]) {
        course::PROGRAMMER
    } else if mentions(&["solve", "prove", "方程", "证明", "计算"]) {
        course::MATHEMATICIAN
    } else if mentions(&["poem", "letter", "story", "写一"]) || question.contains("帮我写") {
        course::WRITER
    } else {
        course::MODEL
    }
}
