//! Reading the words, texts and lists of an embedded catalog in place. What a row means is in `decode.rs`.

use std::cmp::Ordering;
use std::ops::Range;

use super::layout::{HEADER_BYTES, MAGIC, Section};

/// The bytes of an embedded catalog. Reading outside of them gives zeros and empty texts, never a panic: that they are
/// whole is checked by tests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blob {
    bytes: &'static [u8],
}

impl Blob {
    /// The bytes, when they are of this layout and major version.
    pub(super) fn new(bytes: &'static [u8], major: u32) -> Option<Self> {
        let blob = Self { bytes };
        (bytes.starts_with(&MAGIC) && blob.word_at(MAGIC.len()) == major).then_some(blob)
    }

    fn word_at(self, offset: usize) -> u32 {
        self.bytes.get(offset..).and_then(|rest| rest.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    fn section(self, section: Section) -> (usize, usize) {
        let entry = HEADER_BYTES + section as usize * 8;
        (self.word_at(entry) as usize, self.word_at(entry + 4) as usize)
    }

    /// How many rows a section has.
    pub(super) fn rows(self, section: Section) -> usize {
        self.section(section).1
    }

    /// A word of a row.
    pub(super) fn word(self, section: Section, row: usize, word: usize) -> u32 {
        let (offset, rows) = self.section(section);
        if row < rows { self.word_at(offset + (row * section.width() + word) * 4) } else { 0 }
    }

    /// A text of the pool.
    pub(super) fn text(self, offset: u32) -> &'static str {
        let start = self.section(Section::Texts).0 + offset as usize;
        let length = self.bytes.get(start..).and_then(|rest| rest.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b));
        self.bytes
            .get(start + 2..start + 2 + usize::from(length))
            .and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or("")
    }

    /// A list of the pool.
    pub(super) fn list(self, offset: u32) -> impl ExactSizeIterator<Item = u32> {
        let first = offset as usize;
        let length = self.word(Section::Lists, first, 0) as usize;
        (first + 1..first + 1 + length).map(move |at| self.word(Section::Lists, at, 0))
    }

    /// The first row for which `compare` does not say "less", rows being sorted by it.
    pub(super) fn lower_bound(self, section: Section, compare: impl Fn(usize) -> Ordering) -> usize {
        let (mut low, mut high) = (0, self.rows(section));
        while low < high {
            let middle = low + (high - low) / 2;
            if compare(middle) == Ordering::Less {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The names of a table whose third word is the name, in order, each with its part of the index by name. A name is
    /// kept once, so that the same place says the same.
    pub(super) fn parts_by_name(self, table: Section, index: Section) -> Vec<(&'static str, Range<usize>)> {
        let place = |at: usize| self.word(table, self.word(index, at, 0) as usize, 2);
        let mut parts: Vec<(u32, Range<usize>)> = Vec::new();
        for at in 0..self.rows(index) {
            match parts.last_mut() {
                Some((name, part)) if *name == place(at) => part.end = at + 1,
                _ => parts.push((place(at), at..at + 1)),
            }
        }
        parts.into_iter().map(|(name, part)| (self.text(name), part)).collect()
    }

    /// Every name of a table in order, through its index by name.
    pub(super) fn names(self, table: Section, index: Section) -> impl Iterator<Item = &'static str> + use<> {
        (0..self.rows(index)).map(move |at| self.text(self.word(table, self.word(index, at, 0) as usize, 2)))
    }
}
