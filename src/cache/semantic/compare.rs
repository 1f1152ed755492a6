//! What speaks for and against two questions asking the same.

use super::gist::{Gist, Subject, Word};
use super::lexicon::{Lexicon, lexicon};
use super::markers::Turn;
use super::matched::Matched;

/// The evidence that the guard weighs, by name, each about 0 to 1.
pub const EVIDENCE: [&str; 19] = [
    "cosine of the vectors",
    "content in common",
    "content only on the fuller side",
    "content only on the poorer side",
    "something replaced",
    "exactly the same content",
    "same thing asked for",
    "asked for on one side only",
    "same numbers",
    "other order",
    "a name on one side only",
    "a unit on one side only",
    "other amount",
    "other time",
    "other length",
    "little content",
    "a word that has an opposite on one side only",
    "same content in another order",
    "the same normal form",
];

/// What forbids that the answer of one question serves the other, however alike they look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Veto {
    /// One is Chinese, the other is not.
    Language,
    /// The numbers differ.
    Number,
    /// One says not, the other does not.
    Negation,
    /// The units differ.
    Unit,
    /// A word of one is the opposite of a word of the other.
    Opposite,
    /// One asks who, the other when.
    Asked,
    /// From A to B against from B to A.
    Direction,
    /// Each names something that the other does not.
    Name,
    /// One says something that the other does not: a word that no list knows as saying the same.
    Content,
    /// One asks of all, the other of some.
    Amount,
    /// One asks of the past, the other of the future.
    Tense,
    /// The same content, but not in the same normal form: another order, preposition, person or auxiliary.
    Frame,
    /// Too long to be compared word by word.
    TooLong,
}

/// Who asks for a difference may name the two in either order.
const DIFFERENCE: u32 = 1 << 18;

/// The evidence of two questions, in the order of [`EVIDENCE`], and what forbids. Where content is left over there is evidence
/// all the same: the model learns from it, though it never serves.
pub(super) fn compare(a: &Gist, b: &Gist, cosine: f32) -> (Option<Veto>, [f32; EVIDENCE.len()]) {
    let lexicon = lexicon(a.han);
    let matched = Matched::of(&a.content, &b.content, lexicon);
    let same_form = a.form == b.form && a.form != 0;
    // In a normal form stands all that the other vetoes look for.
    let forbidden = apart(a, b).or_else(|| {
        if same_form {
            None
        } else {
            veto(a, b, &matched, lexicon)
        }
    });
    if let Some(veto) = forbidden {
        return (Some(veto), [0.0; EVIDENCE.len()]);
    }
    let (left_a, left_b) = (
        matched.left(&a.content, &matched.in_a),
        matched.left(&b.content, &matched.in_b),
    );
    let (all_a, all_b) = (weight(&a.content), weight(&b.content));
    let all = (all_a + all_b).max(0.1);
    let (more, fewer) = (left_a.max(left_b), left_a.min(left_b));
    let yes = |is: bool| f32::from(u8::from(is));
    let asked = asked(a.asks, b.asks);
    let forbids = match same_form {
        true => None,
        false if more >= SAME_CONTENT => Some(Veto::Content),
        false => Some(Veto::Frame),
    };
    let polar = matched
        .lone(&a.content, &matched.in_a)
        .chain(matched.lone(&b.content, &matched.in_b))
        .any(|w| lexicon.has_opposite(w.key));
    let name_left = matched.lone(&a.content, &matched.in_a).any(|w| w.name)
        || matched.lone(&b.content, &matched.in_b).any(|w| w.name);
    let evidence = [
        cosine,
        (all - left_a - left_b) / all,
        (more / 4.0).min(1.0),
        (fewer / 4.0).min(1.0),
        yes(fewer > 0.0),
        yes(more == 0.0),
        yes(asked == Asked::Same),
        yes(asked == Asked::OneSided),
        yes(!a.numbers.is_empty()),
        matched.disorder(),
        yes(name_left),
        yes((a.units == 0) != (b.units == 0)),
        yes((a.amounts ^ b.amounts) & 15 != 0),
        yes(a.times != b.times),
        1.0 - all_a.min(all_b) / all_a.max(all_b).max(0.1),
        yes(all_a.min(all_b) < 1.5),
        yes(polar),
        if (a.asks | b.asks) & DIFFERENCE == 0 {
            matched.disorder()
        } else {
            0.0
        },
        yes(same_form),
    ];
    (forbids, evidence)
}

