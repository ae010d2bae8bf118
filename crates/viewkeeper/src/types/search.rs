//! Text search: `tsvector` and `tsquery`.

use bytes::{BufMut, BytesMut};

use super::BoxedError;
use super::cursor::{Cursor, wire};

/// How much a place in a document counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// `D`, the default.
    D,
    /// `C`.
    C,
    /// `B`.
    B,
    /// `A`.
    A,
}

/// A word of a [`TsVector`] with its places.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lexeme {
    /// The word.
    pub word: String,
    /// Where it stands, from 1 to 16383, and how much that counts.
    pub positions: Vec<(u16, Weight)>,
}

/// A `tsvector`: words in order of length and text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TsVector {
    /// The words.
    pub lexemes: Vec<Lexeme>,
}

wire!(
    TsVector,
    TS_VECTOR,
    |cursor| {
        let mut lexemes = Vec::new();
        for _ in 0..cursor.count()? {
            let word = cursor.c_string()?.to_owned();
            let mut positions = Vec::new();
            for _ in 0..cursor.u16()? {
                // The two highest bits are the weight.
                let position = cursor.u16()?;
                let weight = match position >> 14 {
                    0 => Weight::D,
                    1 => Weight::C,
                    2 => Weight::B,
                    _ => Weight::A,
                };
                positions.push((position & 0x3FFF, weight));
            }
            lexemes.push(Lexeme { word, positions });
        }
        Self { lexemes }
    },
    |value, out| {
        out.put_i32(i32::try_from(value.lexemes.len())?);
        for lexeme in &value.lexemes {
            write_word(&lexeme.word, out)?;
            out.put_u16(u16::try_from(lexeme.positions.len())?);
            for (position, weight) in &lexeme.positions {
                if *position > 0x3FFF {
                    return Err("a position in a tsvector is above 16383".into());
                }
                out.put_u16(position | (*weight as u16) << 14);
            }
        }
    }
);

fn write_word(word: &str, out: &mut BytesMut) -> Result<(), BoxedError> {
    if word.contains('\0') {
        return Err("a word holds a NUL byte".into());
    }
    out.extend_from_slice(word.as_bytes());
    out.put_u8(0);
    Ok(())
}

/// One item of a [`TsQuery`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TsQueryItem {
    /// A word.
    Word {
        /// The word.
        word: String,
        /// The weights that it may have; none for all of them.
        weights: Vec<Weight>,
        /// Whether words that begin with it count too (`:*`).
        prefix: bool,
    },
    /// `!`, of the one operand that follows.
    Not,
    /// `&`, of the two operands that follow.
    And,
    /// `|`, of the two operands that follow.
    Or,
    /// `<n>`, of the two operands that follow.
    Phrase(u16),
}

/// A `tsquery`: its items with every operator before its operands, as the server sends them (of two operands the right
/// one comes first).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TsQuery {
    /// The items.
    pub items: Vec<TsQueryItem>,
}

const WORD: u8 = 1;
const OPERATOR: u8 = 2;

impl TsQueryItem {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, BoxedError> {
        match cursor.u8()? {
            WORD => {
                let (weights, prefix) = (cursor.u8()?, cursor.u8()? != 0);
                let word = cursor.c_string()?.to_owned();
                let all = [Weight::D, Weight::C, Weight::B, Weight::A];
                let weights = all.into_iter().filter(|weight| weights & (1 << *weight as u8) != 0).collect();
                Ok(Self::Word { word, weights, prefix })
            }
            OPERATOR => match cursor.u8()? {
                1 => Ok(Self::Not),
                2 => Ok(Self::And),
                3 => Ok(Self::Or),
                4 => Ok(Self::Phrase(cursor.u16()?)),
                other => Err(format!("a tsquery came with the unknown operator {other}").into()),
            },
            other => Err(format!("a tsquery came with an item of the unknown kind {other}").into()),
        }
    }

    fn write(&self, out: &mut BytesMut) -> Result<(), BoxedError> {
        match self {
            Self::Word { word, weights, prefix } => {
                let weights = weights.iter().fold(0_u8, |bits, weight| bits | 1 << *weight as u8);
                out.extend_from_slice(&[WORD, weights, u8::from(*prefix)]);
                write_word(word, out)?;
            }
            Self::Not => out.extend_from_slice(&[OPERATOR, 1]),
            Self::And => out.extend_from_slice(&[OPERATOR, 2]),
            Self::Or => out.extend_from_slice(&[OPERATOR, 3]),
            Self::Phrase(distance) => {
                out.extend_from_slice(&[OPERATOR, 4]);
                out.put_u16(*distance);
            }
        }
        Ok(())
    }
}

wire!(
    TsQuery,
    TSQUERY,
    |cursor| {
        let mut items = Vec::new();
        for _ in 0..cursor.count()? {
            items.push(TsQueryItem::read(&mut cursor)?);
        }
        Self { items }
    },
    |value, out| {
        out.put_i32(i32::try_from(value.items.len())?);
        for item in &value.items {
            item.write(out)?;
        }
    }
);
