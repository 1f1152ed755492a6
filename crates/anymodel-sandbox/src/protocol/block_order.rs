//! Block order: text, reasoning and tool calls one after the other, for protocols whose blocks cannot overlap.
//!
//! Some servers send the arguments of several calls in turns. A block is closed when another one has begun and it is
//! complete: a text always is, a call when its arguments are a JSON value. Until then the other block waits, so that
//! nothing is lost.

use std::collections::VecDeque;

use serde::de::IgnoredAny;

use super::ToolCallDelta;

/// The beginning of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Text,
    Reasoning,
    Call { id: String, name: String },
}

/// One step of the blocks in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Open(Block),
    Grow(String),
    Close,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reasoning,
    Call {
        index: usize,
        id: Option<String>,
        name: Option<String>,
    },
}

/// A block that is not closed.
#[derive(Debug)]
struct OpenBlock {
    kind: Kind,
    /// The arguments of a call; of a text only what is not sent yet.
    content: String,
    /// The bytes of the content that were sent.
    sent: usize,
    started: bool,
}

/// The blocks that are not closed: the first one is being sent, the others wait.
#[derive(Debug, Default)]
pub(super) struct BlockOrder {
    blocks: VecDeque<OpenBlock>,
}

impl BlockOrder {
    pub fn text(&mut self, piece: &str) -> Vec<Step> {
        self.say(Kind::Text, piece)
    }

    pub fn reasoning(&mut self, piece: &str) -> Vec<Step> {
        self.say(Kind::Reasoning, piece)
    }

    fn say(&mut self, kind: Kind, piece: &str) -> Vec<Step> {
        if piece.is_empty() {
            return Vec::new();
        }
        match self.blocks.back_mut() {
            Some(last) if last.kind == kind => last.content.push_str(piece),
            _ => self.blocks.push_back(OpenBlock::new(kind, piece)),
        }
        self.advance(false)
    }

    pub fn call(&mut self, delta: &ToolCallDelta<'_>) -> Vec<Step> {
        let known = self.blocks.iter_mut().rev().find(|b| b.takes(delta));
        match known {
            Some(block) => block.add(delta),
            // White space after the end of a call.
            None if delta.id.is_none()
                && delta.name.is_none()
                && delta.arguments.trim().is_empty() => {}
            None => {
                let kind = Kind::Call {
                    index: delta.index,
                    id: delta.id.map(str::to_owned),
                    name: delta.name.map(str::to_owned),
                };
                self.blocks.push_back(OpenBlock::new(kind, delta.arguments));
            }
        }
        self.advance(false)
    }

    /// Sends the rest of all blocks and closes them.
    pub fn end(&mut self) -> Vec<Step> {
        self.advance(true)
    }

    fn advance(&mut self, end: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        loop {
            let others_wait = self.blocks.len() > 1;
            let Some(first) = self.blocks.front_mut() else {
                return steps;
            };
            if !first.started {
                let Some(block) = first.begin(end) else {
                    return steps;
                };
                steps.push(Step::Open(block));
            }
            steps.extend(first.unsent().map(Step::Grow));
            let closes = end || (others_wait && first.is_complete());
            if !closes {
                return steps;
            }
            steps.push(Step::Close);
            self.blocks.pop_front();
        }
    }
}

impl OpenBlock {
    fn new(kind: Kind, content: &str) -> Self {
        Self {
            kind,
            content: content.to_owned(),
            sent: 0,
            started: false,
        }
    }

    /// Whether a delta belongs to this call.
    fn takes(&self, delta: &ToolCallDelta<'_>) -> bool {
        match &self.kind {
            Kind::Call { index, id, .. } => {
                *index == delta.index
                    && match (id.as_deref(), delta.id) {
                        (Some(id), Some(more)) => id == more || more.is_empty(),
                        _ => true,
                    }
            }
            _ => false,
        }
    }

    fn add(&mut self, delta: &ToolCallDelta<'_>) {
        self.content.push_str(delta.arguments);
        if let Kind::Call { id, name, .. } = &mut self.kind {
            *id = id.take().or_else(|| delta.id.map(str::to_owned));
            *name = name.take().or_else(|| delta.name.map(str::to_owned));
        }
    }

    /// The beginning of this block; a call without a name waits for it until the end.
    fn begin(&mut self, end: bool) -> Option<Block> {
        let block = match &self.kind {
            Kind::Text => Block::Text,
            Kind::Reasoning => Block::Reasoning,
            Kind::Call { name: None, .. } if !end => return None,
            Kind::Call { index, id, name } => Block::Call {
                id: id.clone().unwrap_or_else(|| format!("call_{index}")),
                name: name.clone().unwrap_or_default(),
            },
        };
        self.started = true;
        Some(block)
    }

    fn unsent(&mut self) -> Option<String> {
        if let Kind::Call { .. } = self.kind {
            let rest = self.content.get(self.sent..).unwrap_or_default().to_owned();
            self.sent = self.content.len();
            return (!rest.is_empty()).then_some(rest);
        }
        let rest = std::mem::take(&mut self.content);
        (!rest.is_empty()).then_some(rest)
    }

    fn is_complete(&self) -> bool {
        match self.kind {
            Kind::Call { .. } => serde_json::from_str::<IgnoredAny>(&self.content).is_ok(),
            _ => true,
        }
    }
}