/// Less than this may be left over: a word of little weight.
const SAME_CONTENT: f32 = 0.35;

/// What forbids whatever they say.
fn apart(a: &Gist, b: &Gist) -> Option<Veto> {
    if a.too_long || b.too_long {
        Some(Veto::TooLong)
    } else if a.han != b.han {
        Some(Veto::Language)
    } else {
        None
    }
}

fn veto(a: &Gist, b: &Gist, matched: &Matched, lexicon: &Lexicon) -> Option<Veto> {
    if a.numbers != b.numbers {
        return Some(Veto::Number);
    }
    let negated_other = !a.negated.is_empty()
        && !b.negated.is_empty()
        && !a.negated.iter().any(|key| b.negated.contains(key));
    if a.negations % 2 != b.negations % 2 || negated_other {
        return Some(Veto::Negation);
    }
    if a.units != 0 && b.units != 0 && a.units != b.units {
        return Some(Veto::Unit);
    }
    const ALL: u8 = 1;
    const NOT_ALL: u8 = 2 | 4 | 8;
    const OVER: u8 = 32;
    const UNDER: u8 = 64;
    // *all* against *which*.
    let of_which = |x: &Gist, y: &Gist| {
        x.amounts & ALL != 0 && y.amounts & ALL == 0 && y.asks & WHICH != 0 && x.asks & WHICH == 0
    };
    if of_which(a, b) || of_which(b, a) || a.han && (a.amounts ^ b.amounts) & ALL != 0 {
        return Some(Veto::Amount);
    }
    for (one, other) in [(ALL, NOT_ALL), (OVER, UNDER)] {
        if a.amounts & one != 0 && b.amounts & other != 0
            || b.amounts & one != 0 && a.amounts & other != 0
        {
            return Some(Veto::Amount);
        }
    }
    if (a.times | b.times) & 3 == 3 && a.times & b.times & 3 == 0 {
        return Some(Veto::Tense);
    }
    let asked = asked(a.asks, b.asks);
    let by_what = (a.asks | b.asks) & WHAT != 0 && (a.asks | b.asks) & !WEAK & !MEASURE == 0;
    if asked == Asked::Other || asked == Asked::OneSided && (a.han || !by_what) {
        return Some(Veto::Asked);
    }
    // Bits of `TIMES`: past, and *did I*. Chinese says the past by words, English by the verb.
    let past = if a.han { 4 } else { 1 | 4 };
    if (a.times ^ b.times) & past != 0 {
        return Some(Veto::Tense);
    }
    let lone_a: Vec<Word> = matched.lone(&a.content, &matched.in_a).collect();
    let lone_b: Vec<Word> = matched.lone(&b.content, &matched.in_b).collect();
    let opposed = |lone: &[Word], other: &Gist| {
        lone.iter()
            .any(|x| other.content.iter().any(|y| lexicon.apart(x.key, y.key)))
    };
    if opposed(&lone_a, b) || opposed(&lone_b, a) {
        return Some(Veto::Opposite);
    }
    if lone_a.iter().chain(&lone_b).any(|w| w.turns) {
        return Some(Veto::Opposite);
    }
    if lone_a.iter().any(|w| w.name) && lone_b.iter().any(|w| w.name) {
        return Some(Veto::Name);
    }
    // *Is every A a B?* asks for the order itself.
    let of_all = a.amounts & b.amounts & ALL != 0
        && (a.asks | b.asks) & !WEAK == 0
        && matched.disorder() > 0.0;
    // In English the order says who does what to whom, but for *the difference of A and B* and *A is done by B*.
    let other_order = !a.han
        && (a.asks | b.asks) & DIFFERENCE == 0
        && a.passive == b.passive
        && matched.disorder() > 0.0;
    if of_all
        || other_order
        || roles_changed(a, b)
        || roles_changed(b, a)
        || a.passive == b.passive && matched.reversed()
        || matched.numbers_swapped(&a.content)
    {
        return Some(Veto::Direction);
    }
    let crossed =
        |x: Option<Turn>, y: Option<Turn>| x.zip(y).is_some_and(|(x, y)| crossed(a, x, b, y));
    (crossed(a.turn, b.turn) || crossed(a.clause, b.clause)).then_some(Veto::Direction)
}

