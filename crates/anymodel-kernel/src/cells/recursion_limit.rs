//! Recursion limit for parsing: protects the kernel from text that nests deeply.
//!
//! `syn` recurses for each level, and so do the visitors of its trees. A text with thousands
//! of brackets must not crash the kernel. So it is parsed on a thread with a large stack, and a text that is
//! too deep even for that is not parsed at all.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The size of the stack; the system allocates only the pages that are used.
const STACK: usize = 256 << 20;
/// The limit: 4000 bracket levels of the weight `LEVEL`.
const DEEPEST: usize = 4_000 * LEVEL;
/// The weight of a bracket level. Each operator in `1 + 1 + 1` makes the tree deeper, too, but its levels need
/// less stack.
const LEVEL: usize = 10;

/// Parses `text` on a large stack. `None` when it nests too deeply, or no thread can be started.
pub fn parse_limited<T: Send>(text: &str, read: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let task = move || (levels(text) <= DEEPEST).then(read);
        thread.spawn_scoped(scope, task).ok()?.join().ok()?
    })
}

/// An upper bound of the depth of a text's tree: the longest row of tokens that may be one
/// expression, plus the levels around it.
fn levels(text: &str) -> usize {
    let Ok(tokens) = text.parse::<TokenStream>() else {
        return 0;
    };
    let (mut deepest, mut around) = (0, 0);
    let (mut row, mut after_block) = (0, false);
    let mut chain = Chain::default();
    let mut rows = vec![(tokens.into_iter(), 0, false)];
    while let Some((tokens, before, is_block)) = rows.last_mut() {
        let is_behind_block = std::mem::take(&mut after_block);
        let next = tokens.next();
        let weight = next.as_ref().map_or(0, |token| chain.weight(token));
        match next {
            Some(TokenTree::Group(group)) => {
                row += LEVEL;
                around += row;
                let is_block = group.delimiter() == Delimiter::Brace;
                rows.push((group.stream().into_iter(), row, is_block));
                row = 0;
            }
            Some(TokenTree::Punct(mark)) if matches!(mark.as_char(), ',' | ';') => row = 0,
            // After a block a word begins a new statement, except for `else` and `as`.
            Some(TokenTree::Ident(word)) if is_behind_block && word != "else" && word != "as" => {
                row = 0;
            }
            Some(_) => row += weight,
            None => {
                (row, after_block) = (*before, *is_block);
                around -= row;
                rows.pop();
            }
        }
        deepest = deepest.max(around + row);
    }
    deepest
}

/// The position in a row of operands and operators.
#[derive(Default)]
struct Chain {
    is_behind_operand: bool,
    operator: Option<char>,
}

impl Chain {
    fn weight(&mut self, token: &TokenTree) -> usize {
        let is_behind_operand = std::mem::take(&mut self.is_behind_operand);
        let operator = self.operator.take();
        match token {
            TokenTree::Punct(mark) => {
                let mark = mark.as_char();
                if is_behind_operand && "+-*/%|&^".contains(mark) {
                    self.operator = Some(mark);
                    return 1;
                }
                // The second character of `&&` and `||`.
                if operator == Some(mark) && "|&".contains(mark) {
                    self.operator = Some(' ');
                    return 1;
                }
                LEVEL
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) | TokenTree::Group(_) => {
                self.is_behind_operand = true;
                if operator.is_some() { 1 } else { LEVEL }
            }
        }
    }
}
