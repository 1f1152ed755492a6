//! Corpus: the help desk's questions, read from the text files beside this one.
//!
//! corpus.txt, fresh.txt and now.txt share one format: `= id easy|hard`, then the wordings in English (`en …`) and in
//! Chinese (`zh …`), separated by ` | `. stock.txt lists the values of the `{slots}`.

use std::collections::BTreeMap;

/// Language that a person of the simulated month writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tongue {
    /// English.
    English,
    /// Chinese.
    Chinese,
}

/// A topic: a question in all its wordings.
#[derive(Clone, Debug, Default)]
pub(super) struct Topic {
    /// The id of its right answer.
    pub id: String,
    pub hard: bool,
    pub english: Vec<String>,
    pub chinese: Vec<String>,
}

impl Topic {
    pub fn wordings(&self, tongue: Tongue) -> &[String] {
        match tongue {
            Tongue::English => &self.english,
            Tongue::Chinese => &self.chinese,
        }
    }

    /// The slots of its first wording; all others have the same.
    fn slots(&self) -> Vec<String> {
        self.english
            .first()
            .map(|one| slots(one))
            .unwrap_or_default()
    }

    /// The same topic with a slot filled.
    fn with(&self, slot: &str, value: &Value) -> Topic {
        let filled = |wordings: &[String], word: &str| -> Vec<String> {
            let hole = format!("{{{slot}}}");
            wordings.iter().map(|w| w.replace(&hole, word)).collect()
        };
        Topic {
            id: format!("{}/{}", self.id, value.name),
            hard: self.hard,
            english: filled(&self.english, &value.english),
            chinese: filled(&self.chinese, &value.chinese),
        }
    }
}

/// A value of a slot.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub name: String,
    pub english: String,
    pub chinese: String,
}

/// All questions.
#[derive(Debug)]
pub(super) struct Corpus {
    /// Repeated topics; slots are filled, and each value is a topic of its own.
    pub known: Vec<Topic>,
    /// The number of topics before slots were filled.
    pub written: usize,
    /// New topics; slots are open.
    pub fresh: Vec<Topic>,
    /// Topics about the current moment.
    pub now: Vec<Topic>,
    /// Topics about one person's own order, invoice or ticket; `{id}` is open.
    pub own: Vec<Topic>,
    stock: BTreeMap<String, Vec<Value>>,
}

impl Corpus {
    /// Reads the built-in files.
    pub fn read() -> Result<Self, String> {
        let stock = stock(include_str!("stock.txt"))?;
        let written = topics("corpus.txt", include_str!("corpus.txt"))?;
        let mut known = Vec::new();
        for topic in &written {
            let mut filled = vec![topic.clone()];
            for slot in topic.slots() {
                let values = stock
                    .get(&slot)
                    .ok_or_else(|| format!("corpus.txt, {}: no slot {slot}", topic.id))?;
                filled = filled
                    .iter()
                    .flat_map(|topic| values.iter().map(|value| topic.with(&slot, value)))
                    .collect();
            }
            known.append(&mut filled);
        }
        let (own, now) = topics("now.txt", include_str!("now.txt"))?
            .into_iter()
            .partition(|topic| topic.slots().iter().any(|slot| slot == "id"));
        Ok(Corpus {
            known,
            written: written.len(),
            fresh: topics("fresh.txt", include_str!("fresh.txt"))?,
            now,
            own,
            stock,
        })
    }

    /// Fills each slot with `choose`, which gets the slot's values, or none for a number. Returns the values' names and the
    /// wordings of one language.
    pub fn fill(
        &self,
        topic: &Topic,
        tongue: Tongue,
        mut choose: impl FnMut(&str, &[Value]) -> (String, String, String),
    ) -> (String, Vec<String>) {
        let mut name = topic.id.clone();
        let mut wordings = topic.wordings(tongue).to_vec();
        for slot in topic.slots() {
            let values = self.stock.get(&slot).map_or(&[][..], Vec::as_slice);
            let (key, english, chinese) = choose(&slot, values);
            let word = match tongue {
                Tongue::English => english,
                Tongue::Chinese => chinese,
            };
            name = format!("{name}/{key}");
            let hole = format!("{{{slot}}}");
            for wording in &mut wordings {
                *wording = wording.replace(&hole, &word);
            }
        }
        (name, wordings)
    }
}

/// The names in braces, in order.
fn slots(wording: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in wording.split('{').skip(1) {
        if let Some((slot, _)) = part.split_once('}')
            && !found.iter().any(|known| known == slot)
        {
            found.push(slot.to_owned());
        }
    }
    found
}

fn lines<'a>(file: &'a str) -> impl Iterator<Item = (usize, &'a str)> + 'a {
    let numbered = file
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim()));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn topics(name: &str, file: &str) -> Result<Vec<Topic>, String> {
    let mut all: Vec<Topic> = Vec::new();
    for (at, line) in lines(file) {
        let wrong = |what: &str| format!("{name}, line {at}: {what}");
        let (mark, rest) = line
            .split_once(' ')
            .ok_or_else(|| wrong("one word alone"))?;
        if mark == "=" {
            let (id, hard) = match rest.split_once(' ') {
                Some((id, "easy")) => (id, false),
                Some((id, "hard")) => (id, true),
                _ => return Err(wrong("a topic is `= id easy` or `= id hard`")),
            };
            if all.iter().any(|topic| topic.id == id) {
                return Err(wrong("this id was there before"));
            }
            let (id, hard) = (id.to_owned(), hard);
            all.push(Topic {
                id,
                hard,
                ..Topic::default()
            });
            continue;
        }
        let topic = all.last_mut().ok_or_else(|| wrong("no topic is open"))?;
        let wordings: Vec<String> = rest.split(" | ").map(|w| w.trim().to_owned()).collect();
        match mark {
            "en" => topic.english = wordings,
            "zh" => topic.chinese = wordings,
            _ => return Err(wrong("a line begins with =, en or zh")),
        }
    }
    for topic in &all {
        let mut wanted = topic.slots();
        wanted.sort();
        for wording in topic.english.iter().chain(&topic.chinese) {
            let mut here = slots(wording);
            here.sort();
            if here != wanted {
                return Err(format!("{name}, {}: other slots in {wording:?}", topic.id));
            }
        }
        if topic.english.len() < 2 || topic.chinese.len() < 2 {
            return Err(format!("{name}, {}: a language lacks wordings", topic.id));
        }
    }
    Ok(all)
}

fn stock(file: &str) -> Result<BTreeMap<String, Vec<Value>>, String> {
    let mut all = BTreeMap::new();
    let mut open = String::new();
    for (at, line) in lines(file) {
        if let Some(slot) = line.strip_prefix("@ ") {
            open = slot.to_owned();
            continue;
        }
        let mut parts = line.split(" | ").map(str::to_owned);
        let (Some(name), Some(english), Some(chinese), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(format!("stock.txt, line {at}: name | English | Chinese"));
        };
        let values: &mut Vec<Value> = all.entry(open.clone()).or_default();
        values.push(Value {
            name,
            english,
            chinese,
        });
    }
    Ok(all)
}