/// Whether who does it in one question has it done to them in the other.
fn roles_changed(a: &Gist, b: &Gist) -> bool {
    // *May somebody else fetch my parcel?* and *may I fetch somebody else's parcel?*
    if let (Some(me), Some(other), Some(me_there), Some(other_there)) =
        (a.me, a.other, b.me, b.other)
        && (me < other) != (me_there < other_there)
    {
        return true;
    }
    let in_other = |key: u32, other: &Gist| other.content.iter().any(|w| w.key == key);
    match (a.subject, b.subject) {
        (Subject::Word(x), Subject::Word(y)) => {
            x != y && in_other(x, b) && in_other(y, a) && a.passive == b.passive
        }
        (Subject::Word(x), Subject::Anyone) => a.to_me && in_other(x, b),
        _ => false,
    }
}

/// Whether what one question goes from is what the other goes to.
fn crossed(a: &Gist, x: Turn, b: &Gist, y: Turn) -> bool {
    // Words on both sides, as `file` in *from file A to file B*, tell nothing.
    fn side(gist: &Gist, span: (u8, u8), other: (u8, u8)) -> impl Iterator<Item = u32> {
        let words = |(from, to): (u8, u8)| {
            gist.content
                .get(usize::from(from)..usize::from(to))
                .unwrap_or(&[])
        };
        words(span)
            .iter()
            .map(|w| w.key)
            .filter(move |key| !words(other).iter().any(|w| w.key == *key))
    }
    let common = |p, not_p, q, not_q| {
        side(a, p, not_p).any(|key| side(b, q, not_q).any(|other| other == key))
    };
    let there = common(x.source, x.target, y.target, y.source);
    let back = common(x.target, x.source, y.source, y.target);
    let first = |gist: &Gist, span: (u8, u8)| {
        gist.content
            .get(usize::from(span.0))
            .filter(|_| span.0 < span.1)
            .map(|w| w.key)
    };
    let (from, to) = (first(a, x.source), first(a, x.target));
    let swapped = from.is_some()
        && to.is_some()
        && from != to
        && from == first(b, y.target)
        && to == first(b, y.source);
    swapped || there && back || (there || back) && !common(x.target, x.source, y.target, y.source)
}

/// What two questions ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Same,
    /// Nothing that speaks for or against.
    Unclear,
    /// One asks how many, when, why; the other does not.
    OneSided,
    Other,
}

/// *which*, *can*, *should* and *is* leave open what is asked for.
const WEAK: u32 = WHICH | WHAT | CAN | 1 << 19;
const WHAT: u32 = 1 << 23;
/// How much there is of something, which English also asks for by *what is the charging time?*
const MEASURE: u32 = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10;
const WHICH: u32 = 1 << 13;
const CAN: u32 = 1 << 14 | 1 << 15;

fn asked(a: u32, b: u32) -> Asked {
    // What goes with what, by position in `ASKS`: *when* and *how long until*, *how much* and *at most*.
    const TOGETHER: &[&[u32]] = &[
        &[12, 22],     // who, title
        &[0, 11, 21],  // howto, where, usage
        &[2, 8],       // when, limit
        &[3, 8],       // duration, limit
        &[5, 7, 8, 9], // count, much, limit, size
        &[6, 7, 8],    // price, much, limit
        &[7, 10, 9],   // much, distance, size
        &[3, 9, 10],   // duration, size, distance: how long
        &[16, 17, 21], // meaning, purpose, usage
        &[17, 20],     // purpose, effect
        &[3, 7],       // duration, much
    ];
    const MILD: u32 = WEAK | 1 << 11 | 1 << 16 | 1 << 17 | 1 << 20 | 1 << 21 | 1 << 22;
    let (x, y) = (a & !WEAK, b & !WEAK);
    let together = || {
        TOGETHER.iter().any(|bits| {
            let all = bits.iter().fold(0, |all, bit| all | 1 << bit);
            x & all != 0 && y & all != 0
        })
    };
    // *can I?* against *how do I?* or *how long?*
    let split = |one: u32, other: u32| {
        (a & one != 0 && b & one == 0 && b & other != 0)
            || (b & one != 0 && a & one == 0 && a & other != 0)
    };
    match (x, y) {
        _ if x & y != 0 => Asked::Same,
        _ if (x == 0 || y == 0) && split(!WEAK, CAN) => Asked::Other,
        (0, 0) if a & b != 0 => Asked::Same,
        _ if x != 0 && y != 0 && !together() => Asked::Other,
        (0, asks) | (asks, 0) if asks & !MILD != 0 => Asked::OneSided,
        _ => Asked::Unclear,
    }
}

fn weight(words: &[Word]) -> f32 {
    words.iter().map(|w| f32::from(w.weight)).sum::<f32>() / 10.0
}
